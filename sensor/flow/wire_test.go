package flow_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

var (
	tap    = &sensor.Tap{Site: "stv", Name: "span0"}
	start  = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	client = netip.MustParseAddrPort("10.1.3.10:40000")
	server = netip.MustParseAddrPort("10.1.3.1:9999")
)

// decoding reads real frames as the sensor does.
var decoding = flow.Decoding{New: func() flow.Decoder { return decode.New() }, Spread: decode.Spread}

// The initial sequence numbers of the tests, unless they set their own.
const (
	clientISN = 1000
	serverISN = 5000
)

// greet is a protocol for tests: it is recognised by "HI" at the beginning of
// either direction. Its sessions write down what they are given, and a segment
// that ends in "#n;" skips n bytes.
type greet struct {
	name protocols.Name
	on   protocols.Transport
	word string
	log  *[]string // nil: tell by observations instead
	// firm: a stream that was joined in the middle is not recognised
	firm bool
}

func (g greet) Name() protocols.Name           { return g.name }
func (g greet) Transport() protocols.Transport { return g.on }

func (g greet) Probe(o protocols.Opening) protocols.Verdict {
	if g.firm && o.Midstream {
		return protocols.No
	}
	n := min(len(o.Bytes), len(g.word))
	switch {
	case string(o.Bytes[:n]) != g.word[:n]:
		return protocols.No
	case n < len(g.word):
		return protocols.More
	}
	return protocols.Yes
}

func (g greet) Open(ctx protocols.Context) protocols.Session {
	s := &session{greet: g}
	s.note("open known=%v mid=%v", ctx.OpenerKnown, ctx.Midstream)
	return s
}

type session struct{ greet greet }

func (s *session) note(format string, args ...any) {
	if s.greet.log != nil {
		*s.greet.log = append(*s.greet.log, fmt.Sprintf(format, args...))
	}
}

// tell states what happened, so that its order shows in the output.
func (s *session) tell(out *protocols.Sink, format string, args ...any) {
	if s.greet.log == nil {
		out.Outcome(protocols.Parsed)
		out.Observe(protocols.Observation{Facts: []protocols.Fact{{
			Attribute: protocols.Hostname, Value: fmt.Sprintf(format, args...), Field: "test", Confidence: 1,
		}}})
	}
}

func (s *session) Segment(g protocols.Segment, out *protocols.Sink) (skip uint64) {
	text := fmt.Sprintf("%s:%s", side(g.Direction), g.Bytes)
	if log := s.greet.log; log != nil && len(*log) > 0 && strings.HasPrefix((*log)[len(*log)-1], text[:2]) {
		(*log)[len(*log)-1] += text[2:] // how bytes are cut into segments does not matter
	} else {
		s.note("%s", text)
	}
	if g.To.Hops != 0 {
		s.note("the receiver has %d hops", g.To.Hops)
	}
	s.tell(out, "%s %d bytes of %x at %d", side(g.Direction), len(g.Bytes), digest(g.Bytes), g.When.UnixMilli())
	if at := strings.LastIndexByte(text, '#'); at >= 0 && strings.HasSuffix(text, ";") {
		if _, err := fmt.Sscanf(text[at:], "#%d;", &skip); err != nil {
			return 0
		}
	}
	return skip
}

func (s *session) Gap(d protocols.Direction, n uint64, out *protocols.Sink) {
	s.note("%s gap %d", side(d), n)
	s.tell(out, "%s gap %d", side(d), n)
}

func (s *session) Close(out *protocols.Sink) {
	s.note("close")
	s.tell(out, "close")
}

func side(d protocols.Direction) string {
	return map[protocols.Direction]string{protocols.FromOpener: "o", protocols.FromAcceptor: "a"}[d]
}

func digest(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

// listener is the Output of the tests.
type listener struct {
	said   []protocols.Observation
	talked []protocols.Conversation
	all    []string // both, in order
}

func (l *listener) Observe(o protocols.Observation) {
	l.said = append(l.said, o)
	l.all = append(l.all, fmt.Sprintf("observation %+v", o))
}

func (l *listener) Converse(c protocols.Conversation) {
	l.talked = append(l.talked, c)
	l.all = append(l.all, fmt.Sprintf("conversation %+v", c))
}

// packet is one TCP packet to send. seq and ack count from the first byte of a
// direction.
type packet struct {
	by    byte // 'c' client, 's' server
	flags sensor.TCPFlags
	seq   int
	ack   int
	data  string
	cut   int // bytes that the snap length takes away
	after time.Duration
}

// Shorthands for the packets of a handshake and of data.
var (
	syn    = packet{by: 'c', flags: sensor.SYN, seq: -1}
	synack = packet{by: 's', flags: sensor.SYN | sensor.ACK, seq: -1}
	ack    = packet{by: 'c', flags: sensor.ACK}
)

// from is a segment that acknowledges nothing new; acks is one without data.
func from(by byte, seq int, data string) packet {
	return packet{by: by, flags: sensor.ACK | sensor.PSH, seq: seq, data: data}
}

func acks(by byte, seq, n int) packet { return packet{by: by, flags: sensor.ACK, seq: seq, ack: n} }

// flags is a packet without data.
func flags(by byte, f sensor.TCPFlags, seq, n int) packet {
	return packet{by: by, flags: f, seq: seq, ack: n}
}

func repeat(n int, p packet) []packet {
	ps := make([]packet, n)
	for i := range ps {
		ps[i] = p
	}
	return ps
}

// rig is an engine with the test protocol and its log.
type rig struct {
	t      testing.TB
	engine *flow.Engine
	heard  *listener
	log    []string
	now    time.Time
	isn    map[byte]uint32
}

func newRig(t testing.TB, o flow.Options) *rig {
	r := &rig{t: t, heard: new(listener), now: start, isn: map[byte]uint32{'c': clientISN, 's': serverISN}}
	r.engine = flow.New(decode.New(), o, []protocols.Protocol{
		greet{name: "greet", on: protocols.TCP, word: "HI", log: &r.log},
		greet{name: "firm", on: protocols.TCP, word: "FIRM", log: &r.log, firm: true},
		greet{name: "udp", on: protocols.UDP, word: "HI", log: &r.log},
		greet{name: "link", on: protocols.Link, word: "\x00\x01\x08\x00", log: &r.log},
	}, r.heard)
	return r
}

func (r *rig) send(ps ...packet) {
	for _, p := range ps {
		r.now = r.now.Add(p.after)
		r.engine.Frame(r.frame(p))
	}
}

func (r *rig) frame(p packet) *sensor.Frame {
	from, to, other := client, server, byte('s')
	if p.by == 's' {
		from, to, other = server, client, 'c'
	}
	f := tcpFrame(from, to, r.isn[p.by]+1+uint32(p.seq), r.isn[other]+1+uint32(p.ack), p.flags, p.data)
	f.When = r.now
	f.Data = f.Data[:len(f.Data)-p.cut]
	return f
}

// end closes the engine and compares the log.
func (r *rig) end(want ...string) {
	r.t.Helper()
	r.engine.Close()
	if got := strings.Join(r.log, "\n"); got != strings.Join(want, "\n") {
		r.t.Errorf("the session heard\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if n := r.engine.Counters().Buffered; n != 0 {
		r.t.Errorf("%d bytes are still kept at the end", n)
	}
	if n := r.engine.Counters().Open; n != 0 {
		r.t.Errorf("%d conversations are still known at the end", n)
	}
}

// ipFrame is a raw IPv4 frame.
func ipFrame(protocol byte, from, to netip.Addr, body []byte) *sensor.Frame {
	b := make([]byte, 20, 20+len(body))
	b[0], b[8], b[9] = 0x45, 64, protocol
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(body)))
	a, z := from.As4(), to.As4()
	copy(b[12:], a[:])
	copy(b[16:], z[:])
	b = append(b, body...)
	return &sensor.Frame{Data: b, Length: len(b), When: start, Link: sensor.LinkRaw, Tap: tap}
}

func tcpFrame(from, to netip.AddrPort, seq, ack uint32, f sensor.TCPFlags, data string) *sensor.Frame {
	h := make([]byte, 20, 20+len(data))
	binary.BigEndian.PutUint16(h, from.Port())
	binary.BigEndian.PutUint16(h[2:], to.Port())
	binary.BigEndian.PutUint32(h[4:], seq)
	if f.Has(sensor.ACK) {
		binary.BigEndian.PutUint32(h[8:], ack)
	}
	h[12], h[13] = 0x50, byte(f)
	return ipFrame(6, from.Addr(), to.Addr(), append(h, data...))
}

func udpFrame(from, to netip.AddrPort, data string) *sensor.Frame {
	h := make([]byte, 8, 8+len(data))
	binary.BigEndian.PutUint16(h, from.Port())
	binary.BigEndian.PutUint16(h[2:], to.Port())
	binary.BigEndian.PutUint16(h[4:], uint16(8+len(data)))
	return ipFrame(17, from.Addr(), to.Addr(), append(h, data...))
}

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }
