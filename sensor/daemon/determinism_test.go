package daemon_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
)

// framesOf reads all frames of a capture.
func framesOf(t testing.TB, path string) []frame {
	t.Helper()
	file, err := capture.OpenFile(path, &sensor.Tap{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var all []frame
	var f sensor.Frame
	for {
		switch err := file.Next(&f); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, frame{When: f.When, Data: append([]byte(nil), f.Data...)})
	}
}

// captures are what these tests replay: a made-up round, the sample hospital, and
// the shared one where it is there.
func captures(t testing.TB) []string {
	t.Helper()
	round := filepath.Join(t.TempDir(), "round.pcap")
	f := newFilm(t, monday)
	for range 5 {
		f.round(contractPump("2.1", infusing()), ownPump("2.1", standingBy()))
	}
	f.save(t, round)
	all := []string{round}
	for _, pattern := range []string{"../demo/sample/*.pcap", "../../../shared/captures/stvincent*.pcap"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			t.Logf("nothing at %s", pattern)
		}
		all = append(all, found...)
	}
	return all
}

// TestInvariant06SameFramesSameInventory: however many workers dissect, in however
// many files the frames come, and however often: the same bytes.
func TestInvariant06SameFramesSameInventory(t *testing.T) {
	t.Parallel()
	for _, path := range captures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			frames := framesOf(t, path)
			half, third := splitAt(t, dir, "half", frames, len(frames)/2), splitAt(t, dir, "third", frames, len(frames)/3)
			want := must(t, "replay", "--format", "json", "--workers", "1", path).out
			if len(objects[map[string]any](t, want)) == 0 {
				t.Fatal("no device is heard")
			}
			for _, v := range []struct {
				name string
				args []string
			}{
				{"a second time", []string{"--workers", "1", path}},
				{"by four workers", []string{"--workers", "4", path}},
				{"from two files", append([]string{"--workers", "1"}, half...)},
				{"from two other files, by three workers", append([]string{"--workers", "3"}, third...)},
			} {
				if got := must(t, append([]string{"replay", "--format", "json"}, v.args...)...).out; got != want {
					t.Errorf("%s: %s", v.name, firstDifference(want, got))
				}
			}
		})
	}
}

// splitAt writes frames into two files.
func splitAt(t *testing.T, dir, name string, frames []frame, n int) []string {
	t.Helper()
	var paths []string
	for i, part := range [][]frame{frames[:n], frames[n:]} {
		path := filepath.Join(dir, name+string(rune('1'+i))+".pcap")
		if err := os.WriteFile(path, pcapOf(t, part), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// firstDifference shows where two texts part.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] == y[i] {
			continue
		}
		n := 0
		for n < min(len(x[i]), len(y[i])) && x[i][n] == y[i][n] {
			n++
		}
		from := max(0, n-60)
		return "device " + x[i][:min(24, len(x[i]))] + ": …" + x[i][from:min(len(x[i]), n+60)] + "… became …" + y[i][from:min(len(y[i]), n+60)] + "…"
	}
	return "the number of devices differs"
}

// TestInvariant06SameStateSameDecisions: two state files that are given the same
// say the same of findings and orders.
func TestInvariant06SameStateSameDecisions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := newPapers(t)
	config := write(t, dir, "auto.yaml", "mode: {default: auto}\n")
	f := newFilm(t, monday).round(contractPump("2.1", infusing()), ownPump("2.1", standingBy()))
	round := filepath.Join(dir, "round.pcap")
	f.save(t, round)
	var said [2]string
	for i := range said {
		state := filepath.Join(t.TempDir(), "state.db")
		for kind, file := range map[string]string{"assets": p.assets, "history": p.history, "engineers": p.engineers} {
			must(t, "register", "import", "--as-of", "2026-09-13", "--kind", kind, "--state", state, file)
		}
		must(t, "feeds", "import", "--state", state, p.feeds)
		must(t, "replay", "--config", config, "--state", state, round)
		for _, list := range []string{"devices", "findings", "orders"} {
			said[i] += must(t, list, "--format", "json", "--state", state).out
		}
	}
	if said[0] != said[1] {
		t.Error(firstDifference(said[0], said[1]))
	}
}
