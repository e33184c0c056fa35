package carescape

import "github.com/auscult/auscult/protocols"

// dissector is the Protocol. It has no state.
type dissector struct{}

// New returns the CARESCAPE dissector. It is safe for concurrent use.
func New() protocols.Protocol { return dissector{} }

func (dissector) Name() protocols.Name           { return protocols.CARESCAPE }
func (dissector) Transport() protocols.Transport { return protocols.UDP }

func (dissector) Open(protocols.Context) protocols.Session { return &session{} }

// Probe recognises a datagram by its size and by at least four fields that fit. A
// datagram is whole, so it never asks for more.
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.UDP || kindOf(o.Bytes) == unknown {
		return protocols.No
	}
	return protocols.Yes
}
