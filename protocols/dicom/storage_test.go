package dicom_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

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
