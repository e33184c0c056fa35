package dicom_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

const (
	callerLine   = "opener on speaker: ae_title=CT01; implementation=1.2.3.4; implementation_version=TEST_1"
	strangerLine = "opener on speaker: implementation=1.2.3.4; implementation_version=TEST_1"
	calledLine   = "acceptor on speaker: ae_title=ARCHIVE; implementation=1.2.9.9; implementation_version=PEER_2"
)

func TestRejectAndAbort(t *testing.T) {
	rq := request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{implicit}})
	for _, tt := range []struct {
		kind, result, source, reason byte
		want                         string // "" for what is malformed
	}{
		{3, 1, 1, 1, "rejected: no reason given"},
		{3, 1, 1, 2, "rejected: application context not supported"},
		{3, 1, 1, 3, "rejected: calling AE title not recognized"},
		{3, 2, 1, 7, "rejected: called AE title not recognized"},
		{3, 1, 1, 4, "rejected: reserved reason"},
		{3, 1, 2, 1, "rejected by the service provider: no reason given"},
		{3, 1, 2, 2, "rejected by the service provider: protocol version not supported"},
		{3, 2, 3, 1, "rejected by the service provider: temporary congestion"},
		{3, 2, 3, 2, "rejected by the service provider: local limit exceeded"},
		{3, 9, 1, 1, ""},
		{7, 0, 0, 6, "aborted by the service user"},
		{7, 0, 2, 0, "aborted: no reason given"},
		{7, 0, 2, 1, "aborted: unrecognized PDU"},
		{7, 0, 2, 2, "aborted: unexpected PDU"},
		{7, 0, 2, 4, "aborted: unrecognized PDU parameter"},
		{7, 0, 2, 5, "aborted: unexpected PDU parameter"},
		{7, 0, 2, 6, "aborted: invalid PDU parameter value"},
		{7, 0, 2, 3, "aborted: reserved reason"},
		{7, 0, 1, 1, "aborted: reserved reason"},
	} {
		t.Run(fmt.Sprint(tt.kind, tt.result, tt.source, tt.reason), func(t *testing.T) {
			for _, size := range []int{1, whole} {
				r := run(protocols.Context{OpenerKnown: true}, size, says(opener, rq), says(acceptor, pdu(tt.kind, []byte{0, tt.result, tt.source, tt.reason})))
				about := map[byte]string{3: "acceptor on listener: ", 7: "acceptor on speaker: "}[tt.kind]
				if tt.want == "" {
					wantLines(t, r.lines(), []string{callerLine})
					wantOutcome(t, r, protocols.Malformed, 1)
					continue
				}
				caller := callerLine
				if tt.reason == 3 && tt.kind == 3 {
					caller = strangerLine
				}
				wantLines(t, r.lines(), []string{caller, about + "refusal=" + tt.want})
				wantOutcome(t, r, protocols.Parsed, 2)
			}
		})
	}
}

// TestStrangersTitle: who calls by a title that the acceptor does not know is not the
// device of that name, and its software is what it says. All else waits for the answer,
// or for what shows that there was one, and is stated as of the request.
func TestStrangersTitle(t *testing.T) {
	rq := says(opener, request("ARCHIVE", "CT01", proposal{1, verifySOP, []string{implicit}}))
	rj := func(source, reason byte) step {
		return step{from: acceptor, wait: 9, data: pdu(3, []byte{0, 1, source, reason})}
	}
	for name, c := range map[string]struct {
		steps []step
		lines []string
		title float64
	}{
		"unknown":              {[]step{rq, rj(1, 3)}, []string{strangerLine}, 0},
		"by the provider":      {[]step{rq, rj(2, 3)}, []string{callerLine}, 0.9},
		"congestion":           {[]step{rq, rj(3, 1)}, []string{callerLine}, 0.9},
		"unknown, then not":    {[]step{rq, rj(1, 3), rq, says(acceptor, accept("ARCHIVE", "CT01", answer{1, 0, implicit}))}, []string{strangerLine, callerLine}, 0.9},
		"again, no answer":     {[]step{rq, rq}, []string{callerLine, callerLine}, 0.9},
		"data in its place":    {[]step{rq, {from: acceptor, hole: true}, message(opener, 0x0030, verifySOP, -1)}, []string{callerLine, "opener on speaker: role=dicom-verification-scu"}, 0.9},
		"broken off":           {[]step{rq, says(acceptor, pdu(7, []byte{0, 0, 0, 0}))}, []string{callerLine}, 0.9},
		"rejection of no kind": {[]step{rq, says(acceptor, pdu(3, []byte{0, 9, 1, 3}))}, []string{callerLine}, 0.9},
	} {
		for _, size := range []int{1, whole} {
			r := run(protocols.Context{OpenerKnown: true}, size, c.steps...)
			wantLines(t, only(r.lines(), "opener on speaker"), c.lines)
			title, last := 0.0, 0.0
			for _, o := range r.observations {
				for _, f := range o.Facts {
					switch f.Attribute {
					case protocols.AETitle:
						title = max(title, f.Confidence)
					case protocols.Implementation:
						if last = f.Confidence; o.Speaker.Port != 104 && !o.When.Equal(start) && name != "unknown, then not" {
							t.Errorf("%s: stated as of %v", name, o.When)
						}
					}
				}
			}
			if title != c.title || name == "unknown" && last != 0.4 {
				t.Errorf("%s: title at %v, want %v; implementation at %v", name, title, c.title, last)
			}
		}
	}
}

// TestRejectedServesNothing: what is said behind a rejection is no part of an
// association; the next request begins one.
func TestRejectedServesNothing(t *testing.T) {
	rq := says(opener, request("ARCHIVE", "CT01", proposal{1, verifySOP, []string{implicit}}))
	ac := says(acceptor, accept("ARCHIVE", "CT01", answer{1, 0, implicit}))
	rj := pdu(3, []byte{0, 1, 1, 7})
	rejected := says(acceptor, rj)
	echo := []step{message(opener, 0x0030, verifySOP, -1), message(opener, 0x0020, studyFind, -1),
		message(acceptor, 0x8030, verifySOP, 0), message(acceptor, 0x8020, studyFind, 0)}
	why := "acceptor on listener: refusal=rejected: called AE title not recognized"
	r := play(append([]step{rq, rejected}, echo...)...)
	wantLines(t, r.lines(), []string{callerLine, why})
	wantOutcome(t, r, protocols.Malformed, 4)
	r = play(append([]step{rq, rejected, rq, ac}, echo[0])...)
	wantLines(t, r.lines(), []string{callerLine, why, callerLine, calledLine, "opener on speaker: role=dicom-verification-scu"})
	r = play(append([]step{rq, rejected, {from: opener, hole: true}, ac}, echo[0])...) // the next request was not seen
	wantLines(t, r.lines(), []string{callerLine, why, calledLine, "opener on speaker: role=dicom-verification-scu"})
	for name, steps := range map[string][]step{
		"by the requestor":        {rq, says(opener, rj)},
		"of what was accepted":    {rq, ac, says(acceptor, rj)},
		"cut short":               {rq, says(acceptor, rj[:8])},
		"cut in front of its end": {rq, says(acceptor, rj[:6]), {from: acceptor, hole: true, gap: 4}},
	} {
		if r := play(steps...); len(only(r.lines(), "refusal")) != 0 || r.outcomes[protocols.Malformed]+r.outcomes[protocols.Truncated] != 1 {
			t.Errorf("%s: stated %q, counted %v", name, r.lines(), r.outcomes)
		}
	}
}

// TestRefusedContext: a message on a context that was refused, or that nobody proposed,
// makes no role. One that waits for its answer does.
func TestRefusedContext(t *testing.T) {
	rq := says(opener, request("ARCHIVE", "CT01", proposal{1, verifySOP, []string{implicit}}, proposal{3, studyFind, []string{implicit}}))
	ac := says(acceptor, accept("ARCHIVE", "CT01", answer{1, 0, implicit}, answer{3, 3, implicit}))
	ask := func(id byte) step {
		return says(opener, pdata(pdv(id, lastCommand, dimse(0x0020, studyFind, 7, false, -1))))
	}
	for id, roles := range map[byte]int{1: 1, 3: 0, 5: 0} {
		r := play(rq, ac, ask(id))
		wantOutcome(t, r, protocols.Malformed, 1-roles)
		if got := only(r.lines(), "role="); len(got) != roles {
			t.Errorf("context %d: stated %q", id, got)
		}
	}
	if got := only(play(rq, ask(3)).lines(), "role="); len(got) != 1 {
		t.Errorf("before the answer: stated %q", got)
	}
}

func identityItem(kind byte, primary, secondary string) []byte {
	return item(0x58, []byte{kind, 1, 0, byte(len(primary))}, []byte(primary), []byte{0, byte(len(secondary))}, []byte(secondary))
}

// TestUserIdentity: the kind of a credential is stated, and no octet of it.
func TestUserIdentity(t *testing.T) {
	context := item(0x20, []byte{1, 0, 0, 0}, item(0x30, []byte(verifySOP)), item(0x40, []byte(implicit)))
	for kind, want := range map[byte]string{
		1: "user name in clear", 2: "user name and passcode in clear", 3: "Kerberos ticket in clear", 4: "SAML assertion in clear",
		5: "JSON web token in clear", 0: "", 6: "",
	} {
		rq := associate(1, "ARCHIVE", "CT01", context, user("1.2.3.4", "TEST_1", identityItem(kind, "ZZCANARY", "hunter2")))
		ac := associate(2, "ARCHIVE", "CT01", item(0x21, []byte{1, 0, 0, 0}, item(0x40, []byte(implicit))), user("1.2.9.9", "PEER_2", item(0x59, []byte{0, 8}, []byte("ZZCANARY"))))
		lines := []string{callerLine, calledLine + "; credential=user identity answered"}
		if want != "" {
			lines[0] += "; credential=" + want
		}
		for _, size := range []int{1, 5, whole} {
			r := run(protocols.Context{OpenerKnown: true}, size, says(opener, rq), says(acceptor, ac))
			wantLines(t, r.lines(), lines)
			wantOutcome(t, r, protocols.Parsed, 2)
		}
	}
	for _, body := range [][]byte{nil, {2}} { // empty, and the type alone
		r := play(says(opener, associate(1, "ARCHIVE", "CT01", context, user("1.2.3.4", "TEST_1", item(0x58, body)))))
		wantOutcome(t, r, protocols.Parsed, 1)
	}
}

func selection(uid string, scu, scp byte) []byte {
	return item(0x54, []byte{0, byte(len(uid))}, []byte(uid), []byte{scu, scp})
}

// TestRoleSelection: where both ends agree that the requestor serves, it does.
func TestRoleSelection(t *testing.T) {
	play := func(result byte, offered, consented []byte, class string) []string {
		rq := associate(1, "CT01", "ARCHIVE", item(0x20, []byte{1, 0, 0, 0}, item(0x30, []byte(class)), item(0x40, []byte(implicit))), user("1.2.3.4", "", offered))
		ac := associate(2, "CT01", "ARCHIVE", item(0x21, []byte{1, 0, result, 0}, item(0x40, []byte(implicit))), user("1.2.9.9", "", consented))
		var roles []string
		for _, size := range []int{1, whole} {
			roles = only(run(protocols.Context{OpenerKnown: true}, size, says(opener, rq), says(acceptor, ac)).lines(), "role=")
		}
		return roles
	}
	reversed := []string{"acceptor on listener: role=dicom-commitment-scp", "acceptor on speaker: role=dicom-commitment-scu"}
	serve := selection(commitment, 0, 1)
	for _, tt := range []struct {
		name               string
		result             byte
		offered, consented []byte
		class              string
		want               []string
	}{
		{"OK agreed", 0, serve, serve, commitment, reversed},
		{"not consented", 0, serve, selection(commitment, 0, 0), commitment, nil},
		{"not offered", 0, nil, serve, commitment, nil},
		{"both roles", 0, selection(commitment, 1, 1), selection(commitment, 1, 1), commitment, nil},
		{"of another class", 0, selection(mpps, 0, 1), selection(mpps, 0, 1), commitment, nil},
		{"context refused", 3, serve, serve, commitment, nil},
		{"storage, as of a C-GET", 0, selection(ctStorage, 0, 1), selection(ctStorage, 0, 1), ctStorage, nil},
		{"UID length that lies", 0, item(0x54, []byte{0, 9}, []byte(commitment), []byte{0, 1}), serve, commitment, nil},
		{"octets between the UID and the roles", 0, item(0x54, []byte{0, 20}, []byte(commitment), []byte{7, 7, 0, 1}), serve, commitment, nil},
		{"too short", 0, item(0x54, []byte{0}), serve, commitment, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantLines(t, play(tt.result, tt.offered, tt.consented, tt.class), append([]string{}, tt.want...))
		})
	}
}

// TestPrivateClasses: a maker's own SOP classes are stated, a few, each once.
func TestPrivateClasses(t *testing.T) {
	var proposals []proposal
	for i, class := range []string{ctStorage, "1.2.840.113619.4.2", "1.2.840.113619.4.2", "1.3.12.2.1107.5.9.1", "no UID", "1.2.3", "1.2.4", "1.2.5"} {
		proposals = append(proposals, proposal{byte(2*i + 1), class, []string{implicit}})
	}
	got := play(says(opener, request("ARCHIVE", "CT01", proposals...))).lines()
	wantLines(t, got, []string{callerLine + strings.Join([]string{"", "1.2.840.113619.4.2", "1.3.12.2.1107.5.9.1", "1.2.3", "1.2.4"}, "; private_sop_class=")})
}
