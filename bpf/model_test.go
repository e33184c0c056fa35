package bpf_test

import (
	"encoding/binary"
	"errors"
	"net/netip"

	"github.com/auscult/auscult/bpf"
)

// The model says what may be dropped, from the rules alone: a reader that eats a
// frame from the front, and gives up at whatever it does not know. What it gives up
// on must pass.

var errPass = errors.New("not for the kernel program")

// eater eats bytes from the front of a frame.
type eater struct{ rest []byte }

func (e *eater) eat(n int) ([]byte, error) {
	if n > len(e.rest) {
		return nil, errPass
	}
	b := e.rest[:n]
	e.rest = e.rest[n:]
	return b, nil
}

func (e *eater) word() (uint16, error) {
	b, err := e.eat(2)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint16(b), nil
}

// packet is what the model reads of one: addresses, transport, and how many bytes
// its header says that the transport has.
type packet struct {
	from, to netip.Addr
	protocol byte
	length   int
}

// link eats an Ethernet header and says what is inside.
func (e *eater) link() (uint16, error) {
	if _, err := e.eat(12); err != nil {
		return 0, err
	}
	kind, err := e.word()
	for tags := 0; err == nil && (kind == tagCustomer || kind == tagService || kind == tagOld); tags++ {
		if tags == 2 {
			return 0, errPass
		}
		if _, err = e.word(); err == nil {
			kind, err = e.word()
		}
	}
	return kind, err
}

func (e *eater) network(kind uint16) (packet, error) {
	switch kind {
	case typeIPv4:
		return e.version4()
	case typeIPv6:
		return e.version6()
	}
	return packet{}, errPass
}

func (e *eater) version4() (p packet, err error) {
	h, err := e.eat(20)
	if err != nil {
		return p, err
	}
	size, total := int(h[0]%16)*4, int(h[2])<<8|int(h[3])
	fragment := h[6]&0x3f != 0 || h[7] != 0
	if h[0]/16 != 4 || size < 20 || total < size || fragment {
		return p, errPass
	}
	from, to := netip.AddrFrom4([4]byte(h[12:16])), netip.AddrFrom4([4]byte(h[16:20]))
	_, err = e.eat(size - 20)
	return packet{from, to, h[9], total - size}, err
}

func (e *eater) version6() (p packet, err error) {
	h, err := e.eat(40)
	if err != nil || h[0]/16 != 6 {
		return p, errPass
	}
	from, to := netip.AddrFrom16([16]byte(h[8:24])), netip.AddrFrom16([16]byte(h[24:40]))
	return packet{from, to, h[6], int(h[4])<<8 | int(h[5])}, nil
}

// wrapped reports whether a packet carries another one in a form that is known.
func (e *eater) wrapped(p packet) bool {
	vxlan := len(e.rest) >= 4 && e.rest[2] == 4789>>8 && e.rest[3] == 4789&0xff
	return p.protocol == protoGRE || p.protocol == protoUDP && vxlan
}

// unwrap eats what is around the inner packet, and that packet's IP header.
func (e *eater) unwrap(p packet) (packet, error) {
	kind, err := e.wrapping(p)
	if err == nil && kind == typeBridged {
		kind, err = e.link()
	}
	if err != nil {
		return packet{}, err
	}
	return e.network(kind)
}

// wrapping eats a tunnel's header and says what is inside.
func (e *eater) wrapping(p packet) (uint16, error) {
	if p.protocol == protoUDP {
		h, err := e.eat(16)
		if err != nil || h[8]&0x0c != 0x08 {
			return 0, errPass
		}
		return typeBridged, nil
	}
	flags, err := e.word()
	if err != nil || flags&^0xb000 != 0 {
		return 0, errPass
	}
	kind, err := e.word()
	for _, f := range []uint16{0x8000, 0x2000, 0x1000} {
		if err == nil && flags&f != 0 {
			_, err = e.eat(4)
		}
	}
	if err != nil {
		return 0, err
	}
	return e.mirror(kind, flags&0x1000 != 0)
}

// mirror eats an ERSPAN header, where GRE carries one.
func (e *eater) mirror(kind uint16, numbered bool) (uint16, error) {
	switch kind {
	case typeIPv4, typeIPv6, typeBridged:
		return kind, nil
	case typeERSPAN:
		if !numbered {
			return typeBridged, nil
		}
		h, err := e.eat(8)
		if err != nil || h[0]/16 != 1 {
			return 0, errPass
		}
		return typeBridged, nil
	case typeERSPAN3:
		h, err := e.eat(12)
		if err != nil || h[0]/16 != 2 || h[10]>>2&0x1f != 0 {
			return 0, errPass
		}
		_, err = e.eat(8 * int(h[11]%2))
		return typeBridged, err
	}
	return 0, errPass
}

// mayDrop reports whether the rules allow a frame to be dropped, in a conversation of
// which nothing was seen before.
func mayDrop(frame []byte, ranges map[bpf.Way]bpf.Range) bool {
	e := &eater{frame}
	kind, err := e.link()
	if err != nil {
		return false
	}
	p, err := e.network(kind)
	if err == nil && e.wrapped(p) {
		if p, err = e.unwrap(p); e.wrapped(p) {
			return false
		}
	}
	switch {
	case err != nil:
		return false
	case p.protocol == protoTCP:
		return e.mayDropSegment(p, ranges)
	case p.protocol == protoUDP:
		return e.mayDropDatagram(p, ranges)
	}
	return false
}

func wayOf(p packet, ports []byte) bpf.Way {
	return bpf.Way{
		From:     netip.AddrPortFrom(p.from, binary.BigEndian.Uint16(ports)),
		To:       netip.AddrPortFrom(p.to, binary.BigEndian.Uint16(ports[2:])),
		Protocol: p.protocol,
	}
}

func (e *eater) mayDropDatagram(p packet, ranges map[bpf.Way]bpf.Range) bool {
	h, err := e.eat(8)
	if err != nil {
		return false
	}
	said := int(h[4])<<8 | int(h[5])
	return said >= 8 && said <= p.length && ranges[wayOf(p, h)].Whole
}

func (e *eater) mayDropSegment(p packet, ranges map[bpf.Way]bpf.Range) bool {
	h, err := e.eat(20)
	if err != nil {
		return false
	}
	size, flags := int(h[12]/16)*4, h[13]
	if size < 20 || size > p.length || flags&(syn|fin|rst|urg) != 0 {
		return false
	}
	payload := p.length - size
	if payload > 0 {
		r, ok := ranges[wayOf(p, h)]
		// In 64 bits, counted from the start of the range, nothing wraps.
		at := int64(binary.BigEndian.Uint32(h[4:]) - r.Start)
		return ok && at+int64(payload) <= int64(r.End-r.Start)
	}
	r, ok := ranges[back(wayOf(p, h))]
	at := int64(binary.BigEndian.Uint32(h[8:]) - r.Start)
	return ok && flags == ack && h[12]%16 == 0 && at > 0 && at <= int64(r.End-r.Start) && e.plainOptions(size-20)
}

// plainOptions reports whether there are none, or a timestamp where every host has it.
func (e *eater) plainOptions(n int) bool {
	if n == 0 {
		return true
	}
	o, err := e.eat(min(n, 4))
	return err == nil && n == 12 && string(o) == "\x01\x01\x08\x0a"
}
