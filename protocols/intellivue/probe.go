package intellivue

import "github.com/auscult/auscult/protocols"

// dissector is the Protocol. It has no state.
type dissector struct{}

// New returns the IntelliVue Data Export dissector. It is safe for concurrent use.
func New() protocols.Protocol { return dissector{} }

func (dissector) Name() protocols.Name           { return protocols.IntelliVue }
func (dissector) Transport() protocols.Transport { return protocols.UDP }

func (dissector) Open(protocols.Context) protocols.Session { return &session{} }

// Probe recognises a datagram by lengths that agree on three levels and by codes of
// the nomenclature between them; an association by the object identifiers that it
// must negotiate. A datagram is whole, so it never asks for more. A refusal and an
// abort are too short to be told from chance and are read only in a conversation
// that is known.
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.UDP {
		return protocols.No
	}
	if e, ok := open(o.Bytes); !ok || e.kind == ended {
		return protocols.No
	}
	return protocols.Yes
}
