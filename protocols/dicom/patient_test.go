package dicom_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// canary stands for a patient: no text of an observation may hold it.
const canary = "ZZCANARY"

// stated lists the elements that are stated of equipment; every other element
// of the tests holds a canary.
var statedTags = []uint32{0x00080005, 0x00080016, 0x00080055, 0x00080060, 0x00080070, 0x00080080, 0x00081010, 0x00081040,
	0x00081090, 0x00181000, 0x00181002, 0x00181003, 0x0018100A, 0x00181016, 0x00181018, 0x00181020, 0x00181200,
	0x00400241, 0x00400242, 0x00400243, 0x00400252}

// patient fills every even and odd group up to the pixels with canaries, plain,
// nested and private, and puts the stated elements among them.
func patient() []element {
	nested := []element{el(0x00080070, "LO", canary+" NESTED"), el(0x00100010, "PN", canary+"^NESTED"), el(0x00181000, "LO", canary+"-1"), el(0x00400241, "AE", canary)}
	var els []element
	put := func(e element) {
		if !slices.Contains(statedTags, e.tag) {
			els = append(els, e)
		}
	}
	for _, group := range []uint32{0x0008, 0x0009, 0x0010, 0x0011, 0x0018, 0x0020, 0x0028, 0x0032, 0x0038, 0x0040, 0x0088, 0x4008, 0x5400, 0x6000, 0x7FE1, 0xFFFC} {
		for i, number := range []uint32{0x0012, 0x0018, 0x0050, 0x0061, 0x0090, 0x0096, 0x1030, 0x1048, 0x1110, 0x1210, 0x1250, 0x4000} {
			tag := group<<16 | number
			switch i % 4 {
			case 0:
				put(el(tag, "PN", canary+"^PATIENT"))
			case 1:
				put(el(tag, "UN", canary))
			case 2:
				put(sequence(tag, i%8 == 2, nested, []element{sequence(0x00080096, true, nested)}))
			case 3:
				put(el(tag, "LT", "filename "+canary+".dcm"))
			}
		}
	}
	els = append(els, el(0x00080005, "CS", "ISO_IR 100"), el(0x00080070, "LO", "ACME"), el(0x00081090, "LO", "Scan 9"), el(0x00181000, "LO", "4711"),
		el(0x00400252, "CS", "IN PROGRESS"), element{tag: 0x7FE00010, vr: "OB", undefined: true, fragments: []string{"", strings.Repeat(canary, 200)}})
	slices.SortFunc(els, func(a, b element) int { return int(a.tag>>1) - int(b.tag>>1) })
	return els
}

// patients is a conversation about patients in every message that has a data
// set.
func patients() []step {
	rsp := func(id byte, c, data []byte) step {
		if data == nil {
			return says(acceptor, pdata(pdv(id, lastCommand, c)))
		}
		return says(acceptor, pdata(pdv(id, lastCommand, c)), fragments(id, lastData, data, 700))
	}
	rq := func(id byte, c, data []byte) step {
		return says(opener, pdata(pdv(id, lastCommand, c)), fragments(id, lastData, data, 900))
	}
	name := el(0x00001000, "UI", "1.2.840.99999."+strings.Repeat("7", 20))
	plain, packed := dataset(explicit, patient()...), dataset(deflate, patient()...)
	var simple []element
	for _, e := range patient() {
		if e.fragments == nil {
			simple = append(simple, e)
		}
	}
	bare := dataset(implicit, simple...)
	return []step{
		says(opener, request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{explicit}}, proposal{3, ctStorage, []string{deflate}}, proposal{5, mpps, []string{implicit}},
			proposal{7, worklist, []string{implicit}}, proposal{9, studyFind, []string{implicit}}, proposal{11, printer, []string{implicit}})),
		says(acceptor, accept("ARCHIVE", "CT01", answer{1, 0, explicit}, answer{3, 0, deflate}, answer{5, 0, implicit}, answer{7, 0, implicit}, answer{9, 0, implicit}, answer{11, 0, implicit})),
		rq(1, dimse(0x0001, ctStorage, 1, true, -1, name), plain),
		rq(3, dimse(0x0001, ctStorage, 2, true, -1, name), packed),
		rq(5, dimse(0x0140, mpps, 3, true, -1, name), bare),
		rsp(5, dimse(0x8140, mpps, 3, true, 0, name), bare),
		rq(7, dimse(0x0020, worklist, 4, true, -1), bare),
		rsp(7, dimse(0x8020, worklist, 4, true, 0xFF00), bare),
		rq(9, dimse(0x0020, studyFind, 5, true, -1), bare),
		rsp(9, dimse(0x8020, studyFind, 5, true, 0xFF00), bare),
		rsp(11, dimse(0x8110, printer, 6, true, 0), bare),
		rsp(1, dimse(0x8001, ctStorage, 1, false, 0xA700, el(0x00000902, "LO", canary)), nil),
	}
}

// canaries returns the observations, as JSON, that hold a canary or an instance
// UID in any text.
func canaries(t *testing.T, r *result) []string {
	t.Helper()
	var found []string
	for _, o := range r.observations {
		raw, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"CANARY", "PATIENT", "NESTED", "99999", ".dcm"} {
			if strings.Contains(string(raw), text) {
				found = append(found, string(raw))
			}
		}
	}
	return found
}

// TestInvariant02NoPatientLeaves has canaries in every element that is not
// stated, in every kind of message.
func TestInvariant02NoPatientLeaves(t *testing.T) {
	for _, size := range []int{1, 3, 100, 1460, whole} {
		r := run(protocols.Context{OpenerKnown: true}, size, patients()...)
		if found := canaries(t, r); len(found) > 0 {
			t.Errorf("segments of %d: a patient left in %s", size, found[0])
		}
		for _, text := range []string{"manufacturer=ACME; model=Scan 9; serial_number=4711", "in-use examination"} {
			if len(only(r.lines(), text)) == 0 {
				t.Errorf("segments of %d: nothing states %q, so the test proves nothing: %q", size, text, r.lines())
			}
		}
		wantOutcome(t, r, protocols.Malformed, 0)
	}
}

// TestInvariant02NoPatientThroughDamage cuts, joins and changes the same
// conversation: framing is lost in the middle of patients' data.
func TestInvariant02NoPatientThroughDamage(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 400 {
		var steps []step
		for i, st := range patients() {
			at := random.IntN(len(st.data))
			switch {
			case random.IntN(3) == 0:
				n := min(random.IntN(400), len(st.data)-at)
				gap := step{from: st.from, hole: true, gap: uint64(n * random.IntN(2))}
				steps = append(steps, says(st.from, st.data[:at]), gap, says(st.from, st.data[at+n:]))
			case i == 2: // explicit: a changed tag alone makes no element of another kind
				b := slices.Clone(st.data)
				for range 1 + random.IntN(6) {
					b[random.IntN(len(b))] ^= byte(1 << random.IntN(8))
				}
				steps = append(steps, says(st.from, b))
			default:
				steps = append(steps, st)
			}
		}
		r := run(protocols.Context{Midstream: random.IntN(2) == 0}, 1+random.IntN(1460), steps...)
		if found := canaries(t, r); len(found) > 0 {
			t.Fatalf("a patient left in %s", found[0])
		}
		if r.kept > maxKept+(32<<10) {
			t.Fatalf("a session held %d octets", r.kept)
		}
	}
}

// TestInvariant02NoPatientByRepresentation has wanted tags with a person's name
// and with free text in them.
func TestInvariant02NoPatientByRepresentation(t *testing.T) {
	els := []element{el(0x00080070, "PN", canary+"^PATIENT"), el(0x00081010, "LT", canary), el(0x00081090, "UN", canary), el(0x00181000, "LO", "4711")}
	_, got := after(ctStorage, explicit, says(opener, storeRQ(1), pdata(pdv(1, lastData, dataset(explicit, els...)))))
	wantLines(t, only(got, "referenced"), []string{"opener on referenced: serial_number=4711; device_type=sop:" + ctStorage})
}

// TestInvariant02NoPersonInTheWrongField: what has the form of a person's name is not
// stated of equipment, whichever element it was typed into.
func TestInvariant02NoPersonInTheWrongField(t *testing.T) {
	var els []element
	for _, e := range []struct {
		tag uint32
		vr  string
	}{{0x00080055, "AE"}, {0x00080070, "LO"}, {0x00080080, "LO"}, {0x00081010, "SH"}, {0x00081040, "LO"}, {0x00081090, "LO"}, {0x00181000, "LO"}, {0x00181003, "LO"}, {0x00181016, "LO"}} {
		els = append(els, el(e.tag, e.vr, canary+"^JOHN"))
	}
	els = append(els, el(0x00181020, "LO", `1.0\`+canary+`^JOHN`))
	_, got := after(ctStorage, explicit, says(opener, storeRQ(1), pdata(pdv(1, lastData, dataset(explicit, els...)))))
	wantLines(t, only(got, "referenced"), []string{"opener on referenced: device_type=sop:" + ctStorage})
}
