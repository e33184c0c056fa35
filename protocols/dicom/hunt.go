package dicom

import "github.com/auscult/auscult/protocols"

// lose gives up the framing of a direction. What was open is counted as why says.
func (s *session) lose(d protocols.Direction, why protocols.Outcome) {
	h := &s.halves[d]
	if !s.breakOff(d, why) && why == protocols.Malformed {
		s.now.out.Outcome(why)
	}
	h.associate = nil
	h.phase, h.have, h.carried, h.lost, h.bridged = hunting, 0, 0, true, false
}

// hunt looks for the next PDU boundary. What it finds does not depend on where
// segments end: an offset is judged when the octets behind it suffice.
func (s *session) hunt(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	if h.carried > 0 {
		return s.huntCarried(d, b)
	}
	i, v := findBoundary(b, &s.association, d)
	switch v {
	case protocols.Yes:
		s.found(d)
		return i
	case protocols.More:
		h.carried = copy(h.carry[:], b[i:])
	}
	return len(b)
}

// huntCarried continues with octets that might begin a PDU, kept from earlier
// segments, in front of b.
func (s *session) huntCarried(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	var joint [2 * associateSign]byte
	old := copy(joint[:], h.carry[:h.carried])
	fresh := copy(joint[old:], b)
	i, v := findBoundary(joint[:old+fresh], &s.association, d)
	h.carried = 0
	if v == protocols.More && i < old {
		h.carried = copy(h.carry[:], joint[i:old+fresh])
		return fresh
	}
	if v != protocols.Yes {
		return i - old // a candidate in b is looked at again without the others
	}
	s.found(d)
	if i >= old {
		return i - old
	}
	s.consume(d, joint[i:old])
	return 0
}

func (s *session) found(d protocols.Direction) {
	s.halves[d].phase = inHeader
	s.now.out.Outcome(protocols.Resynchronised)
}
