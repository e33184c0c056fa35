package sensor

// Verdict says what became of a frame.
type Verdict uint8

// The closed set of verdicts. Each frame gets exactly one.
const (
	// Decoded: the packet is filled in.
	Decoded Verdict = iota
	// Fragment: a piece of a datagram, held until the others arrive.
	Fragment
	// FragmentRefused: a piece that cannot become a datagram: it overlaps another,
	// breaks the size of a datagram, or its datagram was given up.
	FragmentRefused
	// NotIP: a well-formed link frame that carries neither IP nor ARP, LLDP or CDP.
	NotIP
	// Tunnelled: a frame that carries another one in a form which is not opened.
	Tunnelled
	// TooDeep: more wrappings inside each other than decode opens.
	TooDeep
	// Encrypted: a wrapping whose inside cannot be read: CAPWAP in DTLS, 802.11 frames
	// with the protected bit, PPP in MPPE (RFC 3078).
	Encrypted
	// UnknownTransport: IP that carries neither TCP, UDP nor ICMP.
	UnknownTransport
	// UnknownLink: a link type that is not read.
	UnknownLink
	// Truncated: the snap length cut the frame inside its headers.
	Truncated
	// Malformed: the frame contradicts its own headers.
	Malformed
	// VerdictCount is how many verdicts there are.
	VerdictCount
)

// String names the verdict as the metric label does.
func (v Verdict) String() string {
	return [...]string{
		"decoded", "fragment", "fragment-refused", "not-ip", "tunnelled", "too-deep", "encrypted",
		"unknown-transport", "unknown-link", "truncated", "malformed", "?",
	}[min(v, VerdictCount)]
}

// DecodeCounters counts what a decoder did since it was made.
type DecodeCounters struct {
	Verdicts [VerdictCount]uint64
	// Cut counts decoded packets whose payload the capture does not have in full.
	Cut       uint64
	Fragments FragmentCounters
}

// Add adds the counts of another decoder.
func (c *DecodeCounters) Add(o DecodeCounters) {
	for i, n := range o.Verdicts {
		c.Verdicts[i] += n
	}
	c.Cut += o.Cut
	c.Fragments.add(o.Fragments)
}

// FragmentCounters counts datagrams in pieces.
type FragmentCounters struct {
	Reassembled uint64 // datagrams put together
	Overlapping uint64 // datagrams given up because their pieces overlap
	Expired     uint64 // datagrams given up because they took too long
	Evicted     uint64 // datagrams given up because a bound was reached
	Duplicates  uint64 // pieces that were there already
}

func (c *FragmentCounters) add(o FragmentCounters) {
	c.Reassembled += o.Reassembled
	c.Overlapping += o.Overlapping
	c.Expired += o.Expired
	c.Evicted += o.Evicted
	c.Duplicates += o.Duplicates
}
