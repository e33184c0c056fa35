package flow

import (
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// End says why a conversation is no longer known.
type End uint8

// The closed set of reasons.
const (
	EndFIN               End = iota // both sides, or the only one that is seen, said FIN
	EndRST                          // one side broke it off
	EndReused                       // a new SYN took its ports
	EndIdle                         // silent for longer than its time-out
	EndEvictedUnknown               // the table was full
	EndEvictedRecognised            // the table was full of recognised conversations
	EndClosed                       // the engine was closed
	EndCount                        // how many reasons there are
)

// String names the reason as the metric label does.
func (e End) String() string {
	return [...]string{
		"fin", "rst", "reused", "idle", "evicted-unknown", "evicted-recognised", "closed", "?",
	}[min(e, EndCount)]
}

// Counters counts what an Engine or a Fan did since it was made.
type Counters struct {
	Frames, Bytes uint64 // on the wire
	Decode        sensor.DecodeCounters

	Open     uint64 // conversations known now, with those that linger
	Opened   uint64
	Ended    [EndCount]uint64
	Buffered uint64 // bytes kept now, within MaxBufferedBytes

	Gaps            uint64 // holes declared, with those of unknown length
	GapBytes        uint64 // their length, where known
	Resyncs         uint64 // gaps of unknown length
	Skipped         uint64 // bytes that a session did not want
	Duplicates      uint64 // bytes that were seen before
	OutOfOrder      uint64 // segments that had to wait for others
	Overflows       uint64 // holes declared because a bound on buffers was reached
	WildIgnored     uint64 // segments and resets that fit nowhere in their stream
	Disputed        uint64 // conversations beside which another began between the same ports
	Unacked         uint64 // segments behind a hole that the receiver never acknowledged: not believed
	DuplicateFrames uint64 // seen twice by the mirror, taken once
	Unreported      uint64 // conversations of which nothing but their first packets was seen when the table was full
	SkipsAsked      uint64 // ranges handed to the Shunt

	// Heard is what was heard at each place, in their order. It is renewed at each
	// tick, the other counts more often; and it belongs to the receiver.
	Heard []sensor.Heard

	Observations uint64
	Reports      uint64 // of conversations
	Protocols    []ProtocolCounters
}

// ProtocolCounters counts for one protocol.
type ProtocolCounters struct {
	Protocol     protocols.Name
	Sessions     uint64 // opened
	Observations uint64
	Refused      uint64 // facts that break the rules of an observation
	Outcomes     [protocols.OutcomeCount]uint64
}

// Add adds the counts of another engine that has the same protocols.
func (c *Counters) Add(o Counters) {
	c.Frames += o.Frames
	c.Bytes += o.Bytes
	c.Decode.Add(o.Decode)
	c.Open += o.Open
	c.Opened += o.Opened
	for i, n := range o.Ended {
		c.Ended[i] += n
	}
	c.Buffered += o.Buffered
	c.Gaps += o.Gaps
	c.GapBytes += o.GapBytes
	c.Resyncs += o.Resyncs
	c.Skipped += o.Skipped
	c.Duplicates += o.Duplicates
	c.OutOfOrder += o.OutOfOrder
	c.Overflows += o.Overflows
	c.WildIgnored += o.WildIgnored
	c.Disputed += o.Disputed
	c.Unacked += o.Unacked
	c.DuplicateFrames += o.DuplicateFrames
	c.Unreported += o.Unreported
	c.SkipsAsked += o.SkipsAsked
	c.Heard = joinHeard(c.Heard, o.Heard)
	c.Observations += o.Observations
	c.Reports += o.Reports
	for len(c.Protocols) < len(o.Protocols) {
		c.Protocols = append(c.Protocols, ProtocolCounters{Protocol: o.Protocols[len(c.Protocols)].Protocol})
	}
	for i := range o.Protocols {
		c.Protocols[i].add(&o.Protocols[i])
	}
}

func (c *ProtocolCounters) add(o *ProtocolCounters) {
	c.Sessions += o.Sessions
	c.Observations += o.Observations
	c.Refused += o.Refused
	for i, n := range o.Outcomes {
		c.Outcomes[i] += n
	}
}
