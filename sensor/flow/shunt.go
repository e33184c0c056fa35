package flow

import (
	"net/netip"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// shunted is what was asked of the Shunt for one direction.
type shunted struct {
	asked   bool
	counted bool // before means something
	end     uint32
	at      time.Duration
	before  sensor.Skipped // what was counted of the direction already
}

// divert looks, after a packet, whether what comes next of a conversation is
// needed by nobody, and asks the Shunt to drop it.
func (e *Engine) divert(c *conversation) {
	e.listenOn(c)
	if e.options.Shunt == nil || c.state == ended || c.volume < MinShunt || c.key.tunnelled {
		return // the kernel does not know one tunnel from another
	}
	for d := range protocols.Direction(2) {
		switch n := c.unneeded(d); {
		case n < MinShunt:
		case c.key.transport == protocols.UDP:
			e.avert(c, d)
		case c.half[d].started && len(c.half[d].waiting) == 0:
			e.skipTo(c, d, min(n, sensor.MaxSkip))
		}
	}
}

// listenOn decides whether an unknown conversation is still listened to. Datagrams
// are, from time to time: they have no beginning by which they could be known, and
// others may speak between the same ports.
func (e *Engine) listenOn(c *conversation) {
	switch {
	case c.deaf && c.key.transport == protocols.UDP && e.clock.elapsed-c.deafAt >= ShuntDatagramsFor:
		c.deaf, c.retries = false, 0
	case !c.deaf && c.state == unknown && c.volume >= BulkBytes && c.hopeless():
		c.deaf, c.deafAt = true, e.clock.elapsed
	}
}

// unneeded is how many of the coming bytes of a direction nobody needs.
func (c *conversation) unneeded(d protocols.Direction) uint64 {
	h := &c.half[d]
	switch {
	case c.deaf && c.key.transport != protocols.ICMP:
		return sensor.MaxSkip
	case c.state != recognised || h.skip > sensor.MaxSkip && c.volume < BulkBytes:
		return 0 // to its end, and most conversations end soon
	}
	return h.skip
}

// hopeless reports whether all that could be asked about an unknown conversation
// was asked.
func (c *conversation) hopeless() bool {
	if c.key.transport == protocols.UDP && (c.key.low.many(c.key.family) || c.key.high.many(c.key.family)) {
		return false // the ports of a whole network: DHCP, discovery
	}
	if c.retries >= MaxRetries {
		return true
	}
	return c.key.transport == protocols.TCP && c.half[0].answered() && c.half[1].answered()
}

// answered reports whether the protocols have refused a direction for good, or it
// has not spoken.
func (h *half) answered() bool { return !h.any || h.probe == refused && !h.midstream() }

// skipTo asks for the next n bytes of a stream.
func (e *Engine) skipTo(c *conversation, d protocols.Direction, n uint64) {
	h := &c.half[d]
	end := h.next + uint32(n)
	if h.shunt.asked && e.clock.elapsed-h.shunt.at < RenewShunt && distance(end, h.shunt.end) < MinShunt {
		return
	}
	e.demand(c, d, sensor.Skip{Way: c.way(d), Start: h.next, End: end, ISN: h.isn, ISNKnown: h.synSeen, For: ShuntFor})
	h.shunt.end = end
	if n >= urgentSkip {
		e.Flush()
	}
}

// avert asks for all datagrams of a direction.
func (e *Engine) avert(c *conversation, d protocols.Direction) {
	if h := &c.half[d]; !h.shunt.asked || e.clock.elapsed-h.shunt.at >= RenewShunt {
		e.demand(c, d, sensor.Skip{Way: c.way(d), Whole: true, For: ShuntDatagramsFor})
	}
}

func (e *Engine) demand(c *conversation, d protocols.Direction, s sensor.Skip) {
	for o := range protocols.Direction(2) { // what acknowledges goes with it
		if x := &c.half[o].shunt; !x.counted {
			x.before, _ = e.options.Shunt.Skipped(c.way(o)) // of an earlier conversation between the same ports
			x.counted = true
		}
	}
	h := &c.half[d]
	h.shunt.asked, h.shunt.at = true, e.clock.elapsed
	e.counters.SkipsAsked++
	e.hand(s)
}

// hand gathers ranges until there are enough, or Flush is called.
func (e *Engine) hand(s sensor.Skip) {
	e.skips = append(e.skips, s)
	if len(e.skips) >= pendingSkips {
		e.Flush()
	}
}

// Flush hands the ranges that were gathered to the Shunt.
func (e *Engine) Flush() {
	if len(e.skips) == 0 {
		return
	}
	e.options.Shunt.Skip(e.skips)
	e.skips = e.skips[:0]
}

// withdraw takes a range back that is needed no longer: the conversation is over,
// or the direction is wanted again.
func (e *Engine) withdraw(c *conversation, d protocols.Direction) {
	if h := &c.half[d]; h.shunt.asked {
		h.shunt.asked = false
		e.hand(sensor.Skip{Way: c.way(d)})
	}
}

// collect adds what was dropped of a conversation to what was read of it.
func (e *Engine) collect(c *conversation) {
	if e.options.Shunt == nil {
		return
	}
	for d := range protocols.Direction(2) {
		h := &c.half[d]
		if !h.shunt.counted {
			continue
		}
		now, known := e.options.Shunt.Skipped(c.way(d))
		if !known {
			continue // forgotten: it shows in the remainder
		}
		fresh := since(now, h.shunt.before)
		h.shunt.before = now
		c.packets[d] += fresh.Packets
		c.bytes[d] += fresh.Bytes - min(fresh.Repeated, fresh.Bytes)
		if c.place != nil {
			c.place.ShuntedFrames += fresh.Packets
			c.place.ShuntedBytes += fresh.Bytes
			c.place.Frames += fresh.Packets
			c.place.Bytes += fresh.Bytes
		}
	}
}

// since is what came after an earlier count. A count that went back was forgotten
// and began anew.
func since(now, before sensor.Skipped) sensor.Skipped {
	if now.Packets < before.Packets || now.Bytes < before.Bytes || now.Repeated < before.Repeated {
		return now
	}
	return sensor.Skipped{Packets: now.Packets - before.Packets, Bytes: now.Bytes - before.Bytes, Repeated: now.Repeated - before.Repeated}
}

// way names what one side sends.
func (c *conversation) way(d protocols.Direction) sensor.Way {
	w := sensor.Way{From: c.key.low.addrPort(c.key.family), To: c.key.high.addrPort(c.key.family), Transport: c.key.transport}
	if c.direction(true) != d {
		w.From, w.To = w.To, w.From
	}
	return w
}

// many reports an address that is not one host's: none, a group, or a broadcast,
// which in a network of the usual size ends in 255.
func (h *host) many(family uint8) bool {
	a := h.addrPort(family).Addr()
	return a.IsUnspecified() || a.IsMulticast() || family == 4 && a.As4()[3] == 255
}

func (h *host) addrPort(family uint8) netip.AddrPort {
	a := netip.AddrFrom16(h.addr)
	if family == 4 {
		a = a.Unmap()
	}
	return netip.AddrPortFrom(a, h.port)
}
