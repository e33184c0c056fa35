package daemon_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// lastWord lets the pumps speak once more and returns what the sensor then knows.
func (p *path) lastWord() known {
	p.t.Helper()
	began := time.Now()
	p.pumps(contractPump("2.1", infusing()), ownPump("2.2", standingBy()))
	var k known
	p.box.await("the last word is heard", func() bool {
		k = p.box.known()
		u := k.control(p.t, "000101").Use
		return u.State == protocols.InUse && u.ObservedAt.After(began) && k.control(p.t, "000102").Use.ObservedAt.After(began)
	})
	return k
}

// liveAndReplay compares what the running sensor knew with a replay of the frames
// that it heard: every identity and every use. Counts and times may differ a
// little.
func (p *path) liveAndReplay(t *testing.T, live known) {
	config := write(t, t.TempDir(), "north.yaml", "site: north\n")
	replayed := objects[inventory.Device](t, must(t, "replay", "--config", config, "--format", "json", p.heard).out)
	want, got := essences(t, live.devices), essences(t, replayed)
	for _, e := range want {
		if !slices.Contains(got, e) {
			t.Errorf("only heard live: %s", e)
		}
	}
	for _, e := range got {
		if !slices.Contains(want, e) {
			t.Errorf("only in the replay: %s", e)
		}
	}
	if len(want) < 8 {
		t.Errorf("%d devices were heard", len(want))
	}
}

// essences is who each heard device is and what it does, without what the register
// adds, and without counts and times.
func essences(t *testing.T, devices []inventory.Device) []string {
	t.Helper()
	var all []string
	for _, d := range devices {
		if d.Presence == inventory.RegisterOnly {
			continue
		}
		wire := map[string]bool{}
		for _, e := range d.Evidence {
			if e.Protocol != "register" {
				wire[fmt.Sprintf("%s=%s by %s %s", e.Attribute, e.Value, e.Protocol, e.Field)] = true
			}
		}
		said := make([]string, 0, len(wire))
		for w := range wire {
			said = append(said, w)
		}
		slices.Sort(said)
		if len(d.MACs) == 0 && d.SerialNumber == "" {
			d.ID = "" // by an address of a tap, and a replay has another tap
		}
		raw, err := json.Marshal([]any{d.ID, d.Presence, d.MACs, d.IPs, d.Hostnames, d.AETitles, d.Roles, said, d.Use.State, d.Use.Agent, d.Use.Channels})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(raw))
	}
	return all
}
