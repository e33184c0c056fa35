package dicom_test

import (
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

func image(els ...element) step {
	return says(opener, storeRQ(1), pdata(pdv(1, lastData, dataset(explicit, append(els, el(0x00280010, "US", us(1)))...))))
}

func machine(maker, model, station, serial string) step {
	els := []element{}
	for _, e := range []element{el(0x00080070, "LO", maker), el(0x00081010, "SH", station), el(0x00081090, "LO", model), el(0x00181000, "LO", serial)} {
		if e.value != "" {
			els = append(els, e)
		}
	}
	return image(els...)
}

// captured is a secondary capture of a machine by ACME.
func captured(conversion, grabber string) step {
	return image(el(0x00080064, "CS", conversion), el(0x00080070, "LO", "ACME Medical"), el(0x00081090, "LO", "Scan 9"), el(0x00181016, "LO", grabber))
}

func TestForwarder(t *testing.T) {
	ct := machine("ACME", "Scan 9", "CT01", "4711")
	for _, tt := range []struct {
		name    string
		steps   []step
		forward bool
	}{
		{"one machine", []step{ct, ct}, false},
		{"move originator", []step{says(opener, storeRQ(1, el(0x00001030, "AE", "WS01"), el(0x00001031, "US", us(3))))}, true},
		{"sub-operation of a C-GET", []step{says(acceptor, storeRQ(1))}, true},
		{"two serial numbers", []step{ct, machine("ACME", "Scan 9", "CT01", "4712")}, true},
		{"two makers", []step{machine("ACME", "Scan 9", "", ""), machine("OTHER", "Mag 3", "", "")}, true},
		{"two stations", []step{machine("ACME", "Scan 9", "CT01", ""), machine("ACME", "Scan 9", "CT02", "4711")}, true},
		{"two models", []step{machine("ACME", "Scan 9", "", ""), machine("ACME", "Mag 3", "", "")}, true},
		{"one number, two makers and models", []step{machine("ACME", "Scan 9", "", "1"), machine("OTHER", "Mag 3", "", "1")}, true},
		{"a screenshot names another model", []step{ct, machine("ACME", "Viewer", "CT01", "4711")}, false},
		{"a report without a serial number", []step{ct, machine("ACME", "Dose", "CT01", "")}, false},
		{"spelling", []step{ct, machine("Acme", "SCAN 9", "ct01", "4711")}, false},
		{"placeholders", []step{machine("ACME", "Scan 9", "", "0000"), machine("ACME", "Scan 9", "", "123")}, false},
		{"film digitiser of another maker", []step{captured("DF", "Filmscan")}, true},
		{"frame grabber of another maker", []step{captured("DV", "Grabber Inc")}, true},
		{"capture card of its own maker", []step{captured("DV", "ACME Imaging")}, false},
		{"screenshot of a workstation", []step{captured("WSD", "Grabber Inc")}, false},
		{"capture without a word of how", []step{captured("", "Grabber Inc")}, false},
		{"capture without a word of the device", []step{captured("DV", "")}, false},
		{"nothing said", []step{ct, image(el(0x00080060, "CS", "CT"))}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, got := after(ctStorage, explicit, tt.steps...)
			if n := len(only(got, "role=dicom-forwarder")); (n == 1) != tt.forward {
				t.Errorf("stated %q, forwarder = %v", got, tt.forward)
			}
		})
	}
}

func TestImagesAreStatedOnceAMinute(t *testing.T) {
	ct := machine("ACME", "Scan 9", "CT01", "4711")
	later := ct
	later.wait = time.Minute
	r, got := after(ctStorage, explicit, ct, ct, machine("ACME", "Dose", "CT01", ""), ct, later, ct)
	if n := len(only(got, "model=Scan 9")); n != 2 {
		t.Errorf("stated %d times, want 2: %q", n, got)
	}
	wantOutcome(t, r, protocols.Parsed, 8)
}

func stores(d protocols.Direction, id uint16, more ...element) step {
	return says(d, pdata(pdv(1, lastCommand, dimse(0x0001, ctStorage, id, false, -1, more...))))
}

func stored(d protocols.Direction, id uint16, status int) step {
	return says(d, pdata(pdv(1, lastCommand, dimse(0x8001, ctStorage, id, false, status))))
}

// TestWhoAskedForImages: who takes what it asked for is told from who is sent
// things, and the one who asked is named.
func TestWhoAskedForImages(t *testing.T) {
	from := func(title string) element { return el(0x00001030, "AE", title) }
	const (
		scu      = "opener on speaker: role=dicom-store-scu"
		scp      = "acceptor on speaker: role=dicom-store-scp"
		forwards = "opener on speaker: role=dicom-forwarder"
		receiver = "acceptor on speaker: role=dicom-receiver"
	)
	asks := func(title string) string {
		return "opener on station " + title + ": ae_title=" + title + "; role=dicom-move-scu"
	}
	for _, tt := range []struct {
		name  string
		steps []step
		want  []string
	}{
		{"sent unasked", []step{stores(opener, 1), stored(acceptor, 1, 0)}, []string{scu, scp, receiver}},
		{"by the taker's own move", []step{stores(opener, 1, from(" ARCHIVE")), stored(acceptor, 1, 0)},
			[]string{scu, forwards, asks("ARCHIVE"), scp, "acceptor on speaker: role=dicom-fetcher"}},
		{"by a third one's move", []step{stores(opener, 1, from("WS_READ")), stored(acceptor, 1, 0)},
			[]string{scu, forwards, asks("WS_READ"), scp, receiver}},
		{"by whoever has no title", []step{stores(opener, 1, from("A\\B")), stored(acceptor, 1, 0)}, []string{scu, forwards, scp}},
		{"by a C-GET", []step{stores(acceptor, 1), stored(opener, 1, 0)},
			[]string{"acceptor on speaker: role=dicom-store-scu", "acceptor on speaker: role=dicom-forwarder",
				"opener on speaker: role=dicom-store-scp", "opener on speaker: role=dicom-fetcher"}},
		{"refused", []step{stores(opener, 1), stored(acceptor, 1, 0xA700)}, []string{scu}},
		{"answer to another message", []step{stores(opener, 1), stored(acceptor, 2, 0)}, []string{scu, scp}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, got := after(ctStorage, implicit, tt.steps...)
			wantLines(t, got, tt.want)
		})
	}
	t.Run("association not seen", func(t *testing.T) {
		wantLines(t, play(stores(opener, 1), stored(acceptor, 1, 0)).lines(), []string{scu, scp})
	})
	t.Run("once a minute", func(t *testing.T) {
		a, b, later := stores(opener, 1, from("WS_A")), stores(opener, 2, from("WS_B")), stores(opener, 3, from("WS_B"))
		later.wait = time.Minute
		_, got := after(ctStorage, implicit, a, a, b, b, later)
		if n := len(only(got, "on station")); n != 3 {
			t.Errorf("stated %d times, want 3: %q", n, got)
		}
	})
}

// TestCommitmentKeeper: the report comes on an association that the archive opens,
// and says from whom the objects can be fetched.
func TestCommitmentKeeper(t *testing.T) {
	report := func(keeper string) []string {
		data := dataset(implicit, el(0x00080054, "AE", keeper), el(0x00081195, "UI", "1.2.99.1"),
			sequence(0x00081199, true, []element{el(0x00081150, "UI", ctStorage), el(0x00081155, "UI", "1.2.99.2")}))
		r := play(says(opener, request("CT01", "ARCHIVE", proposal{1, commitment, []string{implicit}})),
			says(acceptor, accept("CT01", "ARCHIVE", answer{1, 0, implicit})),
			says(opener, pdata(pdv(1, lastCommand, dimse(0x0100, commitment, 7, true, -1))), pdata(pdv(1, lastData, data))),
			message(acceptor, 0x8100, commitment, 0))
		wantOutcome(t, r, protocols.Parsed, 4)
		return r.lines()[2:]
	}
	const scp, scu = "opener on speaker: role=dicom-commitment-scp", "acceptor on speaker: role=dicom-commitment-scu"
	wantLines(t, report("VNA"), []string{scp, "opener on station VNA: ae_title=VNA", scu})
	wantLines(t, report(`VNA\OLD`), []string{scp, "opener on station VNA: ae_title=VNA", scu})
	wantLines(t, report(""), []string{scp, scu})
}

// TestCancel: a C-CANCEL has no number of its own, and the last answer is still that
// of the query.
func TestCancel(t *testing.T) {
	cancel := says(opener, pdata(pdv(1, lastCommand, command(el(0x00000100, "US", us(0x0FFF)), el(0x00000120, "US", us(7)), el(0x00000800, "US", us(0x0101))))))
	const scu, scp = "opener on speaker: role=dicom-worklist-scu", "acceptor on speaker: role=dicom-worklist-scp"
	r := play(message(opener, 0x0020, worklist, -1), cancel, message(acceptor, 0x8020, "", 0xFF00), message(acceptor, 0x8020, "", 0xFE00))
	wantLines(t, r.lines(), []string{scu, scp})
	_, got := after(worklist, implicit, cancel)
	wantLines(t, got, []string{scu})
}

// TestCalibrationOfACapture: a secondary capture does not tell when the machine was
// calibrated. Of an image the date is the machine's.
func TestCalibrationOfACapture(t *testing.T) {
	date, maker := el(0x00181200, "DA", "20260101"), el(0x00080070, "LO", "ACME")
	for _, tt := range []struct {
		name, class string
		object      step
		calibrated  int
	}{
		{"an image", ctStorage, image(maker, date), 1},
		{"by its class", secondary, says(opener, pdata(pdv(1, lastCommand, dimse(0x0001, secondary, 7, true, -1, el(0x00001000, "UI", "1.2.99.1")))), pdata(pdv(1, lastData, dataset(explicit, maker, date)))), 0},
		{"by the class in it", ctStorage, image(el(0x00080016, "UI", secondary+".4"), maker, date), 0},
		{"by what was converted", ctStorage, image(el(0x00080064, "CS", "WSD"), maker, date), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, got := after(tt.class, explicit, tt.object)
			if n := strings.Count(strings.Join(got, "; "), "calibrated=2026-01-01"); n != tt.calibrated {
				t.Errorf("stated %q", got)
			}
		})
	}
}
