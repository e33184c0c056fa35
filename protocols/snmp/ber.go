package snmp

import (
	"math"
	"strconv"

	"github.com/auscult/auscult/protocols"
)

// The tags of ITU-T X.690 and of RFC 2578 section 7.1 that are read.
const (
	tagInteger     = 0x02
	tagOctetString = 0x04
	tagOID         = 0x06
	tagSequence    = 0x30
	tagIPAddress   = 0x40
)

// ber walks the elements of basic encoding (ITU-T X.690 section 8) in bytes that it does
// not own. Lengths are definite, as RFC 3417 section 8 asks for, and inside what holds
// them. An element that breaks this makes all later reads empty.
type ber struct {
	b   []byte
	bad bool
}

// next reads one element. It does not look into it, so nesting costs nothing.
func (r *ber) next() (tag byte, body []byte) {
	n, size, ok := header(r.b)
	if !ok || n > len(r.b)-size {
		r.b, r.bad = nil, true
		return 0, nil
	}
	tag, body, r.b = r.b[0], r.b[size:size+n], r.b[size+n:]
	return tag, body
}

// need reads one element that has a tag.
func (r *ber) need(want byte) []byte {
	tag, body := r.next()
	if tag != want {
		r.b, r.bad = nil, true
		return nil
	}
	return body
}

// number reads an integer of at most 64 bits.
func (r *ber) number() int64 {
	body := r.need(tagInteger)
	if r.bad || len(body) == 0 || len(body) > 8 {
		r.b, r.bad = nil, true
		return 0
	}
	return integer(body)
}

// done reports whether all was read, and nothing was left over.
func (r *ber) done() bool { return !r.bad && len(r.b) == 0 }

// header reads a tag of one octet and a length (X.690 section 8.1.3), of which size
// octets are used. More length octets than a number needs are allowed: agents write
// them. The indefinite form and tags of several octets are not.
func header(b []byte) (length, size int, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return 0, 0, false
	}
	if b[1] < 0x80 {
		return int(b[1]), 2, true
	}
	octets := int(b[1] & 0x7f)
	if octets == 0 || octets > 4 || len(b) < 2+octets {
		return 0, 0, false
	}
	n := uint64(0)
	for _, o := range b[2 : 2+octets] {
		n = n<<8 | uint64(o)
	}
	return int(min(n, math.MaxInt32)), 2 + octets, true
}

func integer(body []byte) int64 {
	n := int64(int8(body[0]))
	for _, o := range body[1:] {
		n = n<<8 | int64(o)
	}
	return n
}

// subID reads one sub-identifier (X.690 section 8.19.2).
func subID(b []byte) (id uint32, rest []byte, ok bool) {
	n := uint64(0)
	for i, o := range b {
		if n = n<<7 | uint64(o&0x7f); n > math.MaxUint32 {
			return 0, nil, false
		}
		if o&0x80 == 0 {
			return uint32(n), b[i+1:], true
		}
	}
	return 0, nil, false
}

// dotted writes an object identifier with dots; "" where it is none, or longer than a
// text may be.
func dotted(b []byte) string {
	first, b, ok := subID(b)
	if !ok {
		return ""
	}
	top := min(first/40, 2) // X.690 section 8.19.4
	out := strconv.AppendUint(make([]byte, 0, protocols.MaxText), uint64(top), 10)
	out = strconv.AppendUint(append(out, '.'), uint64(first-40*top), 10)
	for len(b) > 0 {
		var id uint32
		if id, b, ok = subID(b); !ok || len(out) > protocols.MaxText {
			return ""
		}
		out = strconv.AppendUint(append(out, '.'), uint64(id), 10)
	}
	if len(out) > protocols.MaxText {
		return ""
	}
	return string(out)
}
