package capture_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
)

// shared is where the test data beside the repository is, seen from here.
const shared = "../../../shared/captures/public"

// TestPublicCaptures reads captures that other projects published. Each must come
// to an end, and what ends early must say why.
func TestPublicCaptures(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(shared, "*.pcap*"))
	if err != nil || len(paths) == 0 {
		t.Skipf("no captures in %s (%v); put them there to run this test", shared, err)
	}
	packets := publicCounts(t)
	for _, path := range paths {
		f, err := capture.OpenFile(path, tap)
		if err != nil {
			t.Logf("refused: %v", err)
			continue
		}
		var frame sensor.Frame
		for err == nil {
			err = f.Next(&frame)
		}
		stats := f.Stats()
		var damaged *sensor.DamagedError
		switch {
		case errors.As(err, &damaged):
			t.Logf("%d frames, then %v", stats.Frames, err)
		case err != io.EOF:
			t.Errorf("%v", err)
		}
		if want := packets[filepath.Base(path)]; want != "" && want != strconv.FormatUint(stats.Frames, 10) {
			t.Errorf("%s: %d frames, the index says %s", filepath.Base(path), stats.Frames, want)
		}
		if done, total := f.Progress(); err == io.EOF && done != total {
			t.Errorf("%s: progress %d of %d at the end", path, done, total)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// publicCounts are the packets in each file, as the index beside them says.
func publicCounts(t *testing.T) map[string]string {
	t.Helper()
	index, err := os.ReadFile(filepath.Join(shared, "INDEX.tsv"))
	if err != nil {
		t.Logf("no index: %v", err)
	}
	counts := map[string]string{}
	for line := range strings.Lines(string(index)) {
		if fields := strings.Split(line, "\t"); len(fields) > 4 {
			counts[fields[0]] = fields[4]
		}
	}
	return counts
}
