package flow

import (
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// state is how far an engine has come with a conversation.
type state uint8

const (
	probing    state = iota // its first bytes are kept until a protocol says Yes
	unknown                 // no protocol wanted it: accounting only
	recognised              // it has a session
	ended                   // its session is over; it lingers for stragglers
)

// conversation is what is known of one. Arrays of two go by protocols.Direction.
type conversation struct {
	key         key
	tap         *sensor.Tap
	openerLow   bool // the opener is key.low
	openerKnown bool
	state       state
	cause       End // where state is ended
	due         bool
	inHoles     bool // the engine's list of holes has it
	deaf        bool // no protocol knows it, and none is asked any more
	deafAt      time.Duration
	elder       *conversation // between the same ports, which this one may have followed
	protocol    *dissector    // nil while unknown
	retries     int
	stragglers  int
	session     protocols.Session
	kept        *kept
	ends        [2]protocols.Endpoint
	half        [2]half

	place          *sensor.Heard // where it was last heard
	volume         uint64        // payload bytes that were read, both directions
	bytes, packets [2]uint64     // since the last report
	spoke          [2]bool       // has sent a packet
	sighted        [2]bool       // has sent data
	first, last    time.Time
	seen           time.Duration // on the engine's clock
	reported       time.Duration

	list         *list
	newer, older *conversation
}

// half is one direction of a conversation; the sequence numbers are TCP's.
type half struct {
	started   bool   // next means something
	fromStart bool   // the beginning of the stream is known
	synSeen   bool   // isn means something
	finSeen   bool   // finAt means something
	gapped    bool   // bytes before the next were not seen
	any       bool   // data was delivered
	lost      bool   // bytes were seen, or missed, and not kept while probing
	acked     bool   // ack means something
	wild      bool   // wildNext means something
	probe     answer // what the protocols said of its first bytes
	base      uint32 // sequence number of the first byte
	next      uint32 // of the next byte to deliver
	isn       uint32
	finAt     uint32
	ack       uint32 // the highest that the other side acknowledged of this one
	wildNext  uint32 // where the last segment that fits nowhere ended
	gapFrom   uint32 // of the last gap of known length
	gapTo     uint32
	skip      uint64 // coming bytes that the session does not want
	dropped   uint64 // how many; 0 for an unknown number
	passed    int    // bytes right before next that were passed over unseen, at most sensor.MaxSkip
	absent    uint64 // those of them that nobody shunted: lost, or late
	absences  uint64 // in how many holes

	shunt  shunted
	copies copies

	waiting     []piece // out of order, sorted, none overlaps another
	buffered    int
	holeSince   time.Duration
	holePackets int
}

// direction tells which side sent a packet.
func (c *conversation) direction(fromLow bool) protocols.Direction {
	if fromLow == c.openerLow {
		return protocols.FromOpener
	}
	return protocols.FromAcceptor
}

// account counts a packet and refreshes what is known of its ends. A receiver
// that never sent anything is known by what is sent to it.
func (c *conversation) account(d protocols.Direction, p *sensor.Packet, when time.Time) {
	c.last = when
	c.packets[d]++
	c.bytes[d] += uint64(p.PayloadLength)
	c.volume += uint64(p.PayloadLength)
	c.ends[d] = p.From
	c.spoke[d] = true
	if o := d.Other(); !c.spoke[o] {
		c.ends[o] = p.To
	}
	if p.PayloadLength > 0 && !c.sighted[d] {
		c.sighted[d], c.due = true, true
	}
}

// fruitless reports whether a conversation consists of packets without data from
// one side: a scan, or a flood, which a full table must not hand on one by one.
func (c *conversation) fruitless() bool {
	return c.spoke[0] != c.spoke[1] && !c.sighted[0] && !c.sighted[1]
}

// report is what has happened since the last one.
func (c *conversation) report(name protocols.Name, over bool) protocols.Conversation {
	r := protocols.Conversation{
		Transport:   c.key.transport,
		Protocol:    name,
		Opener:      c.ends[protocols.FromOpener],
		Acceptor:    c.ends[protocols.FromAcceptor],
		OpenerKnown: c.openerKnown,
		Bytes:       c.bytes,
		Packets:     c.packets,
		First:       c.first,
		Last:        c.last,
		Ended:       over,
	}
	if c.tap != nil {
		r.Site, r.Tap = c.tap.Site, c.tap.Name
	}
	c.bytes, c.packets, c.due = [2]uint64{}, [2]uint64{}, false
	return r
}

// turn makes the acceptor the opener, when a late SYN tells that the guess was
// wrong. It can be done as long as no session has been told a direction.
func (c *conversation) turn() bool {
	if c.session != nil || c.kept != nil {
		return false
	}
	c.openerLow = !c.openerLow
	c.ends[0], c.ends[1] = c.ends[1], c.ends[0]
	c.half[0], c.half[1] = c.half[1], c.half[0]
	c.bytes[0], c.bytes[1] = c.bytes[1], c.bytes[0]
	c.packets[0], c.packets[1] = c.packets[1], c.packets[0]
	c.spoke[0], c.spoke[1] = c.spoke[1], c.spoke[0]
	c.sighted[0], c.sighted[1] = c.sighted[1], c.sighted[0]
	return true
}

// list holds conversations from the one heard last to the one heard first, in
// the conversations themselves.
type list struct {
	newest, oldest *conversation
	n              int
}

func (l *list) push(c *conversation) {
	c.list, c.newer, c.older = l, nil, l.newest
	if l.newest != nil {
		l.newest.newer = c
	} else {
		l.oldest = c
	}
	l.newest = c
	l.n++
}

func (l *list) remove(c *conversation) {
	if c.newer != nil {
		c.newer.older = c.older
	} else {
		l.newest = c.older
	}
	if c.older != nil {
		c.older.newer = c.newer
	} else {
		l.oldest = c.newer
	}
	c.list, c.newer, c.older = nil, nil, nil
	l.n--
}
