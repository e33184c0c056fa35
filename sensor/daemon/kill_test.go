package daemon_test

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/cmms/servicenow"
	"github.com/auscult/auscult/remediation/cmms/servicenow/standin"
	"github.com/auscult/auscult/sensor/daemon"
)

// rounds is how often the daemon is killed.
const rounds = 8

// TestInvariant11NothingAcknowledgedIsLostKillNine kills the daemon at moments
// that a fixed seed chooses, while it imports, decides and sends to a CMMS that
// loses answers and asks for patience.
func TestInvariant11NothingAcknowledgedIsLostKillNine(t *testing.T) {
	t.Parallel()
	cmms := standin.New(standin.Options{User: "auscult", Password: "made-up", Quirks: standin.Quirks{LoseCreates: 3, RateEvery: 7, RetryAfter: 1, Delay: 5 * time.Millisecond}})
	server := httptest.NewServer(cmms)
	t.Cleanup(server.Close)
	b := newBox(t, nil, "")
	secret := write(t, b.dir, "secret", "made-up\n")
	b.configure("mode: {default: auto}\npolicy: {orders_per_hour: 1000}\ncmms: {system: servicenow, url: " + server.URL + ", user: auscult, password_file: " + secret + ", poll_interval: 1h}\n")
	b.config = write(t, b.dir, "auscult.yaml", strings.Replace(b.file("auscult.yaml"), "site: north", "site: main", 1))
	raw, err := os.ReadFile(northfield(t))
	if err != nil {
		t.Fatal(err)
	}
	write(t, b.dir, "state.db", string(raw))
	random := rand.New(rand.NewPCG(11, 9))
	a := &acknowledged{b: b, files: t.TempDir()}
	for round := range rounds {
		b.start()
		a.work(round, time.Duration(random.IntN(600))*time.Millisecond)
		b.kill()
	}
	cmms.SetQuirks(standin.Quirks{})
	b.start()
	a.verify(t)
	if code, _ := b.stop(); code != 0 {
		t.Errorf("stopped with %d: %s", code, b.tail())
	}
	k := a.carryTheRest(t, server)
	keys := map[string]int{}
	for _, o := range cmms.Orders() {
		keys[o.Key]++
	}
	sent := 0
	for _, o := range k.orders {
		if o.State == remediation.StateHeld {
			continue
		}
		if sent++; keys[o.Key] != 1 || o.CMMS.Number == "" {
			t.Errorf("order %s, %s, is %d times in the CMMS", o.ID, o.State, keys[o.Key])
		}
	}
	if sent != len(keys) || sent < len(a.advisories) {
		t.Errorf("%d orders here, %d there, %d advisories", sent, len(keys), len(a.advisories))
	}
	must(t, "audit", "verify", "--state", b.state())
	t.Logf("%d imports acknowledged, %d orders", len(a.advisories)+len(a.assets), sent)
}

// carryTheRest carries what still waits, as of later: the budget of requests, and
// the patience after a lost answer, take their time.
func (a *acknowledged) carryTheRest(t *testing.T, server *httptest.Server) known {
	t.Helper()
	c, err := configs.Load(a.b.config)
	if err != nil {
		t.Fatal(err)
	}
	auth := servicenow.Auth{Kind: servicenow.Basic, User: "auscult", Password: servicenow.NewSecret("made-up")}
	connector, err := servicenow.New(servicenow.Options{URL: server.URL, Table: "incident", Auth: auth}, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	for hour := range 12 {
		if err := daemon.Carry(t.Context(), a.b.state(), c, connector, time.Now().Add(time.Duration(hour+1)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	return read(t, "--state", a.b.state())
}

// acknowledged is what the daemon said that it has.
type acknowledged struct {
	b     *box
	files string

	mu         sync.Mutex
	advisories []string
	assets     []string // control numbers
}

// work imports until the daemon is killed: a while after it has acknowledged one
// import of each kind.
func (a *acknowledged) work(round int, while time.Duration) {
	advisories, assets := a.count()
	var both sync.WaitGroup
	ended := make(chan struct{})
	both.Go(func() { a.importing(ended, func(n int) { a.advisory(round, n) }) })
	both.Go(func() { a.importing(ended, func(n int) { a.asset(round, n) }) })
	a.b.await("imports are acknowledged", func() bool {
		n, m := a.count()
		return n > advisories && m > assets
	})
	time.Sleep(while)
	_ = a.b.cmd.Process.Kill() // that is the test
	<-a.b.ended
	close(ended)
	both.Wait()
}

func (a *acknowledged) count() (advisories, assets int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.advisories), len(a.assets)
}

func (a *acknowledged) importing(ended <-chan struct{}, one func(n int)) {
	for n := range 100 {
		select {
		case <-ended:
			return
		default:
			one(n)
		}
	}
}

// advisoryPause leaves time for orders to be sent: each advisory makes two.
const advisoryPause = 100 * time.Millisecond

func (a *acknowledged) advisory(round, n int) {
	id := fmt.Sprintf("MADE-2027-%d%02d", round, n)
	time.Sleep(advisoryPause)
	path := write(a.b.t, a.files, id+".json", advisory(id, "Quell Infusion", "Quell 5", "< 2.2", "Update to 2.2."))
	if o := a.b.ask("feeds", "import", path); o.code == 0 {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.advisories = append(a.advisories, id)
	}
}

// asset imports the register with one more record than before.
func (a *acknowledged) asset(round, n int) {
	control := fmt.Sprintf("9%d%02d", round, n)
	a.mu.Lock()
	rows := assetsCSV
	for _, c := range append(a.assets[:len(a.assets):len(a.assets)], control) {
		rows += c + ",Defibrillator,Pulsewright,Revive 3,PW-" + c + ",Northfield,Main,W4-3,Oncology,7120,Nursing,In service,High,Y,In-house,,Biomedical Engineering,,6,07/17/2026,01/17/2027,,,,,,,\n"
	}
	a.mu.Unlock()
	path := write(a.b.t, a.files, "assets.csv", rows)
	if o := a.b.ask("register", "import", "--kind", "assets", path); o.code == 0 {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.assets = append(a.assets, control)
	}
}

// verify looks for everything that was acknowledged.
func (a *acknowledged) verify(t *testing.T) {
	t.Helper()
	k := a.b.known()
	if len(a.advisories) < rounds || len(a.assets) < rounds {
		t.Fatalf("only %d and %d imports were acknowledged: this test proves little", len(a.advisories), len(a.assets))
	}
	pump := k.control(t, "000102")
	for _, id := range append(a.advisories, pumpCause) {
		if f := k.finding(pump, id); !f.Open() {
			t.Errorf("advisory %s was acknowledged, and its finding is %q", id, f.Status)
		}
	}
	for _, control := range a.assets {
		k.control(t, control)
	}
	if o := a.b.ask("audit", "verify"); o.code != 0 {
		t.Errorf("audit verify: %s", o.err)
	}
}

// commitTime is how long a statement may take from the wire to the disk with the
// configured commit interval of 100 ms: the capture hands frames on within a
// second, then comes the interval.
const commitTime = 2 * time.Second

// TestInvariant11ObservationsLoseOneInterval: what was heard longer ago than the
// commit interval is there after a kill, and a restart goes on with the same ids.
func TestInvariant11ObservationsLoseOneInterval(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	b := newBox(t, w.host, tap)
	ids := map[string]string{}
	for i := range 3 {
		b.start()
		w.await(b)
		serial := fmt.Sprintf("QP-7700%d", i)
		w.play(newFilm(t, time.Now()).round(pump{serial, fmt.Sprintf("00005EEF1000017%d", i), "2.1", standingBy()}))
		time.Sleep(commitTime)
		b.kill()
		b.start()
		b.await("it has decided", func() bool { return len(b.known().devices) > 0 })
		d := b.known().device(t, serial, func(d inventory.Device) bool { return d.SerialNumber == serial })
		ids[serial] = d.ID
		for s, id := range ids {
			if now := b.known().serial(t, s); now.ID != id {
				t.Errorf("%s was %s and is %s", s, id, now.ID)
			}
		}
		b.kill()
	}
}
