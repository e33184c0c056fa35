package capture

import (
	"fmt"

	"github.com/auscult/auscult/sensor"
)

// Options of interface blocks (draft-ietf-opsawg-pcapng sections 4.2 and 4.6).
const (
	optEnd         = 0
	optResolution  = 9  // if_tsresol, one octet
	optTimeOffset  = 14 // if_tsoffset, seconds, 64 bits
	optIfDrop      = 5  // isb_ifdrop, 64 bits
	optOSDrop      = 7  // isb_osdrop, 64 bits
	interfaceHead  = 8  // link type, reserved, snap length
	statisticsHead = 12 // interface, time
)

// iface is what a section says of one interface.
type iface struct {
	link    sensor.LinkType
	snap    uint32 // 0: no limit
	clock   clock
	dropped uint64 // by the interface and by the system, as last stated
}

// iface looks an interface up by its place in the section.
func (r *pcapngReader) iface(id uint32) (*iface, error) {
	if uint64(id) >= uint64(len(r.interfaces)) {
		return nil, fmt.Errorf("a packet of interface %d, of which the file has described %d", id, len(r.interfaces))
	}
	return &r.interfaces[id], nil
}

// addInterface reads an interface description block.
func (r *pcapngReader) addInterface(body []byte) error {
	if len(body) < interfaceHead {
		return fmt.Errorf("an interface block of %d bytes, too short for its header", len(body))
	}
	if len(r.interfaces) >= maxInterfaces {
		return fmt.Errorf("more than %d interfaces in one section", maxInterfaces)
	}
	added := iface{
		link: sensor.LinkType(r.order.Uint16(body)),
		snap: r.u32(body[4:]),
	}
	resolution := byte(defaultResolution)
	var offset int64
	r.options(body[interfaceHead:], func(code uint16, value []byte) {
		switch {
		case code == optResolution && len(value) == 1:
			resolution = value[0]
		case code == optTimeOffset && len(value) == 8:
			offset = int64(r.order.Uint64(value))
		}
	})
	added.clock = newClock(resolution, offset)
	r.interfaces = append(r.interfaces, added)
	return nil
}

// statistics reads what the recorder says that it lost on one interface. The
// numbers are sums since the start, so the last block counts.
func (r *pcapngReader) statistics(body []byte) {
	if len(body) < statisticsHead {
		return
	}
	on, err := r.iface(r.u32(body))
	if err != nil {
		return // statistics of an unknown interface change no frame
	}
	var dropped uint64
	r.options(body[statisticsHead:], func(code uint16, value []byte) {
		if (code == optIfDrop || code == optOSDrop) && len(value) == 8 {
			dropped += r.order.Uint64(value)
		}
	})
	on.dropped = dropped
}

// options calls each for every option in b and ends at the end mark, or where an
// option does not fit; what stands behind that is of no use.
func (r *pcapngReader) options(b []byte, each func(code uint16, value []byte)) {
	for len(b) >= 4 {
		code, size := r.order.Uint16(b), int(r.order.Uint16(b[2:]))
		if b = b[4:]; code == optEnd || size > len(b) {
			return
		}
		each(code, b[:size])
		b = b[min((size+3)&^3, len(b)):]
	}
}
