package sdc_test

import (
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/sdc"
)

const (
	agentID   = "001BA9FFFE010203"
	managerID = "8877665544332211"
)

func associated(midstream bool) protocols.Session {
	return sdc.NewAssociation().Open(protocols.Context{Midstream: midstream})
}

func TestAssociation(t *testing.T) {
	agent, manager := "1:role=phd-agent; 1:eui64="+agentID, "1:role=phd-manager; 1:eui64="+managerID
	described := "1:manufacturer=Acme; 1:model=BP-1; 1:eui64=" + agentID + "; 1:serial_number=SN-77; 1:software_version=2.1; 1:hardware_version=A; 1:device_type=mdc:528391"
	report := data(0x0101, make([]byte, 500))
	hole := step{From: opener, Hole: true}
	for _, c := range []struct {
		name  string
		steps []step
		late  bool
		want  string
	}{
		{"standard configuration", []step{says(opener, aarq(agentID, 700))}, false, agent + "; 1:device_type=mdc:528391; parsed 1"},
		{"all of it", []step{says(opener, aarq(agentID, 0x4000)), says(acceptor, aare(3, managerID)), says(opener, report, attributeList(), report),
			says(opener, apdu(0xe400, []byte{0, 0})), says(acceptor, apdu(0xe500, []byte{0, 0}))}, false, agent + "; " + manager + "; " + described + "; parsed 7"},
		{"abort", []step{says(opener, aarq(agentID, 0x4000)), says(acceptor, apdu(0xe600, []byte{0, 1}))}, false, agent + "; parsed 2"},
		{"refused", []step{says(acceptor, aare(1, managerID))}, false, "parsed 1"},
		{"a placeholder as system id", []step{says(opener, aarq("0000000000000000", 0x4000))}, false, "1:role=phd-agent; parsed 1"},
		{"joined in data", []step{says(opener, []byte{1, 2, 0xe7, 3}, report, attributeList())}, true, described + "; parsed 2; resynchronised 1"},
		{"a hole in data", []step{says(opener, aarq(agentID, 0x4000), report[:13]), hole, says(opener, report[99:], attributeList())}, false,
			agent + "; " + described + "; parsed 3; resynchronised 1"},
		{"a hole in the request", []step{says(opener, aarq(agentID, 0)[:20]), hole, says(opener, report)}, false, "parsed 1; truncated 1; resynchronised 1"},
		{"another choice", []step{says(opener, apdu(0xe800, nil))}, false, "malformed 1"},
		{"lying lengths", []step{says(opener, aarq(agentID, 0)[:30], make([]byte, 60))}, false, "malformed 2"},
		{"data whose lengths differ", []step{says(opener, []byte{0xe7, 0, 0, 20, 0, 99, 0, 1, 2, 3, 0, 12, 0, 0})}, false, "malformed 1"},
		{"cut", []step{says(opener, aarq(agentID, 0)[:40])}, false, "truncated 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1 << 30, 1, 11} {
				r := run(t, associated(c.late), protocoltest.Fixed(size), c.steps...)
				if r.short() != c.want {
					t.Errorf("in pieces of %d says\n%s\nwant\n%s", size, r.short(), c.want)
				}
				checkNoCanary(t, r)
			}
		})
	}
}

func TestInvariant05AssociationByContent(t *testing.T) {
	report := data(0x0101, make([]byte, 40))
	for _, c := range []struct {
		name  string
		bytes []byte
		late  bool
		want  protocols.Verdict
	}{
		{"request", aarq(agentID, 0), false, protocols.Yes},
		{"answer", aare(0, managerID), false, protocols.Yes},
		{"data late", report, true, protocols.Yes},
		{"data first", report, false, protocols.No},
		{"a few octets", aarq(agentID, 0)[:8], false, protocols.More},
		{"nothing", nil, false, protocols.More},
		{"another protocol id", []byte{0xe2, 0, 0, 50, 0x80, 0, 0, 0, 0, 1, 0, 42, 1, 2}, false, protocols.No},
		{"TLS", []byte{0x16, 3, 1}, false, protocols.No},
	} {
		o := protocols.Opening{Transport: protocols.TCP, Midstream: c.late, Bytes: c.bytes}
		if v := sdc.NewAssociation().Probe(o); v != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, v, c.want)
		}
	}
}

func TestInvariant08ProbesDoNotAllocate(t *testing.T) {
	tcp := protocols.Opening{Transport: protocols.TCP, Midstream: true, Bytes: data(0x0101, make([]byte, 40))}
	udp := protocols.Opening{Transport: protocols.UDP, Bytes: []byte(hello(device{}))}
	for _, p := range []protocols.Protocol{sdc.NewAssociation(), sdc.NewDiscovery()} {
		if n := testing.AllocsPerRun(100, func() { p.Probe(tcp); p.Probe(udp) }); n != 0 {
			t.Errorf("%s: %v allocations", p.Name(), n)
		}
	}
}
