package snmp

import (
	"net/netip"

	"github.com/auscult/auscult/protocols"
)

// The numbers of versions: RFC 1157 section 4, RFC 1901 section 3, RFC 3412 section 6.
const (
	version1  = 0
	version2c = 1
	version3  = 3
)

// minMessage is the least that a version 3 engine must be able to take, in octets: RFC
// 3412 section 6.2.
const minMessage = 484

// The operations: RFC 1157 section 4.1, RFC 3416 section 3. Each tag is of the context,
// constructed.
const (
	opGet      = 0xa0
	opGetNext  = 0xa1
	opResponse = 0xa2
	opSet      = 0xa3
	opTrapV1   = 0xa4
	opGetBulk  = 0xa5
	opInform   = 0xa6
	opTrap     = 0xa7
	opReport   = 0xa8
)

// known reports whether a version has an operation.
func known(op byte, version int64) bool {
	switch op {
	case opGet, opGetNext, opResponse, opSet:
		return true
	case opTrapV1:
		return version == version1
	case opGetBulk, opInform, opTrap, opReport:
		return version != version1
	}
	return false
}

// message is what is read of one message. Its slices lie in the datagram. It has neither
// community nor user.
type message struct {
	version    int64
	op         byte       // 0 where the operation is encrypted
	failed     bool       // an error status: the objects are the question's
	reportable bool       // version 3: it asks for an answer
	engine     []byte     // version 3: the authoritative engine
	foreign    bool       // version 3: it is about another engine than the authoritative one
	sent       netip.Addr // version 1 trap: the agent that it says it is from
	enterprise []byte     // version 1 trap: who defined it
	objects    []byte     // of the varbind list; they are well-formed as far as maxVarbinds
}

// parse reads one datagram. Anything but Parsed and LimitReached leaves nothing to state.
func parse(b []byte) (message, protocols.Outcome) {
	length, size, ok := header(b)
	switch {
	case !ok || b[0] != tagSequence:
		return message{}, protocols.Malformed
	case length > len(b)-size:
		return message{}, protocols.Truncated
	case length < len(b)-size:
		return message{}, protocols.Malformed
	}
	r := ber{b: b[size:]}
	m := message{version: r.number()}
	outcome := protocols.Unsupported
	switch m.version {
	case version1, version2c:
		r.need(tagOctetString) // the community
		outcome = m.operation(&r)
	case version3:
		outcome = m.secured(&r)
	}
	if r.bad {
		return message{}, protocols.Malformed
	}
	return m, outcome
}

// operation reads the operation, with which r must end.
func (m *message) operation(r *ber) protocols.Outcome {
	op, body := r.next()
	if r.bad || len(r.b) > 0 {
		return protocols.Malformed
	}
	if !known(op, m.version) {
		return protocols.Unsupported
	}
	m.op = op
	in := ber{b: body}
	if op == opTrapV1 {
		m.trapHeader(&in)
	} else {
		in.number()
		status := in.number()
		in.number()
		m.failed = op == opResponse && status != 0
	}
	m.objects = in.need(tagSequence)
	if !in.done() {
		return protocols.Malformed
	}
	return wellFormed(m.objects)
}

// trapHeader reads what stands before the objects of a version 1 trap: RFC 1157 section
// 4.1.6.
func (m *message) trapHeader(in *ber) {
	m.enterprise = in.need(tagOID)
	address := in.need(tagIPAddress)
	in.number()
	in.number()
	in.next() // the time
	if len(address) == 4 {
		m.sent = netip.AddrFrom4([4]byte(address))
	} else {
		in.bad = true
	}
}

// wellFormed walks the objects as far as maxVarbinds.
func wellFormed(objects []byte) protocols.Outcome {
	list := ber{b: objects}
	for range maxVarbinds {
		if len(list.b) == 0 {
			return protocols.Parsed
		}
		if _, _, _, ok := varbind(&list); !ok {
			return protocols.Malformed
		}
	}
	if len(list.b) > 0 {
		return protocols.LimitReached
	}
	return protocols.Parsed
}

// varbind reads one object: its name, and its value with the value's tag.
func varbind(list *ber) (name []byte, tag byte, value []byte, ok bool) {
	in := ber{b: list.need(tagSequence)}
	name = in.need(tagOID)
	tag, value = in.next()
	return name, tag, value, !list.bad && in.done()
}

// The flags of a version 3 message: RFC 3412 section 6.4.
const (
	flagPrivate    = 0x02
	flagReportable = 0x04
)

// userSecurity is the user-based security model: RFC 3411 section 5.
const userSecurity = 3

// secured reads the header, the security parameters and, where it is in clear, the
// operation of a version 3 message.
func (m *message) secured(r *ber) protocols.Outcome {
	data := ber{b: r.need(tagSequence)}
	data.number()
	data.number()
	flags, model := data.need(tagOctetString), data.number()
	parameters := r.need(tagOctetString)
	if r.bad || !data.done() || len(flags) != 1 {
		return protocols.Malformed
	}
	if model != userSecurity {
		return protocols.Unsupported
	}
	m.reportable = flags[0]&flagReportable != 0
	if !m.user(parameters) {
		return protocols.Malformed
	}
	if flags[0]&flagPrivate != 0 {
		r.need(tagOctetString)
		return whole(r)
	}
	return m.scoped(r)
}

func whole(r *ber) protocols.Outcome {
	if !r.done() {
		return protocols.Malformed
	}
	return protocols.Parsed
}

// user reads the security parameters: RFC 3414 section 2.4. The user's name and what
// proves it are passed over.
func (m *message) user(parameters []byte) bool {
	outer := ber{b: parameters}
	in := ber{b: outer.need(tagSequence)}
	m.engine = in.need(tagOctetString)
	in.number()
	in.number()
	in.need(tagOctetString)
	in.need(tagOctetString)
	in.need(tagOctetString)
	return outer.done() && in.done()
}

// scoped reads the operation with the context that it is about: RFC 3412 section 6.
func (m *message) scoped(r *ber) protocols.Outcome {
	in := ber{b: r.need(tagSequence)}
	context := in.need(tagOctetString)
	in.need(tagOctetString)
	if r.bad || in.bad || len(r.b) > 0 {
		return protocols.Malformed
	}
	m.foreign = len(context) > 0 && string(context) != string(m.engine)
	return m.operation(&in)
}
