package dicom

import "github.com/auscult/auscult/protocols"

// The body of an A-ASSOCIATE-RJ or A-ABORT: PS3.8 tables 9-21 and 9-26. The first
// octet is reserved, and of an A-ABORT the second as well.
const (
	refusalResult = 1
	refusalSource = 2
	refusalReason = 3
	refusalLength = 4
)

// rejectedFor names why an association was rejected, from a closed list. Titles are
// not repeated.
func rejectedFor(source, reason byte) string {
	switch [2]byte{source, reason} {
	case [2]byte{1, 1}:
		return "rejected: no reason given"
	case [2]byte{1, 2}:
		return "rejected: application context not supported"
	case [2]byte{1, 3}:
		return "rejected: calling AE title not recognized"
	case [2]byte{1, 7}:
		return "rejected: called AE title not recognized"
	case [2]byte{2, 1}:
		return "rejected by the service provider: no reason given"
	case [2]byte{2, 2}:
		return "rejected by the service provider: protocol version not supported"
	case [2]byte{3, 1}:
		return "rejected by the service provider: temporary congestion"
	case [2]byte{3, 2}:
		return "rejected by the service provider: local limit exceeded"
	}
	return "rejected: reserved reason"
}

// abortedFor names why an association was aborted, from a closed list. The reason
// of a service user means nothing (PS3.8 section 9.3.8).
func abortedFor(source, reason byte) string {
	if source == 0 {
		return "aborted by the service user"
	}
	if source == 2 {
		switch reason {
		case 0:
			return "aborted: no reason given"
		case 1:
			return "aborted: unrecognized PDU"
		case 2:
			return "aborted: unexpected PDU"
		case 4:
			return "aborted: unrecognized PDU parameter"
		case 5:
			return "aborted: unexpected PDU parameter"
		case 6:
			return "aborted: invalid PDU parameter value"
		}
	}
	return "aborted: reserved reason"
}

func (s *session) readRefusal(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	n := copy(h.header[pduHeader+h.have:pduHeader+refusalLength], b)
	h.have += n
	h.pduLeft -= uint32(n)
	if h.pduLeft == 0 {
		h.phase, h.have = inHeader, 0
		s.refuse(d, h.header[0], [refusalLength]byte(h.header[pduHeader:]))
	}
	return n
}

// refuse states why there is no association, or no longer one. That is about the
// one who was refused, or the one who broke off; it never tells a role, and a title
// that was called in vain is nobody's.
func (s *session) refuse(d protocols.Direction, kind byte, body [refusalLength]byte) {
	a := &s.association
	if kind == pduAbort {
		s.now.out.Outcome(protocols.Parsed)
		s.introduce()
		s.stateRefusal(speaker(), abortedFor(body[refusalSource], body[refusalReason]), "A-ABORT")
		return
	}
	if a.requested && (a.requestor == d || a.accepted) || body[refusalResult] != 1 && body[refusalResult] != 2 {
		s.now.out.Outcome(protocols.Malformed)
		return
	}
	s.now.out.Outcome(protocols.Parsed)
	a.rejected = true
	if source, reason := body[refusalSource], body[refusalReason]; source == 1 && reason == 3 {
		s.introduction.estrange()
	}
	s.introduce()
	s.stateRefusal(protocols.Subject{Kind: protocols.AboutListener}, rejectedFor(body[refusalSource], body[refusalReason]), "A-ASSOCIATE-RJ")
}

func (s *session) stateRefusal(about protocols.Subject, why, field string) {
	s.observe(about, []protocols.Fact{{Attribute: protocols.Refusal, Value: why, Field: field, Confidence: exercised}}, nil)
}
