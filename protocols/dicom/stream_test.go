package dicom_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dicom"
)

// examination is a conversation with a bit of everything.
func examination() []step {
	proposals := []proposal{{1, verifySOP, []string{implicit}}, {3, worklist, []string{implicit}}, {5, mpps, []string{implicit}},
		{7, ctStorage, []string{explicit, jpeg}}, {9, ctStorage, []string{deflate}}, {11, commitment, []string{implicit}}, {13, studyMove, []string{explicit}}}
	answers := []answer{{1, 0, implicit}, {3, 0, implicit}, {5, 0, implicit}, {7, 0, explicit}, {9, 0, deflate}, {11, 0, implicit}, {13, 3, ""}}
	msg := func(id byte, c, data []byte, size int) []byte {
		b := pdata(pdv(id, lastCommand, c))
		if data != nil {
			b = append(b, fragments(id, lastData, data, size)...)
		}
		return b
	}
	query := dataset(implicit, el(0x00100010, "PN", "ZZ*"), sequence(0x00400100, true, []element{el(0x00080060, "CS", "CT"), el(0x00400001, "AE", "CT01")}))
	entry := dataset(implicit, el(0x00080005, "CS", "ISO_IR 100"), el(0x00100010, "PN", "ZZCANARY^WORKLIST"), el(0x00100020, "LO", "ZZID-1"))
	begun := dataset(implicit, stepOf("CT01", "IN PROGRESS")...)
	ended := dataset(implicit, el(0x00400252, "CS", "COMPLETED"))
	picture := dataset(explicit, append(equipment(), pixels(30_000))...)
	packed := dataset(deflate, append(equipment()[:9], pixels(30_000))...)
	uid := el(0x00001000, "UI", instance)
	return []step{
		says(opener, request("ARCHIVE", "CT01", proposals...)),
		says(acceptor, accept("ARCHIVE", "CT01", answers...)),
		says(opener, msg(1, dimse(0x0030, verifySOP, 1, false, -1), nil, 0)),
		says(acceptor, msg(1, dimse(0x8030, verifySOP, 1, false, 0), nil, 0)),
		says(opener, msg(3, dimse(0x0020, worklist, 2, true, -1), query, 31)),
		says(acceptor, slices.Concat(msg(3, dimse(0x8020, worklist, 2, true, 0xFF00), entry, 40), msg(3, dimse(0x8020, worklist, 2, false, 0), nil, 0))),
		says(opener, msg(5, dimse(0x0140, mpps, 3, true, -1, uid), begun, 17)),
		says(acceptor, msg(5, dimse(0x8140, mpps, 3, true, 0, uid), begun, 100)),
		says(opener, msg(7, dimse(0x0001, ctStorage, 4, true, -1, uid), picture, 4000)),
		says(acceptor, msg(7, dimse(0x8001, ctStorage, 4, false, 0), nil, 0)),
		says(opener, msg(9, dimse(0x0001, ctStorage, 5, true, -1, uid), packed, 5000)),
		says(acceptor, msg(9, dimse(0x8001, ctStorage, 5, false, 0), nil, 0)),
		says(opener, msg(5, dimse(0x0120, mpps, 6, true, -1, el(0x00001001, "UI", instance)), ended, 5)),
		says(acceptor, msg(5, dimse(0x8120, mpps, 6, false, 0), nil, 0)),
		says(opener, msg(11, dimse(0x0130, commitment, 7, true, -1), entry, 64)),
		says(acceptor, msg(11, dimse(0x8130, commitment, 7, false, 0), nil, 0)),
		says(opener, pdu(5, make([]byte, 4))),
		says(acceptor, pdu(6, make([]byte, 4))),
	}
}

// TestSegmentation plays one conversation in segments of every size: what is
// stated and counted may not depend on it.
func TestSegmentation(t *testing.T) {
	want := play(examination()...)
	wantOutcome(t, want, protocols.Parsed, 19)
	if len(want.lines()) < 15 {
		t.Fatalf("stated only %q", want.lines())
	}
	random := rand.New(rand.NewPCG(3, 4))
	for i, size := range []func() int{
		func() int { return 1 }, func() int { return 2 }, func() int { return 7 }, func() int { return 536 }, func() int { return 1460 },
		func() int { return 1 + random.IntN(40) }, func() int { return 1 + random.IntN(9000) },
	} {
		got := runSizes(protocols.Context{OpenerKnown: true}, size, examination()...)
		wantLines(t, got.lines(), want.lines())
		if got.outcomes != want.outcomes {
			t.Errorf("size %d: outcomes %v, want %v", i, got.outcomes, want.outcomes)
		}
	}
}

// TestDirectionsAlone plays each direction without the other: what a side says
// of itself does not wait for an answer.
func TestDirectionsAlone(t *testing.T) {
	for _, tt := range []struct {
		d    protocols.Direction
		want []string
	}{
		{opener, []string{"ae_title=CT01", "dicom-worklist-scu", "dicom-store-scu", "manufacturer=ACME", "in-use", "idle", "dicom-commitment-scu"}},
		{acceptor, []string{"ae_title=ARCHIVE", "dicom-worklist-scp", "dicom-store-scp", "dicom-mpps-scp", "dicom-commitment-scp"}},
	} {
		steps := slices.DeleteFunc(examination(), func(s step) bool { return s.from != tt.d })
		r := run(protocols.Context{}, 1460, steps...)
		for _, text := range tt.want {
			if len(only(r.lines(), text)) == 0 {
				t.Errorf("direction %d does not state %q: %q", tt.d, text, r.lines())
			}
		}
		if r.outcomes[protocols.Malformed] != 0 {
			t.Errorf("outcomes %v", r.outcomes)
		}
	}
}

// TestGaps cuts a hole of a few hundred octets into every place of a
// conversation. What is stated must be a part of what the whole states, but for
// what another association than the one seen would mean.
func TestGaps(t *testing.T) {
	steps := examination()
	want := play(steps...).lines()
	for i, st := range steps {
		for at := 0; at < len(st.data); at += 97 {
			for _, n := range []int{1, 300, 5000} {
				for _, told := range []bool{true, false} {
					end := min(at+n, len(st.data))
					hole := step{from: st.from, hole: true}
					if told {
						hole.gap = uint64(end - at)
					}
					cut := slices.Concat(steps[:i], []step{says(st.from, st.data[:at]), hole, says(st.from, st.data[end:])}, steps[i+1:])
					r := run(protocols.Context{}, 1460, cut...)
					checkGap(t, r, want, i, at, n)
				}
			}
		}
	}
}

// checkGap allows only lines of the undamaged conversation, and those that say
// the same with less: on an association that was missed, a step belongs to the
// station it names, and titles are the repeated ones.
func checkGap(t *testing.T, r *result, want []string, i, at, n int) {
	t.Helper()
	for _, got := range r.lines() {
		less := slices.Contains(want, got) ||
			len(only([]string{got}, "on station CT01: station_name")) == 1 ||
			got == "acceptor on listener: ae_title=CT01" || got == "acceptor on speaker: ae_title=ARCHIVE"
		if !less {
			t.Fatalf("hole of %d in step %d at %d: stated %q", n, i, at, got)
		}
	}
	if r.outcomes[protocols.Malformed] > 1 {
		t.Errorf("hole of %d in step %d at %d: outcomes %v", n, i, at, r.outcomes)
	}
}

// TestGapInsidePicture loses pixels: the maker was stated before, and the next
// message is read.
func TestGapInsidePicture(t *testing.T) {
	data := dataset(explicit, append(equipment(), pixels(60_000))...)
	stream := slices.Concat(storeRQ(1), fragments(1, lastData, data, 16_000), pdata(pdv(1, lastCommand, dimse(0x0030, verifySOP, 9, false, -1))))
	for _, told := range []uint64{0, 20_000} {
		r, got := after(ctStorage, explicit, says(opener, stream[:9_000]), step{from: opener, hole: true, gap: told}, says(opener, stream[29_000:]))
		wantLines(t, got, []string{"opener on speaker: role=dicom-store-scu", equipmentLine, "opener on speaker: role=dicom-verification-scu"})
		wantOutcome(t, r, protocols.Parsed, 4)
		wantOutcome(t, r, protocols.Resynchronised, 1)
	}
}

// TestGapInsideHead loses octets of the elements that are wanted: nothing is
// stated of that data set.
func TestGapInsideHead(t *testing.T) {
	data := dataset(explicit, append(equipment(), pixels(4_000))...)
	stream := slices.Concat(storeRQ(1), fragments(1, lastData, data, 16_000), pdata(pdv(1, lastCommand, dimse(0x0030, verifySOP, 9, false, -1))))
	r, got := after(ctStorage, explicit, says(opener, stream[:300]), step{from: opener, hole: true, gap: 4}, says(opener, stream[304:]))
	wantLines(t, got, []string{"opener on speaker: role=dicom-store-scu", "opener on speaker: role=dicom-verification-scu"})
	wantOutcome(t, r, protocols.Truncated, 1)
	wantOutcome(t, r, protocols.Resynchronised, 1)
}

// TestMidstream joins inside a picture: the boundary behind it is found, and the
// syntax told from the octets.
func TestMidstream(t *testing.T) {
	data := dataset(explicit, append(equipment(), pixels(40_000))...)
	stream := slices.Concat(fragments(1, lastData, data, 16_000), storeRQ(1), fragments(1, lastData, data, 16_000))
	for _, size := range []int{1, 7, 1460, whole} {
		for _, from := range []int{1, 100, 16_000, 16_017, 40_000} {
			r := run(protocols.Context{Midstream: true}, size, says(opener, stream[from:]))
			wantLines(t, r.lines(), []string{"opener on speaker: role=dicom-store-scu", equipmentLine})
			wantOutcome(t, r, protocols.Resynchronised, 1)
			wantOutcome(t, r, protocols.Parsed, 1)
			wantOutcome(t, r, protocols.Malformed, 0)
		}
	}
}

// TestHuntUsesTheAssociation has what looks like a boundary inside lost pixels:
// longer than the archive takes (16384 octets), or on a context that was refused
// or never proposed.
func TestHuntUsesTheAssociation(t *testing.T) {
	header := func(length uint32, id byte) []byte {
		b := binary.BigEndian.AppendUint32([]byte{4, 0}, length)
		return append(binary.BigEndian.AppendUint32(b, length-4), id, moreData)
	}
	echo := pdata(pdv(1, lastCommand, dimse(0x0030, verifySOP, 9, false, -1)))
	for _, tt := range []struct {
		name   string
		header []byte
		found  bool
	}{
		{"longer than announced", header(70_000, 1), true},
		{"refused context", header(8_000, 3), true},
		{"context never proposed", header(8_000, 5), true},
		{"a good one hides what it spans", header(8_000, 1), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, whole} {
				r := run(protocols.Context{}, size,
					says(opener, request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{explicit}}, proposal{3, ctStorage, []string{jpeg}})),
					says(acceptor, accept("ARCHIVE", "CT01", answer{1, 0, explicit}, answer{3, 4, jpeg})),
					step{from: opener, hole: true}, says(opener, tt.header, noise(500), echo))
				if found := len(only(r.lines(), "verification")) == 1; found != tt.found {
					t.Errorf("segments of %d: found = %v", size, found)
				}
			}
		})
	}
}

func TestTruncated(t *testing.T) {
	stream := slices.Concat(storeRQ(1), pdata(pdv(1, lastData, dataset(explicit, equipment()...))))
	for _, tt := range []struct {
		name      string
		steps     []step
		truncated int
	}{
		{"inside an association", []step{says(opener, request("A", "B")[:60])}, 1},
		{"inside a PDU header", []step{says(opener, stream[:3])}, 1},
		{"inside a PDV header", []step{says(opener, stream[:9])}, 1},
		{"inside a command", []step{says(opener, stream[:50])}, 1},
		{"between command and data set", []step{says(opener, storeRQ(1))}, 1},
		{"inside the wanted elements", []step{says(opener, stream[:len(storeRQ(1))+60])}, 1},
		{"behind them", []step{says(opener, stream[:len(stream)-4])}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := play(tt.steps...)
			wantOutcome(t, r, protocols.Truncated, tt.truncated)
			if got := only(r.lines(), "referenced"); len(got) != 1-tt.truncated {
				t.Errorf("stated %q", got)
			}
		})
	}
}

// TestInvariant07BoundedPicture streams a large picture: flow is told to skip
// nearly all of it, and the session's memory stays small.
func TestInvariant07BoundedPicture(t *testing.T) {
	data := dataset(explicit, append(equipment(), pixels(8<<20))...)
	steps := append(associated(ctStorage, explicit), says(opener, storeRQ(1), fragments(1, lastData, data, 128<<10)))
	r := run(protocols.Context{}, 1460, steps...)
	if r.skipped < uint64(len(data))*9/10 {
		t.Errorf("%d of %d octets skipped", r.skipped, len(data))
	}
	if r.kept > maxKept {
		t.Errorf("a session held %d octets, want at most %d", r.kept, maxKept)
	}
}

// pictureStream is one C-STORE, to be played again and again.
func pictureStream(n, fragment int) []byte {
	return slices.Concat(storeRQ(1), fragments(1, lastData, dataset(explicit, append(equipment(), pixels(n))...), fragment))
}

func playPictures(session protocols.Session, sink *protocols.Sink, stream []byte) {
	seg := protocols.Segment{When: start, Direction: opener}
	for len(stream) > 0 {
		n := min(1460, len(stream))
		seg.Bytes, stream = stream[:n], stream[n:]
		skip := session.Segment(seg, sink)
		stream = stream[min(skip, uint64(len(stream))):]
	}
}

// TestInvariant07SmallSession bounds what a conversation costs that is in the
// middle of a picture, and what an idle one costs.
func TestInvariant07SmallSession(t *testing.T) {
	session, sink := dicom.New().Open(protocols.Context{}), (&result{}).sink()
	if n := dicom.KeptBytes(session); n > 6<<10 {
		t.Errorf("a new session holds %d octets", n)
	}
	stream := pictureStream(1<<20, 16<<10)
	playPictures(session, sink, stream[:200<<10])
	if n := dicom.KeptBytes(session); n > 10<<10 {
		t.Errorf("a session inside a picture holds %d octets", n)
	}
}

// TestPicturesDoNotAllocate stores the same machine's pictures over and over.
func TestPicturesDoNotAllocate(t *testing.T) {
	stream := pictureStream(512<<10, 16<<10)
	session, sink := dicom.New().Open(protocols.Context{}), (&result{}).sink()
	if n := testing.AllocsPerRun(50, func() { playPictures(session, sink, stream) }); n != 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

func BenchmarkStore(b *testing.B) {
	stream := pictureStream(4<<20, 64<<10)
	session, sink := dicom.New().Open(protocols.Context{}), (&result{}).sink()
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		playPictures(session, sink, stream)
	}
}

// BenchmarkHunt looks for a boundary in pictures that were joined inside.
func BenchmarkHunt(b *testing.B) {
	pixels := noise(1 << 20)
	session, sink := dicom.New().Open(protocols.Context{Midstream: true}), (&result{}).sink()
	b.SetBytes(int64(len(pixels)))
	for b.Loop() {
		session.Segment(protocols.Segment{When: start, Bytes: pixels}, sink)
	}
}
