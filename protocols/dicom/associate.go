package dicom

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Items of A-ASSOCIATE PDUs: PS3.8 sections 9.3.2 and 9.3.3, PS3.7 annex D.3.3.
// The sub-items that are not named (asynchronous operations, extended negotiation)
// are passed over by length, and so is what follows the type of a user identity:
// names, passcodes and tickets are never copied.
const (
	itemApplication       = 0x10
	itemContextRQ         = 0x20
	itemContextAC         = 0x21
	itemAbstract          = 0x30
	itemTransfer          = 0x40
	itemUser              = 0x50
	itemMaxLength         = 0x51
	itemImplementation    = 0x52
	itemRoleSelection     = 0x54
	itemImplementationVer = 0x55
	itemIdentity          = 0x58
	itemIdentityAnswer    = 0x59
)

const (
	itemHeader    = 4 // type, reserved, length
	contextHeader = 4 // id, reserved, result or reserved, reserved
	identityType  = 1 // PS3.7 table D.3-14
	// selectionOverhead is what a role selection holds besides its UID: the UID's
	// length and the two roles (PS3.7 table D.3-9).
	selectionOverhead = 4
)

// associate reads the body of one A-ASSOCIATE-RQ or -AC as it arrives. It holds
// one sub-item at most.
type associate struct {
	answer bool
	stage  associateStage
	buffer [minAssociate]byte
	have   int
	need   int
	skip   uint32 // octets of an unwanted item still to come
	after  uint32 // octets of a wanted value behind what is read of it

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
	identity byte   // type of the user identity, 0 for none
	answered bool   // the user identity was answered
	serves   []uint32
	private  []string // SOP classes that are not of DICOM, as proposed
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
		a.skip, a.after = a.after, 0
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
	wanted := a.wants(length)
	a.answered = a.answered || a.container == itemUser && a.item == itemIdentityAnswer
	a.after = length - wanted
	if wanted == 0 {
		a.skip, a.after = length, 0
		return
	}
	a.stage, a.need = associateValue, int(wanted)
}

// wants is how many octets of a sub-item are read.
func (a *associate) wants(length uint32) uint32 {
	item, longest := a.item, uint32(maxItem)
	switch {
	case a.container != itemUser:
		if item != itemAbstract && item != itemTransfer {
			return 0
		}
	case item == itemIdentity:
		return min(length, identityType)
	case item == itemRoleSelection:
		longest += selectionOverhead
	case item != itemImplementation && item != itemImplementationVer && item != itemMaxLength:
		return 0
	}
	if length > longest {
		return 0
	}
	return length
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
	case itemRoleSelection:
		a.readSelection(b)
	case itemIdentity:
		a.identity = b[0]
	default:
		a.readSyntax(b)
	}
}

// readSyntax takes a sub-item of the open presentation context.
func (a *associate) readSyntax(b []byte) {
	if a.current < 0 {
		return
	}
	p, uid := &a.contexts[a.current], trimUID(b)
	if a.item == itemTransfer {
		p.offered = min(p.offered, 254) + 1
		p.proposed = syntaxOf(uid)
		p.syntax = p.proposed
		return
	}
	p.class, p.abstract = classOf(uid), shortened(uid)
	if isPrivate(uid) && len(a.private) < maxPrivate && !slices.Contains(a.private, string(uid)) {
		a.private = append(a.private, string(uid))
	}
}

// readSelection notes a SOP class that the requestor shall serve and not use: PS3.7
// section D.3.3.4. Both roles, or none, leave who serves to what is asked.
func (a *associate) readSelection(b []byte) {
	if len(b) < selectionOverhead {
		return
	}
	n, roles := int(binary.BigEndian.Uint16(b)), b[len(b)-2:]
	if n == len(b)-selectionOverhead && roles[0] == 0 && roles[1] == 1 && len(a.serves) < contextCount {
		a.serves = append(a.serves, shortened(trimUID(b[2:2+n])))
	}
}
