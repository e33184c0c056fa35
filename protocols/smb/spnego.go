package smb

import "bytes"

// Tags of SPNEGO (RFC 4178 section 4.2) in DER.
const (
	tagInit        = 0x60 // the first token, behind the mechanism's identifier (RFC 2743 section 3.1)
	tagResponse    = 0xa1
	tagChoice      = 0xa0
	tagSequence    = 0x30
	tagOID         = 0x06
	tagOctets      = 0x04
	tagToken       = 0xa2 // mechToken, or responseToken
	lengthOctets   = 3    // a blob is shorter than 64 KiB
	maxTokenFields = 8
)

const ntlmSign = "NTLMSSP\x00"

// ntlmMessage finds the NTLMSSP message in a security blob: alone, or in the token of
// SPNEGO. The depth is fixed, so that nesting goes nowhere.
func ntlmMessage(blob []byte) []byte {
	if bytes.HasPrefix(blob, []byte(ntlmSign)) {
		return blob
	}
	tag, content, _, ok := element(blob)
	if ok && tag == tagInit {
		tag, _, rest, found := element(content)
		if !found || tag != tagOID {
			return nil
		}
		tag, content, _, ok = element(rest)
		ok = ok && tag == tagChoice
	} else {
		ok = ok && tag == tagResponse
	}
	if !ok {
		return nil
	}
	tag, fields, _, ok := element(content)
	if !ok || tag != tagSequence {
		return nil
	}
	return token(fields)
}

// token finds the token among the fields of a message, if it is one of NTLMSSP.
func token(fields []byte) []byte {
	for range maxTokenFields {
		tag, content, rest, ok := element(fields)
		if !ok {
			return nil
		}
		if fields = rest; tag != tagToken {
			continue
		}
		if tag, octets, _, ok := element(content); ok && tag == tagOctets && bytes.HasPrefix(octets, []byte(ntlmSign)) {
			return octets
		}
		return nil
	}
	return nil
}

// element reads one element of DER with a definite length.
func element(b []byte) (tag byte, content, rest []byte, ok bool) {
	if len(b) < 2 {
		return 0, nil, nil, false
	}
	tag, n := b[0], int(b[1])
	b = b[2:]
	if n >= 0x80 {
		octets := n - 0x80
		if octets == 0 || octets > lengthOctets || octets > len(b) {
			return 0, nil, nil, false
		}
		n = 0
		for _, o := range b[:octets] {
			n = n<<8 | int(o)
		}
		b = b[octets:]
	}
	if n > len(b) {
		return 0, nil, nil, false
	}
	return tag, b[:n], b[n:], true
}
