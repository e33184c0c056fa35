package tls

import "github.com/auscult/auscult/protocols"

const (
	// chainLength is how many record headers in a row make a boundary out of octets
	// that might be anything. Two agree by chance in data that is full of small
	// numbers; three do not.
	chainLength = 3
	// minSealed is the shortest protected record: the MAC of MD5 alone (RFC 5246
	// section A.5). Newer ciphers need more.
	minSealed = 16
)

// findRecord looks for the first octet of b at which a hello or a chain of records
// begins or, with More, might begin. With full, b is all that will be looked at,
// and what might be is not. Without any it returns len(b) and No.
func findRecord(b []byte, full bool) (int, protocols.Verdict) {
	for i, c := range b {
		if c < contentChangeCipher || c > contentHeartbeat {
			continue
		}
		v := boundary(b[i:])
		if v == protocols.Yes || v == protocols.More && !full {
			return i, v
		}
	}
	return len(b), protocols.No
}

func boundary(b []byte) protocols.Verdict {
	if v := hello(b); v == protocols.Yes {
		return v
	} else if v == protocols.More {
		if chain(b) == protocols.Yes {
			return protocols.Yes
		}
		return v
	}
	return chain(b)
}

// chain judges whether b begins with records that follow each other, all of one
// version and each of a length that its content can have.
func chain(b []byte) protocols.Verdict {
	var minor byte
	for i := range chainLength {
		kind, length, v := header(b)
		switch {
		case v != protocols.Yes:
			return v
		case i > 0 && b[2] != minor || !possible(kind, length):
			return protocols.No
		}
		minor = b[2]
		if i == chainLength-1 {
			break
		}
		if b = b[recordHeader:]; len(b) < length {
			return protocols.More
		}
		b = b[length:]
	}
	return protocols.Yes
}

// possible tells whether a record of a kind can have a length, in clear or sealed.
func possible(kind byte, length int) bool {
	switch kind {
	case contentChangeCipher:
		return length == 1
	case contentAlert:
		return length == alertLength || length >= minSealed
	case contentHandshake:
		return length >= messageHeader
	}
	return length >= minSealed
}
