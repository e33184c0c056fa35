package snmp

import "github.com/auscult/auscult/protocols"

// dissector is the Protocol. It has no state.
type dissector struct{}

// New returns the SNMP dissector. It is safe for concurrent use.
func New() protocols.Protocol { return dissector{} }

func (dissector) Name() protocols.Name           { return protocols.SNMP }
func (dissector) Transport() protocols.Transport { return protocols.UDP }

func (dissector) Open(protocols.Context) protocols.Session { return &session{} }

// Probe answers by lengths that lie in each other: the message is as long as the
// datagram, as far as a probe sees it; the operation ends where the message ends; version
// and operation belong together. A datagram is whole, so it never asks for more.
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.UDP || len(o.Bytes) == 0 || o.Bytes[0] != tagSequence {
		return protocols.No
	}
	length, size, ok := header(o.Bytes)
	left := size + length - len(o.Bytes) // octets that are not at hand
	if !ok || left < 0 || left > 0 && len(o.Bytes) < protocols.ProbeLimit {
		return protocols.No
	}
	r := ber{b: o.Bytes[size:]}
	version := r.number()
	switch {
	case r.bad:
		return protocols.No
	case version == version1 || version == version2c:
		r.need(tagOctetString)
		return operationFits(r.b, version, left)
	case version == version3:
		return headerDataFits(&r)
	}
	return protocols.No
}

// operationFits judges whether b is an operation that ends with the message, and begins
// as its kind does. left octets of it are not at hand.
func operationFits(b []byte, version int64, left int) protocols.Verdict {
	length, size, ok := header(b)
	if !ok || size+length != len(b)+left || !known(b[0], version) {
		return protocols.No
	}
	r := ber{b: b[size:]}
	if b[0] == opTrapV1 {
		r.need(tagOID)
		r.need(tagIPAddress)
	} else {
		r.number()
		r.number()
		r.number()
	}
	if r.bad {
		return protocols.No
	}
	return protocols.Yes
}

// headerDataFits judges the header of version 3 (RFC 3412 section 6): a flags field of
// one octet between numbers that are in their ranges.
func headerDataFits(r *ber) protocols.Verdict {
	data := ber{b: r.need(tagSequence)}
	id, size := data.number(), data.number()
	flags, model := data.need(tagOctetString), data.number()
	if r.bad || !data.done() || len(flags) != 1 || id < 0 || size < minMessage || model < 1 {
		return protocols.No
	}
	if tag, _, _ := peek(r.b); tag != tagOctetString {
		return protocols.No
	}
	return protocols.Yes
}

func peek(b []byte) (tag byte, length int, ok bool) {
	length, _, ok = header(b)
	if !ok {
		return 0, 0, false
	}
	return b[0], length, true
}
