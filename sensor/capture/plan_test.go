package capture_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/auscult/auscult/sensor/capture"
)

// fresh is an interface as a new machine has it.
func fresh() capture.LinkState {
	return capture.LinkState{Name: "span0", ARP: true, IPv6: true, GenerateModeKnown: true}
}

func TestInvariant01MutePlan(t *testing.T) {
	local := netip.MustParsePrefix("fe80::1/64")
	stale := capture.EgressFilter{Kind: "bpf", Name: "auscult-mute", Priority: 1, Handle: 1}
	tests := []struct {
		name   string
		change func(*capture.LinkState, *capture.LiveOptions)
		want   string
		stale  int
	}{
		{"fresh", func(*capture.LinkState, *capture.LiveOptions) {},
			"add clsact, drop egress, arp off, addrgenmode none, disable ipv6, promiscuous, up", 0},
		{"already up, with a link-local address", func(s *capture.LinkState, _ *capture.LiveOptions) {
			s.Up, s.Addresses = true, []netip.Prefix{local}
		}, "add clsact, drop egress, arp off, addrgenmode none, remove address fe80::1/64, disable ipv6, promiscuous", 0},
		{"already silent", func(s *capture.LinkState, _ *capture.LiveOptions) {
			s.Up, s.ARP, s.IPv6, s.Promisc = true, false, false, true
		}, "add clsact, drop egress", 0},
		{"generation mode none already", func(s *capture.LinkState, _ *capture.LiveOptions) { s.GenerateMode = 1 },
			"add clsact, drop egress, arp off, disable ipv6, promiscuous, up", 0},
		{"settings cannot be read", func(s *capture.LinkState, _ *capture.LiveOptions) { s.GenerateModeKnown = false },
			"add clsact, drop egress, arp off, addrgenmode none, disable ipv6, promiscuous, up", 0},
		{"somebody's clsact", func(s *capture.LinkState, _ *capture.LiveOptions) { s.Clsact, s.IngressFilters = true, 1 },
			"drop egress, arp off, addrgenmode none, disable ipv6, promiscuous, up", 0},
		{"after a crash", func(s *capture.LinkState, _ *capture.LiveOptions) {
			s.Clsact, s.Up, s.ARP, s.IPv6, s.Promisc, s.Egress = true, true, false, false, true, []capture.EgressFilter{stale}
		}, "add clsact, drop egress", 1},
		{"IPv4 address allowed", func(s *capture.LinkState, o *capture.LiveOptions) {
			s.Addresses, o.AllowAddress = []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24")}, true
		}, "add clsact, drop egress, arp off, addrgenmode none, disable ipv6, promiscuous, up", 0},
		{"IPv6 address allowed, and kept", func(s *capture.LinkState, o *capture.LiveOptions) {
			s.Addresses, o.AllowAddress = []netip.Prefix{netip.MustParsePrefix("2001:db8::1/64"), local}, true
		}, "add clsact, drop egress, arp off, addrgenmode none, remove address fe80::1/64, promiscuous, up", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state, options := fresh(), capture.LiveOptions{Shunt: capture.ShuntOff}
			test.change(&state, &options)
			plan, err := capture.PlanMute(state, options)
			if err != nil {
				t.Fatal(err)
			}
			var steps []string
			for _, s := range plan.Steps {
				steps = append(steps, s.String())
			}
			if got := strings.Join(steps, ", "); got != test.want || len(plan.Stale) != test.stale {
				t.Errorf("%s, %d stale\nwant %s, %d", got, len(plan.Stale), test.want, test.stale)
			}
		})
	}
}

// The kernel program and the offloads: pure, like all of the plan.
func TestPlanOfTheShunt(t *testing.T) {
	all := map[string]bool{"rx-gro": true, "rx-lro": true, "rx-gro-hw": false, "rx-vlan-hw-parse": true, "rx-vlan-stag-hw-parse": false}
	foreign := capture.XDP{Mode: 1, ID: 7, Name: "theirs"}
	stale := capture.XDP{Mode: 2, ID: 8, Name: "auscult_tap"}
	tests := []struct {
		name  string
		state capture.LinkState
		shunt capture.ShuntMode
		want  string
		notes int
	}{
		{"no offloads", capture.LinkState{}, "", "kernel program auto", 0},
		{"all offloads", capture.LinkState{Features: all}, "auto", "switch off rx-gro, switch off rx-lro, kernel program auto, switch off rx-vlan-hw-parse", 0},
		{"off", capture.LinkState{Features: all}, "off", "switch off rx-gro, switch off rx-lro", 0},
		{"at the socket, where tags do not matter", capture.LinkState{Features: all}, "filter", "switch off rx-gro, switch off rx-lro, kernel program filter", 0},
		{"somebody else's program", capture.LinkState{Kernel: foreign}, "driver", "kernel program filter", 1},
		{"somebody else's program, which nobody minds", capture.LinkState{Kernel: foreign}, "filter", "kernel program filter", 0},
		{"an unknown program", capture.LinkState{Kernel: capture.XDP{Mode: 1, ID: 7}}, "auto", "kernel program filter", 1},
		{"a stale program", capture.LinkState{Kernel: stale}, "generic", "detach the kernel program of an earlier run, kernel program generic", 0},
		{"a stale program, and none wanted", capture.LinkState{Kernel: stale}, "off", "detach the kernel program of an earlier run", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.state.Name, test.state.Up, test.state.Promisc = "span0", true, true
			plan, err := capture.PlanMute(test.state, capture.LiveOptions{Shunt: test.shunt})
			if err != nil {
				t.Fatal(err)
			}
			var steps []string
			for _, s := range plan.Steps {
				steps = append(steps, s.String())
				if s.Kind >= capture.StepFeatureOff && !s.BestEffort {
					t.Errorf("%s can stop the sensor", s)
				}
			}
			if got, want := strings.Join(steps, ", "), "add clsact, drop egress"; got != strings.TrimSuffix(want+", "+test.want, ", ") {
				t.Errorf("%s\nwant %s, %s", got, want, test.want)
			}
			if len(plan.Notes) != test.notes || test.notes == 1 && !strings.Contains(plan.Notes[0], "ip link set span0 xdp off") {
				t.Errorf("notes: %q", plan.Notes)
			}
		})
	}
}

func TestPlanRefuses(t *testing.T) {
	foreign := capture.EgressFilter{Kind: "flower", Priority: 7, Handle: 1}
	tests := []struct {
		name   string
		change func(*capture.LinkState)
		allow  bool
		says   []string
	}{
		{"IPv4 address", func(s *capture.LinkState) { s.Addresses = []netip.Prefix{netip.MustParsePrefix("10.1.2.3/24")} }, false,
			[]string{"span0 holds the address 10.1.2.3/24", "ip address del 10.1.2.3/24 dev span0"}},
		{"IPv4 link-local address, which somebody set", func(s *capture.LinkState) { s.Addresses = []netip.Prefix{netip.MustParsePrefix("169.254.1.1/16")} }, false,
			[]string{"169.254.1.1/16"}},
		{"global IPv6 address", func(s *capture.LinkState) {
			s.Addresses = []netip.Prefix{netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("2001:db8::1/64")}
		}, false, []string{"2001:db8::1/64"}},
		{"loopback, whatever is allowed", func(s *capture.LinkState) { s.Loopback = true }, true, []string{"the loopback", "mirror port"}},
		{"member of a bridge, whatever is allowed", func(s *capture.LinkState) { s.Master = "br0" }, true,
			[]string{"belongs to br0", "ip link set span0 nomaster"}},
		{"ingress qdisc", func(s *capture.LinkState) { s.Ingress = true }, true, []string{"tc qdisc del dev span0 ingress"}},
		{"somebody's egress filter", func(s *capture.LinkState) { s.Clsact, s.Egress = true, []capture.EgressFilter{foreign} }, true,
			[]string{"a flower filter (priority 7)", "tc filter del dev span0 egress pref 7"}},
		{"somebody's bpf filter", func(s *capture.LinkState) {
			s.Clsact, s.Egress = true, []capture.EgressFilter{{Kind: "bpf", Name: "theirs", Priority: 1, Handle: 1}}
		}, true, []string{"a bpf filter"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state := fresh()
			test.change(&state)
			plan, err := capture.PlanMute(state, capture.LiveOptions{AllowAddress: test.allow})
			if err == nil || len(plan.Steps) != 0 {
				t.Fatalf("%d steps, error %v", len(plan.Steps), err)
			}
			for _, want := range test.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

func TestLiveOptionsAreChecked(t *testing.T) {
	tests := []struct {
		name string
		o    capture.LiveOptions
		says string
	}{
		{"no interface", capture.LiveOptions{}, "name the one at the mirror port"},
		{"small ring", capture.LiveOptions{Interface: "x", RingBytes: 4096}, "a ring of 4096 bytes; choose"},
		{"large ring", capture.LiveOptions{Interface: "x", RingBytes: 1 << 40}, "choose 1048576 to"},
		{"slow poll", capture.LiveOptions{Interface: "x", PollInterval: 1 << 40}, "choose 1ms to 200ms"},
		{"no such shunt", capture.LiveOptions{Interface: "x", Shunt: "hardware"}, `a shunt "hardware"; choose auto`},
		{"no such interface", capture.LiveOptions{Interface: "none-such-0"}, "interface none-such-0: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			live, err := capture.OpenLive(test.o, tap)
			if live != nil || err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v\nwant %q", err, test.says)
			}
		})
	}
}
