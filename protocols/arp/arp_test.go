package arp_test

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/arp"
)

const (
	host      = "001221000001"
	broadcast = "ffffffffffff"
	hostIP    = "c000020a" // 192.0.2.10
	otherIP   = "c0000214"
	noIP      = "00000000"
)

// packet writes an ARP packet: operation, sender, target.
func packet(op, sender, senderIP, target, targetIP string) string {
	return "0001080006 04" + op + sender + senderIP + target + targetIP
}

type heard struct {
	observations []protocols.Observation
	outcomes     []protocols.Outcome
}

// listen dissects one frame body that came from a link address.
func listen(from string, body []byte) *heard {
	h := &heard{}
	out := protocols.NewSink(protocols.ARP,
		func(o protocols.Observation) { h.observations = append(h.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { h.outcomes = append(h.outcomes, o) }, nil)
	mac, err := protocols.ParseMAC(from)
	if err != nil {
		panic(err)
	}
	s := arp.New().Open(protocols.Context{})
	seg := protocols.Segment{When: time.Unix(1, 0), From: protocols.Endpoint{MAC: mac}, Bytes: body}
	if s.Segment(seg, out) != 0 {
		panic("a frame has nothing to skip")
	}
	s.Gap(protocols.FromOpener, 1, out)
	s.Close(out)
	return h
}

func octets(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBindings(t *testing.T) {
	cases := []struct {
		name, from, packet string
		outcome            protocols.Outcome
		ip, mac            string
	}{
		{"request", host, packet("0001", host, hostIP, "000000000000", otherIP), protocols.Parsed, "192.0.2.10", "00:12:21:00:00:01"},
		{"reply", host, packet("0002", host, hostIP, "020000000002", otherIP), protocols.Parsed, "192.0.2.10", "00:12:21:00:00:01"},
		{"gratuitous request", host, packet("0001", host, hostIP, "000000000000", hostIP), protocols.Parsed, "192.0.2.10", "00:12:21:00:00:01"},
		{"gratuitous reply", host, packet("0002", host, hostIP, broadcast, hostIP), protocols.Parsed, "192.0.2.10", "00:12:21:00:00:01"},
		{"padded", host, packet("0001", host, hostIP, "000000000000", otherIP) + strings.Repeat("00", 18), protocols.Parsed, "192.0.2.10", "00:12:21:00:00:01"},
		{"frame address unknown", "000000000000", packet("0001", host, hostIP, "000000000000", otherIP), protocols.Parsed, "192.0.2.10", "00:12:21:00:00:01"},
		{"probe", host, packet("0001", host, noIP, "000000000000", hostIP), protocols.Parsed, "", "00:12:21:00:00:01"},
		{"another sender than the frame's", "020000000002", packet("0001", host, hostIP, "000000000000", otherIP), protocols.Malformed, "", ""},
		{"no sender", "000000000000", packet("0001", "000000000000", hostIP, host, otherIP), protocols.Malformed, "", ""},
		{"broadcast sender", broadcast, packet("0001", broadcast, hostIP, host, otherIP), protocols.Malformed, "", ""},
		{"multicast sender", "01005e000001", packet("0001", "01005e000001", hostIP, host, otherIP), protocols.Malformed, "", ""},
		{"unspecified in a reply", host, packet("0002", host, noIP, host, otherIP), protocols.Malformed, "", ""},
		{"broadcast address", host, packet("0001", host, "ffffffff", host, otherIP), protocols.Malformed, "", ""},
		{"multicast address", host, packet("0001", host, "e00000fb", host, otherIP), protocols.Malformed, "", ""},
		{"loopback address", host, packet("0001", host, "7f000001", host, otherIP), protocols.Malformed, "", ""},
		{"reverse ARP", host, packet("0003", host, hostIP, host, otherIP), protocols.Unsupported, "", ""},
		{"cut", host, packet("0001", host, hostIP, host, "c000"), protocols.Truncated, "", ""},
	}
	for _, c := range cases {
		h := listen(c.from, octets(t, c.packet))
		if len(h.outcomes) != 1 || h.outcomes[0] != c.outcome {
			t.Errorf("%s: outcomes %v, want %v", c.name, h.outcomes, c.outcome)
		}
		if ip, mac := binding(h); ip != c.ip || mac != c.mac {
			t.Errorf("%s: states %q at %q, want %q at %q", c.name, ip, mac, c.ip, c.mac)
		}
	}
}

// binding returns what was stated, after checking that the subject agrees.
func binding(h *heard) (ip, mac string) {
	for _, o := range h.observations {
		for _, f := range o.Facts {
			switch f.Attribute {
			case protocols.IPAddress:
				ip = f.Value
			case protocols.HardwareAddress:
				mac = f.Value
			}
		}
		if o.About.Kind != protocols.AboutAddress || o.About.MAC.String() != mac {
			return "wrong subject", mac
		}
		if ip != "" && o.About.Addr != netip.MustParseAddr(ip) || ip == "" && o.About.Addr.IsValid() {
			return "wrong subject", mac
		}
	}
	return ip, mac
}

func TestProbe(t *testing.T) {
	good := octets(t, packet("0001", host, hostIP, host, otherIP))
	cases := []struct {
		name      string
		transport protocols.Transport
		bytes     []byte
		want      protocols.Verdict
	}{
		{"ARP", protocols.Link, good, protocols.Yes},
		{"over UDP", protocols.UDP, good, protocols.No},
		{"IPv6 protocol type", protocols.Link, octets(t, "000186dd0610"), protocols.No},
		{"token ring", protocols.Link, octets(t, "000608000604"), protocols.No},
		{"short", protocols.Link, good[:5], protocols.No},
	}
	for _, c := range cases {
		if got := arp.New().Probe(protocols.Opening{Transport: c.transport, Bytes: c.bytes}); got != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
		}
	}
}

// FuzzBinding: only a packet that was understood states anything, and never of an
// address that no single host can hold.
func FuzzBinding(f *testing.F) {
	f.Add(octets(f, packet("0001", host, hostIP, host, otherIP)), true)
	f.Add(octets(f, packet("0002", broadcast, "ffffffff", host, otherIP)), false)
	f.Fuzz(func(t *testing.T, b []byte, same bool) {
		from := host
		if same && len(b) >= 14 {
			from = hex.EncodeToString(b[8:14])
		}
		h := listen(from, b)
		if len(h.outcomes) != 1 {
			t.Fatalf("outcomes %v, want one", h.outcomes)
		}
		if (len(h.observations) > 0) != (h.outcomes[0] == protocols.Parsed) {
			t.Errorf("outcome %v with %d observations", h.outcomes[0], len(h.observations))
		}
		for _, o := range h.observations {
			a := o.About.Addr
			if o.About.MAC.IsZero() || o.About.MAC.IsGroup() || a.IsValid() && (a.IsUnspecified() || a.IsMulticast() || a.IsLoopback()) {
				t.Errorf("states %v at %v", a, o.About.MAC)
			}
		}
	})
}
