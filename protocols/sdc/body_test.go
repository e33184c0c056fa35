package sdc_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/sdc"
)

func TestBodies(t *testing.T) {
	system := "1:device_type=mdc:70001; 1:software_version=3.1; 1:hardware_version=C; 1:udi=(01)04049098000001(21)S9; 1:manufacturer=Dräger & Co; 1:model=Perseus; 1:serial_number=S9"
	module := "3:software_version=0.7; 3:model=Gas; 3:serial_number=V-S9"
	single := system + "; 1:role=sdc-provider; " + module
	for _, c := range []struct{ name, message, want string }{
		{"DPWS metadata", envelope(profile), "1:manufacturer=Acme; 1:model=Vent 3; 1:software_version=1.2; 1:serial_number=S1; parsed 1"},
		{"DPWS of 2006", older(envelope(profile)), "1:manufacturer=Acme; 1:model=Vent 3; 1:software_version=1.2; 1:serial_number=S1; parsed 1"},
		{"metadata of something else", strings.Replace(envelope(profile), "md:Med", "dp:Med", 1), "parsed 1"},
		{"standby, nobody associated", mdib(mds("S9"), mdsState("StndBy")+patient("Dis")), single + "; use=standby,true; parsed 1"},
		{"standby, somebody associated", mdib(mds("S9"), mdsState("StndBy")+patient("Assoc")), single + "; use=in-use,false; parsed 1"},
		{"on", mdib(mds("S9"), mdsState("On")), single + "; use=unknown,true; parsed 1"},
		{"off, with its place", mdib(mds("S9"), mdsState("Off")+place), single + "; 1:location=HOSP1 CU1 Bed 42; use=off,true; parsed 1"},
		{"a gateway with two systems", mdib(mds("S9")+mds("S8"), mdsState("StndBy")+mdsState("Off")),
			strings.ReplaceAll(system, "1:", "3:") + "; " + module + "; " +
				strings.ReplaceAll(strings.ReplaceAll(system, "1:", "3:"), "S9", "S8") + "; " + strings.ReplaceAll(module, "S9", "S8") + "; parsed 1"},
		{"a report of a context", envelope(`<m:EpisodicContextReport><m:ReportPart>` +
			strings.ReplaceAll(patient("Assoc"), "pm:State", "m:ContextState") + `</m:ReportPart></m:EpisodicContextReport>`), "use=in-use,false; parsed 1"},
		{"a report of a state", envelope(`<m:EpisodicComponentReport><m:ReportPart>` +
			strings.ReplaceAll(mdsState("StndBy"), "pm:State", "m:ComponentState") + `</m:ReportPart></m:EpisodicComponentReport>`), "use=unknown,false; parsed 1"},
		{"a UDI of a kind of device", mdib(strings.Replace(mds("S9"), "(21)S9", "(10)L1", 1), ""),
			strings.Replace(single, "1:udi=(01)04049098000001(21)S9; ", "", 1) + "; parsed 1"},
		{"firmware behind software", mdib(strings.Replace(mds("S9"), "531974", "531976", 1), ""),
			strings.Replace(single, "1:hardware_version=C; ", "", 1) + "; parsed 1"},
		{"firmware before software", mdib(strings.NewReplacer("531975", "531976", "531974", "531975").Replace(mds("S9")), ""),
			strings.Replace(strings.Replace(single, "1:hardware_version=C; ", "", 1), "=3.1", "=C", 1) + "; parsed 1"},
		{"firmware alone", mdib(strings.Replace(mds("S9"), "531975", "531976", 1), ""),
			single + "; parsed 1"},
		{"cut", mdib(mds("S9"), mdsState("Off"))[:1700], "truncated 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1 << 30, 1, 17} {
				r := run(t, body(), protocoltest.Fixed(size), says(acceptor, []byte(c.message)))
				if r.short() != c.want {
					t.Errorf("in pieces of %d says\n%s\nwant\n%s", size, r.short(), c.want)
				}
				checkNoCanary(t, r)
			}
		})
	}
}

// TestAHoleEndsABody: nothing is stated of a message that was not seen whole.
func TestAHoleEndsABody(t *testing.T) {
	m := []byte(mdib(mds("S9"), ""))
	r := run(t, body(), protocoltest.Whole, says(acceptor, m[:900]), step{From: acceptor, Hole: true}, says(acceptor, m[900:]))
	if r.short() != "truncated 1" {
		t.Errorf("says %s", r.short())
	}
}

// TestABodyIsBounded: text that nobody wants costs nothing, and has an end.
func TestABodyIsBounded(t *testing.T) {
	s, out := body(), (&result{}).sink(protocols.WSDiscovery)
	s.Segment(protocols.Segment{Bytes: []byte(strings.TrimSuffix(envelope("<d:x>"), "</s:Body></s:Envelope>"))}, out)
	piece := []byte(strings.Repeat("x", 1<<16))
	for range sdc.MaxBody>>16 - 1 {
		if s.Segment(protocols.Segment{Bytes: piece}, out) != 0 {
			break
		}
	}
	if n := s.Segment(protocols.Segment{Bytes: piece}, out); n != protocols.Everything {
		t.Errorf("skips %d after the bound", n)
	}
	if n := sdc.KeptBytes(s); n > 32<<10 {
		t.Errorf("holds %d octets", n)
	}
}
