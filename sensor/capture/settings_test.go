package capture_test

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/auscult/auscult/sensor/capture"
)

var (
	local = netip.MustParsePrefix("fe80::1/64")
	other = netip.MustParsePrefix("fe80::2/64")
	drop  = capture.EgressFilter{Kind: "bpf", Name: "auscult-mute", Priority: 1, Handle: 1, Program: 7}
)

// original is an interface in use, before a run that was killed.
func original() capture.Settings {
	return capture.Settings{
		Up: true, ARP: true, IPv6: true, GenerateModeKnown: true, LinkLocal: []netip.Prefix{local},
		Features: map[string]bool{"rx-gro": true, "rx-vlan-hw-parse": true, "rx-lro": false},
	}
}

// muted is an interface as a killed run leaves it.
func muted() capture.LinkState {
	return capture.LinkState{
		Name: "span0", Up: true, Promisc: true, GenerateMode: 1, GenerateModeKnown: true, Clsact: true, Egress: []capture.EgressFilter{drop},
		Features: map[string]bool{"rx-gro": false, "rx-vlan-hw-parse": false, "rx-lro": false},
	}
}

// A setting as the sensor leaves it was the earlier run's; any other was changed
// since by somebody, and counts.
func TestSettingsBeforeAKilledRun(t *testing.T) {
	tests := []struct {
		name    string
		earlier func(*capture.Settings)
		now     func(*capture.LinkState)
		want    func(*capture.Settings)
	}{
		{"all as the sensor left it", nil, nil, nil},
		{"it was down", func(s *capture.Settings) { s.Up = false }, nil, func(s *capture.Settings) { s.Up = false }},
		{"put down since", nil, func(s *capture.LinkState) { s.Up = false }, func(s *capture.Settings) { s.Up = false }},
		{"it had no ARP", func(s *capture.Settings) { s.ARP = false }, nil, func(s *capture.Settings) { s.ARP = false }},
		{"it had no ARP, given since", func(s *capture.Settings) { s.ARP = false }, func(s *capture.LinkState) { s.ARP = true }, nil},
		{"it was promiscuous", func(s *capture.Settings) { s.Promisc = true }, nil, func(s *capture.Settings) { s.Promisc = true }},
		{"it was promiscuous, not since", func(s *capture.Settings) { s.Promisc = true }, func(s *capture.LinkState) { s.Promisc = false }, nil},
		{"it had no IPv6", func(s *capture.Settings) { s.IPv6 = false }, nil, func(s *capture.Settings) { s.IPv6 = false }},
		{"another generation mode since", nil, func(s *capture.LinkState) { s.GenerateMode = 2 }, func(s *capture.Settings) { s.GenerateMode = 2 }},
		{"the mode cannot be read now", nil, func(s *capture.LinkState) { s.GenerateModeKnown = false }, nil},
		{"the mode could not be read then", func(s *capture.Settings) { s.GenerateModeKnown = false }, nil,
			func(s *capture.Settings) { s.GenerateMode = 1 }},
		{"somebody's clsact", func(s *capture.Settings) { s.Clsact = true }, nil, func(s *capture.Settings) { s.Clsact = true }},
		{"somebody's clsact, gone since", func(s *capture.Settings) { s.Clsact = true },
			func(s *capture.LinkState) { s.Clsact, s.Egress = false, nil }, nil},
		{"the drop alone is gone", nil, func(s *capture.LinkState) { s.Egress = nil }, nil},
		{"an address since", nil, func(s *capture.LinkState) { s.Addresses = []netip.Prefix{other, netip.MustParsePrefix("10.0.0.1/8")} },
			func(s *capture.Settings) { s.LinkLocal = []netip.Prefix{other, local} }},
		{"the same address since", nil, func(s *capture.LinkState) { s.Addresses = []netip.Prefix{local} }, nil},
		{"an offload on since", nil, func(s *capture.LinkState) { s.Features["rx-lro"] = true }, func(s *capture.Settings) { s.Features["rx-lro"] = true }},
		{"the card cannot be asked", nil, func(s *capture.LinkState) { s.Features = nil }, func(s *capture.Settings) { delete(s.Features, "rx-lro") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			earlier, now, want := original(), muted(), original()
			if test.earlier != nil {
				test.earlier(&earlier)
			}
			if test.now != nil {
				test.now(&now)
			}
			if test.want != nil {
				test.want(&want)
			}
			if got := now.Before(earlier); !reflect.DeepEqual(got, want) {
				t.Errorf("%+v\nwant %+v", got, want)
			}
		})
	}
}

// What a killed run did is not done again, and is taken back whatever the new run
// needs.
func TestPlanAfterAKilledRun(t *testing.T) {
	const again = "arp off!, addrgenmode none!, remove address fe80::1/64!, disable ipv6!, promiscuous!, switch off rx-gro!, "
	tests := []struct {
		name   string
		change func(*capture.LinkState, *capture.Settings)
		shunt  capture.ShuntMode
		want   string
	}{
		{"as it was", nil, capture.ShuntAuto,
			"add clsact, drop egress, " + again + "kernel program auto, switch off rx-vlan-hw-parse!"},
		{"this run needs no tags", nil, capture.ShuntFilter,
			"add clsact, drop egress, " + again + "kernel program filter, switch off rx-vlan-hw-parse!"},
		{"this run has no program", nil, capture.ShuntOff, "add clsact, drop egress, " + again + "switch off rx-vlan-hw-parse!"},
		{"it was down, and its clsact was somebody's", func(_ *capture.LinkState, s *capture.Settings) { s.Up, s.Clsact = false, true },
			capture.ShuntOff, "drop egress, " + again + "switch off rx-vlan-hw-parse!, up!"},
		{"nothing is as the sensor left it", func(l *capture.LinkState, _ *capture.Settings) {
			*l = capture.LinkState{Name: "span0", Up: true, ARP: true, IPv6: true, GenerateModeKnown: true, Addresses: []netip.Prefix{local}}
		}, capture.ShuntOff, "add clsact, drop egress, arp off, addrgenmode none, remove address fe80::1/64, disable ipv6, promiscuous, " +
			"switch off rx-gro!, switch off rx-vlan-hw-parse!"},
		{"another address, which is kept", func(l *capture.LinkState, _ *capture.Settings) {
			l.IPv6, l.Addresses = true, []netip.Prefix{netip.MustParsePrefix("2001:db8::1/64")}
		}, capture.ShuntOff, "add clsact, drop egress, arp off!, addrgenmode none!, remove address fe80::1/64!, promiscuous!, " +
			"switch off rx-gro!, switch off rx-vlan-hw-parse!"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state, earlier := muted(), original()
			earlier.Promisc = false
			if test.change != nil {
				test.change(&state, &earlier)
			}
			plan, err := capture.PlanMuteAfter(state, state.Before(earlier), capture.LiveOptions{Shunt: test.shunt, AllowAddress: true})
			check(t, err)
			var steps []string
			for _, s := range plan.Steps {
				line := s.String()
				if s.Again {
					line += "!"
				}
				steps = append(steps, line)
				if s.Kind == capture.StepGenerateNone && (s.Mode != 0 || s.Keep) {
					t.Errorf("%+v does not give back mode 0", s)
				}
			}
			if got := strings.Join(steps, ", "); got != test.want {
				t.Errorf("%s\nwant %s", got, test.want)
			}
		})
	}
}
