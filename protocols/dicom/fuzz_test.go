package dicom_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/auscult/auscult/protocols"
)

// FuzzSegmentation plays arbitrary octets in both directions, whole and in
// segments cut as the input says: what is stated and counted must be the same,
// every text must keep the rules of Observation, and memory stays bounded.
func FuzzSegmentation(f *testing.F) {
	var fromOpener, fromAcceptor []byte
	for _, st := range services() {
		f.Add(st.data, []byte{}, []byte{5, 1}, false)
	}
	for _, st := range examination() {
		if st.from == opener {
			fromOpener = append(fromOpener, st.data...)
		} else {
			fromAcceptor = append(fromAcceptor, st.data...)
		}
		f.Add(st.data, []byte{}, []byte{1, 2, 3}, false)
	}
	f.Add(fromOpener[:3000], fromAcceptor, []byte{0}, false)
	f.Add(fromOpener[900:4000], fromAcceptor[300:], []byte{200, 1}, true)
	for _, st := range patients() {
		f.Add(st.data[:min(len(st.data), 2000)], st.data[min(len(st.data), 2000):], []byte{9}, true)
	}
	f.Fuzz(func(t *testing.T, a, b, sizes []byte, midstream bool) {
		c := protocols.Context{Midstream: midstream}
		steps := []step{says(opener, a), says(acceptor, b)}
		want := run(c, whole, steps...)
		i := 0
		got := runSizes(c, func() int {
			if i++; len(sizes) == 0 {
				return 1
			}
			return int(sizes[i%len(sizes)]) + 1
		}, steps...)
		if !slices.Equal(got.lines(), want.lines()) || got.outcomes != want.outcomes {
			t.Errorf("segments change the result:\n%q %v\n%q %v", got.lines(), got.outcomes, want.lines(), want.outcomes)
		}
		checkTexts(t, want)
		for _, r := range []*result{want, got} {
			if r.kept > maxKept+(32<<10) {
				t.Errorf("a session held %d octets", r.kept)
			}
		}
	})
}

// FuzzDataSet puts arbitrary octets where a data set belongs, in each encoding,
// and where the items of an association belong, with sound framing around them.
func FuzzDataSet(f *testing.F) {
	transfers := []string{implicit, explicit, bigEndian, deflate, "1.2.3.unknown"}
	for i, transfer := range transfers {
		f.Add(dataset(transfer, equipment()...), uint8(i), uint8(7), uint8(3))
		f.Add(dataset(transfer, stepOf("CT01", "IN PROGRESS")...), uint8(i), uint8(100), uint8(1))
		f.Add(dataset(transfer, patient()[:20]...), uint8(i), uint8(255), uint8(50))
	}
	f.Add(request("A", "CT01", proposal{1, ctStorage, []string{implicit, explicit}})[102:], uint8(0), uint8(90), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, choice, fragment, segment uint8) {
		transfer := transfers[int(choice)%len(transfers)]
		body := func(class string, field uint16) []byte {
			c := dimse(field, class, 3, true, -1, el(0x00001000, "UI", instance), el(0x00001001, "UI", instance), el(0x00001008, "US", us(1)))
			return append(pdata(pdv(1, lastCommand, c)), fragments(1, lastData, data, int(fragment)+1)...)
		}
		steps := []step{
			says(opener, associate(1, "ARCHIVE", "CT01", data[:min(len(data), 60_000)])),
			says(opener, request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{transfer}})),
			says(opener, body(ctStorage, 0x0001), body(mpps, 0x0140), body(worklist, 0x0020), body(workitem+".1", 0x0130), body(commitment, 0x0100)),
			says(acceptor, pdata(pdv(1, lastCommand, dimse(0x8110, printer, 3, true, 0))), fragments(1, lastData, data, 4000)),
		}
		want := run(protocols.Context{}, whole, steps...)
		got := run(protocols.Context{}, int(segment)+1, steps...)
		if !slices.Equal(got.lines(), want.lines()) || got.outcomes != want.outcomes {
			t.Errorf("segments change the result:\n%q %v\n%q %v", got.lines(), got.outcomes, want.lines(), want.outcomes)
		}
		checkTexts(t, want)
		if total(want) != 8 {
			t.Errorf("outcomes %v, want one for each of eight messages", want.outcomes)
		}
		if want.kept > maxKept+(32<<10) {
			t.Errorf("a session held %d octets", want.kept)
		}
	})
}

func total(r *result) int {
	n := 0
	for _, count := range r.outcomes {
		n += count
	}
	return n
}

// checkTexts asserts the rules that every observation keeps.
func checkTexts(t *testing.T, r *result) {
	t.Helper()
	for _, o := range r.observations {
		if o.About.Kind == 0 || len(o.About.Title) > 16 || o.Speaker == o.Listener {
			t.Errorf("subject of %+v", o)
		}
		for _, fact := range o.Facts {
			if fact.Value == "" || !utf8.ValidString(fact.Value) || fact.Field == "" || fact.Confidence <= 0 || fact.Confidence > 1 {
				t.Errorf("fact %+v", fact)
			}
			if fact.Attribute == protocols.AETitle && len(fact.Value) > 16 {
				t.Errorf("AE title %q", fact.Value)
			}
		}
		if o.Report != nil && (o.Report.Complete || len(o.Report.Channels) != 1 || len(o.Report.Channels[0].Name) != len("procedure 12345678")) {
			t.Errorf("report %+v", o.Report)
		}
	}
}

// FuzzHoles cuts holes into a conversation about patients and asserts that no
// patient leaves and that nothing is stated which the whole does not state.
func FuzzHoles(f *testing.F) {
	f.Add(uint16(100), uint16(4), uint16(0), uint8(3), true)
	f.Add(uint16(2500), uint16(800), uint16(120), uint8(255), false)
	f.Add(uint16(0), uint16(50), uint16(9), uint8(0), false)
	all := patients()
	whole := run(protocols.Context{OpenerKnown: true}, whole, all...)
	known := map[string]bool{}
	for _, o := range whole.observations {
		for _, fact := range o.Facts {
			known[string(fact.Attribute)+fact.Value] = true
		}
	}
	f.Fuzz(func(t *testing.T, at, size, second uint16, segment uint8, told bool) {
		var steps []step
		for i, st := range all {
			begin := (int(at) + i*int(second)) % len(st.data)
			end := min(begin+int(size), len(st.data))
			hole := step{from: st.from, hole: true}
			if told {
				hole.gap = uint64(end - begin)
			}
			steps = append(steps, says(st.from, st.data[:begin]), hole, says(st.from, st.data[end:]))
		}
		r := run(protocols.Context{}, int(segment)*6+1, steps...)
		checkTexts(t, r)
		for _, o := range r.observations {
			for _, fact := range o.Facts {
				if !known[string(fact.Attribute)+fact.Value] {
					t.Errorf("stated only with holes: %s %q", fact.Attribute, fact.Value)
				}
			}
		}
		if found := canaries(t, r); len(found) > 0 {
			t.Errorf("a patient left in %s", found[0])
		}
		if _, err := json.Marshal(r.observations); err != nil {
			t.Error(err)
		}
	})
}

// FuzzProbe asserts that a verdict, once given, stays, and that a full window
// gets one.
func FuzzProbe(f *testing.F) {
	for _, st := range examination() {
		f.Add(st.data[:min(len(st.data), protocols.ProbeLimit)], true)
		f.Add(st.data[:min(len(st.data), 40)], false)
	}
	f.Fuzz(func(t *testing.T, b []byte, midstream bool) {
		b = b[:min(len(b), protocols.ProbeLimit)]
		last := protocols.More
		for n := 0; n <= len(b); n += 1 + n/8 {
			v := probe(b[:n], midstream, opener)
			if last != protocols.More && v != last {
				t.Fatalf("verdict %v after %v, at %d octets", v, last, n)
			}
			last = v
		}
		if full := append(slices.Clone(b), make([]byte, protocols.ProbeLimit-len(b))...); probe(full, midstream, opener) == protocols.More {
			t.Error("More at the limit")
		}
	})
}

// FuzzNegotiation puts arbitrary octets where user information belongs, in a request
// and in its acceptance, around a user identity that is sound, and behind both the
// body of a rejection or an abort. No octet of the identity may leave, roles are of the
// closed list, and so is why an association ended.
func FuzzNegotiation(f *testing.F) {
	f.Add(selection(commitment, 0, 1), selection(commitment, 0, 1), []byte{0, 1, 1, 7}, uint8(3), false)
	f.Add(identityItem(2, "ZZCANARY", "hunter2"), item(0x59, []byte{0, 2, 'Z', 'Z'}), []byte{0, 0, 2, 6}, uint8(1), true)
	f.Add([]byte{0x58, 0, 0, 1, 3, 0x54, 0, 0, 2, 0, 0}, []byte{0x54, 0, 0xFF, 0xFF}, []byte{9, 9, 9, 9}, uint8(200), false)
	context := item(0x20, []byte{1, 0, 0, 0}, item(0x30, []byte(commitment)), item(0x40, []byte(implicit)))
	agreed := item(0x21, []byte{1, 0, 0, 0}, item(0x40, []byte(implicit)))
	f.Fuzz(func(t *testing.T, offered, consented, body []byte, segment uint8, aborts bool) {
		offered, consented = offered[:min(len(offered), 30_000)], consented[:min(len(consented), 30_000)]
		kind := byte(3)
		if aborts {
			kind = 7
		}
		end := pdu(kind, append(slices.Clone(body), 0, 0, 0, 0)[:4])
		secret := identityItem(2, "ZZCANARY", "ZZCANARY-secret")
		steps := []step{
			says(opener, associate(1, "CT01", "ARCHIVE", context, user("1.2.3.4", "", offered, secret))),
			says(acceptor, associate(2, "CT01", "ARCHIVE", agreed, user("1.2.9.9", "", consented))),
			says(opener, associate(1, "CT01", "ARCHIVE", context, user("1.2.3.4", "", secret, offered))),
			says(acceptor, end),
		}
		want := run(protocols.Context{}, whole, steps...)
		got := run(protocols.Context{}, int(segment)+1, steps...)
		if !slices.Equal(got.lines(), want.lines()) || got.outcomes != want.outcomes || total(want) != 4 {
			t.Errorf("segments change the result:\n%q %v\n%q %v", got.lines(), got.outcomes, want.lines(), want.outcomes)
		}
		checkTexts(t, want)
		for _, o := range want.observations {
			for _, fact := range o.Facts {
				if fact.Attribute == protocols.RoleOf && !slices.Contains(protocols.Roles(), protocols.Role(fact.Value)) ||
					fact.Attribute == protocols.Refusal && !slices.Contains(endings, fact.Value) {
					t.Errorf("not of the closed list: %+v", fact)
				}
			}
		}
		if want.kept > maxKept {
			t.Errorf("a session held %d octets", want.kept)
		}
		if !bytes.Contains(offered, []byte("CANARY")) && !bytes.Contains(consented, []byte("CANARY")) && len(canaries(t, want)) > 0 {
			t.Errorf("a user left in %q", want.lines())
		}
	})
}

// endings is the closed list of why associations end.
var endings = []string{
	"rejected: no reason given", "rejected: application context not supported", "rejected: calling AE title not recognized",
	"rejected: called AE title not recognized", "rejected: reserved reason", "rejected by the service provider: no reason given",
	"rejected by the service provider: protocol version not supported", "rejected by the service provider: temporary congestion",
	"rejected by the service provider: local limit exceeded", "aborted by the service user", "aborted: no reason given",
	"aborted: unrecognized PDU", "aborted: unexpected PDU", "aborted: unrecognized PDU parameter", "aborted: unexpected PDU parameter",
	"aborted: invalid PDU parameter value", "aborted: reserved reason",
}
