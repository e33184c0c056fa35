package netbios_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/netbios"
)

const (
	active   = 0x0400
	conflict = 0x0800
	leaving  = 0x1000
	windows7 = 0x00011003
	server08 = 0x00009003
	samba    = 0x00809a03
)

func TestStatements(t *testing.T) {
	nodes := status(7, owned("CT01", 0, active), owned("RADIOLOGY", 0, active|groupFlag), owned("CT01", 0x20, active), owned("CANARY", 3, active),
		owned("OLD", 0, active|leaving), owned("TWICE", 0, active|conflict), owned("GONE", 0x20, 0))
	for _, c := range []struct {
		name string
		said []byte
		want string
	}{
		{"registration", registration(0x2910, "CT01", 0, 0, host), "hostname=CT01[parsed]"},
		{"registration of a group", registration(0x2910, "RADIOLOGY", 0, groupFlag, host), "domain=RADIOLOGY[parsed]"},
		{"refresh of the file service", registration(0x4010, "CT01", 0x20, 0, host), "hostname=CT01 role=offers-files[parsed]"},
		{"refresh by Windows", registration(0x4810, "CT01", 0, 0, host), "hostname=CT01[parsed]"},
		{"one of several addresses", registration(0x7900, "CT01", 0, 0, host), "hostname=CT01[parsed]"},
		{"a user", registration(0x2910, "CANARY", 3, 0, host), "[parsed]"},
		{"controllers", registration(0x2910, "CLINIC", 0x1c, groupFlag, host), "domain=CLINIC role=domain-controller[parsed]"},
		{"a group of web servers", registration(0x2910, "INet~Services", 0x1c, groupFlag, host), "[parsed]"},
		{"a domain's master browser", registration(0x2910, "CLINIC", 0x1b, 0, host), "domain=CLINIC role=netbios-master-browser[parsed]"},
		{"a group's master browser", registration(0x2910, "RADIOLOGY", 0x1d, 0, host), "domain=RADIOLOGY role=netbios-master-browser[parsed]"},
		{"who takes part in elections", registration(0x2910, "RADIOLOGY", 0x1e, groupFlag, host), "domain=RADIOLOGY[parsed]"},
		{"the name of all master browsers", registration(0x2910, "\x01\x02__MSBROWSE__\x02", 1, groupFlag, host), "[parsed]"},
		{"registration for another host", registration(0x2910, "CT01", 0, 0, other), "[parsed]"},
		{"release", registration(0x3010, "CT01", 0, 0, host), "[parsed]"},
		{"registration of two names", slices.Concat(header(0x2910, 1, 0, 1), encoded("CT01", 0), []byte{0, 0x20, 0, 1}, encoded("CT02", 0), resource(0x20, address(0, host))), "[malformed]"},
		{"registration without a pointer", slices.Concat(header(0x2910, 1, 0, 1), encoded("CT01", 0), []byte{0, 0x20, 0, 1}, encoded("CT01", 0), resource(0x20, address(0, host))), "hostname=CT01[parsed]"},
		{"question", query("CT01", 0x20), "[parsed]"},
		{"question for all names", query("*", 0x21), "[parsed]"},
		{"answer", response("CT01", 0x20, address(0, host)), "hostname=CT01 role=offers-files[parsed]"},
		{"answer with several addresses", response("CT01", 0, address(0, other), address(0, host)), "hostname=CT01[parsed]"},
		{"answer of a name server", response("CT01", 0, address(0, other)), "[parsed]"},
		{"answer to whoever asks for a proxy", response("WPAD", 0, address(0, host)), "[parsed]"},
		{"no such name", slices.Concat(header(0x8583, 0, 1, 0), encoded("CT01", 0), resource(0x20, address(0, host))), "[parsed]"},
		{"data of half an address", response("CT01", 0, address(0, host)[:5]), "[malformed]"},
		{"length that lies", response("CT01", 0, address(0, host), address(0, host))[:62], "[malformed]"},
		{"all names", nodes, "hostname=CT01 domain=RADIOLOGY role=offers-files[parsed]"},
		{"more names than there are", status(9, owned("CT01", 0, active)), "[truncated]"},
		{"more names than a node has", status(65, slices.Repeat([][]byte{owned("CT01", 0, active)}, 65)...), "[limit]"},
		{"a person's computer", registration(0x2910, "CANARY-PC", 0, 0, host), "[parsed]"},
		{"script", registration(0x2910, "<SCRIPT>", 0, 0, host), "[parsed]"},
		{"control characters", response("CT\x0701", 0, address(0, host)), "[parsed]"},
		{"no name", []byte{1, 2, 0x29, 0x10, 0, 1, 0, 0, 0, 0, 0, 1, 0x20, 'a'}, "[malformed]"},

		{"Windows 7", datagram(host, "CT01", 0x1d, browse(announcement(1, "CT01", 6, 1, windows7))),
			"hostname=CT01 domain=RADIOLOGY os_version=Windows NT 6.1 (workstation) role=offers-files[parsed]"},
		{"a server that is the master", datagram(host, "CT01", 0x1e, browse(announcement(15, "CT01", 6, 1, server08|0x40000))),
			"hostname=CT01 domain=RADIOLOGY os_version=Windows NT 6.1 (server) role=netbios-master-browser role=offers-files[parsed]"},
		{"a controller with printers", datagram(host, "DC01", 0x1d, browse(announcement(1, "DC01", 5, 2, 0x120b))),
			"hostname=DC01 domain=RADIOLOGY os_version=Windows NT 5.2 (server) role=domain-controller role=offers-files role=offers-print-queue[parsed]"},
		{"Samba", datagram(host, "NAS", 0x1d, browse(announcement(1, "NAS", 6, 1, samba))), "hostname=NAS domain=RADIOLOGY role=offers-files role=offers-print-queue[parsed]"},
		{"Windows 95", datagram(host, "OLD", 0x1d, browse(announcement(1, "OLD", 4, 0, 0x00402003))), "hostname=OLD domain=RADIOLOGY role=offers-files[parsed]"},
		{"a workgroup", datagram(host, "CT01", 1, browse(announcement(12, "RADIOLOGY", 3, 10, 0x80001000))), "domain=RADIOLOGY role=netbios-master-browser[parsed]"},
		{"a host that leaves", datagram(host, "CT01", 0x1d, browse(announcement(1, "CT01", 6, 1, 0))), "[parsed]"},
		{"of another host", datagram(host, "CT01", 0x1d, browse(announcement(1, "CT02", 6, 1, windows7))), "[parsed]"},
		{"passed on by another host", datagram(other, "CT01", 0x1d, browse(announcement(1, "CT01", 6, 1, windows7))), "[parsed]"},
		{"an election", datagram(host, "CT01", 0x1e, browse([]byte{8, 1, 0, 0, 0, 0})), "[unsupported]"},
		{"another mailslot", datagram(host, "CT01", 0, mailslot(`\MAILSLOT\NET\NETLOGON`, []byte{0})), "[unsupported]"},
		{"no transaction", datagram(host, "CT01", 0, []byte("hello")), "[unsupported]"},
		{"a fragment", with(datagram(host, "CT01", 0x1d, browse(announcement(1, "CT01", 6, 1, windows7))), 1, 3), "[unsupported]"},
		{"cut", cut(datagram(host, "CT01", 0x1d, browse(announcement(1, "CT01", 6, 1, windows7)))), "[truncated]"},
		{"announcement without an end", datagram(host, "CT01", 0x1d, browse(announcement(1, "CT01", 6, 1, windows7)[:31])), "[truncated]"},
		{"data outside", with(datagram(host, "CT01", 0x1d, browse(announcement(1, "CT01", 6, 1, windows7))), 82+33+25, 9), "[malformed]"},
	} {
		if got := said(listen(t, host, protocols.MAC{}, c.said)); strings.TrimSpace(got) != c.want {
			t.Errorf("%s: states\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func with(b []byte, at int, v byte) []byte { b[at] = v; return b }

func cut(b []byte) []byte { return b[:len(b)-1] }

// TestInvariant02NoNameOfAPrivateAddress: who made its address up has no name here; its
// workgroup and its system are no secret.
func TestInvariant02NoNameOfAPrivateAddress(t *testing.T) {
	private := protocols.MAC{0xda, 0xa1, 0x19, 0, 0, 1}
	for _, c := range []struct {
		said []byte
		want string
	}{
		{registration(0x2910, "CT01", 0x20, 0, host), "role=offers-files[parsed]"},
		{datagram(host, "CT01", 0x1d, browse(announcement(1, "CT01", 6, 1, windows7))), "domain=RADIOLOGY os_version=Windows NT 6.1 (workstation) role=offers-files[parsed]"},
	} {
		if got := said(listen(t, host, private, c.said)); got != c.want {
			t.Errorf("states %s, want %s", got, c.want)
		}
	}
}

func TestProbe(t *testing.T) {
	ns, b := netbios.NewNameService(), netbios.NewBrowser()
	message, gram := query("CT01", 0x20), datagram(host, "CT01", 0x1d, nil)
	for _, c := range []struct {
		name           string
		said           []byte
		names, browser protocols.Verdict
	}{
		{"question", message, protocols.Yes, protocols.No},
		{"datagram", gram, protocols.No, protocols.Yes},
		{"operation 3", with(slices.Clone(message), 2, 0x18), protocols.No, protocols.No},
		{"two questions", with(slices.Clone(message), 5, 2), protocols.No, protocols.No},
		{"a letter too high", with(slices.Clone(message), 20, 'Q'), protocols.No, protocols.No},
		{"a name of DNS", with(slices.Clone(message), 12, 31), protocols.No, protocols.No},
		{"another type", with(slices.Clone(message), 47, 1), protocols.No, protocols.No},
		{"cut in the name", message[:40], protocols.No, protocols.No},
		{"another datagram", with(slices.Clone(gram), 0, 0x13), protocols.No, protocols.No},
		{"a later fragment", with(slices.Clone(gram), 13, 1), protocols.No, protocols.No},
		{"nothing", nil, protocols.No, protocols.No},
	} {
		if got := ns.Probe(opening(c.said)); got != c.names {
			t.Errorf("%s: name service says %d", c.name, got)
		}
		if got := b.Probe(opening(c.said)); got != c.browser {
			t.Errorf("%s: browser says %d", c.name, got)
		}
	}
	for _, p := range []protocols.Protocol{ns, b} {
		if p.Probe(protocols.Opening{Transport: protocols.TCP, Bytes: gram}) != protocols.No {
			t.Errorf("%s over TCP", p.Name())
		}
	}
}
