package capture

import (
	"maps"
	"net/netip"
	"slices"
)

// Settings are what the sensor changes at an interface, as they were before.
type Settings struct {
	Up      bool `json:"up"`
	ARP     bool `json:"arp"`
	Promisc bool `json:"promisc"`
	IPv6    bool `json:"ipv6"`
	// GenerateMode is as in LinkState. It counts where GenerateModeKnown.
	GenerateMode      int            `json:"generate_mode"`
	GenerateModeKnown bool           `json:"generate_mode_known"`
	LinkLocal         []netip.Prefix `json:"link_local,omitempty"`
	// Clsact says that somebody else put the clsact qdisc there, so it stays.
	Clsact bool `json:"clsact"`
	// Features are as in LinkState.
	Features map[string]bool `json:"features,omitempty"`
}

// Settings are those that the interface has now. A clsact qdisc with a filter of
// the sensor is the sensor's.
func (s LinkState) Settings() Settings {
	now := Settings{
		Up: s.Up, ARP: s.ARP, Promisc: s.Promisc, IPv6: s.IPv6,
		GenerateMode: s.GenerateMode, GenerateModeKnown: s.GenerateModeKnown,
		Clsact:   s.Clsact && !slices.ContainsFunc(s.Egress, EgressFilter.ours),
		Features: maps.Clone(s.Features),
	}
	for _, a := range s.Addresses {
		if isLinkLocal(a) {
			now.LinkLocal = append(now.LinkLocal, a)
		}
	}
	return now
}

// Before are the settings from before a run that was killed, which found those of
// earlier. What stands as the sensor leaves it was earlier's; what stands otherwise
// was changed since then by somebody, and counts.
func (s LinkState) Before(earlier Settings) Settings {
	b := s.Settings()
	b.Up = s.Up && earlier.Up
	b.ARP = s.ARP || earlier.ARP
	b.Promisc = s.Promisc && earlier.Promisc
	b.IPv6 = s.IPv6 || earlier.IPv6
	b.Clsact = s.Clsact && earlier.Clsact
	if earlier.GenerateModeKnown && (!s.GenerateModeKnown || s.GenerateMode == generateNone) {
		b.GenerateMode, b.GenerateModeKnown = earlier.GenerateMode, true
	}
	for _, a := range earlier.LinkLocal {
		if !slices.Contains(b.LinkLocal, a) {
			b.LinkLocal = append(b.LinkLocal, a)
		}
	}
	for name, on := range earlier.Features {
		if !on || b.Features[name] {
			continue
		}
		if b.Features == nil {
			b.Features = map[string]bool{}
		}
		b.Features[name] = true
	}
	return b
}
