package dns

import "bytes"

// name is a name in its message: where it begins. Nothing of it is copied until it is
// compared.
type name struct {
	message []byte
	at      int
}

// skipName returns what is behind a name, or -1 when it does not end inside the
// message.
func skipName(message []byte, at int) int {
	for begin := at; at < len(message) && at-begin <= maxName; {
		n := int(message[at])
		switch {
		case n == 0:
			return at + 1
		case n&0xc0 == 0xc0 && at+1 < len(message):
			return at + 2
		case n&0xc0 != 0:
			return -1
		}
		at += 1 + n
	}
	return -1
}

// labels walks the labels of a name, through its pointers, and reports whether it came
// to the end. Each pointer has to lead before all that was read (RFC 1035 section
// 4.1.4: to a prior occurrence), so that no name goes on for ever.
func (n name) labels(yield func(label []byte) bool) bool {
	at, lowest, length := n.at, n.at, 0
	for pointers := 0; at < len(n.message); {
		l := int(n.message[at])
		switch {
		case l == 0:
			return true
		case l&0xc0 == 0xc0:
			if pointers++; at+1 >= len(n.message) || pointers > maxPointers {
				return false
			}
			at = (l&0x3f)<<8 | int(n.message[at+1])
			if at >= lowest || at < headerLen {
				return false
			}
			lowest = at
			continue
		case l&0xc0 != 0 || at+1+l > len(n.message):
			return false
		}
		if length += 1 + l; length > maxName {
			return false
		}
		if !yield(n.message[at+1 : at+1+l]) {
			return true
		}
		at += 1 + l
	}
	return false
}

// parts splits a name into its first labels and reports how many labels it has, or
// false where it is broken.
func (n name) parts(first [][]byte) (count int, ok bool) {
	ok = n.labels(func(label []byte) bool {
		if count < len(first) {
			first[count] = label
		}
		count++
		return true
	})
	return count, ok
}

// equal compares two names as DNS does, without regard to the case of ASCII letters.
func (n name) equal(o name) bool {
	var a, b [maxName]byte
	x, okA := n.flat(a[:0])
	y, okB := o.flat(b[:0])
	return okA && okB && bytes.EqualFold(x, y)
}

// hash is the same for names that are equal (FNV-1a). It keeps many names
// from being compared with many.
func (n name) hash() uint64 {
	const basis, prime = 14695981039346656037, 1099511628211
	h := uint64(basis)
	n.labels(func(label []byte) bool {
		h = (h ^ uint64(len(label))) * prime
		for _, c := range label {
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			h = (h ^ uint64(c)) * prime
		}
		return true
	})
	return h
}

// flat appends the labels of a name, each behind its length.
func (n name) flat(to []byte) ([]byte, bool) {
	ok := n.labels(func(label []byte) bool {
		to = append(append(to, byte(len(label))), label...)
		return true
	})
	return to, ok
}

// host returns the one label of a name of a host on this link: before "local" for
// multicast DNS (RFC 6762 section 3), or alone for LLMNR. nil is another name's.
func (n name) host(local bool) []byte {
	var first [2][]byte
	count, ok := n.parts(first[:])
	switch {
	case !ok:
	case local && count == 2 && bytes.EqualFold(first[1], []byte("local")), !local && count == 1:
		return first[0]
	}
	return nil
}

// service returns the type of a service instance "Instance._type._tcp.local" without
// its underscore (RFC 6763 section 4.1), or nil.
func (n name) service() []byte {
	var first [4][]byte
	count, ok := n.parts(first[:])
	if !ok || count != 4 || !bytes.EqualFold(first[3], []byte("local")) || len(first[1]) < 2 || first[1][0] != '_' {
		return nil
	}
	if !bytes.EqualFold(first[2], []byte("_tcp")) && !bytes.EqualFold(first[2], []byte("_udp")) {
		return nil
	}
	return first[1][1:]
}

// linkLocal reports whether a name is one that multicast DNS answers for: under local,
// or an address turned round (RFC 6762 sections 3 and 4).
func (n name) linkLocal() bool {
	_, last := n.end()
	return bytes.EqualFold(last, []byte("local")) || n.reverse()
}

// reverse reports whether a name is an address turned round (RFC 1035 section 3.5, RFC
// 3596 section 2.5).
func (n name) reverse() bool {
	before, last := n.end()
	return bytes.EqualFold(last, []byte("arpa")) && (bytes.EqualFold(before, []byte("in-addr")) || bytes.EqualFold(before, []byte("ip6")))
}

// end returns the last two labels, or nil for a name that is broken or has none.
func (n name) end() (before, last []byte) {
	ok := n.labels(func(label []byte) bool {
		before, last = last, label
		return true
	})
	if !ok {
		return nil, nil
	}
	return before, last
}
