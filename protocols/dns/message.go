package dns

import (
	"encoding/binary"
	"net/netip"

	"github.com/auscult/auscult/protocols"
)

// The flags of a header: RFC 1035 section 4.1.1, RFC 4795 section 2.1.1. What LLMNR
// calls conflict and tentative are authoritative answer and recursion desired in DNS.
const (
	flagResponse  = 1 << 15
	flagOperation = 0x0f << 11
	flagConflict  = 1 << 10
	flagTentative = 1 << 8
	flagsUnused   = 0xf0 // recursion available and what is reserved
	flagsCode     = 0x0f
)

// The types that are read: RFC 1035 section 3.2.2, RFC 3596, RFC 2782, in the order of their numbers.
const (
	typeA         = 1
	typeHINFO     = 13
	typeTXT       = 16
	typeAAAA      = 28
	typeSRV       = 33
	typeANY       = 255
	classInternet = 1
	// classMask leaves out the bit by which multicast DNS flushes caches, or asks for
	// an answer to itself alone: RFC 6762 sections 10.2 and 5.4.
	classMask = 0x7fff
)

// head is the header of a message, and where what follows it begins.
type head struct {
	message []byte
	id      uint16
	flags   uint16
	counts  [4]uint16 // questions, answers, authorities, additional
}

// question is what is asked for.
type question struct {
	name        name
	kind, class uint16
}

// record is one resource record. Its data lie in the message.
type record struct {
	name        name
	kind, class uint16
	ttl         uint32
	data        []byte
	dataAt      int
}

// parseHead reads a header. It reports whether there can be a message behind it.
func parseHead(b []byte) (h head, ok bool) {
	if len(b) < headerLen {
		return head{}, false
	}
	h = head{message: b, id: binary.BigEndian.Uint16(b), flags: binary.BigEndian.Uint16(b[2:])}
	total := 0
	for i := range h.counts {
		h.counts[i] = binary.BigEndian.Uint16(b[4+2*i:])
		total += int(h.counts[i])
	}
	return h, total > 0
}

func (h *head) response() bool { return h.flags&flagResponse != 0 }

// question reads the question at an offset, and returns what is behind it, or -1.
func (h *head) question(at int) (q question, next int) {
	q.name = name{h.message, at}
	if at = skipName(h.message, at); at < 0 || at+4 > len(h.message) {
		return question{}, -1
	}
	q.kind, q.class = binary.BigEndian.Uint16(h.message[at:]), binary.BigEndian.Uint16(h.message[at+2:])
	return q, at + 4
}

// record reads the record at an offset, and returns what is behind it, or -1.
func (h *head) record(at int) (r record, next int) {
	r.name = name{h.message, at}
	if at = skipName(h.message, at); at < 0 || at+10 > len(h.message) {
		return record{}, -1
	}
	b := h.message[at:]
	r.kind, r.class, r.ttl = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[4:])
	n := int(binary.BigEndian.Uint16(b[8:]))
	if n > len(b)-10 {
		return record{}, -1
	}
	r.data, r.dataAt = b[10:10+n], at+10
	return r, at + 10 + n
}

// address is the address in a record of type A or AAAA, or invalid.
func (r *record) address() netip.Addr {
	if a, ok := netip.AddrFromSlice(r.data); ok && (r.kind == typeA && a.Is4() || r.kind == typeAAAA && a.Is6()) {
		return a
	}
	return netip.Addr{}
}

// target is the host in an SRV record (RFC 2782): behind priority, weight and port.
func (r *record) target() name { return name{r.name.message, r.dataAt + 6} }

// parse finds where the records of a message begin, and checks that they and the
// questions before them lie inside it.
func (h *head) parse() (records int, outcome protocols.Outcome) {
	count := int(h.counts[1]) + int(h.counts[2]) + int(h.counts[3])
	if int(h.counts[0]) > maxQuestions || count > maxRecords {
		return 0, protocols.LimitReached
	}
	at := headerLen
	for range h.counts[0] {
		if _, at = h.question(at); at < 0 {
			return 0, protocols.Malformed
		}
	}
	records = at
	for range count {
		if _, at = h.record(at); at < 0 {
			return 0, protocols.Malformed
		}
	}
	return records, protocols.Parsed
}

// each goes through the records of a message that parse has checked: answers,
// authorities and additional ones.
func (h *head) each(records int, take func(*record)) {
	at := records
	var r record
	for range int(h.counts[1]) + int(h.counts[2]) + int(h.counts[3]) {
		if r, at = h.record(at); at < 0 {
			return
		}
		take(&r)
	}
}
