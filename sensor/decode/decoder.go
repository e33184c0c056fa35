package decode

import (
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// Decoder reads frames. It owns the pieces of unfinished datagrams, within the
// bounds of fragment.go, and belongs to one goroutine.
type Decoder struct {
	fragments reassembler
	counters  sensor.DecodeCounters
	// path names the wrappings of the last frame that had any.
	path uint64
}

// New returns a decoder that holds nothing yet.
func New() *Decoder { return &Decoder{fragments: newReassembler()} }

// Counters returns a copy of the counts.
func (d *Decoder) Counters() sensor.DecodeCounters {
	c := d.counters
	c.Fragments = d.fragments.counters
	return c
}

// Decode reads f into p and counts the verdict. It keeps neither of them,
// and allocates only for fragments.
func (d *Decoder) Decode(f *sensor.Frame, p *sensor.Packet) sensor.Verdict {
	*p = sensor.Packet{}
	v := d.decode(f, p)
	d.counters.Verdicts[v]++
	if v == sensor.Decoded && p.Cut() {
		d.counters.Cut++
	}
	return v
}

func (d *Decoder) decode(f *sensor.Frame, p *sensor.Packet) sensor.Verdict {
	var h head
	c, v := linkHeader(f, &h)
	setLink(p, &h)
	if v != sensor.Decoded {
		return v
	}
	return d.network(f, c, p)
}

func setLink(p *sensor.Packet, h *head) {
	p.From.MAC, p.From.VLAN = h.from, h.vlan
	p.To.MAC, p.To.VLAN = h.to, h.vlan
	p.EtherType = h.etherType
}

// network reads what follows a link header, wherever that stands.
func (d *Decoder) network(f *sensor.Frame, c cursor, p *sensor.Packet) sensor.Verdict {
	switch p.EtherType {
	case uint16(layers.EthernetTypeIPv4):
		return d.ipv4(f, c, p)
	case uint16(layers.EthernetTypeIPv6):
		return d.ipv6(f, c, p)
	case uint16(layers.EthernetTypeARP):
		return arp(c, p)
	case uint16(layers.EthernetTypeLinkLayerDiscovery), uint16(layers.EthernetTypeCiscoDiscovery):
		return announcement(c, p)
	}
	return d.otherLink(f, c, p)
}

// announcement takes the body of a frame in which a station tells its neighbour of
// itself (LLDP, CDP), with its padding: what is inside has an end of its own, or the
// length of the IEEE 802.3 header has cut the padding off.
func announcement(c cursor, p *sensor.Packet) sensor.Verdict {
	p.Transport = protocols.Link
	p.Payload, p.PayloadLength = c.b, c.wire
	return sensor.Decoded
}

// arpFixed is the part of an ARP packet whose length does not depend on its
// address lengths (RFC 826).
const arpFixed = 8

// arp takes the body without the padding that Ethernet adds.
func arp(c cursor, p *sensor.Packet) sensor.Verdict {
	if !c.has(arpFixed) {
		return c.short(arpFixed)
	}
	length := arpFixed + 2*(int(c.b[4])+int(c.b[5]))
	if length > c.wire {
		return sensor.Malformed
	}
	c.limit(length)
	p.Transport = protocols.Link
	p.Payload, p.PayloadLength = c.b, c.wire
	return sensor.Decoded
}
