package daemon_test

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/cmms/servicenow"
	"github.com/auscult/auscult/remediation/cmms/servicenow/standin"
	"github.com/auscult/auscult/sensor/daemon"
)

// workshop is a state file whose orders are carried to a CMMS at chosen moments of
// wire time.
type workshop struct {
	t             *testing.T
	state, config string
	cmms          *standin.Server
	connector     remediation.Connector
}

func newWorkshop(t *testing.T, state string) *workshop {
	t.Helper()
	w := &workshop{t: t, state: state, config: write(t, t.TempDir(), "auscult.yaml", "mode: {default: auto}\n")}
	w.cmms = standin.New(standin.Options{User: "auscult", Password: "made-up", People: []string{"a.north", "T-105"},
		Groups: []string{"BD", "Biomed", "Imaging Engineering", "Quell Infusion", "Biomedical Engineering"}})
	server := httptest.NewServer(w.cmms)
	t.Cleanup(server.Close)
	auth := servicenow.Auth{Kind: servicenow.Basic, User: "auscult", Password: servicenow.NewSecret("made-up")}
	var err error
	if w.connector, err = servicenow.New(servicenow.Options{URL: server.URL, Table: "incident", Auth: auth}, server.Client()); err != nil {
		t.Fatal(err)
	}
	return w
}

// carry tells the CMMS what waits, and reads back what its people did.
func (w *workshop) carry(at time.Time) {
	w.t.Helper()
	c, err := configs.Load(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	c.CMMS.System = "servicenow"
	if err := daemon.Carry(w.t.Context(), w.state, c, w.connector, at); err != nil {
		w.t.Fatal(err)
	}
}

// number finds an order in the CMMS.
func (w *workshop) number(o remediation.WorkOrder) standin.Order {
	w.t.Helper()
	for _, r := range w.cmms.Orders() {
		if r.Key == o.Key {
			return r
		}
	}
	w.t.Fatalf("order %s, %s, did not reach the CMMS", o.ID, o.State)
	return standin.Order{}
}

// close lets a person of the CMMS report an order as done.
func (w *workshop) close(o remediation.WorkOrder, person string) {
	w.t.Helper()
	number := w.number(o).Number
	if person != "" {
		if err := w.cmms.Assign(number, person); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.cmms.Close(number, "6", "software updated"); err != nil {
		w.t.Fatal(err)
	}
}

// hear replays a round of pumps as of a moment.
func (w *workshop) hear(at time.Time, pumps ...pump) known {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "later.pcap")
	newFilm(w.t, at).round(pumps...).save(w.t, path)
	must(w.t, "replay", "--config", w.config, "--state", w.state, path)
	return read(w.t, "--state", w.state)
}

// TestInvariant12DoneMeansSeen follows two orders that come back as done. One pump
// has the new version. The other still has the old one: soon after, that may be a
// restart that is due; later it means that the work was not done.
func TestInvariant12DoneMeansSeen(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t, northfield(t))
	at := func(minutes int) time.Time { return monday.Add(time.Duration(minutes) * time.Minute) }
	order := func(control string) remediation.WorkOrder {
		k := read(t, "--state", w.state)
		return k.order(k.control(t, control), pumpCause)
	}
	w.carry(at(1))
	w.close(order("000101"), "")
	w.close(order("000102"), "a.north")
	w.carry(at(5))
	expect := func(when, control string, want remediation.OrderState) {
		t.Helper()
		if o := order(control); o.State != want {
			t.Errorf("%s the order of %s is %s, want %s: %v", when, control, o.State, want, o.History)
		}
	}
	w.hear(at(8), contractPump("2.1", standingBy()), ownPump("2.2", standingBy()))
	expect("soon", "000102", remediation.StateVerified)
	expect("soon", "000101", remediation.StateVerifying)
	w.hear(at(30), contractPump("2.1", standingBy()))
	expect("later", "000101", remediation.StateVerifyFailed)
	w.carry(at(31))
	if notes := strings.Join(w.number(order("000101")).Notes, " "); !strings.Contains(notes, "still seen") {
		t.Errorf("the CMMS is not told that the cause is still seen: %q", notes)
	}
	w.hear(at(120), contractPump("2.2", standingBy()))
	expect("at last", "000101", remediation.StateVerified)
	k := w.hear(at(180), contractPump("2.1", standingBy()))
	if f := k.finding(k.control(t, "000101"), pumpCause); !f.Open() {
		t.Errorf("the old version is heard again, and the finding is %s", f.Status)
	}
	must(t, "audit", "verify", "--state", w.state)
}
