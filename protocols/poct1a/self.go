package poct1a

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// networked are models that stand on the network themselves: nothing docks them,
// and they talk over an interface of their own. Source: the wire of a public
// capture (DCA Vantage), and the makers' specifications (Sofia names the MAC of its
// interface as its identifier).
func networked() [2]string { return [...]string{"DCA Vantage", "Sofia"} }

// side is what one side of a conversation has shown of itself so far.
type side struct {
	greeted bool
	device  *identity     // of the last greeting that named a device
	self    bool          // the speaker is that device
	first   string        // key of the first device
	several bool          // several came: the side relays
	lag     protocols.Lag // of its clock
	met     bool          // the other side has been called a manager
	told    bool          // it has been called a manager
}

// greet notes the device of a greeting. A base station takes its meters one after
// the other over one connection or several; one that is the speaker comes alone.
func (s *side) greet(id *identity, from protocols.Endpoint) {
	key := id.key() + " " + id.get(protocols.Model)
	if s.greeted && key != s.first {
		s.several = true
	}
	if !s.greeted {
		s.greeted, s.first = true, key
	}
	s.device = id
	s.self = !s.several && isSpeaker(id, from)
}

// isSpeaker reports whether the device proves to be who sends: the frame came from
// the interface that it names, or its model needs no station.
func isSpeaker(id *identity, from protocols.Endpoint) bool {
	if link := id.get(protocols.HardwareAddress); link != "" && link == from.MAC.String() {
		return true
	}
	if ofMAC(id.get(protocols.EUI64), from.MAC) {
		return true
	}
	for _, model := range networked() {
		if strings.EqualFold(id.get(protocols.Model), model) {
			return true
		}
	}
	return false
}

// ofMAC reports whether a EUI-64 was made from a 48-bit address, by FFFE or FFFF in
// the middle (IEEE Registration Authority, "Guidelines for use of EUI").
func ofMAC(eui string, m protocols.MAC) bool {
	if eui == "" || m.IsZero() || eui[6:9] != "FFF" || eui[9] != 'E' && eui[9] != 'F' {
		return false
	}
	return strings.EqualFold(eui[:6]+eui[10:], strings.ReplaceAll(m.String(), ":", ""))
}
