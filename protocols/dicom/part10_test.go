package dicom_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dicom"
)

// metaOf is the file meta information for a transfer syntax, behind preamble and
// sign: PS3.10 section 7.1.
func metaOf(transfer string, more ...element) []byte {
	els := append([]element{
		el(0x00020001, "OB", "\x00\x01"),
		el(0x00020002, "UI", ctStorage),
		el(0x00020003, "UI", "1.2.99.1"),
		el(0x00020010, "UI", transfer),
		el(0x00020012, "UI", "1.2.276.0.7230010.3.0.3.6.7"),
		el(0x00020013, "SH", "OFFIS_DCMTK_367"),
	}, more...)
	body := encoderOf(explicit).elements(els...)
	length := string(binary.LittleEndian.AppendUint32(nil, uint32(len(body))))
	return slices.Concat(pad("ZZCANARY", 128, 0), []byte("DICM"), encoderOf(explicit).elements(el(0x00020000, "UL", length)), body)
}

func file(transfer string, els ...element) []byte {
	return slices.Concat(metaOf(transfer, el(0x00020016, "AE", "ROUTER")), dataset(transfer, els...))
}

// readFiles reads files of one conversation in pieces, dropping what is not needed.
func readFiles(size int, d protocols.Direction, files ...[]byte) *result {
	r := &result{}
	sink, open := r.sink(), dicom.Instances()
	for _, b := range files {
		session, skip := open(protocols.Context{}), uint64(0)
		for len(b) > 0 {
			if n := min(skip, uint64(len(b))); n > 0 {
				skip, b = skip-n, b[n:]
				r.skipped += n
				continue
			}
			n := min(size, len(b))
			from, to := endpoints(d)
			piece := slices.Clone(b[:n])
			skip = session.Segment(protocols.Segment{When: start, Direction: d, From: from, To: to, Bytes: piece}, sink)
			clear(piece)
			b = b[n:]
		}
		session.Close(sink)
	}
	return r
}

const writerFacts = "; ae_title=ROUTER; implementation=1.2.276.0.7230010.3.0.3.6.7; implementation_version=OFFIS_DCMTK_367"

// TestFiles reads one object in every encoding: it is stated as a C-STORE of the same
// object states it, with the writer of the file beside it.
func TestFiles(t *testing.T) {
	for _, transfer := range []string{implicit, explicit, bigEndian, deflate, gePrivate, jpeg} {
		picture := pixels(5000)
		if transfer == jpeg {
			picture = encapsulated(5000)
		}
		for _, size := range []int{whole, 1, 7, 1400} {
			r := readFiles(size, opener, file(transfer, append(equipment(), picture)...))
			wantLines(t, r.lines(), []string{equipmentLine + writerFacts})
			wantOutcome(t, r, protocols.Parsed, 1)
			if total(r) != 1 || len(canaries(t, r)) > 0 {
				t.Errorf("%s in pieces of %d: %v, %v", transfer, size, r.outcomes, canaries(t, r))
			}
		}
	}
}

// TestInvariant04WhoWroteAFileIsNotTheSender: whatever is said of the writer, it is
// said of the machine, and surely only where the file says that it was the machine.
func TestInvariant04WhoWroteAFileIsNotTheSender(t *testing.T) {
	for title, want := range map[string]float64{"ROUTER": 0.4, "CT01": 0.8} {
		b := slices.Concat(metaOf(explicit, el(0x00020016, "AE", title)), dataset(explicit, equipment()...))
		for _, o := range readFiles(whole, opener, b).observations {
			if o.About.Kind != protocols.AboutReferenced {
				t.Errorf("%s: about %s", title, kindName(o.About.Kind))
			}
			for _, f := range o.Facts {
				writer := strings.HasPrefix(f.Field, "(0002,0012)") || strings.HasPrefix(f.Field, "(0002,0013)")
				if f.Field == "(0002,0016)" && title == "CT01" {
					t.Errorf("%s: the title is stated twice", title)
				}
				if writer && f.Confidence != want {
					t.Errorf("%s: %s has %.2f, want %.2f", title, f.Field, f.Confidence, want)
				}
			}
		}
	}
}

// TestADeflatedObjectLikeMetaInformation begins with the octets of group 0002: an empty
// block, then one that is stored.
func TestADeflatedObjectLikeMetaInformation(t *testing.T) {
	plain := dataset(explicit, equipment()...)
	packed := binary.LittleEndian.AppendUint16([]byte{0x02, 0x00}, uint16(len(plain)))
	packed = append(binary.LittleEndian.AppendUint16(packed, ^uint16(len(plain))), plain...)
	b := slices.Concat(metaOf(deflate, el(0x00020016, "AE", "ROUTER")), packed, []byte{0x01, 0x00, 0x00, 0xff, 0xff})
	for _, size := range []int{whole, 1} {
		wantLines(t, readFiles(size, opener, b).lines(), []string{equipmentLine + writerFacts})
	}
}

// TestFilesSkipPixels: only headers are needed behind what is wanted.
func TestFilesSkipPixels(t *testing.T) {
	for transfer, picture := range map[string]element{explicit: pixels(1 << 20), implicit: pixels(1 << 20), jpeg: encapsulated(1 << 20)} {
		if r := readFiles(1400, opener, file(transfer, append(equipment(), picture)...)); r.skipped < 1<<20-1400 {
			t.Errorf("%s: %d octets skipped", transfer, r.skipped)
		}
	}
}

// TestFilesOfOneConversation: what was stated is not stated again, and a sender of
// images of two machines is a forwarder.
func TestFilesOfOneConversation(t *testing.T) {
	first, second := file(explicit, equipment()...), file(explicit, machineOf("SN-2")...)
	r := readFiles(whole, opener, first, first, second, first, second)
	if n := len(only(r.lines(), "referenced")); n != 2 || len(only(r.lines(), "opener on speaker: role=dicom-forwarder")) != 1 || len(r.lines()) != 3 {
		t.Errorf("stated %q", r.lines())
	}
	wantOutcome(t, r, protocols.Parsed, 5)
}

// TestBadFiles: each is one outcome, and states nothing or what was read before.
func TestBadFiles(t *testing.T) {
	good := file(explicit, append(equipment(), pixels(4000))...)
	meta := len(metaOf(explicit, el(0x00020016, "AE", "ROUTER")))
	lying := slices.Clone(good)
	binary.LittleEndian.PutUint32(lying[132+8:], 9) // the group length
	unknown := file("1.2.3.unknown", equipment()...)
	for _, tt := range []struct {
		name   string
		file   []byte
		want   protocols.Outcome
		states bool
	}{
		{"nothing", nil, protocols.Truncated, false},
		{"no sign", make([]byte, 500), protocols.Malformed, false},
		{"an HTML page", []byte(strings.Repeat("<p>ZZCANARY</p>", 40)), protocols.Malformed, false},
		{"preamble alone", good[:128], protocols.Truncated, false},
		{"cut in the meta information", good[:200], protocols.Truncated, false},
		{"cut in the equipment", good[:meta+300], protocols.Truncated, false},
		{"cut in the pixels", good[:len(good)-9], protocols.Parsed, true},
		{"a group length that lies", lying, protocols.Parsed, true},
		{"an unknown syntax", unknown, protocols.Parsed, true},
		{"no transfer syntax", slices.Concat(good[:132], encoderOf(explicit).elements(el(0x00020001, "OB", "\x00\x01")), dataset(implicit, equipment()...)), protocols.Parsed, true},
		{"noise behind the sign", append(good[:132:132], noise(4000)...), protocols.Malformed, false},
		{"meta information without end", slices.Concat(good[:132], []byte(strings.Repeat("\x02\x00\x03\x00UI\x00\x00", 20000))), protocols.Malformed, false},
		{"descending", file(explicit, el(0x00081090, "LO", "X"), el(0x00080070, "LO", "Y")), protocols.Malformed, false},
		{"cut when deflated", file(deflate, equipment()...)[:meta+100], protocols.Malformed, false},
		{"a bomb", file(deflate, append([]element{el(0x00080070, "LO", "ACME")}, el(0x00090010, "OB", strings.Repeat("x", 40<<20)))...), protocols.LimitReached, true},
	} {
		for _, size := range []int{whole, 1, 13} {
			r := readFiles(size, opener, tt.file)
			if total(r) != 1 || r.outcomes[tt.want] != 1 || (len(r.observations) > 0) != tt.states || len(canaries(t, r)) > 0 {
				t.Errorf("%s, in pieces of %d: %v, stated %q", tt.name, size, r.outcomes, r.lines())
			}
		}
	}
}

// TestFilesWithHoles: a hole ends a file, and does not undo what was stated.
func TestFilesWithHoles(t *testing.T) {
	b := file(explicit, append(equipment(), pixels(4000))...)
	for at, want := range map[int]protocols.Outcome{100: protocols.Truncated, 600: protocols.Truncated, len(b) - 3000: protocols.Parsed} {
		r := &result{}
		sink, session := r.sink(), dicom.Instances()(protocols.Context{})
		session.Segment(protocols.Segment{When: start, Bytes: b[:at]}, sink)
		session.Gap(opener, 50, sink)
		if session.Segment(protocols.Segment{When: start.Add(time.Second), Bytes: b[at+50:]}, sink) != protocols.Everything {
			t.Errorf("at %d: more is wanted", at)
		}
		session.Close(sink)
		wantOutcome(t, r, want, 1)
		if total(r) != 1 {
			t.Errorf("at %d: %v", at, r.outcomes)
		}
	}
}

// FuzzFile plays arbitrary octets as a file, whole and octet by octet.
func FuzzFile(f *testing.F) {
	for _, transfer := range []string{implicit, explicit, bigEndian, deflate, "1.2.3.unknown"} {
		f.Add(file(transfer, append(equipment(), pixels(40))...), uint8(7))
	}
	f.Add(file(jpeg, append(patient(), encapsulated(40))...), uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		want, got := readFiles(whole, acceptor, b, b), readFiles(int(size)+1, acceptor, b, b)
		if !slices.Equal(got.lines(), want.lines()) || got.outcomes != want.outcomes {
			t.Errorf("segments change the result:\n%q %v\n%q %v", got.lines(), got.outcomes, want.lines(), want.outcomes)
		}
		checkTexts(t, want)
		if total(want) != 2 {
			t.Errorf("outcomes %v of two files", want.outcomes)
		}
	})
}

// BenchmarkFile reads an object of half a MB as HTTP hands it on.
func BenchmarkFile(b *testing.B) {
	whole := file(explicit, append(equipment(), pixels(1<<19))...)
	sink, open := (&result{}).sink(), dicom.Instances()
	b.ReportAllocs()
	for b.Loop() {
		session := open(protocols.Context{})
		for rest := whole; len(rest) > 0; {
			n := min(1400, len(rest))
			skip := session.Segment(protocols.Segment{When: start, Bytes: rest[:n]}, sink)
			rest = rest[n:]
			rest = rest[min(skip, uint64(len(rest))):]
		}
		session.Close(sink)
	}
}
