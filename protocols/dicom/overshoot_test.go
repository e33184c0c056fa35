package dicom_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// machine is equipment of another serial number.
func machineOf(serial string) []element {
	els := equipment()
	for i := range els {
		if els[i].tag == 0x00181000 {
			els[i].value = serial
		}
	}
	return els
}

// visit is an association of its own, that stores one picture.
func visit(calling, serial string, n, length int) []byte {
	data := dataset(explicit, append(machineOf(serial), el(0x7FE00010, "OW", string(noise(n))))...)
	return slices.Concat(request("ARCHIVE", calling, proposal{1, ctStorage, []string{explicit}}), storeRQ(1), pdus(1, data, length))
}

func abort() []byte   { return pdu(7, []byte{0, 0, 0, 0}) }
func release() []byte { return pdu(5, make([]byte, 4)) }

// visited is what a visit states.
func visited(calling, serial string) []string {
	return []string{"opener on speaker: ae_title=" + calling + ";", strings.Replace(equipmentLine, "SN-4711;", serial+";", 1)}
}

// overshoot is a stream behind a request and a C-STORE-RQ in which a prediction is
// made.
type overshoot struct {
	name      string
	stream    []byte
	truncated int // by a prediction that is wrong
}

// changing are data sets whose PDUs change in the middle.
func changing() []overshoot {
	data := dataset(explicit, append(equipment(), el(0x7FE00010, "OW", string(noise(1<<20))))...)
	blankData := dataset(explicit, append(equipment(), pixels(1<<20))...)
	changes := func(data []byte, to func(n int) int) []byte {
		return cut(1, data, 1, func(n int) int {
			if n < 10 {
				return dcmtkPDU - 6
			}
			return to(n)
		})
	}
	constant := func(size int) func(int) int { return func(int) int { return size } }
	before := pdus(1, data, dcmtkPDU)[:10*(dcmtkPDU+6)]
	return []overshoot{
		{"shorter PDUs from the middle", changes(data, constant(8_000)), 1},
		{"longer PDUs from the middle", changes(data, constant(100_000)), 1},
		{"pixels like headers, shorter PDUs from the middle", changes(blankData, constant(8_000)), 1},
		{"alternating from the middle", changes(data, func(n int) int { return 9_000 + n%2*1000 }), 1},
		{"several PDVs from the middle", slices.Concat(before, cut(1, data[10*(dcmtkPDU-6):], 3, constant(5_000))), 1},
	}
}

// broken are data sets that end too early, before or at the landing.
func broken() []overshoot {
	data := dataset(explicit, append(equipment(), el(0x7FE00010, "OW", string(noise(1<<20))))...)
	full := pdus(1, data, dcmtkPDU)
	const pduSize = dcmtkPDU + 6
	early, late := full[:20*pduSize], full[:64*pduSize]
	other := visit("CT02", "SN-2", 3<<20, 8_192)
	return []overshoot{
		{"A-ABORT in the middle", slices.Concat(early, abort(), other), 1},
		{"A-RELEASE in the middle", slices.Concat(early, release(), other), 1},
		{"A-ABORT inside a PDU", slices.Concat(early, full[:999], abort(), other), 1},
		{"a length that lies", slices.Concat(pdus(1, data[:200_000], dcmtkPDU), echo(), other), 1},
		{"A-ABORT at the landing", slices.Concat(late, abort()), 0},
		{"A-RELEASE at the landing", slices.Concat(late, release()), 0},
		{"an association at the landing", late, 1},
		{"a command at the landing", slices.Concat(late, echo()), 1},
		{"another context at the landing", slices.Concat(late, pdata(pdv(3, moreData, noise(100)))), 1},
		{"a longer PDU at the landing", slices.Concat(late, pdata(pdv(1, moreData, noise(dcmtkPDU)))), 1},
	}
}

// TestOvershoot has streams whose prediction is wrong: nothing false is stated,
// the message in the middle is cut, one boundary is found, and what the next
// association says is complete.
func TestOvershoot(t *testing.T) {
	for _, tt := range append(changing(), broken()...) {
		t.Run(tt.name, func(t *testing.T) {
			first := slices.Concat(request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{explicit}}), storeRQ(1))
			stream := slices.Concat(first, tt.stream, visit("CT03", "SN-3", 1<<20, dcmtkPDU), echo())
			want := newWire().honoured(stream, whole).close()
			for _, size := range []int{1, 999, 1460, whole} {
				r := newWire().packets(stream, size).close()
				lines := r.lines()
				for _, text := range append(visited("CT01", "SN-4711"), visited("CT03", "SN-3")...) {
					if len(only(lines, text)) != 1 {
						t.Errorf("not stated once: %q in %q", text, lines)
					}
				}
				if len(only(lines, echoLine)) != 1 {
					t.Errorf("the message at the end is not in %q", lines)
				}
				wantOutcome(t, &r.result, protocols.Truncated, tt.truncated)
				wantOutcome(t, &r.result, protocols.Resynchronised, tt.truncated)
				wantOutcome(t, &r.result, protocols.Malformed, 0)
				wantLines(t, lines, want.lines())
			}
		})
	}
}

// TestOvershootIsNotRepeated changes the length of PDUs inside every picture: one
// wrong prediction is enough for an association.
func TestOvershootIsNotRepeated(t *testing.T) {
	data := dataset(explicit, append(equipment(), el(0x7FE00010, "OW", string(noise(1<<20))))...)
	picture := append(storeRQ(1), cut(1, data, 1, func(n int) int { return 16_000 - n/10 })...)
	one := slices.Concat(request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{explicit}}), picture, picture, picture, echo())
	r := newWire().packets(slices.Concat(one, one), 1460).close()
	wantOutcome(t, &r.result, protocols.Truncated, 2)
	wantOutcome(t, &r.result, protocols.Resynchronised, 2)
	wantOutcome(t, &r.result, protocols.Parsed, 8)
}

// TestBridges loses octets inside and behind what is passed over. A hole of known
// length that ends before the value does costs nothing but the look at the next
// boundary.
func TestBridges(t *testing.T) {
	data := dataset(explicit, append(equipment(), el(0x7FE00010, "OW", string(noise(1<<20))))...)
	before := slices.Concat(request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{explicit}}), storeRQ(1))
	full := pdus(1, data, dcmtkPDU)
	const pduSize = dcmtkPDU + 6
	landing := len(before) + 64*pduSize
	for _, tt := range []struct {
		name              string
		from, n           int
		parsed, truncated int
		resynchronised    int
	}{
		{"inside", len(before) + 10*pduSize, 300_000, 3, 0, 0},
		{"up to the landing", len(before) + 10*pduSize, 54 * pduSize, 3, 0, 0},
		{"behind the landing", landing - 1000, 1001, 3, 0, 1},
		{"behind the value", landing - 1000, len(full) - 64*pduSize + 1000, 3, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stream := slices.Concat(before, full, echo())
			w := newWire().packets(stream[:tt.from], 1460)
			w.lost(uint64(tt.n))
			w.packets(stream[tt.from+tt.n:], 1460).close()
			wantLines(t, w.lines()[1:], []string{"opener on speaker: role=dicom-store-scu", equipmentLine, echoLine})
			wantOutcome(t, &w.result, protocols.Parsed, tt.parsed)
			wantOutcome(t, &w.result, protocols.Resynchronised, tt.resynchronised)
			wantOutcome(t, &w.result, protocols.Truncated, tt.truncated)
		})
	}
}

// TestBridgesAndGoesOn loses octets behind a landing in the middle of an object of
// several predictions: the rest is still passed over.
func TestBridgesAndGoesOn(t *testing.T) {
	const n = 600 << 20
	s := bulk{head: encoderOf(explicit).header(dataset(explicit, equipment()...), 0x7FE00010, "OW", n), pixels: n, length: dcmtkPDU}
	for _, loss := range []uint64{1, 16_384, 1 << 20} {
		w := newWire().packets(slices.Concat(request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{explicit}}), storeRQ(1)), 1460)
		at := s.playFrom(w, 0, 0, func() bool { return w.longest > 200<<20 })
		skip, first := w.skip, make([]byte, 5) // the beginning of the header at the landing
		w.lost(skip)
		s.fill(at+skip, first)
		w.packet(first)
		w.lost(loss)
		s.playFrom(w, at+skip+5+loss, 0, func() bool { return false })
		w.packets(echo(), 1460).close()
		if w.seen > n/1000 || w.longest > 257<<20 {
			t.Errorf("%d octets seen, longest skip %d", w.seen, w.longest)
		}
		wantLines(t, w.lines()[1:], []string{"opener on speaker: role=dicom-store-scu", equipmentLine, echoLine})
		wantOutcome(t, &w.result, protocols.Resynchronised, 1)
		wantOutcome(t, &w.result, protocols.Parsed, 3)
	}
}

// TestBridgeGivenUp loses track while a hole is bridged: only the boundary found
// then counts.
func TestBridgeGivenUp(t *testing.T) {
	const pduSize = dcmtkPDU + 6
	s := bulk{head: encoderOf(explicit).header(dataset(explicit, equipment()...), 0x7FE00010, "OW", 300<<20), pixels: 300 << 20, length: dcmtkPDU}
	w := newWire().packets(slices.Concat(request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{explicit}}), storeRQ(1)), 1460)
	s.playFrom(w, 0, 0, func() bool { return w.longest > 200<<20 })
	w.lost(w.skip + pduSize/2)
	w.astray()
	w.packets(visit("CT03", "SN-3", 1<<20, dcmtkPDU), 1460).close()
	wantOutcome(t, &w.result, protocols.Resynchronised, 1)
	wantOutcome(t, &w.result, protocols.Truncated, 0)
}
