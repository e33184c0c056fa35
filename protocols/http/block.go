package http

import (
	"slices"
	"strings"

	"golang.org/x/net/http2/hpack"

	"github.com/auscult/auscult/protocols"
)

// field takes one field of a header block.
func (f *frames) field(hf hpack.HeaderField) {
	switch {
	case hf.Name == ":method" && len(hf.Value) <= maxFieldName:
		f.head.request, f.head.method = true, strings.Clone(hf.Value)
	case hf.Name == ":path":
		f.path(hf.Value)
	case hf.Name == ":status" && len(hf.Value) == 3:
		f.head.status = int(hf.Value[0]-'0')*100 + int(hf.Value[1]-'0')*10 + int(hf.Value[2]-'0')
	case len(hf.Value) <= maxFieldValue && len(hf.Name) <= maxFieldName && wanted([]byte(hf.Name)) && !framing(hf.Name):
		f.head.field(hf.Name, []byte(hf.Value))
	}
}

func (f *frames) path(target string) {
	path, query, _ := strings.Cut(target, "?")
	f.head.wado = strings.Contains(query, wadoQuery)
	if len(path) <= maxTarget {
		f.head.path = strings.Clone(path)
	}
}

// fragment adds a frame to a header block, and reads the block when it is whole:
// also one that nobody asks for, because the table of HPACK depends on it.
func (s *session) fragment(h *half) {
	f := h.two
	piece, ok := f.unpadded()
	if !ok {
		s.endFrames(h, protocols.Malformed)
		return
	}
	if f.kind != frameContinuation {
		f.block, f.promise = []byte{}, f.kind == framePushPromise
		f.ends = f.kind == frameHeaders && f.flags&flagEndStream != 0
	}
	f.block = append(f.block, piece...)
	if f.flags&flagEndHeaders == 0 {
		return
	}
	f.head = head{length: unknown}
	_, err := f.decoder.Write(f.block)
	if err == nil {
		err = f.decoder.Close()
	}
	clear(f.block)
	f.block = nil
	if err != nil {
		s.endFrames(h, protocols.Malformed)
		return
	}
	if !f.promise {
		s.streamHead(f)
	}
}

// onStream is what a request asked for on a stream.
type onStream struct {
	stream uint32
	asked  asked
}

// remember keeps what a stream was asked for, until its answer. Of too many, the
// oldest is forgotten.
func (s *session) remember(stream uint32, a asked) {
	if a.service == noService && !a.proxied {
		return
	}
	if len(s.asked) >= maxPending {
		s.asked = s.asked[:copy(s.asked, s.asked[1:])]
	}
	s.asked = append(s.asked, onStream{stream, a})
}

// askedOn tells what a message on a stream asks for, or answers.
func (s *session) askedOn(stream uint32, h *head) asked {
	if h.request {
		a := askedBy(h)
		s.remember(stream, a)
		return a
	}
	i := slices.IndexFunc(s.asked, func(a onStream) bool { return a.stream == stream })
	if i < 0 {
		return asked{}
	}
	a := s.asked[i].asked
	s.asked = slices.Delete(s.asked, i, i+1)
	return a
}

// unpadded strips what stands around a header block fragment.
func (f *frames) unpadded() ([]byte, bool) {
	b := f.payload
	if f.kind == frameContinuation {
		return b, true
	}
	before, after := 0, 0
	if f.flags&flagPadded != 0 && len(b) > 0 {
		before, after = 1, int(b[0])
	}
	if f.kind == framePushPromise {
		before += 4
	} else if f.flags&flagPriority != 0 {
		before += 5
	}
	if before+after > len(b) {
		return nil, false
	}
	return b[before : len(b)-after], true
}

// streamHead takes the head of a message, or its trailers.
func (s *session) streamHead(f *frames) {
	e := &f.head
	switch i := f.find(f.stream); {
	case !e.request && e.status == 0: // trailers
	case !e.request && e.status < 200:
		return
	case i >= 0 || e.request && e.method == "CONNECT":
	default:
		s.introduce(e, s.askedOn(f.stream, e))
		s.now.out.Outcome(protocols.Parsed)
		if body := s.openBody(e); body != nil {
			s.follow(f, body)
		}
	}
	if f.ends {
		s.streamEnds(f, f.stream)
	}
	f.head = head{}
}
