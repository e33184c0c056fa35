package dicom

import (
	"encoding/binary"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// Items of A-ASSOCIATE PDUs: PS3.8 sections 9.3.2 and 9.3.3, PS3.7 annex D.3.3.
// The sub-items that are not named (asynchronous operations, role selection,
// extended negotiation, and user identity with its secrets) are passed over by
// length: their octets are never copied.
const (
	itemApplication       = 0x10
	itemContextRQ         = 0x20
	itemContextAC         = 0x21
	itemAbstract          = 0x30
	itemTransfer          = 0x40
	itemUser              = 0x50
	itemMaxLength         = 0x51
	itemImplementation    = 0x52
	itemImplementationVer = 0x55
)

const (
	itemHeader    = 4 // type, reserved, length
	contextHeader = 4 // id, reserved, result or reserved, reserved
)

// presentation is what is known of one presentation context.
type presentation struct {
	class    sopClass
	offered  uint8  // transfer syntaxes proposed, 255 for more
	proposed syntax // the last of them
	settled  bool   // the acceptor has answered
	accepted bool
	syntax   syntax // as accepted
}

// association is what is known of both ends and of what they agreed.
type association struct {
	requested bool // an A-ASSOCIATE-RQ was read
	requestor protocols.Direction
	calling   string
	called    string
	accepted  bool      // by an A-ASSOCIATE-AC, or by an answer from the acceptor
	answered  bool      // an A-ASSOCIATE-AC was read
	receives  [2]uint32 // the longest P-DATA-TF body that a side takes, 0 for any
	contexts  [contextCount]presentation
}

// refuses reports whether a context may not be used, as far as is known.
func (a *association) refuses(id byte) bool {
	if a == nil || !a.requested && !a.answered {
		return false
	}
	p := a.contexts[id>>1]
	return p == presentation{} || p.settled && !p.accepted
}

// longest is the length up to which a P-DATA-TF from d is believed to be one
// where framing was lost: what the other side announced, headers added because
// some stacks count them.
func (a *association) longest(d protocols.Direction) uint32 {
	if a == nil || a.receives[d.Other()] == 0 {
		return maxHuntedPDU
	}
	return min(a.receives[d.Other()], maxHuntedPDU-pduHeader-pdvHeader) + pduHeader + pdvHeader
}

// syntax is how the data sets of a context are encoded. Where the answer was not
// seen, a single proposal can only have been accepted.
func (a *association) syntax(id byte) syntax {
	p := a.contexts[id>>1]
	switch {
	case p.settled && p.accepted:
		return p.syntax
	case !p.settled && p.offered == 1:
		return p.proposed
	}
	return syntaxUnknown
}

// associate reads the body of one A-ASSOCIATE-RQ or -AC as it arrives. It holds
// one sub-item at most.
type associate struct {
	answer bool
	stage  associateStage
	buffer [minAssociate]byte
	have   int
	need   int
	skip   uint32 // octets of an unwanted item still to come

	item      byte
	container byte   // the item that inner belongs to
	inner     uint32 // octets left of an open context or user information item

	current  int // index of the open context, -1 for none
	contexts [contextCount]presentation
	called   string
	calling  string
	longest  uint32 // maximum length
	class    string // implementation class UID
	version  string // implementation version name
	failed   bool
}

type associateStage uint8

const (
	associateFixed associateStage = iota
	associateItem
	associateContext
	associateValue
)

func newAssociate(answer bool) *associate {
	return &associate{answer: answer, need: minAssociate, current: -1}
}

// pass goes over n octets of an unwanted item.
func (a *associate) pass(n uint32) { a.skip -= n }

// write takes some octets of b, at least one, and returns how many. left counts
// what the body still holds, b included.
func (a *associate) write(b []byte, left uint32) int {
	if a.failed || uint32(a.need-a.have) > left {
		a.failed = true
		return len(b)
	}
	n := copy(a.buffer[a.have:a.need], b)
	a.have += n
	if a.have == a.need {
		got := a.buffer[:a.have]
		a.have = 0
		a.take(got, left-uint32(n))
	}
	return n
}

// complete reports whether the body ended where an item ended.
func (a *associate) complete() bool {
	return !a.failed && a.stage == associateItem && a.have == 0 && a.skip == 0 && a.inner == 0
}

func (a *associate) take(b []byte, left uint32) {
	stage := a.stage
	a.stage, a.need = associateItem, itemHeader
	switch stage {
	case associateFixed:
		a.called, a.calling = title(b[4:20]), title(b[20:36])
	case associateItem:
		a.readItem(b[0], uint32(binary.BigEndian.Uint16(b[2:])), left)
	case associateContext:
		a.openContext(b[0], b[2])
	case associateValue:
		a.readValue(b)
	}
}

func (a *associate) readItem(item byte, length, left uint32) {
	if length > left || a.inner > 0 && itemHeader+length > a.inner {
		a.failed = true
		return
	}
	a.item = item
	if a.inner > 0 {
		a.inner -= itemHeader + length
		a.enterValue(length)
		return
	}
	switch item {
	case itemContextRQ, itemContextAC:
		if length < contextHeader || (item == itemContextAC) != a.answer {
			a.failed = true
			return
		}
		a.container, a.inner = item, length-contextHeader
		a.stage, a.need = associateContext, contextHeader
	case itemUser:
		a.container, a.inner, a.current = item, length, -1
	default:
		a.skip = length
	}
}

// enterValue reads a sub-item that is wanted where it stands, and passes over
// any other.
func (a *associate) enterValue(length uint32) {
	wanted := a.item == itemAbstract || a.item == itemTransfer
	if a.container == itemUser {
		wanted = a.item == itemImplementation || a.item == itemImplementationVer || a.item == itemMaxLength
	}
	if !wanted || length == 0 || length > maxItem {
		a.skip = length
		return
	}
	a.stage, a.need = associateValue, int(length)
}

func (a *associate) openContext(id, result byte) {
	if id%2 == 0 {
		a.failed = true
		return
	}
	a.current = int(id >> 1)
	p := &a.contexts[a.current]
	*p = presentation{settled: a.answer, accepted: a.answer && result == 0}
}

func (a *associate) readValue(b []byte) {
	switch a.item {
	case itemImplementation:
		if u := trimUID(b); isUID(u) {
			a.class = string(u)
		}
	case itemMaxLength:
		if len(b) == 4 {
			a.longest = binary.BigEndian.Uint32(b)
		}
	case itemImplementationVer:
		if printable(b) {
			a.version = strings.TrimSpace(string(b))
		}
	case itemAbstract:
		if a.current >= 0 {
			a.contexts[a.current].class = classOf(trimUID(b))
		}
	case itemTransfer:
		if a.current >= 0 {
			p := &a.contexts[a.current]
			p.offered = min(p.offered, 254) + 1
			p.proposed = syntaxOf(trimUID(b))
			p.syntax = p.proposed
		}
	}
}

// request takes over what an A-ASSOCIATE-RQ said.
func (a *association) request(d protocols.Direction, rq *associate) {
	early := a.answered && !a.requested && a.requestor == d
	if !early {
		*a = association{}
	}
	a.requested, a.requestor, a.called, a.calling = true, d, rq.called, rq.calling
	a.receives[d] = rq.longest
	for i, p := range rq.contexts {
		c := &a.contexts[i]
		c.class, c.offered, c.proposed = p.class, p.offered, p.proposed
	}
}

// answer takes over what an A-ASSOCIATE-AC said. Of the titles, which it only
// repeats (PS3.8 section 9.3.3), those of the request count where it was seen.
func (a *association) answer(d protocols.Direction, ac *associate) {
	if !a.requested {
		*a = association{requestor: d.Other(), called: ac.called, calling: ac.calling}
	}
	a.answered, a.accepted = true, true
	a.receives[d] = ac.longest
	for i, p := range ac.contexts {
		c := &a.contexts[i]
		c.settled, c.accepted, c.syntax = p.settled, p.accepted, p.syntax
	}
}
