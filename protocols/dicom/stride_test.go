package dicom_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

const dcmtkPDU = 16378 // what DCMTK sends to a peer that takes 16384

func blank(n int) string { return strings.Repeat("\x04\x00\x00\x00", n/4) }

// echo is a message behind a picture: it is read only when the framing was kept.
func echo() []byte {
	return pdata(pdv(1, lastCommand, dimse(0x0030, verifySOP, 9, false, -1)))
}

const echoLine = "opener on speaker: role=dicom-verification-scu"

// many is a sequence of n empty items, whose end only a delimiter tells.
func many(n int) element { return sequence(0x52009230, true, make([][]element, n/2)...) }

// TestPredicts stores long values wherever they can stand: whole PDUs of them are
// passed over, and the message behind is read.
func TestPredicts(t *testing.T) {
	long := blank(1 << 20)
	nested := func(undefined bool) element {
		return sequence(0x52009230, undefined, []element{el(0x00200013, "IS", "1"), sequence(0x00209113, undefined, []element{el(0x00209228, "UL", "abcd"), el(0x00291010, "OB", long)})})
	}
	for _, tt := range []struct {
		name, transfer string
		rest           []element
	}{
		{"pixels, implicit", implicit, []element{pixels(1 << 20)}},
		{"pixels, explicit", explicit, []element{pixels(1 << 20)}},
		{"pixels, big endian", bigEndian, []element{pixels(1 << 20)}},
		{"pixels, little endian by private syntax", gePrivate, []element{pixels(1 << 20)}},
		{"float pixels", explicit, []element{el(0x7FE00008, "OF", long)}},
		{"double float pixels", explicit, []element{el(0x7FE00009, "OD", long)}},
		{"a private value, then pixels", explicit, []element{el(0x00291010, "UN", long), pixels(1 << 20)}},
		{"padding behind", explicit, []element{pixels(40_000), el(0xFFFCFFFC, "OB", long)}},
		{"behind many elements", explicit, []element{many(250_000), pixels(1 << 20)}},
		{"a value in a sequence", explicit, []element{nested(false), pixels(2000)}},
		{"a value in an open sequence", explicit, []element{nested(true), pixels(2000)}},
		{"a value in an open sequence, implicit", implicit, []element{nested(true), pixels(2000)}},
		{"one fragment", jpeg, []element{encapsulated(1 << 20)}},
		{"many fragments", jpeg, []element{{tag: 0x7FE00010, vr: "OB", undefined: true,
			fragments: []string{"abcdefgh", long[:300_000], long[:200_002], "", long[:250_000], long[:300_000]}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := dataset(tt.transfer, append(equipment(), tt.rest...)...)
			steps := append(associated(ctStorage, tt.transfer), says(opener, storeRQ(1), pdus(1, data, dcmtkPDU), echo()))
			for _, size := range []int{1, 1000, 1460, whole} {
				r := run(protocols.Context{OpenerKnown: true}, size, steps...)
				wantLines(t, r.lines()[2:], []string{"opener on speaker: role=dicom-store-scu", equipmentLine, echoLine})
				wantOutcome(t, r, protocols.Parsed, 4)
				if r.longest < 100_000 && size < whole {
					t.Errorf("the longest skip has %d octets", r.longest)
				}
				if total(r) != 4 {
					t.Errorf("outcomes %v", r.outcomes)
				}
			}
		})
	}
}

// TestPredictsWhatIsNotRead passes over the data set of a message that nothing is
// wanted of.
func TestPredictsWhatIsNotRead(t *testing.T) {
	data := dataset(explicit, el(0x20200010, "US", us(1)), sequence(0x20200110, false, []element{el(0x00280010, "US", us(512)), pixels(1 << 20)}))
	stream := slices.Concat(pdata(pdv(1, lastCommand, dimse(0x0120, printer, 3, true, -1))), pdus(1, data, dcmtkPDU), echo())
	r := run(protocols.Context{OpenerKnown: true}, 1460, append(associated(printer, explicit), says(opener, stream))...)
	if r.longest < 1<<19 || len(only(r.lines(), echoLine)) != 1 || r.outcomes[protocols.Parsed] != total(r) {
		t.Errorf("longest skip %d, %q, %v", r.longest, r.lines(), r.outcomes)
	}
}

// TestSeries stores pictures one after another: what was observed of the first
// holds for the next, so that one PDU of it is enough.
func TestSeries(t *testing.T) {
	data := dataset(explicit, append(equipment(), pixels(512<<10))...)
	w := newWire()
	w.packet(request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{explicit}}))
	for i := range 3 {
		begun := w.skipped
		w.longest = 0
		w.honoured(storeRQ(1), 1460).honoured(pdus(1, data, dcmtkPDU), 1460)
		if seen := len(data) - int(w.skipped-begun); begun > 0 && seen > 8<<10 {
			t.Errorf("%d octets of a picture seen", seen)
		}
		if want := 29 + 2*min(i, 1); int(w.longest) < want*dcmtkPDU {
			t.Errorf("the longest skip has %d octets", w.longest)
		}
	}
	if w.close(); w.outcomes[protocols.Parsed] != 4 || total(&w.result) != 4 {
		t.Errorf("outcomes %v", w.outcomes)
	}
}

// TestDoesNotPredict has data sets whose PDUs cannot be told, or whose length.
func TestDoesNotPredict(t *testing.T) {
	explicitData := dataset(explicit, append(equipment(), pixels(400_000))...)
	constant := func(n int) func(int) int { return func(int) int { return n } }
	packed := dataset(deflate, append(equipment(), el(0x7FE00010, "OW", string(noise(400_000))))...)
	packedEarly := dataset(deflate, append(equipment()[:24], el(0x00191010, "UN", string(noise(400_000))))...)
	for _, tt := range []struct {
		name, transfer string
		stream         []byte
	}{
		{"sizes that alternate", explicit, cut(1, explicitData, 1, func(n int) int { return 16_000 + n%2*372 })},
		{"a short one as every third", explicit, cut(1, explicitData, 1, func(n int) int { return 16_372 - n%3/2*16_000 })},
		{"several PDVs a PDU", explicit, cut(1, explicitData, 2, constant(8_000))},
		{"after too many changes", explicit, cut(1, explicitData, 1, func(n int) int {
			if n < 70 {
				return 1000 + n%2*10
			}
			return 16_000
		})},
		{"a short value", explicit, cut(1, dataset(explicit, append(equipment(), pixels(100_000))...), 1, constant(16_000))},
		{"too many elements before it", explicit, cut(1, dataset(explicit, append(equipment(), many(262_144), pixels(400_000))...), 1, constant(16_000))},
		{"small PDUs", explicit, cut(1, explicitData, 1, constant(3_000))},
		{"two PDUs", explicit, cut(1, explicitData, 1, constant(210_000))},
		{"deflated", deflate, cut(1, packed, 1, constant(16_000))},
		{"deflated, a long value where reading ends", deflate, cut(1, packedEarly, 1, constant(16_000))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			longest := uint64(0)
			for b := tt.stream; len(b) > 0; {
				n := binary.BigEndian.Uint32(b[2:])
				longest, b = max(longest, uint64(n)), b[6+n:]
			}
			for _, size := range []int{100, 1460, whole} {
				r := run(protocols.Context{OpenerKnown: true}, size, append(associated(ctStorage, tt.transfer), says(opener, storeRQ(1), tt.stream, echo()))...)
				wantLines(t, r.lines()[2:], []string{"opener on speaker: role=dicom-store-scu", equipmentLine, echoLine})
				if r.longest > longest || r.outcomes[protocols.Parsed]+r.outcomes[protocols.LimitReached] != total(r) {
					t.Errorf("skipped %d octets, outcomes %v", r.longest, r.outcomes)
				}
			}
		})
	}
}

// TestLands has the last PDUs of every length: the one in which the value ends is
// read, and so is the message behind it.
func TestLands(t *testing.T) {
	head := len(dataset(explicit, append(equipment(), pixels(0))...))
	const fragment = dcmtkPDU - 6
	for _, tt := range []struct {
		name string
		n    int // octets of pixels
		tail []element
	}{
		{"the last PDU is full", 20*fragment - head, nil},
		{"it has two octets", 20*fragment - head + 2, nil},
		{"it lacks two octets", 20*fragment - head - 2, nil},
		{"the value ends with a PDU, and more follows", 20*fragment - head, []element{el(0xFFFCFFFC, "OB", blank(60_000))}},
		{"a header is cut", 20*fragment - head - 6, []element{el(0xFFFCFFFC, "OB", blank(600_000))}},
		{"a short PDU follows", 20*fragment - head - 2, []element{el(0xFFFCFFFC, "OB", blank(100))}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			picture := el(0x7FE00010, "OW", string(noise(tt.n)))
			data := dataset(explicit, append(append(equipment(), picture), tt.tail...)...)
			for _, size := range []int{1, 1460, whole} {
				r := run(protocols.Context{OpenerKnown: true}, size, append(associated(ctStorage, explicit), says(opener, storeRQ(1), pdus(1, data, dcmtkPDU), echo()))...)
				wantLines(t, r.lines()[2:], []string{"opener on speaker: role=dicom-store-scu", equipmentLine, echoLine})
				if r.outcomes[protocols.Parsed] != 4 || total(r) != 4 || r.longest < 200_000 && size < whole {
					t.Errorf("outcomes %v, longest skip %d", r.outcomes, r.longest)
				}
			}
		})
	}
}
