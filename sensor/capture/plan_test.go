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
			state, options := fresh(), capture.LiveOptions{}
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
