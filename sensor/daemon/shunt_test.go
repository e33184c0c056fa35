package daemon_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/bpf"
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/all"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

// seam is the kernel program itself, which is given frames one by one, with the
// pipeline behind it: what is dropped is decided as on a mirror port, in the same
// order each time.
type seam struct {
	t     testing.TB
	tap   *bpf.Tap
	spoil func(*bpf.Range) // nil spoils none
	asked int
}

var _ sensor.Shunt = (*seam)(nil)

func newSeam(t testing.TB) *seam {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to load the kernel program")
	}
	tap, err := bpf.LoadTap(bpf.Options{Conversations: 1 << 12, Ranges: 1 << 10})
	if err != nil {
		t.Skipf("the kernel program cannot be loaded here: %v", err)
	}
	t.Cleanup(func() {
		if err := tap.Close(); err != nil {
			t.Error(err)
		}
	})
	return &seam{t: t, tap: tap}
}

func way(w sensor.Way) bpf.Way {
	number := map[protocols.Transport]uint8{protocols.TCP: 6, protocols.UDP: 17}[w.Transport]
	return bpf.Way{From: w.From, To: w.To, Protocol: number}
}

func (s *seam) Skip(ranges []sensor.Skip) {
	for _, r := range ranges {
		s.asked++
		if r.For == 0 {
			if err := s.tap.Forget([]bpf.Way{way(r.Way)}); err != nil {
				s.t.Error(err)
			}
			continue
		}
		k := bpf.Range{Way: way(r.Way), Start: r.Start, End: r.End, ISN: r.ISN, ISNKnown: r.ISNKnown, Whole: r.Whole, For: r.For}
		if s.spoil != nil {
			s.spoil(&k)
		}
		if _, err := s.tap.Skip([]bpf.Range{k}); err != nil {
			s.t.Error(err)
		}
	}
}

func (s *seam) Skipped(w sensor.Way) (sensor.Skipped, bool) {
	a, known, err := s.tap.Account(way(w))
	if err != nil {
		s.t.Error(err)
	}
	return sensor.Skipped{Packets: a.SkippedPackets, Bytes: a.SkippedBytes, Repeated: a.RepeatedBytes}, known
}

// nobody hears nothing.
type nobody struct{}

func (nobody) Observe(protocols.Observation)   {}
func (nobody) Converse(protocols.Conversation) {}

// passed is what of a capture the kernel passes, with the pipeline asking it to
// drop.
func (s *seam) passed(frames []frame) (kept []frame) {
	s.t.Helper()
	tap := &sensor.Tap{Site: "north", Name: "seam"}
	fan := flow.NewFan(1, flow.Decoding{New: func() flow.Decoder { return decode.New() }, Spread: decode.Spread}, flow.Options{Shunt: s}, all.All(), nobody{})
	for i, x := range frames {
		dropped, err := s.tap.Run(x.Data)
		if err != nil {
			s.t.Fatal(err)
		}
		if dropped {
			continue
		}
		kept = append(kept, x)
		fan.Frame(&sensor.Frame{Data: x.Data, Length: len(x.Data), When: x.When, Link: sensor.LinkEthernet, Tap: tap})
		if i%64 == 0 {
			fan.Flush()
		}
	}
	fan.Close()
	return kept
}

// bulky is a film of two scanners that store large images, and of what a hospital
// says in between.
func bulky(t testing.TB) *film { return bulkyAt(t, monday) }

func bulkyAt(t testing.TB, at time.Time) *film {
	t.Helper()
	archive := party{MAC: "00:00:5e:00:53:50", Address: "10.40.1.50"}
	ct := scanner{party{MAC: "00:00:5e:00:53:51", Address: "10.40.1.51"}, "CT-ROOM-1", "Example Imaging", "Helix 64", "HX-000451", "7.1.2"}
	dr := scanner{party{MAC: "00:00:5e:00:53:52", Address: "10.40.1.52"}, "DR-ROOM-2", "Example Imaging", "Flat 3", "FL-000452", "2.0"}
	return newFilm(t, at).round(contractPump("2.1", infusing())).
		stores(ct, archive, 3, 1_500_000).
		round(contractPump("2.1", infusing()), ownPump("2.1", standingBy())).
		stores(dr, archive, 2, 900_001).
		stores(ct, archive, 1, 400_000).
		round(ownPump("2.2", standingBy()))
}

// bulkCaptures are the captures of these tests as frames, by name.
func bulkCaptures(t testing.TB) map[string][]frame {
	found := map[string][]frame{"two scanners": bulky(t).Frames}
	for _, path := range captures(t) {
		if name := filepath.Base(path); strings.HasPrefix(name, "morning") || strings.HasPrefix(name, "stvincent") {
			found[name] = framesOf(t, path)
		}
	}
	return found
}

// heardIn is the inventory of frames, at the site of the boxes.
func heardIn(t testing.TB, frames []frame) []inventory.Device {
	t.Helper()
	dir := t.TempDir()
	path, config := filepath.Join(dir, "frames.pcap"), write(t, dir, "north.yaml", "site: north\n")
	if err := os.WriteFile(path, pcapOf(t, frames), 0o600); err != nil {
		t.Fatal(err)
	}
	return objects[inventory.Device](t, must(t, "replay", "--config", config, "--format", "json", path).out)
}

// TestInvariant06ShuntAgreesWithReplay: what is heard behind the kernel program is
// what is heard without it, in every identity and use.
func TestInvariant06ShuntAgreesWithReplay(t *testing.T) {
	t.Parallel()
	for name, frames := range bulkCaptures(t) {
		t.Run(name, func(t *testing.T) {
			s := newSeam(t)
			kept := s.passed(frames)
			if name == "two scanners" && (s.asked == 0 || len(kept) > len(frames)/5) {
				t.Fatalf("%d of %d frames passed, %d ranges were asked for: nothing is tested", len(kept), len(frames), s.asked)
			}
			t.Logf("%d of %d frames passed, %d ranges", len(kept), len(frames), s.asked)
			want, got := essences(t, heardIn(t, frames)), essences(t, heardIn(t, kept))
			for i, e := range want {
				if i >= len(got) || got[i] != e {
					t.Fatalf("without the program:\n%s\nbehind it:\n%s", e, strings.Join(got, "\n"))
				}
			}
		})
	}
}

// TestInvariant06SpoiltRangesMakeNoStatement: a range that is wrong, late or lost
// costs what it hides. Nothing is said that would not have been said.
func TestInvariant06SpoiltRangesMakeNoStatement(t *testing.T) {
	t.Parallel()
	frames := bulky(t).Frames
	whole := heardIn(t, frames)
	said := statements(whole)
	good := newSeam(t).passed(frames)
	lost, hidden := 0, 0
	for seed := range uint64(12) {
		s, r := newSeam(t), rand.New(rand.NewPCG(seed, 9))
		s.spoil = func(k *bpf.Range) { spoil(r, k) }
		kept := s.passed(frames)
		hidden += missingOf(good, kept)
		devices := heardIn(t, kept)
		for _, x := range statements(devices) {
			if !slices.Contains(said, x) {
				t.Errorf("seed %d: %s was never said", seed, x)
			}
		}
		for _, d := range devices {
			i := slices.IndexFunc(whole, func(o inventory.Device) bool { return o.ID == d.ID })
			if i >= 0 && d.Use.State == protocols.Idle && whole[i].Use.State != protocols.Idle {
				t.Errorf("seed %d: %s is idle, and is %s", seed, d.ID, whole[i].Use.State)
			}
		}
		lost += len(said) - len(statements(devices))
	}
	t.Logf("%d frames that were needed were hidden, %d of %d statements lost", hidden, lost, 12*len(said))
	if hidden == 0 {
		t.Error("nothing was spoilt")
	}
}

// missingOf is how many frames of a are not in b; both are in order.
func missingOf(a, b []frame) (n int) {
	at := map[string]bool{}
	for _, x := range b {
		at[x.When.String()] = true
	}
	for _, x := range a {
		if !at[x.When.String()] {
			n++
		}
	}
	return n
}

// spoil changes a range at random, in the ways in which memory, clocks and
// sequence numbers go wrong.
func spoil(r *rand.Rand, k *bpf.Range) {
	switch r.IntN(6) {
	case 0:
		k.End = k.Start + r.Uint32N(1<<30)
	case 1:
		k.Start -= r.Uint32N(1 << 20)
	case 2:
		k.Start = r.Uint32()
		k.End = k.Start + r.Uint32N(1<<30)
	case 3:
		k.ISN, k.ISNKnown = r.Uint32(), r.IntN(2) == 0
	case 4:
		k.For = time.Microsecond
	}
}

// statements is everything that is said of devices, each once.
func statements(devices []inventory.Device) []string {
	var all []string
	for _, d := range devices {
		for _, e := range d.Evidence {
			all = append(all, e.Attribute+"="+e.Value+" by "+e.Protocol+" "+e.Field)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
