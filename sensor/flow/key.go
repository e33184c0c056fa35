package flow

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// host is one end of a key. It has no padding, so that keys hash quickly.
type host struct {
	addr [16]byte
	port uint16
}

// key names a conversation in either direction: the lower end stands first.
// Addresses repeat between sites, so the tap is part of it. The VLAN tag is not:
// an offloaded tag is invisible to the kernel program, and a routed mirror shows
// one conversation under two tags.
type key struct {
	low, high host
	tap       uint16
	transport protocols.Transport
	family    uint8 // 4 or 6
	// tunnelled conversations are apart from those on the wire: see doubt.
	tunnelled bool
}

// keyOf returns the key of a packet, and whether its sender is the lower end.
func keyOf(p *sensor.Packet, tap uint16) (key, bool) {
	k := key{
		low:       host{addr: p.From.Addr.As16(), port: p.From.Port},
		high:      host{addr: p.To.Addr.As16(), port: p.To.Port},
		tap:       tap,
		transport: p.Transport,
		family:    6,
		tunnelled: p.From.Tunnelled,
	}
	if p.From.Addr.Is4() {
		k.family = 4
	}
	order := bytes.Compare(k.low.addr[:], k.high.addr[:])
	if order < 0 || order == 0 && k.low.port <= k.high.port {
		return k, true
	}
	k.low, k.high = k.high, k.low
	return k, false
}

// taps numbers the taps that an engine meets, in the order in which it does.
type taps struct {
	numbers map[sensor.Tap]uint16
	last    *sensor.Tap // of the frame before, which nearly always has the same
	number  uint16
}

func (t *taps) of(tap *sensor.Tap) uint16 {
	if tap == t.last && t.numbers != nil {
		return t.number
	}
	if t.numbers == nil {
		t.numbers = make(map[sensor.Tap]uint16)
	}
	var name sensor.Tap
	if tap != nil {
		name = *tap
	}
	n, known := t.numbers[name]
	if !known {
		// Taps come from the configuration, a handful; beyond 65,535 they would share
		// the last number.
		n = uint16(min(len(t.numbers), 0xffff))
		t.numbers[name] = n
	}
	t.last, t.number = tap, n
	return n
}
