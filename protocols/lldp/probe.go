package lldp

import "github.com/auscult/auscult/protocols"

// dissector is the Protocol. It has no state.
type dissector struct{}

// New returns the LLDP dissector. It is safe for concurrent use.
func New() protocols.Protocol { return dissector{} }

func (dissector) Name() protocols.Name           { return protocols.LLDP }
func (dissector) Transport() protocols.Transport { return protocols.Link }

func (dissector) Open(protocols.Context) protocols.Session { return session{} }

// Probe answers by the elements with which every announcement begins (IEEE 802.1AB-2016
// section 8.2): chassis, port and time to live, each of a length and kind that it can
// have. A link frame is whole, so it never asks for more: of one whose chassis and port
// are longer than what a probe sees, their headers tell it.
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.Link {
		return protocols.No
	}
	b := o.Bytes
	for _, kind := range [...]byte{tlvChassis, tlvPort, tlvTTL} {
		t, rest, ok := next(b)
		switch {
		case !ok && len(o.Bytes) >= protocols.ProbeLimit && kind != tlvChassis:
			return begins(b, kind)
		case !ok || t.kind != kind || !t.mandatoryFits():
			return protocols.No
		}
		b = rest
	}
	return protocols.Yes
}

// begins judges an element that goes on behind what a probe sees, by its header and kind.
func begins(b []byte, kind byte) protocols.Verdict {
	if len(b) < 3 {
		return protocols.Yes // a chassis and a port of full length
	}
	if length := int(b[0]&1)<<8 | int(b[1]); b[0]>>1 != kind || kind == tlvTTL || length < 2 || length > 256 || b[2] < 1 || b[2] > 7 {
		return protocols.No
	}
	return protocols.Yes
}
