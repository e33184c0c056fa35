package bpf

import (
	"math/bits"
	"net/netip"
	"time"
)

// MaxSkip bounds one Range, in bytes: a quarter of the sequence space (RFC 9293,
// section 3.4), so that what is before a range and what is behind it are never
// confused. The kernel refuses longer ones too.
const MaxSkip = 1 << 30

// MaxFor bounds how long one Range applies. A range that somebody forgot ends by
// itself, and asking again costs one update.
const MaxFor = 2 * time.Minute

// IANA protocol numbers of the transports that have conversations here.
const (
	protocolTCP = 6
	protocolUDP = 17
)

// The versions of IP, as a key says them.
const (
	familyIPv4 = 4
	familyIPv6 = 6
)

// Way is one direction of a conversation: what From sends to To. VLAN tags are not
// part of it: a tag that the card took out of the frame is invisible to XDP.
type Way struct {
	From, To netip.AddrPort
	Protocol uint8 // IANA number: 6 is TCP, 17 is UDP
}

// key is the way as the kernel writes it; false for one that no frame can have.
func (w Way) key() (k kernelConversationWay, ok bool) {
	from, to := w.From.Addr(), w.To.Addr()
	if !w.From.IsValid() || !w.To.IsValid() || from.Is4() != to.Is4() {
		return k, false
	}
	k.Family = familyIPv6
	k.From, k.To = from.As16(), to.As16()
	if from.Is4() {
		k.Family = familyIPv4
		k.From, k.To = leading(from), leading(to)
	}
	k.FromPort, k.ToPort = bits.ReverseBytes16(w.From.Port()), bits.ReverseBytes16(w.To.Port())
	k.Protocol = w.Protocol
	return k, true
}

// leading is an IPv4 address in front of zeros.
func leading(a netip.Addr) (b [16]byte) {
	four := a.As4()
	copy(b[:], four[:])
	return b
}

// way is the key as user space writes it.
func (k *kernelConversationWay) way() Way {
	return Way{
		From:     netip.AddrPortFrom(k.address(k.From), bits.ReverseBytes16(k.FromPort)),
		To:       netip.AddrPortFrom(k.address(k.To), bits.ReverseBytes16(k.ToPort)),
		Protocol: k.Protocol,
	}
}

func (k *kernelConversationWay) address(b [16]byte) netip.Addr {
	if k.Family == familyIPv4 {
		return netip.AddrFrom4([4]byte(b[:4]))
	}
	return netip.AddrFrom16(b)
}

// Range is what nobody needs to see of one way.
type Range struct {
	Way Way
	// Start and End are TCP sequence numbers: segments wholly inside [Start, End) are
	// dropped, and so are pure acknowledgements of them. End-Start is 1 to MaxSkip.
	Start, End uint32
	// ISN is the initial sequence number of the way, where ISNKnown: the range does
	// not apply once the kernel has seen another.
	ISN      uint32
	ISNKnown bool
	// Whole drops all datagrams of the way, for UDP; Start, End and ISN mean nothing
	// then. It is refused for TCP.
	Whole bool
	// For is how long the range applies, more than zero and at most MaxFor.
	For time.Duration
}

// value is the range as the kernel reads it; false for one that breaks a bound.
func (r *Range) value(now time.Duration) (v kernelSkipRange, ok bool) {
	if r.For <= 0 || r.For > MaxFor {
		return v, false
	}
	v.UntilNs = uint64(now + r.For)
	if r.Whole {
		v.Flags = kernelSkipFlagsWHOLE
		return v, r.Way.Protocol == protocolUDP
	}
	v.Start, v.End = r.Start, r.End
	if r.ISNKnown {
		v.Epoch, v.Flags = r.ISN, kernelSkipFlagsEPOCH_KNOWN
	}
	size := r.End - r.Start
	return v, r.Way.Protocol == protocolTCP && size > 0 && size <= MaxSkip
}

// Account is what the kernel has seen of one way since it first saw it, or since
// the way was forgotten for others.
type Account struct {
	Packets, Bytes uint64 // Bytes of payload, by the headers' lengths
	// SkippedPackets and SkippedBytes are those of them that were dropped;
	// RepeatedBytes are those of the SkippedBytes that had been dropped before: a
	// retransmission, or a mirror that shows each frame twice.
	SkippedPackets, SkippedBytes, RepeatedBytes uint64
	First, Last                                 time.Duration // on the clock of Now
	Flags                                       uint8         // TCP control bits of all segments (RFC 9293, section 3.1)
	ISN                                         uint32        // of the last SYN, where ISNKnown
	ISNKnown                                    bool
}

func (a *kernelAccount) account() Account {
	return Account{
		Packets: a.PassedPackets + a.SkippedPackets, Bytes: a.PassedBytes + a.SkippedBytes,
		SkippedPackets: a.SkippedPackets, SkippedBytes: a.SkippedBytes, RepeatedBytes: a.RepeatedBytes,
		First: time.Duration(a.FirstNs), Last: time.Duration(a.LastNs),
		Flags: a.TcpFlags, ISN: a.Isn, ISNKnown: a.IsnKnown != 0,
	}
}
