package http

import (
	"encoding/binary"
	"slices"

	"golang.org/x/net/http2/hpack"

	"github.com/auscult/auscult/protocols"
)

// Frame types and flags: RFC 9113 section 6.
const (
	frameData         = 0
	frameHeaders      = 1
	frameReset        = 3
	frameSettings     = 4
	framePushPromise  = 5
	frameContinuation = 9

	flagEndStream  = 0x01
	flagEndHeaders = 0x04
	flagPadded     = 0x08
	flagPriority   = 0x20
)

// frames is one direction of HTTP/2.
type frames struct {
	preface string // what is left of it
	first   bool   // a frame was read
	header  [frameHeader]byte
	have    int // octets of the header
	kind    byte
	flags   byte
	stream  uint32
	left    int // octets of the payload
	padding int // octets at its end; unknown before its first octet was read
	gather  bool
	payload []byte // of frames that are read whole
	block   []byte // header block of several frames
	promise bool   // the block is a promise
	ends    bool   // the block ends its stream
	decoder *hpack.Decoder
	head    head
	streams []stream // whose bodies are read
}

// stream is a body that is read.
type stream struct {
	id   uint32
	body *body
}

// beginFrames goes on with HTTP/2.
func (s *session) beginFrames(h *half, rest string) {
	f := &frames{preface: rest}
	f.decoder = hpack.NewDecoder(4096, f.field) // RFC 9113 section 6.5.2: the initial size
	f.decoder.SetAllowedMaxDynamicTableSize(maxTable)
	f.decoder.SetMaxStringLength(maxHeaderText)
	h.two, h.phase = f, inFrames
	h.line.reset()
}

// frameOctets takes octets of the preface, of a frame's header, or of its payload.
func (s *session) frameOctets(h *half, b []byte) int {
	f := h.two
	switch {
	case f.preface != "":
		if b[0] != f.preface[0] {
			s.endFrames(h, protocols.Malformed)
			return 1
		}
		f.preface = f.preface[1:]
		return 1
	case f.have < frameHeader:
		f.header[f.have] = b[0]
		if f.have++; f.have == frameHeader {
			s.frameBegins(h)
		}
		return 1
	}
	n := min(len(b), f.left)
	if f.gather {
		f.payload = append(f.payload, b[:n]...)
	} else if f.kind == frameData {
		n = s.data(f, b[:n])
	}
	if f.left -= n; f.left == 0 {
		s.frameEnds(h)
	}
	return n
}

// frameBegins judges a frame by its header.
func (s *session) frameBegins(h *half) {
	f := h.two
	f.left = int(binary.BigEndian.Uint32(f.header[:]) >> 8)
	f.kind, f.flags = f.header[3], f.header[4]
	f.stream = binary.BigEndian.Uint32(f.header[5:]) &^ (1 << 31)
	f.gather = f.kind == frameHeaders || f.kind == framePushPromise || f.kind == frameContinuation
	f.padding = 0
	if f.kind == frameData && f.flags&flagPadded != 0 {
		f.padding = unknown
	}
	onStream := f.gather || f.kind == frameData
	switch continues := f.kind == frameContinuation; {
	case !f.first && f.kind != frameSettings, onStream && f.stream == 0, continues != (f.block != nil), f.kind != frameData && !f.gather && f.left > maxFrame:
		s.endFrames(h, protocols.Malformed)
		return
	case f.gather && len(f.block)+f.left > maxBlock:
		s.endFrames(h, protocols.LimitReached)
		return
	}
	f.first = true
	if f.left == 0 {
		s.frameEnds(h)
	}
}

// data takes octets of a DATA frame, and returns how many.
func (s *session) data(f *frames, b []byte) int {
	if f.padding == unknown {
		if f.padding = int(b[0]); f.padding >= f.left {
			f.padding = f.left - 1 // RFC 9113 section 6.1 makes it an error: then nothing is data
		}
		return 1
	}
	if n := min(len(b), f.left-f.padding); n > 0 {
		if i := f.find(f.stream); i >= 0 {
			f.streams[i].body.write(s.now, b[:n])
		}
		return n
	}
	return len(b)
}

func (f *frames) find(id uint32) int {
	return slices.IndexFunc(f.streams, func(st stream) bool { return st.id == id })
}

// frameEnds takes the end of a frame.
func (s *session) frameEnds(h *half) {
	f := h.two
	f.have = 0
	switch {
	case f.gather:
		s.fragment(h)
	case f.kind == frameData && f.flags&flagEndStream != 0:
		s.streamEnds(f, f.stream)
	case f.kind == frameReset:
		f.reset(f.stream, s.now.out)
	}
	f.payload = f.payload[:0]
}

func (s *session) follow(f *frames, b *body) {
	if len(f.streams) >= maxStreams {
		s.now.out.Outcome(protocols.LimitReached)
		b.close(s.now.out)
		return
	}
	f.streams = append(f.streams, stream{f.stream, b})
}

func (s *session) streamEnds(f *frames, id uint32) {
	if i := f.find(id); i >= 0 {
		f.streams[i].body.end(s.now)
		f.streams = slices.Delete(f.streams, i, i+1)
	}
}

// reset drops a stream whose sender gave it up.
func (f *frames) reset(id uint32, out *protocols.Sink) {
	if i := f.find(id); i >= 0 {
		out.Outcome(protocols.Truncated)
		f.streams[i].body.close(out)
		f.streams = slices.Delete(f.streams, i, i+1)
	}
}

// abandon lets go of all streams.
func (f *frames) abandon(out *protocols.Sink, why protocols.Outcome) {
	for len(f.streams) > 0 {
		out.Outcome(why)
		f.streams[0].body.close(out)
		f.streams = f.streams[1:]
	}
	f.payload, f.block, f.decoder = nil, nil, nil
}

// endFrames gives a direction up: without one frame, the table of HPACK and with
// it all later heads are lost.
func (s *session) endFrames(h *half, why protocols.Outcome) {
	s.now.out.Outcome(why)
	h.two.abandon(s.now.out, protocols.Truncated)
	h.two, h.phase = nil, done
}

// unwanted answers how much of the open frame nobody reads.
func (f *frames) unwanted() uint64 {
	if f.have < frameHeader || f.gather || f.left <= 1 || f.padding == unknown {
		return 0
	}
	n := f.left - f.padding
	if f.kind == frameData {
		if i := f.find(f.stream); i >= 0 {
			n = int(f.streams[i].body.spare(uint64(max(n, 1)-1))) + 1
		}
	}
	n = max(n-1, 0) // the last octet ends the frame
	f.left -= n
	return uint64(n)
}
