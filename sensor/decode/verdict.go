package decode

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
	// NotIP: a well-formed link frame that carries neither IP nor ARP.
	NotIP
	// Tunnelled: IP that carries another packet (GRE, IP in IP), which is not opened.
	Tunnelled
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
		"decoded", "fragment", "fragment-refused", "not-ip", "tunnelled",
		"unknown-transport", "unknown-link", "truncated", "malformed", "?",
	}[min(v, VerdictCount)]
}
