package intellivue

import (
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// parse reads one datagram. Anything but Parsed leaves nothing to state.
func parse(b []byte) (message, protocols.Outcome) {
	e, ok := open(b)
	if !ok {
		return message{}, protocols.Malformed
	}
	m := message{kind: e.kind}
	r := wire.NewReader(e.body)
	outcome := protocols.Parsed
	switch e.kind {
	case announcement, answered:
		outcome = m.attributes(&r)
	case created:
		r.Skip(6) // the object that was created, once more
		outcome = m.attributes(&r)
	case polled:
		outcome = m.poll(&r, e.extended)
	}
	if outcome != protocols.Parsed {
		return message{}, outcome
	}
	return m, protocols.Parsed
}

// poll reads the result of a poll ("Poll Data Result"), or one part of a linked
// one: each part has all headers and whole objects.
func (m *message) poll(r *wire.Reader, extended bool) protocols.Outcome {
	r.Skip(2) // poll number
	if extended {
		r.Skip(2) // sequence number
	}
	r.Skip(4 + 8 + 4 + 2) // relative and absolute time, object type, attribute group
	contexts := int(r.U16(be))
	r.Skip(2)
	if r.Failed() {
		return protocols.Truncated
	}
	if contexts > maxContexts {
		return protocols.LimitReached
	}
	objects := 0
	for range contexts {
		context, count := r.U16(be), int(r.U16(be))
		r.Skip(2)
		if objects += count; objects > maxObjects {
			return protocols.LimitReached
		}
		m.guest = context != 0
		if o := m.objects(r, count); o != protocols.Parsed {
			return o
		}
	}
	return protocols.Parsed
}

func (m *message) objects(r *wire.Reader, count int) protocols.Outcome {
	for range count {
		r.Skip(2) // handle
		if o := m.attributes(r); o != protocols.Parsed {
			return o
		}
	}
	if r.Failed() {
		return protocols.Truncated
	}
	return protocols.Parsed
}

// attributes reads an attribute list: how many, how long, and each with its own
// length.
func (m *message) attributes(r *wire.Reader) protocols.Outcome {
	count, length := int(r.U16(be)), int(r.U16(be))
	list := r.Bytes(length)
	if r.Failed() {
		return protocols.Truncated
	}
	if count > maxAttributes {
		return protocols.LimitReached
	}
	in := wire.NewReader(list)
	for range count {
		id := in.U16(be)
		value := in.Bytes(int(in.U16(be)))
		if in.Failed() {
			return protocols.Malformed
		}
		if !m.attribute(id, value) {
			return protocols.Malformed
		}
	}
	return protocols.Parsed
}
