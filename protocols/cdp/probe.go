package cdp

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// dissector is the Protocol. It has no state.
type dissector struct{}

// New returns the CDP dissector. It is safe for concurrent use.
func New() protocols.Protocol { return dissector{} }

func (dissector) Name() protocols.Name           { return protocols.CDP }
func (dissector) Transport() protocols.Transport { return protocols.Link }

func (dissector) Open(protocols.Context) protocols.Session { return session{} }

// Probe answers by the version, and by the first element, with which every
// implementation begins: the device's name, of a length that it can have. A link frame
// is whole, so it never asks for more. The checksum is the session's to check, because
// a probe may not see all of the frame.
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	b := o.Bytes
	if o.Transport != protocols.Link || len(b) < headerLength+tlvHeader+1 || b[0] != 1 && b[0] != 2 {
		return protocols.No
	}
	kind, length := binary.BigEndian.Uint16(b[headerLength:]), int(binary.BigEndian.Uint16(b[headerLength+2:]))
	if kind != tlvDevice || length <= tlvHeader || length > maxName || length > len(b)-headerLength && len(b) < protocols.ProbeLimit {
		return protocols.No
	}
	return protocols.Yes
}
