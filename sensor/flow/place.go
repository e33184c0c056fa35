package flow

import (
	"cmp"
	"slices"

	"github.com/auscult/auscult/sensor"
)

// elsewhere is the VLAN under which is counted what finds no room: 4095 is
// reserved and on no wire (IEEE 802.1Q, table 9-2).
const elsewhere = 4095

// places counts what an engine hears, by VLAN and mirror session.
type places struct {
	known map[sensor.Place]*sensor.Heard
	last  *sensor.Heard
}

func newPlaces() places { return places{known: make(map[sensor.Place]*sensor.Heard)} }

// hearing is the counts of one place.
type hearing struct{ heard *sensor.Heard }

// count takes one frame.
func (h hearing) count(f *sensor.Frame) {
	h.heard.Frames++
	h.heard.Bytes += uint64(max(f.Length, len(f.Data)))
}

// of finds the place of a packet. Of one that could not be decoded it is what its
// headers told until then.
func (s *places) of(p *sensor.Packet) hearing {
	if s.last != nil && sameplace(&s.last.Place, p) {
		return hearing{s.last}
	}
	at := sensor.Place{VLAN: vlanOf(p), By: p.Mirror.By, Session: p.Mirror.Session}
	h := s.known[at]
	if h == nil {
		h = s.open(at)
	}
	s.last = h
	return hearing{h}
}

func (s *places) open(at sensor.Place) *sensor.Heard {
	if len(s.known) >= MaxPlaces {
		at = sensor.Place{VLAN: elsewhere}
		if h := s.known[at]; h != nil {
			return h
		}
	}
	h := &sensor.Heard{Place: at}
	s.known[at] = h
	return h
}

// vlanOf is the VLAN that a frame says something of: of one in a tunnel that is not
// the mirror's own, the VLAN that the tunnel came through.
func vlanOf(p *sensor.Packet) uint16 {
	if p.From.Tunnelled {
		return p.Mirror.VLAN
	}
	return p.From.VLAN
}

func sameplace(at *sensor.Place, p *sensor.Packet) bool {
	return at.VLAN == vlanOf(p) && at.By == p.Mirror.By && at.Session == p.Mirror.Session
}

// list is a copy of all counts, in the order of the places.
func (s *places) list() []sensor.Heard {
	all := make([]sensor.Heard, 0, len(s.known))
	for _, h := range s.known {
		all = append(all, *h)
	}
	slices.SortFunc(all, func(a, b sensor.Heard) int { return comparePlaces(a.Place, b.Place) })
	return all
}

func comparePlaces(a, b sensor.Place) int {
	return cmp.Or(cmp.Compare(a.VLAN, b.VLAN), cmp.Compare(a.By, b.By), cmp.Compare(a.Session, b.Session))
}

// joinHeard adds up two lists that are in order. It keeps neither.
func joinHeard(a, b []sensor.Heard) []sensor.Heard {
	if len(b) == 0 {
		return a
	}
	all := make([]sensor.Heard, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && comparePlaces(a[0].Place, b[0].Place) < 0:
			all, a = append(all, a[0]), a[1:]
		case len(a) == 0 || comparePlaces(a[0].Place, b[0].Place) > 0:
			all, b = append(all, b[0]), b[1:]
		default:
			both := a[0]
			both.Add(b[0])
			all, a, b = append(all, both), a[1:], b[1:]
		}
	}
	return all
}
