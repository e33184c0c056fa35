package dicom_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// services is a conversation with what examination leaves out: a user identity, role
// selection, private classes, workitems, print, a report of commitment, storage on
// others' word, a C-CANCEL, and an abort.
func services() []step {
	classes := []string{workitem + ".1", printer, commitment, ctStorage, studyFind, "1.2.840.113619.4.2"}
	var contexts, accepted [][]byte
	for i, class := range classes {
		contexts = append(contexts, item(0x20, []byte{byte(2*i + 1), 0, 0, 0}, item(0x30, []byte(class)), item(0x40, []byte(implicit))))
		accepted = append(accepted, item(0x21, []byte{byte(2*i + 1), 0, 0, 0}, item(0x40, []byte(implicit))))
	}
	chosen := selection(commitment, 0, 1)
	rq := associate(1, "CT01", "ARCHIVE", append(contexts, user("1.2.3.4", "TEST_1", identityItem(2, "ZZCANARY", "ZZCANARY-secret"), chosen))...)
	ac := associate(2, "CT01", "ARCHIVE", append(accepted, user("1.2.9.9", "PEER_2", chosen, item(0x59, []byte{0, 8}, []byte("ZZCANARY"))))...)
	msg := func(id byte, c, data []byte) []byte {
		b := pdata(pdv(id, lastCommand, c))
		if data != nil {
			b = append(b, fragments(id, lastData, data, 37)...)
		}
		return b
	}
	state := func(s string) []byte {
		return dataset(implicit, el(0x00100010, "PN", "ZZCANARY"), el(0x00741000, "CS", s), el(0x00741204, "LO", "ZZCANARY boost"))
	}
	action := func(n uint16) []byte {
		return dimse(0x0130, workitem+".1", n, true, -1, el(0x00001001, "UI", instance), el(0x00001008, "US", us(1)))
	}
	film := dataset(implicit, el(0x00080070, "LO", "Filmworks"), el(0x00081090, "LO", "Dry 5950"), el(0x00100010, "PN", "ZZCANARY"), el(0x00181000, "LO", "77001"))
	kept := dataset(implicit, el(0x00080054, "AE", "VNA"), el(0x00081195, "UI", "1.2.99.8"))
	picture := dataset(implicit, append(equipment(), pixels(9000))...)
	cancel := command(el(0x00000100, "US", us(0x0FFF)), el(0x00000120, "US", us(6)), el(0x00000800, "US", us(0x0101)))
	return []step{
		says(opener, rq), says(acceptor, ac),
		says(opener, msg(1, action(1), state("IN PROGRESS"))), says(acceptor, msg(1, dimse(0x8130, workitem+".1", 1, false, 0), nil)),
		says(opener, msg(1, action(2), state("CANCELED"))), says(acceptor, msg(1, dimse(0x8130, workitem+".1", 2, false, 0), nil)),
		says(opener, msg(3, dimse(0x0110, printer, 3, false, -1), nil)), says(acceptor, msg(3, dimse(0x8110, printer, 3, true, 0), film)),
		says(opener, msg(5, dimse(0x0100, commitment, 4, true, -1), kept)), says(acceptor, msg(5, dimse(0x8100, commitment, 4, false, 0), nil)),
		says(opener, msg(7, dimse(0x0001, ctStorage, 5, true, -1, el(0x00001030, "AE", "CT01")), picture)), says(acceptor, msg(7, dimse(0x8001, ctStorage, 5, false, 0), nil)),
		says(opener, msg(9, dimse(0x0020, studyFind, 6, true, -1), state("")), msg(9, cancel, nil)), says(acceptor, msg(9, dimse(0x8020, studyFind, 6, false, 0xFE00), nil)),
		says(opener, pdu(7, []byte{0, 0, 2, 2})),
	}
}

func TestServices(t *testing.T) {
	want := play(services()...)
	wantLines(t, want.lines(), []string{
		"opener on speaker: ae_title=ARCHIVE; implementation=1.2.3.4; implementation_version=TEST_1; private_sop_class=1.2.840.113619.4.2; credential=user name and passcode in clear",
		"acceptor on speaker: ae_title=CT01; implementation=1.2.9.9; implementation_version=PEER_2; credential=user identity answered",
		"acceptor on listener: role=dicom-commitment-scp", "acceptor on speaker: role=dicom-commitment-scu",
		"opener on speaker: role=dicom-ups-scu", "opener on speaker: " + busy, "acceptor on speaker: role=dicom-ups-scp", "opener on speaker: " + over,
		"opener on speaker: role=dicom-print-scu", "acceptor on speaker: role=dicom-print-scp",
		"acceptor on speaker: manufacturer=Filmworks; model=Dry 5950; serial_number=77001",
		"opener on speaker: role=dicom-commitment-scp", "opener on station VNA: ae_title=VNA", "acceptor on speaker: role=dicom-commitment-scu",
		"opener on speaker: role=dicom-store-scu", "opener on speaker: role=dicom-forwarder", "opener on station CT01: ae_title=CT01; role=dicom-move-scu",
		equipmentLine, "acceptor on speaker: role=dicom-store-scp", "acceptor on speaker: role=dicom-fetcher",
		"opener on speaker: role=dicom-query-scu", "opener on speaker: refusal=aborted: unexpected PDU",
	})
	wantOutcome(t, want, protocols.Parsed, 16)
	random := rand.New(rand.NewPCG(8, 9))
	for i := range 6 {
		got := runSizes(protocols.Context{OpenerKnown: true}, func() int { return 1 + random.IntN(1+i*i*300) }, services()...)
		wantLines(t, got.lines(), want.lines())
		if got.outcomes != want.outcomes {
			t.Errorf("%d: outcomes %v, want %v", i, got.outcomes, want.outcomes)
		}
	}
	if found := canaries(t, want); len(found) > 0 {
		t.Errorf("a patient left in %s", found[0])
	}
}

// TestJoinedMidway joins both conversations at many places of both directions. What
// is stated is a part of what the whole states, does not depend on segments, and all
// that was begun later is still said.
func TestJoinedMidway(t *testing.T) {
	for _, all := range [][]step{examination(), services()} {
		known := map[string]bool{}
		for _, o := range play(all...).observations {
			for _, f := range o.Facts {
				known[string(f.Attribute)+"="+f.Value] = true
			}
		}
		for joined := range all {
			n := len(all[joined].data)
			for _, at := range slices.Compact([]int{0, 1, n / 3, n / 2, n - 1}) {
				steps := slices.Concat([]step{says(all[joined].from, all[joined].data[at:])}, all[joined+1:])
				r := run(protocols.Context{Midstream: true}, whole, steps...)
				wantLines(t, run(protocols.Context{Midstream: true}, 13, steps...).lines(), r.lines())
				checkMidway(t, known, r, joined, all[min(joined+1, len(all)):])
			}
		}
	}
}

// checkMidway compares with what the whole states, and with the roles of the requests
// that came later.
func checkMidway(t *testing.T, known map[string]bool, r *result, joined int, later []step) {
	t.Helper()
	for _, o := range r.observations {
		for _, f := range o.Facts {
			if !known[string(f.Attribute)+"="+f.Value] {
				t.Errorf("joined in step %d: stated only then: %s=%s", joined, f.Attribute, f.Value)
			}
		}
	}
	alone := run(protocols.Context{Midstream: true}, whole, later...)
	for _, line := range only(alone.lines(), "role=") {
		if len(only(r.lines(), line)) == 0 {
			t.Errorf("joined in step %d: not stated: %s", joined, line)
		}
	}
}
