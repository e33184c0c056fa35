package sender

import (
	"slices"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// Line is what one side of a conversation says before the other answers.
type Line struct {
	FromServer bool
	Data       []byte
}

// Client and Server are lines of either side. They keep the octets, which stay the
// caller's.
func Client(data []byte) Line { return Line{Data: data} }

// Server is a line of the side that was called.
func Server(data []byte) Line { return Line{FromServer: true, Data: data} }

// Side names who of two is meant.
type Side uint8

// Nobody is the zero value.
const (
	Nobody Side = iota
	TheClient
	TheServer
)

// Shape is how a conversation passes the mirror port. The zero value is the usual
// way: a handshake, segments as large as Ethernet carries, both directions.
type Shape struct {
	Segment int  // most octets of a segment; 0 is what Ethernet carries
	Cut     int  // more than 0: the client's first line goes on in a new segment after so many octets
	Batched bool // what a side says is in one piece, as if nobody waited for answers
	Midway  bool // the handshake was not heard
	Late    int  // so many octets of the client were sent before anybody listened; with Midway
	Unheard Side // whose frames do not pass the mirror port
	Open    bool // the connection does not end
}

// fullSegment is what a segment carries on Ethernet over IPv6 (1500 octets less 40 and
// 20, RFC 8200 and RFC 9293), which fits IPv4 too.
const fullSegment = 1440

// unanswered is how often a client calls before it gives up, as its first three tries
// are seen (RFC 6298, section 5.5).
const unanswered = 3

// Call is a client that calls a server and gets no answer.
func (c *Capture) Call(client, server Host, port uint16) {
	c.t.Helper()
	a := &end{c: c, self: client, other: server, from: c.port, to: port, next: 1000}
	c.port++
	a.peer = &end{}
	for range unanswered {
		a.send(layers.TCP{SYN: true}, nil)
		a.next = 1000
	}
}

// Converse is one TCP connection in which a client and a server say lines. Each call
// uses another client's port.
func (c *Capture) Converse(client, server Host, port uint16, s Shape, lines ...Line) {
	c.t.Helper()
	// The initial sequence numbers are not 0, and differ: RFC 9293, section 3.4.1.
	a := &end{c: c, self: client, other: server, from: c.port, to: port, next: 1000, mute: s.Unheard == TheClient}
	b := &end{c: c, self: server, other: client, from: port, to: c.port, next: 5000, mute: s.Unheard == TheServer}
	c.port++
	a.peer, b.peer = b, a
	if !s.Midway {
		a.send(layers.TCP{SYN: true}, nil)
		b.send(layers.TCP{SYN: true, ACK: true}, nil)
		a.send(layers.TCP{ACK: true}, nil)
	}
	for i, l := range s.arrange(lines) {
		from := a
		if l.FromServer {
			from = b
		}
		pieces := s.pieces(l.Data, i == 0)
		for n, piece := range pieces {
			from.send(layers.TCP{ACK: true, PSH: true}, piece)
			if n%2 == 1 || n == len(pieces)-1 { // every second segment at least: RFC 9293, section 3.8.6.3
				from.peer.send(layers.TCP{ACK: true}, nil)
			}
		}
	}
	if !s.Open {
		a.send(layers.TCP{ACK: true, FIN: true}, nil)
		b.send(layers.TCP{ACK: true, FIN: true}, nil)
		a.send(layers.TCP{ACK: true}, nil)
	}
}

// arrange joins what each side says where a shape wants that, and leaves out what
// nobody heard. The side that speaks first stays first.
func (s Shape) arrange(lines []Line) []Line {
	if s.Batched && len(lines) > 0 {
		first, second := Line{FromServer: lines[0].FromServer}, Line{FromServer: !lines[0].FromServer}
		for _, l := range lines {
			if l.FromServer == first.FromServer {
				first.Data = slices.Concat(first.Data, l.Data)
			} else {
				second.Data = slices.Concat(second.Data, l.Data)
			}
		}
		lines = []Line{first, second}
	}
	late, kept := s.Late, []Line(nil)
	for _, l := range lines {
		if !l.FromServer {
			n := min(late, len(l.Data))
			late, l.Data = late-n, l.Data[n:]
		}
		if len(l.Data) > 0 {
			kept = append(kept, l)
		}
	}
	return kept
}

// pieces cuts a line into segments.
func (s Shape) pieces(b []byte, first bool) (all [][]byte) {
	if first && s.Cut > 0 && s.Cut < len(b) {
		return append(s.pieces(b[:s.Cut], false), s.pieces(b[s.Cut:], false)...)
	}
	size := s.Segment
	if size == 0 {
		size = fullSegment
	}
	return slices.Collect(slices.Chunk(b, size))
}

// end is one side of a connection.
type end struct {
	c           *Capture
	self, other Host
	peer        *end
	from, to    uint16
	next        uint32 // sequence number
	mute        bool   // its frames do not pass the mirror port
}

func (e *end) send(tcp layers.TCP, payload []byte) {
	e.c.t.Helper()
	tcp.SrcPort, tcp.DstPort, tcp.Seq, tcp.Window = layers.TCPPort(e.from), layers.TCPPort(e.to), e.next, 65000
	if tcp.ACK {
		tcp.Ack = e.peer.next
	}
	link, ip := e.c.network(e.self, e.other, layers.IPProtocolTCP)
	if err := tcp.SetNetworkLayerForChecksum(ip.(gopacket.NetworkLayer)); err != nil {
		e.c.t.Fatal(err)
	}
	if !e.mute {
		e.c.Add(link, ip, &tcp, gopacket.Payload(payload))
	}
	e.next += uint32(len(payload))
	if tcp.SYN || tcp.FIN {
		e.next++
	}
}
