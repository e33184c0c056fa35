package netbios

import (
	"encoding/binary"
	"net/netip"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// The fields of a header: RFC 1002 section 4.2.1.1. Operation 9 is what Windows sends
// for a refresh as well; 15 is the registration of a host with several addresses
// ([MS-NBTE] 2.2.2).
const (
	opQuery         = 0
	opRegistration  = 5
	opRelease       = 6
	opWait          = 7
	opRefresh       = 8
	opOtherRefresh  = 9
	opMultihomed    = 15
	typeName        = 0x20
	typeStatus      = 0x21
	classInternet   = 1
	pointerMark     = 0xc0
	headerLen       = 12
	resourceFixed   = 10 // type, class, time to live, length
	statusEntry     = 18 // name, suffix, flags
	nameEntry       = 6  // flags, address
	flagGroup       = 1 << 15
	flagDeregister  = 1 << 12
	flagConflict    = 1 << 11
	flagActive      = 1 << 10
	maxNames        = 64 // of one node: Windows registers under 20, a cluster's node some more
	maxAddresses    = 32 // of one name: RFC 1002 sets no bound; a group name has 25 in WINS
	answerBit       = 1 << 15
	nameErrorBits   = 0x0f
	operationOffset = 11
)

// head is the header of a name service message.
type head struct {
	answer    bool
	operation byte
	failed    bool
	counts    [4]uint16
	kind      uint16 // of the question or the resource
}

// parseHead reads the header and the name behind it, with the type that follows.
func parseHead(b []byte) (h head, r wire.Reader, ok bool) {
	r = wire.NewReader(b)
	r.Skip(2) // transaction
	flags := r.U16(binary.BigEndian)
	h.answer, h.operation, h.failed = flags&answerBit != 0, byte(flags>>operationOffset&0x0f), flags&nameErrorBits != 0
	for i := range h.counts {
		h.counts[i] = r.U16(binary.BigEndian)
	}
	if !h.plausible() {
		return h, r, false
	}
	at := r
	var n name
	if !n.read(&at) {
		return h, r, false
	}
	h.kind = at.U16(binary.BigEndian)
	class := at.U16(binary.BigEndian)
	return h, r, !at.Failed() && class == classInternet && (h.kind == typeName || h.kind == typeStatus)
}

// plausible reports whether operation and counts are those of one of the messages of
// RFC 1002 section 4.2.
func (h *head) plausible() bool {
	switch h.operation {
	case opQuery, opRegistration, opRelease, opWait, opRefresh, opOtherRefresh, opMultihomed:
	default:
		return false
	}
	if h.answer {
		return h.counts[0] == 0 && h.counts[1] <= 1 && h.counts[2] == 0 && h.counts[3] == 0
	}
	return h.counts[0] == 1 && h.counts[1] == 0 && h.counts[2] == 0 && h.counts[3] <= 1
}

// entry is a name that a message gives to an address, or a node to itself.
type entry struct {
	name  name
	group bool
}

// registration reads what a host wants to be called: the question's name, and a
// resource with the address that is to have it.
func registration(r *wire.Reader, speaker netip.Addr) (e entry, own, ok bool) {
	if !e.name.read(r) {
		return entry{}, false, false
	}
	r.Skip(4)
	if first := r.U8(); first == pointerMark {
		r.Skip(1)
	} else if again := (name{}); first != encodedLen || !again.readLabel(r) || again != e.name {
		return entry{}, false, false
	}
	e.group, own, ok = addressed(r, speaker)
	return e, own, ok
}

// addressed reads the data of a name resource, and whether one of its addresses is the
// speaker's own.
func addressed(r *wire.Reader, speaker netip.Addr) (group, own, ok bool) {
	kind := r.U16(binary.BigEndian)
	r.Skip(2 + 4)
	n := int(r.U16(binary.BigEndian))
	if kind != typeName || n == 0 || n%nameEntry != 0 || n > maxAddresses*nameEntry || n > r.Len() {
		return false, false, false
	}
	for ; n > 0; n -= nameEntry {
		flags, a := r.U16(binary.BigEndian), r.Bytes(4)
		if a == nil {
			return false, false, false
		}
		if netip.AddrFrom4([4]byte(a)) == speaker {
			group, own = flags&flagGroup != 0, true
		}
	}
	return group, own, true
}

// status reads the names of a node that was asked for all of them. Those that are
// given up, or contested, are passed over. The unit's address behind them is not read:
// whoever answers could claim another's.
func status(r *wire.Reader) (all []entry, outcome protocols.Outcome) {
	var asked name
	if !asked.read(r) {
		return nil, protocols.Malformed
	}
	r.Skip(2 + 2 + 4)
	length, count := int(r.U16(binary.BigEndian)), int(r.U8())
	switch {
	case r.Failed() || length < 1+count*statusEntry || count*statusEntry > r.Len():
		return nil, protocols.Truncated
	case count > maxNames:
		return nil, protocols.LimitReached
	}
	for range count {
		var e entry
		copy(e.name.text[:], r.Bytes(plainLen))
		e.name.suffix = r.U8()
		flags := r.U16(binary.BigEndian)
		e.group = flags&flagGroup != 0
		if flags&flagActive != 0 && flags&(flagConflict|flagDeregister) == 0 {
			all = append(all, e)
		}
	}
	return all, protocols.Parsed
}
