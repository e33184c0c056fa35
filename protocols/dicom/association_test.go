package dicom_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

func TestAssociation(t *testing.T) {
	ct := proposal{1, ctStorage, []string{implicit, explicit}}
	rq, ac := request("ARCHIVE", "CT01", ct), accept("ARCHIVE", "CT01", answer{1, 0, explicit})
	rj := func(reason byte) []byte { return pdu(3, []byte{0, 1, 1, reason}) }
	echoRSP := pdata(pdv(1, lastCommand, dimse(0x8030, verifySOP, 1, false, 0)))
	const (
		caller = "opener on speaker: ae_title=CT01; implementation=1.2.3.4; implementation_version=TEST_1"
		called = "acceptor on speaker: ae_title=ARCHIVE; implementation=1.2.9.9; implementation_version=PEER_2"
	)
	for _, tt := range []struct {
		name   string
		steps  []step
		want   []string
		parsed int
	}{
		{"OK both directions", []step{says(opener, rq), says(acceptor, ac)}, []string{caller, called}, 2},
		{"OK request alone, the answer is not on this tap", []step{says(opener, rq)}, []string{caller}, 1},
		{"OK acceptance alone repeats the titles", []step{says(acceptor, ac)},
			[]string{"acceptor on listener: ae_title=CT01", called}, 1},
		{"OK acceptance in front of the request", []step{says(acceptor, ac), says(opener, rq)},
			[]string{"acceptor on listener: ae_title=CT01", called, caller}, 2},
		{"rejected: nothing of the called title", []step{says(opener, rq), says(acceptor, rj(7))},
			[]string{caller, "acceptor on listener: refusal=rejected: called AE title not recognized"}, 2},
		{"OK an answer accepts where the acceptance was not seen", []step{says(opener, rq),
			{from: acceptor, hole: true, gap: uint64(len(ac))}, says(acceptor, echoRSP)},
			[]string{caller, "acceptor on speaker: ae_title=ARCHIVE"}, 2},
		{"bad acceptance by the requestor", []step{says(opener, rq, ac)}, []string{caller}, 1},
		{"OK reserved octets hold anything", []step{says(opener, scribble(rq))}, []string{caller}, 1},
		{"OK titles padded on the left", []step{says(opener, request("  ARCHIVE", "   CT01", ct))}, []string{caller}, 1},
		{"bad title with control characters", []step{says(opener, request("ARCHIVE", "CT\x0101", ct))},
			[]string{"opener on speaker: implementation=1.2.3.4; implementation_version=TEST_1"}, 1},
		{"OK release and abort", []step{says(opener, rq, pdu(5, make([]byte, 4))), says(acceptor, pdu(7, make([]byte, 4)))},
			[]string{caller, "acceptor on speaker: refusal=aborted by the service user"}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := play(tt.steps...)
			wantLines(t, r.lines(), tt.want)
			wantOutcome(t, r, protocols.Parsed, tt.parsed)
		})
	}
}

// scribble fills the reserved octets of an A-ASSOCIATE-RQ, which no receiver may
// test (PS3.8 section 9.3.2).
func scribble(rq []byte) []byte {
	rq = slices.Clone(rq)
	rq[1], rq[8], rq[9] = 0xAA, 0x55, 0x55
	copy(rq[42:74], strings.Repeat("\xEE", 32))
	rq[75] = 0x77
	return rq
}

func TestAssociationSpeakersAndFields(t *testing.T) {
	r := play(associated(ctStorage, explicit)...)
	if len(r.observations) != 2 {
		t.Fatalf("%d observations, want 2", len(r.observations))
	}
	for i, want := range []struct {
		addr, field string
		confidence  float64
	}{{"192.0.2.1", "A-ASSOCIATE-RQ calling AE title", 0.9}, {"192.0.2.2", "A-ASSOCIATE-RQ called AE title", 0.85}} {
		o := r.observations[i]
		f := o.Facts[0]
		if o.Speaker.Addr.String() != want.addr || f.Field != want.field || f.Confidence != want.confidence || !o.When.Equal(start) {
			t.Errorf("observation %d = %+v, want %+v", i, o, want)
		}
	}
}

// TestAssociationSecrets shows that the user identity (PS3.7 D.3.3.7) is passed
// over: neither stated nor held.
func TestAssociationSecrets(t *testing.T) {
	secret := strings.Repeat("hunter2-ZZSECRET", 300)
	identity := item(0x58, []byte{2, 0, 0, 5}, []byte("alice"), []byte{byte(len(secret) >> 8), byte(len(secret))}, []byte(secret))
	rq := associate(1, "ARCHIVE", "CT01", item(0x20, []byte{1, 0, 0, 0}, item(0x30, []byte(ctStorage)), item(0x40, []byte(implicit))),
		user("1.2.3.4", "TEST_1", item(0x54, []byte("\x00\x041.2.\x01\x00")), identity))
	for _, size := range []int{1, 7, 1460} {
		r := run(protocols.Context{}, size, says(opener, rq))
		all, err := json.Marshal(r.observations)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(all, []byte("ZZSECRET")) || bytes.Contains(all, []byte("alice")) {
			t.Errorf("segments of %d: the user identity is stated", size)
		}
		wantLines(t, r.lines(), []string{"opener on speaker: ae_title=CT01; implementation=1.2.3.4; implementation_version=TEST_1; " +
			"credential=user name and passcode in clear"})
		if r.skipped < uint64(len(secret))/2 && size < len(secret) {
			t.Errorf("segments of %d: %d octets skipped, want most of the identity's", size, r.skipped)
		}
	}
}

func TestAssociationMalformed(t *testing.T) {
	context := item(0x20, []byte{1, 0, 0, 0}, item(0x30, []byte(ctStorage)), item(0x40, []byte(implicit)))
	long := item(0x20, []byte{1, 0, 0, 0}, item(0x30, []byte(ctStorage)))
	long[3] += 40 // reaches behind the PDU
	inner := slices.Clone(context)
	inner[11] += 50 // the abstract syntax reaches behind its context
	for _, tt := range []struct {
		name string
		pdu  []byte
	}{
		{"bad item behind the end", associate(1, "A", "B", long)},
		{"bad sub-item behind its item", associate(1, "A", "B", inner, user("1.2.3", ""))},
		{"bad context id, even", associate(1, "A", "B", item(0x20, []byte{2, 0, 0, 0}))},
		{"bad context without room for its id", associate(1, "A", "B", item(0x20, []byte{1}))},
		{"bad request with a context of an answer", associate(1, "A", "B", item(0x21, []byte{1, 0, 0, 0}))},
		{"bad trailing octets", associate(1, "A", "B", context, []byte{0x50, 0})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := play(says(opener, tt.pdu), says(opener, pdu(5, make([]byte, 4))))
			wantLines(t, r.lines(), []string{})
			wantOutcome(t, r, protocols.Malformed, 1)
			wantOutcome(t, r, protocols.Parsed, 1) // framing goes on behind it
		})
	}
}

// TestAssociationManyContexts has the shape of a toolkit's default: all contexts,
// many transfer syntaxes.
func TestAssociationManyContexts(t *testing.T) {
	var proposals []proposal
	var answers []answer
	for i := range 128 {
		proposals = append(proposals, proposal{byte(2*i + 1), ctStorage + "." + strings.Repeat("1", i%9+1), slices.Repeat([]string{explicit, implicit, jpeg}, 8)})
		answers = append(answers, answer{byte(2*i + 1), byte(i % 2 * 3), explicit})
	}
	image := says(opener, pdata(pdv(253, lastCommand, dimse(1, ctStorage, 1, true, -1))),
		pdata(pdv(253, lastData, dataset(explicit, el(0x00080070, "LO", "ACME")))))
	r := run(protocols.Context{}, 1460, says(opener, request("ARCHIVE", "CT01", proposals...)), says(acceptor, accept("ARCHIVE", "CT01", answers...)), image)
	if got := only(r.lines(), "manufacturer=ACME"); len(got) != 1 {
		t.Errorf("stated %q, want the maker", r.lines())
	}
	if r.kept > maxKept {
		t.Errorf("a session held %d octets, want at most %d", r.kept, maxKept)
	}
}

// maxKept is what the tests allow a session to hold: its fixed state, and the
// kept values of one data set in each direction.
const maxKept = 24 << 10
