package daemon_test

import (
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/auscult/auscult/remediation/cmms/servicenow/standin"
	"github.com/auscult/auscult/sensor/testbed"
	"github.com/auscult/auscult/sensor/web"
)

// stopTime is what a graceful stop may take: systemd's own patience is far longer.
const stopTime = 5 * time.Second

// TestInvariant14ReloadValidatesThenSwaps: a broken configuration changes nothing
// and is named with its line; a good one takes effect whole.
func TestInvariant14ReloadValidatesThenSwaps(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil, "mode: {default: observe}\n")
	mode := func() string {
		var c web.Coverage
		b.api("/api/v1/coverage", &c)
		return c.Mode
	}
	for i, broken := range []string{"mode: {default: auto, rulse: []}\n", "mode: {default: sometimes}\n", "mode: {default: auto}\nlimits: {ring_mib: -1}\n", "mode: [\n",
		"mode: {default: auto}\ncmms: {system: servicenow, url: https://cmms.example.org, user: a, password_file: /nonexistent/secret}\n"} {
		b.configure(broken)
		b.signal(syscall.SIGHUP)
		b.await("a refusal is told", func() bool { return strings.Count(b.log.String(), "the old one stays") == i+1 })
		if got := mode(); got != "observe" {
			t.Errorf("%q changed the mode to %s", broken, got)
		}
		if c := b.coverage(); c.ReloadRefused == nil || c.ReloadRefused.At.IsZero() || c.ReloadRefused.Says == "" {
			t.Errorf("the API does not show the refusal: %+v", c.ReloadRefused)
		}
	}
	for _, want := range []string{"auscult.yaml:8", "auscult.yaml:9", "/nonexistent/secret"} {
		if !strings.Contains(b.log.String(), want) {
			t.Errorf("no refusal names %s", want)
		}
	}
	if !strings.Contains(b.metrics(), "auscult_config_reload_failed 1") {
		t.Error("no metric shows the refusal")
	}
	b.configure("mode: {default: draft}\n")
	b.signal(syscall.SIGHUP)
	b.await("the new mode holds", func() bool { return mode() == "draft" })
	b.await("nothing is refused", func() bool {
		return b.coverage().ReloadRefused == nil && strings.Contains(b.metrics(), "auscult_config_reload_failed 0")
	})
	if o := b.ask("audit", "verify"); o.code != 0 {
		t.Errorf("audit verify: %s", o.err)
	}
}

// listenNotify is systemd's side of sd_notify(3).
func listenNotify(t *testing.T, path string) func() []string {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var said []string
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b := make([]byte, 4096)
		for {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			mu.Lock()
			said = append(said, strings.Split(string(b[:n]), "\n")...)
			mu.Unlock()
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-ended })
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(said)
	}
}

// TestServiceNotifies: ready, reloading, stopping; and a graceful stop is quick.
func TestServiceNotifies(t *testing.T) {
	t.Parallel()
	b := newBox(t, nil, "")
	path := filepath.Join(b.dir, "notify")
	said := listenNotify(t, path)
	b.start("NOTIFY_SOCKET=" + path)
	b.await("READY=1", func() bool { return slices.Contains(said(), "READY=1") })
	b.signal(syscall.SIGHUP)
	b.await("a reload", func() bool {
		i := slices.Index(said(), "RELOADING=1")
		return i > 0 && slices.Contains(said()[i:], "READY=1")
	})
	// systemd's Type=notify-reload asks for the monotonic time with RELOADING=1.
	if code, took := b.stop(); code != 0 || took > stopTime {
		t.Errorf("stopped with %d after %v", code, took)
	}
	if all := said(); all[len(all)-1] != "STOPPING=1" {
		t.Errorf("said %q", all)
	}
}

// TestControlSocketIsForItsGroup: others can neither read nor steer the sensor.
func TestControlSocketIsForItsGroup(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil, "")
	info, err := os.Stat(b.socket())
	if err != nil || info.Mode().Perm()&0o007 != 0 {
		t.Fatalf("the socket's mode is %v, %v", info.Mode(), err)
	}
	for _, name := range []string{"state.db", "first-password", "metrics-token", "page.key"} {
		if info, err := os.Stat(filepath.Join(b.dir, name)); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root to be somebody else")
	}
	for _, dir := range []string{b.dir, filepath.Dir(b.dir)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const nobody = 65534
	cmd := exec.Command("sh", "-c", "test -x "+b.dir+" && ! test -w "+b.socket())
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if o := finish(t, cmd); o.code != 0 {
		t.Errorf("somebody else may write to the socket: %s", o.err)
	}
}

// TestOneDaemonOneState: a second one is told plainly, and does no harm.
func TestOneDaemonOneState(t *testing.T) {
	t.Parallel()
	first := startBox(t, nil, "")
	second := newBox(t, nil, "")
	second.config = write(t, second.dir, "auscult.yaml", strings.Replace(second.base(""), second.state(), first.state(), 1))
	second.launch()
	<-second.ended
	if code := second.cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(second.log.String(), "in use by another auscult") {
		t.Errorf("status %d: %s", code, second.log)
	}
	if o := auscult(t, "devices", "--state", first.state()); o.code != 1 || !strings.Contains(o.err, "in use by another auscult") {
		t.Errorf("status %d: %s", o.code, o.err)
	}
	if o := first.ask("audit", "verify"); o.code != 0 {
		t.Errorf("the first one is harmed: %s", o.err)
	}
	// The same for the socket: a third on its own state must not take it away.
	third := newBox(t, nil, "")
	third.config = write(t, third.dir, "auscult.yaml", strings.Replace(third.base(""), third.socket(), first.socket(), 1))
	third.launch()
	select {
	case <-third.ended:
	case <-time.After(patience):
		t.Errorf("a second daemon took the first one's socket: %s", third.tail())
	}
}

// TestAddressInUse: the page's address is taken.
func TestAddressInUse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	b := newBox(t, nil, "")
	b.config = write(t, b.dir, "auscult.yaml", strings.Replace(b.base(""), "127.0.0.1:0", l.Addr().String(), 1))
	b.launch()
	<-b.ended
	if code := b.cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(b.log.String(), "web.listen") {
		t.Errorf("status %d: %s", code, b.log)
	}
}

// TestInterfaceComesAndGoes: a tap that is not there is shown with its reason,
// while the page serves; it hears when the interface appears, and is down again
// when it goes.
func TestInterfaceComesAndGoes(t *testing.T) {
	t.Parallel()
	bed := testbed.New(t)
	host := bed.AddHost("sensor", "", "")
	b := startBox(t, host, "taps: [{name: core, interface: late0, where: Core switch}]\n")
	tap := func() web.Tap {
		var c web.Coverage
		b.api("/api/v1/coverage", &c)
		return c.Taps[0]
	}
	ready := func() bool {
		status, _ := b.get("/readyz", "", "")
		return status == 200
	}
	down := func() bool { return tap().State == "down" && strings.Contains(tap().Says, "late0") && !ready() }
	b.await("the missing interface is shown", down)
	if x := tap(); !strings.Contains(x.Says, "there is no interface late0") || strings.Contains(x.Says, "ink not found") || x.Kernel != "" {
		t.Errorf("a missing interface is %+v", x)
	}
	if strings.Contains(b.metrics(), "auscult_kernel_program{") {
		t.Error("a kernel program is at work on a tap that is not open")
	}
	b.await("it is told", func() bool { return strings.Contains(b.log.String(), "event=tap.down") })
	if status, _ := b.get("/healthz", "", ""); status != 200 {
		t.Errorf("/healthz: %d", status)
	}
	for range 2 {
		host.Run("ip", "link", "add", "late0", "type", "veth", "peer", "name", "wire0")
		host.Run("ip", "link", "set", "wire0", "up")
		b.await("the interface is listened to", func() bool { return tap().State != "down" && ready() })
		host.Run("ip", "link", "del", "wire0")
		b.await("the interface is gone", down)
	}
	if strings.Contains(b.log.String(), "level=ERROR") {
		t.Errorf("an outage is told twice: %s", b.tail())
	}
	if code, took := b.stop(); code != 0 || took > stopTime {
		t.Errorf("stopped with %d after %v", code, took)
	}
}

// TestCMMSAnswersHTML: a login page in place of the interface is told plainly,
// nothing is lost, and everything is told once when the interface is back.
func TestCMMSAnswersHTML(t *testing.T) {
	t.Parallel()
	cmms := standin.New(standin.Options{User: "auscult", Password: "made-up", Quirks: standin.Quirks{LoginPage: true}})
	server := httptest.NewServer(cmms)
	t.Cleanup(server.Close)
	state := northfield(t)
	b := newBox(t, nil, "")
	secret := write(t, b.dir, "secret", "made-up\n")
	b.configure("mode: {default: auto}\ncmms: {system: servicenow, url: " + server.URL + ", user: auscult, password_file: " + secret + ", poll_interval: 1s}\n")
	raw, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	// The site of a state file that a replay made is "main".
	b.config = write(t, b.dir, "auscult.yaml", strings.Replace(b.file("auscult.yaml"), "site: north", "site: main", 1))
	write(t, b.dir, "state.db", string(raw))
	b.start()
	if o := b.ask("cmms", "test"); o.code != 1 || !strings.Contains(o.err, "page") {
		t.Errorf("cmms test: status %d: %s", o.code, o.err)
	}
	b.await("the trouble is shown", func() bool {
		var c web.Coverage
		b.api("/api/v1/coverage", &c)
		return strings.Contains(c.Paused, "web page")
	})
	if n := len(cmms.Orders()); n != 0 {
		t.Errorf("%d orders were made behind a login page", n)
	}
	cmms.SetQuirks(standin.Quirks{})
	if o := b.ask("cmms", "test"); o.code != 0 || !strings.Contains(o.err, "orders go on") {
		t.Errorf("cmms test: status %d: %s", o.code, o.err)
	}
	pump := b.known().control(t, "000102")
	b.await("the orders arrive", func() bool { return b.known().order(pump, pumpCause).CMMS.Number != "" })
	seen := map[string]int{}
	for _, o := range cmms.Orders() {
		if seen[o.Key]++; seen[o.Key] > 1 {
			t.Errorf("two orders carry %s", o.Key)
		}
	}
}
