package capture

import "fmt"

// packet reads the body of a block that holds a packet. The packet's bytes stay in
// the stream's window.
func (r *pcapngReader) packet(kind uint32, body []byte, out *packet) error {
	switch kind {
	case blockSimple:
		return r.simple(body, out)
	case blockPacket:
		// As files before 2009 have it: 16 bits for the interface, and 16 that count
		// the packets lost before this one.
		if len(body) < packetHead {
			return fmt.Errorf("a packet block of %d bytes, too short for its header", len(body))
		}
		return r.stamped(uint32(r.order.Uint16(body)), body, out)
	}
	if len(body) < packetHead {
		return fmt.Errorf("a packet block of %d bytes, too short for its header", len(body))
	}
	return r.stamped(r.u32(body), body, out)
}

// stamped reads what the enhanced (section 4.3) and the obsolete (appendix A)
// packet block share: time, lengths, packet.
func (r *pcapngReader) stamped(id uint32, body []byte, out *packet) error {
	from, err := r.iface(id)
	if err != nil {
		return err
	}
	stored := r.u32(body[12:])
	if err := checkStored(stored, len(body)-packetHead); err != nil {
		return err
	}
	if out.when, err = from.clock.time(uint64(r.u32(body[4:]))<<32 | uint64(r.u32(body[8:]))); err != nil {
		return err
	}
	r.last = out.when
	out.data = body[packetHead : packetHead+stored : packetHead+stored]
	out.length = int(r.u32(body[16:]))
	out.link = from.link
	return nil
}

// simple reads a simple packet block (section 4.4): no time, no stored length,
// always the section's first interface.
func (r *pcapngReader) simple(body []byte, out *packet) error {
	from, err := r.iface(0)
	if err != nil {
		return err
	}
	if len(body) < simpleHead {
		return fmt.Errorf("a simple packet block of %d bytes, too short for its header", len(body))
	}
	length := r.u32(body)
	stored := length
	if from.snap != 0 {
		stored = min(stored, from.snap)
	}
	if err := checkStored(stored, len(body)-simpleHead); err != nil {
		return err
	}
	out.data = body[simpleHead : simpleHead+stored : simpleHead+stored]
	out.length, out.when, out.link = int(length), r.last, from.link
	return nil
}

// checkStored says whether a packet of stored bytes fits the room there is for it.
func checkStored(stored uint32, room int) error {
	switch {
	case stored > maxPacket:
		return fmt.Errorf("a packet of %d bytes, more than the %d that are sensible", stored, maxPacket)
	case int(stored) > room:
		return fmt.Errorf("a packet of %d bytes in a block that has room for %d", stored, room)
	}
	return nil
}
