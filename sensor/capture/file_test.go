package capture_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
)

var update = flag.Bool("update", false, "write the golden files anew; read them before they are kept")

var tap = &sensor.Tap{Site: "site", Name: "tap"}

// dump reads a capture to its end and writes one line a frame, then the error.
func dump(r io.Reader) string {
	var out strings.Builder
	f, err := capture.NewFile(r, "test", tap)
	if err != nil {
		return fmt.Sprintf("open: %v\n", err)
	}
	for {
		var frame sensor.Frame
		if err = f.Next(&frame); err != nil {
			break
		}
		fmt.Fprintf(&out, "%s link=%d wire=%d %q\n", frame.When.Format(time.RFC3339Nano), frame.Link, frame.Length, frame.Data)
	}
	stats := f.Stats()
	fmt.Fprintf(&out, "frames=%d bytes=%d lost=%d end: %v\n", stats.Frames, stats.Bytes, stats.KernelDrops, err)
	return out.String()
}

// flavours are the same few packets in every way a file can hold them.
func flavours(t testing.TB) map[string][]byte {
	s := samples()
	nano := func(s sample) sample { s.ticks = s.ticks*1000 + 7; return s }
	plain := pcapFile(little, s...)
	ng := join(section(little), describe(little, 1, 0), enhanced(little, s[0]), enhanced(little, s[1]), enhanced(little, s[2]))
	all := map[string][]byte{
		"pcap-little-micro":  plain,
		"pcap-big-micro":     pcapFile(big, s...),
		"pcap-empty":         pcapFile(little),
		"pcap-little-nano":   join(pcapHead(little, 0xa1b23c4d, 2, 4, 113), pcapRecord(little, nano(s[0]), 1e9, 0), pcapRecord(little, nano(s[1]), 1e9, 0)),
		"pcap-big-nano":      join(pcapHead(big, 0xa1b23c4d, 2, 4, 276), pcapRecord(big, nano(s[0]), 1e9, 0), pcapRecord(big, nano(s[1]), 1e9, 0)),
		"pcap-modified":      join(pcapHead(big, 0xa1b2cd34, 2, 4, 1), pcapRecord(big, s[0], 1e6, 8), pcapRecord(big, s[1], 1e6, 8)),
		"pcap-with-fcs":      join(pcapHead(little, 0xa1b2c3d4, 2, 4, 0x24000001), pcapRecord(little, s[0], 1e6, 0)),
		"pcap-beyond-snap":   join(pcapHead(little, 0xa1b2c3d4, 2, 4, 101), pcapRecord(little, sample{data: strings.Repeat("x", 70000)[:70000]}, 1e6, 0))[:24+16+70000],
		"pcap-gzip":          zipped(t, plain),
		"pcap-gzip-members":  join(zipped(t, plain[:50]), zipped(t, nil), zipped(t, plain[50:])),
		"pcapng-little":      ng,
		"pcapng-gzip":        zipped(t, ng),
		"pcapng-big":         join(section(big), describe(big, 1, 0), enhanced(big, s[0]), enhanced(big, s[1]), enhanced(big, s[2])),
		"pcapng-resolutions": resolutions(),
		"pcapng-offset": join(section(big), describe(big, 1, 0, timeOffset(big, 3600)), enhanced(big, s[0]),
			describe(big, 1, 0, resolution(big, 9), timeOffset(big, -3600)), enhanced(big, sample{iface: 1, ticks: s[0].ticks * 1000, data: "b"})),
		"pcapng-simple": join(section(little), describe(little, 228, 4), simple(little, sample{data: "notime"[:4], length: 6}),
			enhanced(little, s[0]), simple(little, sample{data: "abc"})),
		"pcapng-obsolete": join(section(little), describe(little, 1, 0), obsolete(little, s[0]), enhanced(little, s[1])),
		"pcapng-unknown-blocks": join(section(little), block(little, 4, []byte("names")), describe(little, 1, 0),
			block(little, 0x80000abc, bytes.Repeat([]byte("custom"), 400_000)), enhanced(little, s[0]), block(little, 10, []byte("key")), enhanced(little, s[1])),
		"pcapng-losses": join(section(little), describe(little, 1, 0), statistics(little, 0, 1, 2), enhanced(little, s[0]),
			statistics(little, 0, 10, 5), statistics(little, 9, 1, 1), section(big), describe(big, 1, 0), statistics(big, 0, 3, 0)),
	}
	all["pcapng-sections"] = join(ng, section(big), describe(big, 101, 0), describe(big, 113, 0),
		enhanced(big, sample{iface: 1, ticks: s[0].ticks, data: "cooked"}), enhanced(big, s[0]))
	return all
}

// resolutions puts half past the first second of 1970 on every kind of clock.
func resolutions() []byte {
	clocks := []struct {
		code  byte
		ticks uint64
	}{
		{0, 1}, {1, 15}, {3, 1500}, {6, 1_500_000}, {9, 1_500_000_000}, {12, 1_500_000_000_000}, {18, 1_500_000_000_000_000_000},
		{19, 15_000_000_000_000_000_000}, {20, 15_000_000_000_000_000_000}, {100, 5},
		{0x80, 1}, {0x81, 3}, {0x80 | 10, 1536}, {0x80 | 32, 3 << 31}, {0x80 | 63, 3 << 62}, {0x80 | 64, 1 << 63}, {0x80 | 65, 1 << 63}, {0xff, ^uint64(0)},
	}
	b := section(little)
	for i, c := range clocks {
		b = join(b, describe(little, 1, 0, option(little, 2, []byte("eth")), resolution(little, c.code)),
			enhanced(little, sample{iface: uint32(i), ticks: c.ticks, data: fmt.Sprintf("%#x", c.code)}))
	}
	return b
}

func TestFlavours(t *testing.T) {
	for name, file := range flavours(t) {
		t.Run(name, func(t *testing.T) {
			got := dump(bytes.NewReader(file))
			if name == "pcap-beyond-snap" {
				got = strings.ReplaceAll(got, strings.Repeat("x", 70000), "70000 times x")
			}
			golden(t, name, got)
		})
	}
}

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func TestChunkingChangesNothing(t *testing.T) {
	for name, file := range flavours(t) {
		whole := dump(bytes.NewReader(file))
		if got := dump(iotest.OneByteReader(bytes.NewReader(file))); got != whole {
			t.Errorf("%s, a byte at a time:\n%swhole:\n%s", name, got, whole)
		}
		if got := dump(iotest.DataErrReader(bytes.NewReader(file))); got != whole {
			t.Errorf("%s, end told with the last bytes:\n%swhole:\n%s", name, got, whole)
		}
	}
}

// TestTruncated cuts every flavour at every place: the frames before the cut are
// those of the whole file, and the error says where.
func TestTruncated(t *testing.T) {
	for name, file := range flavours(t) {
		if len(file) > 10_000 {
			continue // the large ones differ from the small ones in nothing but size
		}
		whole := lines(dump(bytes.NewReader(file)))
		for n := range len(file) {
			got := lines(dump(bytes.NewReader(file[:n])))
			for i, line := range got[:len(got)-1] {
				if line != whole[i] {
					t.Fatalf("%s cut at %d: frame %d is %s, want %s", name, n, i, line, whole[i])
				}
			}
			end := got[len(got)-1]
			if !strings.Contains(end, "damaged at byte") && !strings.Contains(end, "EOF") && !strings.HasPrefix(end, "open: ") {
				t.Fatalf("%s cut at %d: %s", name, n, end)
			}
		}
	}
}

func lines(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }

func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "no-name-that-helps")
	file := zipped(t, pcapFile(little, samples()...))
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := capture.OpenFile(path, tap)
	if err != nil {
		t.Fatal(err)
	}
	var frame sensor.Frame
	for range samples() {
		if err := f.Next(&frame); err != nil {
			t.Fatal(err)
		}
		if frame.Tap != tap || frame.When.Location() != time.UTC {
			t.Errorf("frame of tap %v, time zone %v", frame.Tap, frame.When.Location())
		}
	}
	for range 2 {
		if err := f.Next(&frame); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
	}
	if done, total := f.Progress(); done != int64(len(file)) || total != int64(len(file)) {
		t.Errorf("progress %d of %d, want all of %d", done, total, len(file))
	}
	for range 2 {
		if err := f.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if err := f.Next(&frame); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Next after Close: %v", err)
	}
}

func TestOpenFileRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := capture.OpenFile(dir, tap); err == nil || !strings.Contains(err.Error(), "is a folder; name the capture files") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := capture.OpenFile(filepath.Join(dir, "none"), tap); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// TestLater is the largest time that a pcap file can tell.
func TestLater(t *testing.T) {
	got := dump(bytes.NewReader(pcapFile(little, sample{ticks: 0xffffffff * 1e6, data: "x"})))
	if !strings.HasPrefix(got, "2106-02-07T06:28:15Z ") {
		t.Error(got)
	}
}

func TestNextAllocatesNothing(t *testing.T) {
	const runs = 2000
	ng := join(section(little), describe(little, 1, 0))
	classic := pcapFile(little)
	for range runs + 10 {
		ng = append(ng, enhanced(little, samples()[0])...)
		classic = append(classic, pcapRecord(little, samples()[0], 1e6, 0)...)
	}
	for name, file := range map[string][]byte{"pcap": classic, "pcapng": ng} {
		f, err := capture.NewFile(bytes.NewReader(file), name, tap)
		if err != nil {
			t.Fatal(err)
		}
		var frame sensor.Frame
		if n := testing.AllocsPerRun(runs, func() {
			if err := f.Next(&frame); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a packet, want none", name, n)
		}
	}
}

func BenchmarkFileNext(b *testing.B) {
	record := sample{ticks: 1609556645_000006, data: strings.Repeat("0123456789abcdef", 50)}
	ng := join(section(little), describe(little, 1, 0))
	classic := pcapFile(little)
	const packets = 10_000
	for range packets {
		ng = append(ng, enhanced(little, record)...)
		classic = append(classic, pcapRecord(little, record, 1e6, 0)...)
	}
	for name, file := range map[string][]byte{"pcap": classic, "pcapng": ng, "pcap-gzip": zipped(b, classic)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(record.data)))
			var f *capture.File
			var frame sensor.Frame
			for i := range b.N {
				if i%packets == 0 {
					var err error
					if f, err = capture.NewFile(bytes.NewReader(file), name, tap); err != nil {
						b.Fatal(err)
					}
				}
				if err := f.Next(&frame); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
