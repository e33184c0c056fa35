package sensor

import (
	"net/netip"
	"time"

	"github.com/auscult/auscult/protocols"
)

// MaxSkip bounds one Skip, in bytes: a quarter of the sequence space (RFC 9293,
// section 3.4), so that what is before a range and what is behind it are never
// confused. Who wants to pass over more asks again on landing.
const MaxSkip = 1 << 30

// Way names one direction of a conversation: what From sends to To.
type Way struct {
	From, To  netip.AddrPort
	Transport protocols.Transport // TCP or UDP
}

// Reverse is what To sends to From.
func (w Way) Reverse() Way { return Way{From: w.To, To: w.From, Transport: w.Transport} }

// Skip asks that frames of one direction which nobody needs to see are dropped
// before they cost a copy. A wrong or a lost one can only cost work: what is
// passed all the same is harmless, and what is behind it is verified.
type Skip struct {
	Way Way
	// Start and End are TCP sequence numbers: segments wholly inside [Start, End)
	// are not needed, nor are pure acknowledgements of them. End-Start is at most
	// MaxSkip.
	Start, End uint32
	// ISN is the initial sequence number of the direction, where ISNKnown: a range
	// of a conversation that is over must not hide the beginning of another with the
	// same ports.
	ISN      uint32
	ISNKnown bool
	// Whole asks for all datagrams of the direction, for UDP; Start and End mean
	// nothing then.
	Whole bool
	// For is how long the range holds at most. 0 withdraws the range of the way.
	For time.Duration
}

// Skipped is what was dropped of one direction since its conversation began.
type Skipped struct {
	Packets uint64
	Bytes   uint64 // of payload
	// Repeated are those of the Bytes that had been dropped before: a retransmission,
	// or a mirror that shows each frame twice.
	Repeated uint64
}

// Shunt drops what nobody needs to see. Its methods are safe for concurrent use
// and do not wait for anybody.
type Shunt interface {
	// Skip hands over ranges, in any order. A range for a way takes the place of the
	// one before. What does not fit is counted by the Shunt and otherwise ignored.
	Skip(ranges []Skip)
	// Skipped says what was dropped of a direction, in packets and bytes; false when
	// nothing is known of it.
	Skipped(w Way) (Skipped, bool)
}
