package flow

import (
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// Output takes what an Engine or a Fan learns. It is called from one goroutine,
// in the order of the frames.
type Output interface {
	// Observe takes one statement. The receiver owns its slices.
	Observe(protocols.Observation)
	// Converse takes one report of a conversation: when its first data in a
	// direction is seen, when it is recognised, every ReportEvery while traffic
	// flows, and when it is forgotten. A TCP conversation is forgotten Linger after
	// it ended, so that its last acknowledgements are counted with it. An endpoint
	// without packets was only spoken to: it may not exist.
	Converse(protocols.Conversation)
}

// Options are the bounds of an Engine. A Fan divides the totals among its shards.
type Options struct {
	// MaxConversations is how many are known at a time. When all are taken the
	// oldest goes: one without a protocol as long as those hold an eighth of the
	// table, so that a scan cannot push out the devices.
	MaxConversations int
	// MaxBufferedBytes bounds what all conversations together keep: segments out
	// of order and first bytes that are not recognised yet.
	MaxBufferedBytes int
	// MaxBufferedDirection bounds the segments out of order of one direction.
	MaxBufferedDirection int
	// IdleTimeout ends a recognised conversation that was silent for so long.
	IdleTimeout time.Duration
	// UnknownTimeout does the same for one without a protocol.
	UnknownTimeout time.Duration
	// ReportEvery is how often a conversation is reported while traffic flows.
	ReportEvery time.Duration
	// Sessions are the ERSPAN sessions or VXLAN networks by which the mirror itself
	// arrives. What comes through another tunnel over IP may have been put there by
	// anybody who can send a datagram: protocols.Endpoint.Tunnelled.
	Sessions []uint32
	// Shunt takes what nobody needs to see any more; nil where nothing can drop it, as
	// in a replay. Results do not depend on it.
	Shunt sensor.Shunt
}

// DefaultOptions are sized for one hospital's mirror port: about 160 MB when
// every bound is reached.
func DefaultOptions() Options {
	return Options{
		MaxConversations:     1 << 17,          // 20,000 devices with six each; about 80 MB
		MaxBufferedBytes:     64 << 20,         // a thousand streams with a full 64 KiB window missing its head
		MaxBufferedDirection: 1 << 20,          // 10 Gbit/s for about 1 ms, a local round trip
		IdleTimeout:          30 * time.Minute, // HL7 connections stay open and say something every few minutes
		UnknownTimeout:       5 * time.Minute,  // name look-ups and scans need no memory of their own
		ReportEvery:          time.Minute,      // the status page speaks in minutes
	}
}

// withDefaults replaces what is not set.
func (o Options) withDefaults() Options {
	d := DefaultOptions()
	orInt := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	orTime := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	orInt(&o.MaxConversations, d.MaxConversations)
	orInt(&o.MaxBufferedBytes, d.MaxBufferedBytes)
	orInt(&o.MaxBufferedDirection, d.MaxBufferedDirection)
	orTime(&o.IdleTimeout, d.IdleTimeout)
	orTime(&o.UnknownTimeout, d.UnknownTimeout)
	orTime(&o.ReportEvery, d.ReportEvery)
	return o
}

// share is what one of n engines gets.
func (o Options) share(n int) Options {
	o.MaxConversations = (o.MaxConversations + n - 1) / n
	o.MaxBufferedBytes = (o.MaxBufferedBytes + n - 1) / n
	o.MaxBufferedDirection = min(o.MaxBufferedDirection, o.MaxBufferedBytes)
	return o
}

// The bounds of reassembly and recognition that nobody needs to set.
const (
	// TickEvery is how often, in wire time, conversations and holes are looked
	// over for those whose time is up.
	TickEvery = time.Second
	// HoleTimeout is how long a stream waits for missing bytes: longer than the
	// first retransmission time-out of any common system (1 s, RFC 6298 section 2).
	HoleTimeout = 2 * time.Second
	// UnackedTimeout is how long segments wait behind a hole that the receiver does not
	// acknowledge: as long as a sender tries again at all within a minute.
	UnackedTimeout = 30 * time.Second
	// MaxHolePackets is how many packets of a conversation a hole may last: a
	// window of 1 MiB is about 700 full segments.
	MaxHolePackets = 1024
	// AckedHolePackets is how many packets go by after the receiver acknowledged
	// bytes that were not seen, before they count as lost by the mirror: the two
	// directions come from different ports and may be a few packets apart.
	AckedHolePackets = 8
	// MaxPieces bounds the segments out of order of one direction: a window of 1
	// MiB in full segments; smaller ones would cost more in book-keeping than in bytes.
	MaxPieces = 1024
	// MaxJump is how far from its stream a segment is still believed, in bytes: what a
	// mirror loses at once in a full millisecond at 10 Gbit/s. The wider it is, the
	// fewer packets a stranger needs to hit it by chance.
	MaxJump = 1 << 20
	// MaxResetJump is the same for a RST: a window without scaling (RFC 9293, section
	// 3.1).
	MaxResetJump = 64 << 10
	// MaxHoleCounted bounds what one hole counts towards the loss before the sensor, in
	// bytes: a burst that a switch drops; one host's jumps must not be the whole loss.
	MaxHoleCounted = 256 << 10
	// MaxRetries is how many later segments of an unknown conversation, joined in
	// the middle, are looked at: a message of 64 KiB has about 45 full segments.
	MaxRetries = 64
	// MaxRuns bounds how often the directions may alternate while first bytes are
	// kept: a greeting has two to four turns.
	MaxRuns = 16
	// MaxOneSided is how many bytes one direction may send, none of them
	// recognised, while the other has said nothing, until its first bytes are no
	// longer kept.
	MaxOneSided = 16 << 10
	// Linger is how long an ended TCP conversation is remembered, in wire time, so
	// that its last acknowledgements and retransmissions do not open another.
	Linger = 10 * time.Second
	// MaxStragglers is how many segments with data an ended conversation takes
	// before they show that it goes on after all (a forged RST).
	MaxStragglers = 16
	// MinShunt is how many unneeded bytes are worth a range in the kernel: a range
	// costs about as much as passing over a few dozen segments here.
	MinShunt = 64 << 10
	// BulkBytes is how much a conversation carries, in both directions, before what
	// nobody wants of it to its end is shunted, or before one that no protocol knows
	// is listened to no longer: most conversations are shorter, and the range would
	// cost more than it saves.
	BulkBytes = 256 << 10
	// ShuntFor and ShuntDatagramsFor are how long a range holds: then a few packets
	// pass, which keep the conversation in the table and ask anew. Datagrams have no
	// beginning that would clear a range, so theirs is short.
	ShuntFor          = time.Minute
	ShuntDatagramsFor = 20 * time.Second
	// RenewShunt is how much later, in wire time, a packet inside a range shows that
	// the range is not at work: those before it were on their way already.
	RenewShunt = time.Second
	// pendingSkips is how many ranges are gathered before they are handed over.
	pendingSkips = 32
	// urgentSkip is how long a range must be to be handed over at once, in bytes: a
	// slice of a series has half a megabyte, and is over in 4 ms at 1 Gbit/s.
	urgentSkip = 256 << 10
	// DuplicateWithin is how far apart, in wire time, the two copies of a frame are
	// that a mirror shows twice: a retransmission comes after 200 ms (RFC 6298 asks for
	// 1 s), a switch copies within microseconds, and a full mirror buffer adds a few ms.
	DuplicateWithin = 10 * time.Millisecond
	// MaxPlaces bounds the VLANs and mirror sessions that are counted apart, for one
	// engine: all VLANs there are, and some sessions. What is beyond is counted
	// together.
	MaxPlaces = 4096 + 64
	// unknownShare: see Options.MaxConversations.
	unknownShare = 8
)
