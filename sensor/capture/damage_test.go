package capture_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
)

// readAll returns the frames' bytes up to the error that ended them.
func readAll(r io.Reader) (frames []string, err error) {
	f, err := capture.NewFile(r, "case.pcap", tap)
	if err != nil {
		return nil, err
	}
	for {
		var frame sensor.Frame
		if err := f.Next(&frame); err != nil {
			return frames, err
		}
		frames = append(frames, string(frame.Data))
	}
}

func TestDamaged(t *testing.T) {
	s := samples()
	one := pcapRecord(little, s[0], 1e6, 0)
	head := pcapHead(little, 0xa1b2c3d4, 2, 4, 1)
	ngHead := join(section(little), describe(little, 1, 0))
	absurd := join(little.AppendUint32(nil, 0), little.AppendUint32(nil, 0), little.AppendUint32(nil, 0xfffffff0), little.AppendUint32(nil, 60))
	longTail := enhanced(little, s[0])
	longTail[len(longTail)-1] = 1
	tests := []struct {
		name   string
		file   []byte
		frames int
		offset int64
		says   string
	}{
		{"pcap, cut inside a record header", join(head, one, one[:7]), 1, 24 + 28, "ends here: 16 bytes expected, 7 there"},
		{"pcap, cut inside a packet", join(head, one, one, one[:20]), 2, 24 + 56, "ends here: 28 bytes expected, 20 there"},
		{"pcap, absurd length", join(head, one, absurd, one), 1, 24 + 28, "a packet of 4294967280 bytes, more than the 262144 that are sensible"},
		{"gzip, cut", zipped(t, join(head, one, one))[:40], 0, 24, "compressed file ends too early"},
		{"gzip, bit turned", flip(zipped(t, join(head, one, one))), 2, 24 + 56, "compression is damaged"},
		{"pcapng, cut inside a block", join(ngHead, longTail[:30]), 0, 48, "ends here"},
		{"pcapng, cut inside a passed block", join(ngHead, block(little, 99, make([]byte, 100))[:50]), 0, 48, "ends here"},
		{"pcapng, cut before the last length", join(ngHead, block(little, 99, make([]byte, 100))[:108]), 0, 48, "ends here"},
		{"pcapng, lengths differ", join(ngHead, enhanced(little, s[0]), longTail, enhanced(little, s[0])), 1, 48 + 60, "a block of 60 bytes that ends as one of 16777276"},
		{"pcapng, passed block's lengths differ", join(ngHead, []byte{99, 0, 0, 0, 12, 0, 0, 0, 16, 0, 0, 0}), 0, 48, "a block of 12 bytes that ends as one of 16"},
		{"pcapng, length that is no multiple of 4", join(ngHead, []byte{6, 0, 0, 0, 33, 0, 0, 0, 0, 0, 0, 0}), 0, 48, "a block of 33 bytes, which is no possible length"},
		{"pcapng, length below the least", join(ngHead, []byte{6, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0}), 0, 48, "a block of 8 bytes, which is no possible length"},
		{"pcapng, absurd block", join(ngHead, []byte{6, 0, 0, 0, 0, 0, 0, 0x70, 0, 0, 0, 0}), 0, 48, "more than the"},
		{"pcapng, second section cut", join(ngHead, enhanced(little, s[0]), section(big)[:20]), 1, 48 + 60, "ends here: 28 bytes expected, 20 there"},
		{"pcapng, second section without its magic", join(ngHead, section(big)[:8], make([]byte, 20)), 0, 48, "without its byte-order magic"},
		{"pcapng, second section of version 2", join(ngHead, patch(section(little), 12, 2)), 0, 48, "version 2"},
		// The rest is stepped over: what stands behind it is read too.
		{"pcapng, unknown interface", join(ngHead, enhanced(little, sample{iface: 3, data: "x"}), enhanced(little, s[0])), 1, 48, "a packet of interface 3, of which the file has described 1"},
		{"pcapng, packet longer than its block", join(ngHead, patch(enhanced(little, s[0]), 21, 1), enhanced(little, s[0])), 1, 48, "a packet of 268 bytes in a block that has room for 28"},
		{"pcapng, absurd packet", join(ngHead, patch(enhanced(little, s[0]), 22, 255), enhanced(little, s[0])), 1, 48, "more than the 262144"},
		{"pcapng, packet block without header", join(ngHead, block(little, 6, make([]byte, 16)), enhanced(little, s[0])), 1, 48, "too short for its header"},
		{"pcapng, old packet block without header", join(ngHead, block(little, 2, nil), enhanced(little, s[0])), 1, 48, "too short for its header"},
		{"pcapng, simple block without header", join(ngHead, block(little, 3, nil), enhanced(little, s[0])), 1, 48, "too short for its header"},
		{"pcapng, simple packet longer than its block", join(ngHead, patch(simple(little, sample{data: "abcd"}), 8, 9), enhanced(little, s[0])), 1, 48, "room for 4"},
		{"pcapng, simple packet without interface", join(section(little), simple(little, s[0]), describe(little, 1, 0), enhanced(little, s[0])), 1, 28, "described 0"},
		{"pcapng, interface block without header", join(section(little), block(little, 1, nil), describe(little, 1, 0), enhanced(little, s[0])), 1, 28, "an interface block of 0 bytes"},
		{"pcapng, after the year 9999", join(ngHead, describe(little, 1, 0, resolution(little, 0)), enhanced(little, sample{iface: 1, ticks: 1 << 40, data: "x"}), enhanced(little, s[0])), 1, 48 + 32, "outside the years"},
		{"pcapng, absurd time offset", join(section(little), describe(little, 1, 0, timeOffset(little, 1<<62)), enhanced(little, s[0])), 0, 28 + 36, "outside the years"},
		{"pcapng, before the year 1", join(section(little), describe(little, 1, 0, timeOffset(little, -62135596801)), enhanced(little, sample{data: "x"})), 0, 28 + 36, "outside the years"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			frames, err := readAll(bytes.NewReader(test.file))
			if len(frames) != test.frames {
				t.Errorf("%d frames, want %d", len(frames), test.frames)
			}
			var damaged *sensor.DamagedError
			if !errors.As(err, &damaged) {
				t.Fatalf("error %v, want a DamagedError", err)
			}
			if damaged.Offset != test.offset || damaged.Path != "case.pcap" || !strings.Contains(damaged.Err.Error(), test.says) {
				t.Errorf("%v\nwant offset %d and %q", err, test.offset, test.says)
			}
		})
	}
}

// patch is b with one octet changed.
func patch(b []byte, at int, v byte) []byte {
	b = bytes.Clone(b)
	b[at] = v
	return b
}

// flip breaks the checksum at the end of a gzip member.
func flip(b []byte) []byte { return patch(b, len(b)-5, b[len(b)-5]^1) }

func TestEndIsLasting(t *testing.T) {
	f, err := capture.NewFile(bytes.NewReader(pcapFile(little, samples()...)[:50]), "case.pcap", tap)
	if err != nil {
		t.Fatal(err)
	}
	var frame sensor.Frame
	first := f.Next(&frame)
	if second := f.Next(&frame); first == nil || second != first {
		t.Errorf("first %v, then %v", first, second)
	}
}

func TestReadErrorIsTold(t *testing.T) {
	broken := errors.New("disk on fire")
	whole := pcapFile(little, samples()...)
	frames, err := readAll(io.MultiReader(bytes.NewReader(whole[:60]), iotest.ErrReader(broken)))
	if len(frames) != 1 || !errors.Is(err, broken) {
		t.Errorf("%d frames, %v", len(frames), err)
	}
	if _, err := readAll(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("at the start: %v", err)
	}
}

func TestTooManyInterfaces(t *testing.T) {
	file := section(little)
	for range 5000 {
		file = append(file, describe(little, 1, 0)...)
	}
	frames, err := readAll(bytes.NewReader(append(file, enhanced(little, samples()[0])...)))
	if len(frames) != 1 || err == nil || !strings.Contains(err.Error(), "more than 4096 interfaces") {
		t.Errorf("%d frames, %v", len(frames), err)
	}
}

func TestNoCapture(t *testing.T) {
	var once bytes.Buffer
	z := gzip.NewWriter(&once)
	if _, err := z.Write(zipped(t, []byte("twice"))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, file, says string }{
		{"empty", "", "the file is empty; record it again"},
		{"three bytes", "abc", "only 3 bytes"},
		{"text", "control number;serial\nA1;ä\n", "looks like text; name a pcap"},
		{"text cut inside a character", strings.Repeat("x", 511) + "ä", "looks like text"},
		{"zip", "PK\x03\x04....", "ZIP archive; unpack it first"},
		{"zstd", "(\xb5/\xfd....", "zstd -d"},
		{"xz", "\xfd7zXZ\x00..", "xz -d"},
		{"html", "<!DOCTYPE html>", "the download went wrong"},
		{"snoop", "snoop\x00\x00\x00\x00\x00\x00\x02", "editcap -F pcapng"},
		{"gzip in gzip", once.String(), "gzip inside gzip"},
		{"gzip of text", string(zipped(t, []byte("plain text"))), "looks like text"},
		{"gzip of nothing", string(zipped(t, nil)), "the file is empty"},
		{"gzip with a broken head", "\x1f\x8b\x08", "cannot be read"},
		{"something else", "\x00\x01\x02\x03\x04", "begins like no capture format"},
		{"pcap, only the magic", "\xd4\xc3\xb2\xa1", "a pcap file that ends inside its header"},
		{"pcap of version 3", string(pcapHead(big, 0xa1b2c3d4, 3, 0, 1)), "pcap version 3.0 is not known"},
		{"pcapng, only the type", "\x0a\x0d\x0d\x0a", "first block cannot be read"},
		{"pcapng, impossible length", string(patch(section(little), 4, 2)), "which is no possible length"},
		{"pcapng, absurd length", string(patch(section(little), 7, 0x7f)), "which is no possible length"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := capture.NewFile(strings.NewReader(test.file), "case", tap)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.HasPrefix(err.Error(), "case: ") {
				t.Fatalf("%v\nwant %q", err, test.says)
			}
			var damaged *sensor.DamagedError
			if errors.As(err, &damaged) {
				t.Error("a file that is no capture is not a damaged one")
			}
		})
	}
}

// TestOldVersion reads a file of version 2.2, whose two lengths are swapped.
func TestOldVersion(t *testing.T) {
	record := join(make([]byte, 8), big.AppendUint32(nil, 60), big.AppendUint32(nil, 4), []byte("abcd"))
	frames, err := readAll(bytes.NewReader(join(pcapHead(big, 0xa1b2c3d4, 2, 2, 1), record)))
	if len(frames) != 1 || frames[0] != "abcd" || err != io.EOF {
		t.Errorf("%q, %v", frames, err)
	}
}
