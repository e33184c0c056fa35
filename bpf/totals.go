package bpf

import "fmt"

// Verdict says what became of a frame in the kernel. Each frame gets exactly one.
type Verdict uint8

// The closed set of verdicts, in the order of the kernel program. All but the three
// Dropped ones pass the frame; those from NotIP on say why it was passed without
// being accounted for.
const (
	// Passed: accounted for, and no range asks for anything else.
	Passed Verdict = iota
	// DroppedSegment: a TCP segment wholly inside a range.
	DroppedSegment
	// DroppedAcknowledgement: a pure acknowledgement opposite to a range.
	DroppedAcknowledgement
	// DroppedDatagram: UDP of a way that is skipped whole.
	DroppedDatagram
	// NotIP: neither IPv4 nor IPv6 behind Ethernet and its tags.
	NotIP
	// Fragment: a piece of a datagram, of either version of IP, also outside a tunnel.
	Fragment
	// OtherTransport: IP that carries neither TCP nor UDP.
	OtherTransport
	// ExtensionHeader: IPv6 with a header between it and the transport.
	ExtensionHeader
	// Truncated: the frame ends inside a header.
	Truncated
	// Malformed: a header contradicts itself or the length of the one before.
	Malformed
	// EncapsulationUnknown: GRE, ERSPAN or VXLAN of a kind that is not opened here.
	EncapsulationUnknown
	// TooDeep: a tunnel inside a tunnel, or more than two VLAN tags.
	TooDeep
	// Unaccounted: the kernel had no memory for an account.
	Unaccounted
	// VerdictCount is how many verdicts there are.
	VerdictCount
)

// String names the verdict as a metric label does.
func (v Verdict) String() string {
	return [...]string{
		"passed", "dropped-segment", "dropped-acknowledgement", "dropped-datagram", "not-ip", "fragment", "other-transport",
		"extension-header", "truncated", "malformed", "encapsulation-unknown", "too-deep", "unaccounted", "?",
	}[min(v, VerdictCount)]
}

// Dropped reports whether the frame went no further.
func (v Verdict) Dropped() bool { return v >= DroppedSegment && v <= DroppedDatagram }

// Count is some packets and their bytes.
type Count struct {
	Packets, Bytes uint64
}

func (c *Count) add(packets, bytes uint64) {
	c.Packets += packets
	c.Bytes += bytes
}

// Totals is what the tap has seen on all processors since it was loaded, wherever
// it is attached. Nothing of it is ever forgotten.
type Totals struct {
	// Verdicts counts frames and their bytes, without checksum and preamble.
	Verdicts [VerdictCount]Count
	// Accounted is what accounts were given: packets and bytes of payload. What is
	// more than the sum of all accounts belongs to ways that were forgotten.
	Accounted Count
}

// Dropped is the sum of the verdicts that drop.
func (t *Totals) Dropped() (sum Count) {
	for v, c := range t.Verdicts {
		if Verdict(v).Dropped() {
			sum.add(c.Packets, c.Bytes)
		}
	}
	return sum
}

// Totals reads the counts of all processors.
func (t *Tap) Totals() (Totals, error) {
	var all Totals
	var shares []kernelTotal
	for v := range all.Verdicts {
		if err := t.maps.Totals.Lookup(uint32(v), &shares); err != nil {
			return all, fmt.Errorf("kernel tap: read totals: %w; restart the sensor", err)
		}
		for _, s := range shares {
			all.Verdicts[v].add(s.Packets, s.Bytes)
			all.Accounted.add(s.AccountedPackets, s.AccountedBytes)
		}
	}
	return all, nil
}
