package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/web"
)

// The coverage page shows, for each mirror port, how the kernel program is at work,
// rates, loss, what was shunted, what is wrong with what to check, and each VLAN and
// session, declared against heard.
func TestCoveragePage(t *testing.T) {
	w := newSite(t, sampleHouse()).as("reader").get("/coverage")
	for _, want := range []string{
		"in the driver (XDP)", "31\u202f204 frames/s", "412 Mbit/s", "10.0 Gbit/s", "1\u202f402\u202f118\u202f442 frames", "18\u202f221 frames", "the ring was full",
		"about 0.04 % (0.02 % to 0.07 %)", "VLAN 40 is declared and not heard.", "show monitor session", "untagged", "not declared", ">78 %<",
		"erspan", "VLAN 40 is declared and not heard.", "generic XDP: the driver did not take it", "operation not supported", "off, as configured",
		"Last minutes", "Skipped in the kernel (pixels, encrypted)", "Lost before the sensor (estimate)", "74.4 % of the frames", "50 % of the frames",
		"no hole in 88\u202f120 TCP segments", "– : not enough was heard to say; loss before the sensor needs 2\u202f000 TCP segments", "for 3 hours", "missing 40<",
		"2 more VLANs, not declared, with fewer than 100 frames", "somebody may be forging packets",
		"91 % of the conversations are encrypted", "1 type of device",
	} {
		if !strings.Contains(w.text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, no := range []string{"not known", "112 of", "2000 TCP", "since 3 hours", "tap silent", "span1 has been quiet", ">plain<", "missing 40, 50", "The changed configuration"} {
		if strings.Contains(w.text, no) {
			t.Errorf("the page says %q", no)
		}
	}
	if strings.Count(w.text, "VLAN 40 is declared and not heard.") != 1 {
		t.Error("a trouble is told twice")
	}
}

// tile is what the coverage page says of one tap of a house.
func tile(t *testing.T, tap web.Tap) string {
	t.Helper()
	h := sampleHouse()
	h.coverage.Taps, h.coverage.Holes = []web.Tap{tap}, nil
	page := newSite(t, h).as("reader").get("/coverage").text
	_, page, _ = strings.Cut(page, `<div class="tiles">`)
	page, _, _ = strings.Cut(page, "</div>")
	return page
}

// A tap that is down has no rates and no kernel program; when a silent one was heard
// is said to the second.
func TestTileSaysOnlyWhatIsKnown(t *testing.T) {
	for name, x := range map[string]struct {
		tap      web.Tap
		says, no []string
	}{
		"down":    {web.Tap{State: "down", Says: "there is no interface mon0", Shunt: "auto"}, []string{"tap-down", "there is no interface mon0", "never"}, []string{"frames/s", "bit/s", "Kernel program", "Disputed"}},
		"silent":  {web.Tap{State: "silent", LastHeard: ago(24 * time.Second), Shunt: "filter", Kernel: "filter"}, []string{"24 s ago", "0 frames/s, 0 bit/s", "socket filter, as configured"}, []string{"a moment ago"}},
		"hears":   {web.Tap{State: "hears", LastHeard: ago(3 * time.Second), Shunt: "generic", Kernel: "generic"}, []string{"a moment ago", "generic XDP, as configured"}, []string{"3 s ago"}},
		"waiting": {web.Tap{State: "waiting", Shunt: "auto", Kernel: "filter", Notes: []string{"it needs Linux 5.9"}}, []string{"pill tap-waiting", "socket filter: XDP was refused", "it needs Linux 5.9"}, []string{"as configured"}},
		"none":    {web.Tap{State: "hears", Shunt: "driver", Kernel: "none"}, []string{"none: every frame is read"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := tile(t, x.tap)
			for _, want := range x.says {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in %s", want, got)
				}
			}
			for _, no := range x.no {
				if strings.Contains(got, no) {
					t.Errorf("%q in %s", no, got)
				}
			}
		})
	}
}

// Many taps that are silent or down are one line on top of each page; one that waits
// for its first frame is none of them.
func TestSilentTapsAreOneAlarm(t *testing.T) {
	h := sampleHouse()
	h.coverage.Taps = []web.Tap{{Name: "span0", State: "hears"}, {Name: "span9", State: "waiting", Says: "span9 waits."}}
	for i := range 10 {
		h.coverage.Taps = append(h.coverage.Taps, web.Tap{Name: fmt.Sprintf("edge%d", i), State: []string{"silent", "down"}[i%2], Says: fmt.Sprintf("edge%d is quiet.", i)})
	}
	page := newSite(t, h).as("reader").get("/register").text
	if want := "10 of 12 taps are silent or down: edge0, edge1 and 8 more; uses under them are unknown."; !strings.Contains(page, want) {
		t.Errorf("no page says %q", want)
	}
	if strings.Contains(page, "edge3 is quiet") || strings.Contains(page, "span9 waits") {
		t.Error("an alarm a tap")
	}
}

// A configuration that was not taken is shown with its time until one is taken.
func TestRefusedConfigurationIsShown(t *testing.T) {
	h := sampleHouse()
	h.coverage.ReloadRefused = &web.Refusal{At: ago(6 * time.Minute), Says: "auscult.yaml:8: rulse is no key"}
	s := newSite(t, h)
	if page := s.as("reader").get("/coverage").text; !strings.Contains(page, "auscult.yaml:8: rulse is no key") || !strings.Contains(page, "6 minutes ago") {
		t.Error("the page does not show it")
	}
	if c := decode[web.Coverage](t, s.api("reader", "GET", "/api/v1/coverage", "")); c.ReloadRefused == nil || c.ReloadRefused.At != ago(6*time.Minute) {
		t.Errorf("the API says %+v", c.ReloadRefused)
	}
}
