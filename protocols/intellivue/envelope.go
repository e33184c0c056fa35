package intellivue

import (
	"bytes"
	"encoding/binary"

	"github.com/auscult/auscult/protocols/wire"
)

// kind is what a datagram is, which tells who speaks.
type kind uint8

const (
	unknownKind  kind = iota
	announcement      // connect indication: the monitor
	created           // MDS create event: the monitor
	polled            // result of a poll: the monitor
	answered          // result of a get or set: the monitor
	failed            // error result: the monitor
	accepted          // association response: the monitor
	asked             // poll, get or set request: the collector
	confirmed         // result of an event: the collector
	associating       // association request: the collector
	ended             // refusal, release, abort: either
)

// fromMonitor reports who speaks; ok is false where either may.
func (k kind) fromMonitor() (monitor, ok bool) {
	switch k {
	case announcement, created, polled, answered, failed, accepted:
		return true, true
	case asked, confirmed, associating:
		return false, true
	}
	return false, false
}

// Codes of the Programming Guide, chapter "Definition of the Data Export Protocol".
const (
	sessionID = 0xE100 // SPpdu

	invoke = 1 // ROIV
	result = 2 // RORS
	roer   = 3 // ROER
	linked = 5 // ROLRS

	eventReport          = 0
	confirmedEventReport = 1
	get                  = 3
	set                  = 4
	confirmedSet         = 5
	confirmedAction      = 7

	eventConnect = 0x0D17 // NOM_NOTI_CONN_INDIC
	eventCreate  = 0x0D06 // NOM_NOTI_MDS_CREAT
	actionPoll   = 0x0C16 // NOM_ACT_POLL_MDIB_DATA
	actionPollX  = 0xF13B // NOM_ACT_POLL_MDIB_DATA_EXT

	// maxError is the highest error value of an ROER (INVALID_OBJECT_INSTANCE).
	maxError = 17
	// lastLink is the highest state of a linked result: first, middle, last.
	lastLink = 3
	// maxClass bounds the class of a managed object that speaks for a system: MDS
	// (0x21), composite (0x23), simple (0x25) and their neighbours.
	minClass, maxClass = 0x21, 0x25
)

// envelope is a datagram whose lengths agree.
type envelope struct {
	kind     kind
	extended bool   // an extended poll
	body     []byte // belongs to the datagram; cut where that was cut
}

// be is the order of all integers (Programming Guide, "Byte Order").
var be = binary.BigEndian

// open takes the headers off a datagram. It does not allocate.
func open(b []byte) (envelope, bool) {
	if len(b) < 4 {
		return envelope{}, false
	}
	switch {
	case be.Uint16(b) == sessionID && b[2] == 0 && b[3] != 0:
		e, ok := operation(b[4:])
		return e, ok && e.kind != announcement
	case b[0] == 0 && b[1] == 0 && b[2] > 0 && b[2] <= maxMajor:
		e, ok := operation(b[4:])
		return e, ok && e.kind == announcement
	}
	return association(b)
}

// operation reads a remote operation ("Remote Operation APDU").
func operation(b []byte) (envelope, bool) {
	r := wire.NewReader(b)
	kind, length := r.U16(be), int(r.U16(be))
	header := 6 // invoke id, command, length
	if kind == linked {
		state, count := r.U8(), r.U8()
		if state == 0 || state > lastLink || count == 0 {
			return envelope{}, false
		}
		header += 2
	}
	r.Skip(2)
	command, n := r.U16(be), int(r.U16(be))
	if r.Failed() || length != header+n {
		return envelope{}, false
	}
	switch kind {
	case invoke:
		return invoked(command, n, &r)
	case result, linked:
		return resulted(command, n, &r)
	case roer:
		return envelope{kind: failed}, command <= maxError
	}
	return envelope{}, false
}

// object reads a managed object and reports whether it can be a whole system.
func object(r *wire.Reader) bool {
	class := r.U16(be)
	r.Skip(4) // context and handle
	return class >= minClass && class <= maxClass && !r.Failed()
}

// invoked reads what one side tells or asks the other.
func invoked(command uint16, n int, r *wire.Reader) (envelope, bool) {
	if !object(r) {
		return envelope{}, false
	}
	r.Skip(4) // the time of an event; the scope of anything else
	e := envelope{kind: asked}
	switch command {
	case eventReport, confirmedEventReport:
		switch r.U16(be) {
		case eventConnect:
			e.kind = announcement
		case eventCreate:
			e.kind = created
		default:
			return envelope{}, false
		}
	case confirmedAction:
		if code := r.U16(be); code != actionPoll && code != actionPollX {
			return envelope{}, false
		}
	case get, set, confirmedSet:
		r.Skip(2) // how many attributes
	default:
		return envelope{}, false
	}
	return e.close(n, 14, r)
}

// resulted reads what answers an event or a request.
func resulted(command uint16, n int, r *wire.Reader) (envelope, bool) {
	if !object(r) {
		return envelope{}, false
	}
	switch command {
	case confirmedEventReport:
		r.Skip(4)
		if code := r.U16(be); code != eventCreate && code != eventConnect {
			return envelope{}, false
		}
		return envelope{kind: confirmed}.close(n, 14, r)
	case confirmedAction:
		code := r.U16(be)
		if code != actionPoll && code != actionPollX {
			return envelope{}, false
		}
		return envelope{kind: polled, extended: code == actionPollX}.close(n, 10, r)
	case get, confirmedSet:
		at := *r // the count belongs to the attribute list
		r.Skip(2)
		e, ok := envelope{kind: answered}.close(n, 10, r)
		e.body = at.Rest()
		return e, ok
	}
	return envelope{}, false
}

// close reads the innermost length, which must fill what n says behind the header.
func (e envelope) close(n, header int, r *wire.Reader) (envelope, bool) {
	inner := int(r.U16(be))
	if r.Failed() || n != header+inner {
		return envelope{}, false
	}
	e.body = r.Bytes(min(inner, r.Len()))
	return e, true
}

// Session headers ("Definition of the Association Control Protocol").
const (
	sessionConnect    = 0x0D
	sessionAccept     = 0x0E
	sessionRefuse     = 0x0C
	sessionFinish     = 0x09
	sessionDisconnect = 0x0A
	sessionAbort      = 0x19
	// longLength marks a length of two octets; below it, the length itself.
	longLength = 0xFF
	// userData is the tag of session user data (X.225): the presentation header.
	userData = 0xC1
	// maxSession bounds how far behind the session header the presentation begins.
	maxSession = 32
)

// mddl is the root of what an association negotiates: 1.2.840.10004.2.1, the
// medical device data language of IEEE 1073.
const mddl = "\x2a\x86\x48\xce\x14\x02\x01"

// association reads a message of association control.
func association(b []byte) (envelope, bool) {
	length, rest := int(b[1]), b[2:]
	if length == longLength {
		length, rest = int(be.Uint16(b[2:])), b[4:]
	}
	if len(rest) > length || length < 4 {
		return envelope{}, false
	}
	switch b[0] {
	case sessionConnect, sessionAccept:
		e := envelope{kind: associating}
		if b[0] == sessionAccept {
			e.kind = accepted
		}
		return e, negotiates(rest)
	case sessionRefuse, sessionFinish, sessionDisconnect, sessionAbort:
		return envelope{kind: ended}, len(rest) == length
	}
	return envelope{}, false
}

// negotiates reports whether the presentation header follows the session data and
// names the data language.
func negotiates(b []byte) bool {
	at := bytes.IndexByte(b[:min(len(b), maxSession)], userData)
	return at >= 0 && bytes.Contains(b[at:], []byte(mddl))
}
