package arp

import (
	"net/netip"

	"github.com/auscult/auscult/protocols"
)

// confidence of a binding: the device says it itself on its own link, but anybody
// on that link could say it too.
const confidence = 0.8

// session reads frame by frame and remembers nothing.
type session struct{}

// Segment states the binding that one frame claims.
func (session) Segment(s protocols.Segment, out *protocols.Sink) uint64 {
	p, outcome := parse(s.Bytes)
	if outcome == protocols.Parsed && !p.consistent(s.From.MAC) {
		outcome = protocols.Malformed
	}
	out.Outcome(outcome)
	if outcome == protocols.Parsed {
		out.Observe(p.observation(s))
	}
	return 0
}

// Gap and Close have nothing to do: each frame stands alone.
func (session) Gap(protocols.Direction, uint64, *protocols.Sink) {}

func (session) Close(*protocols.Sink) {}

// consistent reports whether the packet may be believed: its sender is a single
// station, the one that the frame came from, and the address can be held by one.
func (p packet) consistent(frame protocols.MAC) bool {
	if p.sender.IsZero() || p.sender.IsGroup() {
		return false
	}
	if !frame.IsZero() && frame != p.sender {
		return false
	}
	return p.isProbe() || holdable(p.senderIP)
}

// isProbe reports an address probe (RFC 5227, section 2.1.1): the sender holds no
// address yet and must not be credited with the one it asks for.
func (p packet) isProbe() bool { return p.op == opRequest && p.senderIP.IsUnspecified() }

func holdable(a netip.Addr) bool {
	b := a.As4()
	return b[0] != 0 && b[0] < 240 && !a.IsMulticast() && !a.IsLoopback() // 240/4 and broadcast: RFC 1112, section 4
}

func (p packet) observation(s protocols.Segment) protocols.Observation {
	o := protocols.Observation{
		When: s.When, Speaker: s.From, Listener: s.To,
		About: protocols.Subject{Kind: protocols.AboutAddress, MAC: p.sender},
		Facts: []protocols.Fact{{
			Attribute: protocols.HardwareAddress, Value: p.sender.String(), Field: "sender hardware address", Confidence: confidence,
		}},
	}
	if !p.isProbe() {
		o.About.Addr = p.senderIP
		o.Facts = append(o.Facts, protocols.Fact{
			Attribute: protocols.IPAddress, Value: p.senderIP.String(), Field: "sender protocol address", Confidence: confidence,
		})
	}
	return o
}
