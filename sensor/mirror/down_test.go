package mirror_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/mirror"
)

// A tap whose link is down from the beginning, and comes and goes, has rates that
// are numbers: a report that cannot be encoded blinds the page.
func TestRatesOfADeadLinkAreNumbers(t *testing.T) {
	m := mirror.New(mirror.Declared{Name: "span0", VLANs: []uint16{60}})
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for i := range 40 {
		at = at.Add(time.Second)
		up := i > 10 && i%7 != 0
		s := mirror.Snapshot{At: at, LinkUp: up}
		if up {
			s.Frames, s.Bytes = uint64(i*100), uint64(i*100*800)
		}
		m.Hear(s)
		if _, err := json.Marshal(m.Report()); err != nil {
			t.Fatalf("after %d s, link up %v: %v", i, up, err)
		}
	}
}
