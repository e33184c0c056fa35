package tls

import "github.com/auscult/auscult/protocols"

// Handshake types: RFC 8446 section 4, RFC 5246 section 7.4; supplemental data:
// RFC 4680 section 2.
const (
	typeHelloRequest = 0
	typeClientHello  = 1
	typeServerHello  = 2
	typeCertificate  = 11
	typeSupplemental = 23
)

// certificateHead is the length of the list and of its first entry: RFC 5246
// section 7.4.2.
const certificateHead = 6

// message is a handshake message, which may span records and segments.
type message struct {
	header [messageHeader]byte
	have   int // of the header
	size   int // of the body
	seen   int // of the body
	kept   []byte
}

// readMessage takes octets of the open handshake message, or of the next one.
func (s *session) readMessage(d protocols.Direction, b []byte) int {
	m := &s.halves[d].message
	if m.have < messageHeader {
		n := copy(m.header[m.have:], b)
		if m.have += n; m.have == messageHeader {
			m.size = int(uint24(m.header[1:]))
			s.beginMessage(d)
		}
		return n
	}
	n := min(len(b), m.size-m.seen)
	m.seen += n
	s.readBody(d, b[:n])
	return n
}

// beginMessage decides by its header what becomes of a message.
func (s *session) beginMessage(d protocols.Direction) {
	h := &s.halves[d]
	kind, server := h.message.header[0], h.role == server
	switch {
	case kind == typeClientHello && server || kind == typeServerHello && server:
		s.end(d, protocols.Malformed)
	case kind == typeClientHello || kind == typeServerHello:
		if h.message.size > maxHello {
			s.end(d, protocols.LimitReached)
		} else if h.message.size < minHello {
			s.end(d, protocols.Malformed)
		}
	case kind == typeCertificate && server && h.message.size < certificateHead:
		s.end(d, protocols.Malformed)
	case kind == typeCertificate && server:
	case kind == typeHelloRequest || kind == typeSupplemental:
		s.readBody(d, nil) // it may be empty
	default:
		// Either no certificate comes, or nobody saw whose it is.
		s.end(d, protocols.Unsupported)
	}
}

// readBody takes the next octets of the body, and acts once there are enough.
func (s *session) readBody(d protocols.Direction, b []byte) {
	m := &s.halves[d].message
	kind := m.header[0]
	if kind == typeHelloRequest || kind == typeSupplemental {
		if m.seen == m.size {
			s.now.out.Outcome(protocols.Unsupported)
			*m = message{}
		}
		return
	}
	body := b
	if len(m.kept) > 0 {
		m.kept = append(m.kept, b...)
		body = m.kept
	}
	if kind == typeCertificate {
		if s.certificate(d, body) {
			return
		}
	} else if len(body) == m.size {
		s.hello(d, kind, body)
		return
	}
	if len(m.kept) == 0 {
		m.kept = append(m.kept, body...)
	}
}

// hello acts on a whole hello.
func (s *session) hello(d protocols.Direction, kind byte, body []byte) {
	h := &s.halves[d]
	if kind == typeClientHello {
		offered, ok := parseClientHello(body)
		if !ok {
			s.end(d, protocols.Malformed)
			return
		}
		h.offered = offered
		s.isClient(d)
		return
	}
	agreed, ok := parseServerHello(body)
	if !ok {
		s.end(d, protocols.Malformed)
		return
	}
	h.agreed = agreed
	s.isServer(d)
}

// certificate reads the server's own certificate as soon as it is there; what
// follows it in the list is not wanted. It reports whether it is done.
func (s *session) certificate(d protocols.Direction, body []byte) bool {
	h := &s.halves[d]
	if len(body) < certificateHead {
		return false
	}
	list, leaf := int(uint24(body)), int(uint24(body[3:]))
	switch {
	case list+3 != h.message.size || leaf+3 > list || leaf == 0:
		s.end(d, protocols.Malformed)
	case leaf > maxLeaf:
		s.end(d, protocols.LimitReached)
	case len(body) < certificateHead+leaf:
		return false
	default:
		s.named(d, body[certificateHead:][:leaf])
	}
	return true
}
