package dicom_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// message is a DIMSE message without a data set, in one PDU.
func message(d protocols.Direction, field uint16, class string, status int, more ...element) step {
	return says(d, pdata(pdv(1, lastCommand, dimse(field, class, 7, false, status, more...))))
}

func TestRoles(t *testing.T) {
	for _, tt := range []struct {
		name     string
		field    uint16
		class    string
		user     string // of the opener's request
		provider string // of the acceptor's success
	}{
		{"C-ECHO", 0x0030, verifySOP, "dicom-verification-scu", ""},
		{"C-STORE", 0x0001, ctStorage, "dicom-store-scu", "dicom-store-scp"},
		{"C-FIND worklist", 0x0020, worklist, "dicom-worklist-scu", "dicom-worklist-scp"},
		{"C-FIND study root", 0x0020, studyFind, "dicom-query-scu", "dicom-query-scp"},
		{"C-FIND of something else", 0x0020, "1.2.840.10008.5.1.4.38.2", "", ""},
		{"C-MOVE", 0x0021, studyMove, "dicom-move-scu", "dicom-move-scp"},
		{"C-GET", 0x0010, studyGet, "dicom-query-scu", "dicom-query-scp"},
		{"N-CREATE MPPS", 0x0140, mpps, "dicom-mpps-scu", "dicom-mpps-scp"},
		{"N-SET MPPS", 0x0120, mpps, "dicom-mpps-scu", "dicom-mpps-scp"},
		{"N-ACTION commitment", 0x0130, commitment, "dicom-commitment-scu", "dicom-commitment-scp"},
		{"N-EVENT-REPORT commitment, from the provider", 0x0100, commitment, "dicom-commitment-scp", "dicom-commitment-scu"},
		{"N-GET printer", 0x0110, printer, "dicom-print-scu", "dicom-print-scp"},
		{"N-CREATE film session", 0x0140, "1.2.840.10008.5.1.1.1", "dicom-print-scu", "dicom-print-scp"},
		{"N-EVENT-REPORT printer", 0x0100, printer, "dicom-print-scp", "dicom-print-scu"},
		{"C-FIND workitems", 0x0020, workitem + ".3", "dicom-ups-scu", "dicom-ups-scp"},
		{"N-CREATE workitem", 0x0140, workitem + ".1", "dicom-ups-scu", "dicom-ups-scp"},
		{"N-SET workitem", 0x0120, workitem + ".1", "dicom-ups-scu", "dicom-ups-scp"},
		{"N-GET workitem", 0x0110, workitem + ".1", "dicom-ups-scu", "dicom-ups-scp"},
		{"N-ACTION workitem", 0x0130, workitem + ".1", "dicom-ups-scu", "dicom-ups-scp"},
		{"N-EVENT-REPORT workitem, from the provider", 0x0100, workitem + ".4", "dicom-ups-scp", "dicom-ups-scu"},
		{"N-ACTION film session", 0x0130, "1.2.840.10008.5.1.1.1", "dicom-print-scu", "dicom-print-scp"},
		{"N-GET print job", 0x0110, "1.2.840.10008.5.1.1.14", "dicom-print-scu", "dicom-print-scp"},
		{"N-CREATE media, which is no film", 0x0140, "1.2.840.10008.5.1.1.33", "", ""},
		{"N-GET display, which is no film", 0x0110, "1.2.840.10008.5.1.1.40", "", ""},
		{"N-DELETE film box", 0x0150, "1.2.840.10008.5.1.1.2", "dicom-print-scu", "dicom-print-scp"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, got := after(tt.class, implicit, message(opener, tt.field, tt.class, -1), message(acceptor, tt.field|0x8000, tt.class, 0))
			want := []string{}
			if tt.user != "" {
				want = append(want, "opener on speaker: role="+tt.user)
			}
			if tt.provider != "" {
				want = append(want, "acceptor on speaker: role="+tt.provider)
			}
			if tt.field == 0x0001 {
				want = append(want, "acceptor on speaker: role=dicom-receiver")
			}
			wantLines(t, got, want)
			wantOutcome(t, r, protocols.Parsed, 4)
			// A response may leave the class out: its context tells.
			_, got = after(tt.class, implicit, message(opener, tt.field, tt.class, -1), message(acceptor, tt.field|0x8000, "", 0))
			wantLines(t, got, want)
			// Or put another one there, as dcmjs-dimse does: the request tells.
			_, got = after(tt.class, implicit, message(opener, tt.field, tt.class, -1), message(acceptor, tt.field|0x8000, studyFind, 0))
			wantLines(t, got, want)
		})
	}
}

// TestRolesOfMidstreamAnswer has neither context nor class in the response: the
// request tells.
func TestRolesOfMidstreamAnswer(t *testing.T) {
	r := play(message(opener, 0x0020, worklist, -1), message(acceptor, 0x8020, "", 0))
	wantLines(t, r.lines(), []string{"opener on speaker: role=dicom-worklist-scu", "acceptor on speaker: role=dicom-worklist-scp"})
}

func TestRoleOnlyWhenPerformed(t *testing.T) {
	for _, tt := range []struct {
		field  uint16
		class  string
		status int
		proven bool
	}{
		{0x8001, ctStorage, 0x0000, true},
		{0x8001, ctStorage, 0xB000, true}, // stored, elements coerced
		{0x8001, ctStorage, 0x0122, false},
		{0x8001, ctStorage, 0xA700, false},
		{0x8001, ctStorage, 0xC000, false},
		{0x8020, worklist, 0xFF00, true},
		{0x8020, worklist, 0xFF01, true},
		{0x8020, worklist, 0xA900, false},
		{0x8020, worklist, 0xFE00, false},
		{0x8020, worklist, 0xB000, false},
		{0x8021, studyMove, 0xFF00, true},
		{0x8021, studyMove, 0xB000, true},
		{0x8021, studyMove, 0xA801, false},
		{0x8140, mpps, 0x0111, false},
		{0x8140, mpps, 0x0107, true}, // an attribute was left out
		{0x8120, mpps, 0x0116, true},
		{0x8120, mpps, 0x0001, true},
		{0x8001, ctStorage, 0x0107, false},
		{0x8010, studyGet, 0xB000, true},
		{0x8010, studyGet, 0xA701, false},
		{0x8130, "1.2.840.10008.5.1.1.1", 0xB601, true},
		{0x8130, commitment, 0x0112, false},
		{0x8130, workitem + ".1", 0xC302, false},
	} {
		t.Run(fmt.Sprintf("%04x %04x", tt.field, tt.status), func(t *testing.T) {
			_, got := after(tt.class, implicit, message(acceptor, tt.field, tt.class, tt.status))
			if (len(got) == 1) != tt.proven {
				t.Errorf("stated %q, proven = %v", got, tt.proven)
			}
		})
	}
}

func TestRolesAreStatedOnceAMinute(t *testing.T) {
	echo := message(opener, 0x0030, verifySOP, -1)
	later, muchLater := echo, echo
	later.wait, muchLater.wait = 59*time.Second, time.Second
	_, got := after(verifySOP, implicit, echo, echo, later, echo, muchLater, echo)
	wantLines(t, got, []string{"opener on speaker: role=dicom-verification-scu", "opener on speaker: role=dicom-verification-scu"})
}

// TestImageClass takes the class from the command, and from the data set where
// the command leaves it out.
func TestImageClass(t *testing.T) {
	data := pdata(pdv(1, lastData, dataset(explicit, el(0x00080016, "UI", secondary), el(0x00080070, "LO", "ACME"))))
	for class, want := range map[string]string{ctStorage: "(0000,0002) sop:" + ctStorage, "": "(0008,0016) sop:" + secondary} {
		r := play(says(opener, pdata(pdv(1, lastCommand, dimse(0x0001, class, 7, true, -1))), data))
		facts := r.observations[len(r.observations)-1].Facts
		if f := facts[len(facts)-1]; f.Field+" "+f.Value != want || f.Attribute != protocols.DeviceType {
			t.Errorf("fact %+v, want %s", f, want)
		}
	}
}

func TestMoveDestination(t *testing.T) {
	r, got := after(studyMove, implicit,
		says(opener, pdata(pdv(1, lastCommand, dimse(0x0021, studyMove, 7, true, -1, el(0x00000600, "AE", " WS_READ")))),
			pdata(pdv(1, lastData, dataset(implicit, el(0x00100020, "LO", "ZZCANARY"))))))
	wantLines(t, got, []string{"opener on speaker: role=dicom-move-scu", "opener on station WS_READ: ae_title=WS_READ"})
	wantOutcome(t, r, protocols.Parsed, 3)
}

func TestWorklistQuery(t *testing.T) {
	query := func(ae string, more ...element) step {
		step := append([]element{el(0x00080060, "CS", "CT"), el(0x00400001, "AE", ae), el(0x00400002, "DA", "20260301")}, more...)
		data := dataset(implicit, el(0x00080050, "SH", ""), el(0x00100010, "PN", "ZZCANARY*"), sequence(0x00400100, false, step), el(0x00401001, "SH", ""))
		return says(opener, pdata(pdv(1, lastCommand, dimse(0x0020, worklist, 7, true, -1))), pdata(pdv(1, lastData, data)))
	}
	const role = "opener on speaker: role=dicom-worklist-scu"
	for _, tt := range []struct {
		name string
		step step
		want []string
	}{
		{"OK asks for itself", query("CT01", el(0x00400010, "SH", "CT-ROOM-2")),
			[]string{role, "opener on speaker: ae_title=CT01; modality=CT; station_name=CT-ROOM-2"}},
		{"OK wildcard station name", query("CT01", el(0x00400010, "SH", "*")), []string{role, "opener on speaker: ae_title=CT01; modality=CT"}},
		{"asks for another", query("CT02"), []string{role}},
		{"asks for all", query(""), []string{role}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, got := after(worklist, implicit, tt.step)
			wantLines(t, got, tt.want)
		})
	}
	t.Run("calling title unknown", func(t *testing.T) {
		wantLines(t, play(query("CT01")).lines(), []string{role})
	})
	t.Run("answers are not read", func(t *testing.T) {
		item := dataset(implicit, el(0x00080070, "LO", "ZZCANARY"), el(0x00100010, "PN", "ZZCANARY^A"))
		rsp := says(acceptor, pdata(pdv(1, lastCommand, dimse(0x8020, worklist, 7, true, 0xFF00))), fragments(1, lastData, item, 9))
		r, got := after(worklist, implicit, query("CT01"), rsp, rsp)
		wantLines(t, got[2:], []string{"acceptor on speaker: role=dicom-worklist-scp"})
		wantOutcome(t, r, protocols.Parsed, 5)
	})
}

func TestPrinter(t *testing.T) {
	data := dataset(explicit, el(0x00080070, "LO", "Filmworks"), el(0x00081090, "LO", "Dry 5950"), el(0x00181000, "LO", "77001"),
		el(0x00181020, "LO", "4.1"), el(0x21100010, "CS", "NORMAL"), el(0x21100030, "LO", "DRYVIEW_OR"))
	for _, class := range []string{printer, printMeta} {
		_, got := after(class, explicit, message(opener, 0x0110, printer, -1),
			says(acceptor, pdata(pdv(1, lastCommand, dimse(0x8110, "", 7, true, 0))), pdata(pdv(1, lastData, data))))
		wantLines(t, got, []string{"opener on speaker: role=dicom-print-scu", "acceptor on speaker: role=dicom-print-scp",
			"acceptor on speaker: manufacturer=Filmworks; model=Dry 5950; serial_number=77001; software_version=4.1; label=DRYVIEW_OR"})
	}
}

func TestUnknownOperation(t *testing.T) {
	r, got := after(ctStorage, implicit, message(opener, 0x0666, ctStorage, -1),
		says(opener, pdata(pdv(1, lastCommand, dimse(0x0667, ctStorage, 8, true, -1))), pdata(pdv(1, lastData, noise(300)))))
	wantLines(t, got, []string{})
	wantOutcome(t, r, protocols.Unsupported, 2)
}

func TestMalformedMessages(t *testing.T) {
	good := dimse(0x0030, verifySOP, 1, false, -1)
	noField := command(el(0x00000002, "UI", verifySOP), el(0x00000800, "US", us(0x0101)))
	noStatus := command(el(0x00000100, "US", us(0x8030)), el(0x00000800, "US", us(0x0101)))
	data := pdata(pdv(1, lastData, dataset(implicit, el(0x00080070, "LO", "ACME"))))
	for _, tt := range []struct {
		name      string
		octets    []byte
		malformed int
		parsed    int
	}{
		{"OK", pdata(pdv(1, lastCommand, good)), 0, 1},
		{"bad without a command field", pdata(pdv(1, lastCommand, noField)), 1, 0},
		{"bad response without a status", pdata(pdv(1, lastCommand, noStatus)), 1, 0},
		{"bad command cut inside an element", pdata(pdv(1, lastCommand, good[:len(good)-1])), 1, 0},
		{"bad data set without a command", data, 1, 0},
		{"bad command in front of the data set that was announced", append(storeRQ(1), pdata(pdv(1, lastCommand, good))...), 1, 1},
		{"bad change of context inside a message", append(storeRQ(1), pdata(pdv(3, lastData, []byte("xx")))...), 1, 0},
		{"bad fragment longer than its PDU", append(pdu(4, []byte{0, 0, 1, 0, 1, 3}), pdata(pdv(1, lastCommand, good))...), 1, 1},
		{"bad fragment header cut by its PDU", append(pdata(pdv(1, lastCommand, good), []byte{0, 0, 0, 9}), pdata(pdv(1, lastCommand, good))...), 1, 2},
		{"bad even context", append(pdata(pdv(2, lastCommand, good)), pdata(pdv(1, lastCommand, good))...), 1, 1},
		{"bad PDU type, found again", append([]byte{9, 9, 9, 9, 9, 9}, pdata(pdv(1, lastCommand, good))...), 1, 1},
		{"bad length of a release, found again", append(pdu(5, make([]byte, 5)), pdata(pdv(1, lastCommand, good))...), 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, whole} {
				r := run(protocols.Context{}, size, append(associated(ctStorage, implicit), says(opener, tt.octets))...)
				wantOutcome(t, r, protocols.Malformed, tt.malformed)
				wantOutcome(t, r, protocols.Parsed, tt.parsed+2)
				if len(only(r.lines(), "ACME")) != 0 {
					t.Errorf("stated %q", r.lines())
				}
			}
		})
	}
}
