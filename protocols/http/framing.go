package http

import "github.com/auscult/auscult/protocols"

// headEnds takes the empty line behind a head or behind trailers.
func (s *session) headEnds(h *half) {
	h.passed = 0
	if h.trailer {
		h.trailer = false
		s.endMessage(h)
		return
	}
	if h.head.malformed || h.head.request && h.head.encoded {
		s.seek(h, protocols.Malformed)
		return
	}
	request := s.match(&h.head)
	switch {
	case h.head.status == 101 && h.head.upgrade:
		s.upgraded(h)
		return
	case h.head.request && h.head.method == "CONNECT", h.head.status == 101:
		s.tunnel(h)
		return
	}
	s.introduce(&h.head, request)
	s.frame(h, request)
}

// match notes a request, or finds the one that a final answer is for.
func (s *session) match(h *head) asked {
	switch {
	case h.request:
		a := askedBy(h)
		if len(s.waiting) >= maxPending {
			s.waiting, s.lost = s.waiting[:0], true
		}
		if !s.lost {
			s.waiting = append(s.waiting, a)
		}
		return a
	case h.status < 200 || len(s.waiting) == 0:
		return asked{}
	}
	a := s.waiting[0]
	s.waiting = s.waiting[:copy(s.waiting, s.waiting[1:])]
	return a
}

// upgraded goes on with HTTP/2 in the direction of the server (RFC 7540 section 3.2,
// which devices still follow). The client's goes on by itself: it sends its preface.
// The answer to the request that asked for it comes as stream 1.
func (s *session) upgraded(h *half) {
	s.now.out.Outcome(protocols.Parsed)
	if len(s.waiting) > 0 {
		s.remember(1, s.waiting[0])
		s.waiting = s.waiting[:0]
	}
	s.lost = true // nothing more is answered by its order
	h.head = head{}
	s.beginFrames(h, "")
}

// askedBy is what is kept of a request.
func askedBy(h *head) asked {
	a := asked{method: h.method, service: serviceOf(h), proxied: h.absolute()}
	if a.service != noService {
		a.title = titleOf(h.path)
	}
	return a
}

// tunnel ends the reading of both directions: what follows is another protocol's
// (RFC 9110 sections 7.8 and 9.3.6).
func (s *session) tunnel(h *half) {
	s.now.out.Outcome(protocols.Parsed)
	h.phase = inFrames // nothing is open
	for d := range s.halves {
		s.abandon(&s.halves[d], protocols.Truncated)
		s.halves[d].phase = done
	}
}

// frame tells where the body of a message ends: RFC 9112 section 6.3.
func (s *session) frame(h *half, request asked) {
	e, answer := &h.head, !h.head.request
	switch {
	case answer && (e.status < 200 || e.status == 204 || e.status == 304 || request.method == "HEAD"):
		s.endMessage(h)
	case e.chunked:
		h.body = s.openBody(e)
		h.phase, h.digits, h.remain = inSize, 0, 0
	case e.encoded || answer && e.length == unknown:
		h.body = s.openBody(e)
		h.phase = untilClose
	case e.length == unknown || e.length == 0:
		s.endMessage(h)
	default:
		h.remain = uint64(e.length)
		h.phase = inBody
		h.body = s.openBody(e)
		if answer && request.method == "" && h.remain >= uint64(len(version1)) {
			h.phase = inPeek
		}
	}
}

// peek looks whether a new head stands where a body should: an answer to a HEAD
// that was not seen.
func (s *session) peek(h *half, b []byte) int {
	at := len(h.line.kept)
	if b[0] == version1[at] {
		h.line.kept = append(h.line.kept, b[0])
		if at+1 == len(version1) {
			h.body.close(s.now.out)
			h.body = nil
			s.now.out.Outcome(protocols.Parsed)
			h.head, h.phase = head{}, inStart
		}
		return 1
	}
	h.phase = inBody
	h.line.reset()
	if at > 0 {
		s.bodyOctets(h, []byte(version1[:at]))
	}
	return 0
}

// bodyOctets takes octets of a body that is not chunked.
func (s *session) bodyOctets(h *half, b []byte) int {
	if h.phase == untilClose {
		h.body.write(s.now, b)
		return len(b)
	}
	n := int(min(uint64(len(b)), h.remain))
	h.body.write(s.now, b[:n])
	if h.remain -= uint64(n); h.remain == 0 {
		s.endMessage(h)
	}
	return n
}

// sizeOctet takes an octet of the line before a chunk, or of the line end behind
// one: RFC 9112 section 7.1.
func (s *session) sizeOctet(h *half, c byte) {
	h.passed++
	value, isDigit := digit(c)
	switch {
	case h.phase == inChunkEnd && c == '\n':
		h.phase, h.digits, h.remain, h.passed = inSize, 0, 0, 0
	case h.phase == inChunkEnd && c == '\r' && h.passed == 1:
	case h.phase == inChunkEnd, h.passed > maxSizeLine, h.digits == 0 && !isDigit, h.digits > 16, h.remain > maxLength:
		s.seek(h, protocols.Malformed)
	case c == '\n':
		s.chunk(h)
	case h.line.mode == passing:
	case isDigit:
		h.remain, h.digits = h.remain<<4|value, h.digits+1
	case c == ';' || c == '\r' || c == ' ' || c == '\t':
		h.line.mode = passing // extensions
	default:
		s.seek(h, protocols.Malformed)
	}
}

func digit(c byte) (uint64, bool) {
	switch {
	case c >= '0' && c <= '9':
		return uint64(c - '0'), true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return uint64(c|0x20-'a') + 10, true
	}
	return 0, false
}

// chunk begins the data of a chunk, or the trailers.
func (s *session) chunk(h *half) {
	h.line.reset()
	h.passed, h.phase = 0, inChunk
	if h.remain == 0 {
		h.phase, h.trailer = inName, true
	}
}

func (s *session) chunkOctets(h *half, b []byte) int {
	n := int(min(uint64(len(b)), h.remain))
	h.body.write(s.now, b[:n])
	if h.remain -= uint64(n); h.remain == 0 {
		h.phase, h.passed = inChunkEnd, 0
	}
	return n
}

// endMessage ends a message that is whole.
func (s *session) endMessage(h *half) {
	s.now.out.Outcome(protocols.Parsed)
	if h.body != nil && h.phase == untilClose {
		h.body.cut = true // a conversation that is given up ends so, too
	}
	h.body.end(s.now)
	h.body, h.head = nil, head{}
	h.line.reset()
	h.phase, h.passed, h.blank = inStart, 0, 0
}

// unwanted answers how many of the next octets of a direction nobody reads.
func (s *session) unwanted(d protocols.Direction) uint64 {
	h := &s.halves[d]
	switch h.phase {
	case done:
		return protocols.Everything
	case untilClose:
		return h.body.spare(protocols.Everything)
	case inBody:
		n := h.body.spare(h.remain)
		if h.remain -= n; h.remain == 0 {
			s.endMessage(h)
		}
		return n
	case inChunk:
		n := h.body.spare(h.remain)
		if h.remain -= n; h.remain == 0 {
			h.phase, h.passed = inChunkEnd, 0
		}
		return n
	case inFrames:
		return h.two.unwanted()
	}
	return 0
}
