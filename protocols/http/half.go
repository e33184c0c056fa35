package http

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
)

// phase says what the next octet of a direction belongs to.
type phase uint8

const (
	inStart    phase = iota // a start line, or the preface of HTTP/2
	inName                  // the name of a field, or the end of a head
	inValue                 // of a field
	inPeek                  // an answer that may have no body: is it the next head already?
	inBody                  // of known length
	inSize                  // the line before a chunk
	inChunk                 // the data of a chunk
	inChunkEnd              // the line end behind it
	untilClose              // a body that ends with the connection
	inFrames                // HTTP/2
	seeking                 // behind a hole or an error, or where the stream was joined
	done                    // nothing more is wanted
)

// half is one direction of a conversation.
type half struct {
	phase   phase
	begun   bool // an octet was read
	trailer bool // the fields are behind a body
	line    line
	name    string // of the field whose value is read
	head    head
	passed  int    // octets of this head, or of this search
	blank   int    // empty lines before a start line
	remain  uint64 // octets of the body or of the chunk
	digits  int    // of a chunk size
	body    *body  // nil when nobody wants it
	two     *frames
}

// open reports whether a message was begun and has not ended.
func (h *half) open() bool {
	switch h.phase {
	case inStart:
		return len(h.line.kept) > 0
	case seeking, done, inFrames:
		return false
	}
	return true
}

// step takes octets: at least one, or none where the phase changes.
func (s *session) step(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	if h.phase == inStart && !h.begun {
		h.begun = true
		if b[0] == 0 { // no start line begins so, and the first frame of a server does
			s.beginFrames(h, "")
			return 0
		}
	}
	switch h.phase {
	case inStart, inName, inValue:
		return s.headOctets(h, b)
	case inPeek:
		return s.peek(h, b)
	case inBody, untilClose:
		return s.bodyOctets(h, b)
	case inSize, inChunkEnd:
		s.sizeOctet(h, b[0])
		return 1
	case inChunk:
		return s.chunkOctets(h, b)
	case inFrames:
		return s.frameOctets(h, b)
	}
	return s.search(h, b)
}

// headOctets takes octets of a head, up to the end of a line.
func (s *session) headOctets(h *half, b []byte) int {
	if h.line.mode == passing && h.phase != inStart {
		n := len(b)
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			n = i
		}
		n = min(n, maxHead+1-h.passed)
		if h.passed += n; h.passed > maxHead {
			s.seek(h, protocols.LimitReached)
			return n
		}
		if n > 0 {
			return n
		}
	}
	if h.passed++; h.passed > maxHead {
		s.seek(h, protocols.LimitReached)
		return 1
	}
	s.headOctet(h, b[0])
	return 1
}

func (s *session) headOctet(h *half, c byte) {
	switch {
	case h.phase == inStart && c == '\n':
		s.startLine(h)
	case h.phase == inStart:
		h.line.start(c)
	case c == '\n':
		s.fieldEnds(h)
	case h.line.mode == passing:
	case h.phase == inName:
		h.nameOctet(c)
	default:
		h.line.keep(c, maxFieldValue)
	}
}

// nameOctet gathers the name of a field, in lower case. A line that begins with a
// space continues the one before, and is passed over.
func (h *half) nameOctet(c byte) {
	switch {
	case c == ':' && wanted(h.line.kept):
		h.name = string(h.line.kept)
		h.line.reset()
		h.phase = inValue
	case c == ':' && len(h.line.kept) > 0, (c == ' ' || c == '\t') && len(h.line.kept) == 0:
		h.line.mode = passing
	case c >= 'A' && c <= 'Z':
		h.line.keep(c|0x20, maxFieldName)
	default:
		h.line.keep(c, maxFieldName)
	}
}

// fieldEnds takes the end of a line of a head.
func (s *session) fieldEnds(h *half) {
	kept, cut, passed := h.line.kept, h.line.cut, h.line.mode == passing
	switch {
	case h.phase == inValue && cut && framing(h.name):
		s.seek(h, protocols.LimitReached)
		return
	case h.phase == inValue && !cut && !h.trailer:
		h.head.field(h.name, kept)
	case h.phase == inName && !passed && len(bytes.TrimSuffix(kept, []byte("\r"))) == 0:
		h.line.reset()
		s.headEnds(h)
		return
	case h.phase == inName && !passed:
		s.seek(h, protocols.Malformed)
		return
	}
	h.line.reset()
	h.phase = inName
}

// startLine takes the end of a start line.
func (s *session) startLine(h *half) {
	if len(bytes.TrimSuffix(h.line.kept, []byte("\r"))) == 0 && h.blank < maxBlankLines {
		h.blank++
		h.line.reset()
		return
	}
	if string(h.line.kept) == "PRI * HTTP/2.0\r" {
		s.beginFrames(h, preface[len("PRI * HTTP/2.0\r\n"):])
		return
	}
	start, ok := h.line.startLine()
	if !ok {
		s.seek(h, protocols.Malformed)
		return
	}
	h.line.reset()
	h.head, h.phase, h.blank = start, inName, 0
}

// search looks for a line that ends in a start line, and gives up after maxSeek.
func (s *session) search(h *half, b []byte) int {
	for i, c := range b {
		if h.passed++; h.passed > maxSeek {
			h.line.reset()
			h.phase = done
			return i + 1
		}
		if c == '\n' {
			if s.found(h) {
				return i + 1
			}
			continue
		}
		if len(h.line.kept) == maxSeekLine {
			h.line.kept = h.line.kept[:copy(h.line.kept, h.line.kept[maxSeekLine/2:])]
		}
		h.line.kept = append(h.line.kept, c)
	}
	return len(b)
}

// found goes on behind a start line, if one ends the line.
func (s *session) found(h *half) bool {
	at := startLineIn(h.line.kept)
	var start line
	if at >= 0 {
		for _, c := range h.line.kept[at:] {
			start.start(c)
		}
	}
	clear(h.line.kept)
	h.line.reset()
	if at < 0 {
		return false
	}
	s.now.out.Outcome(protocols.Resynchronised)
	h.line, h.phase, h.passed = start, inStart, 0
	s.startLine(h)
	return true
}
