package syslog_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/syslog"
)

func at(n int) time.Time { return time.Date(2026, 1, 2, 3, 4, n, 123456789, time.UTC) }

func clock() time.Time { return at(0) }

// exporter opens an exporter that settles and retries fast.
func exporter(t *testing.T, o syslog.Options, dir string) *syslog.Exporter {
	t.Helper()
	o.Hostname, o.Backoff = "sensor.example.org", 20*time.Millisecond
	if o.Settle == 0 {
		o.Settle = 200 * time.Millisecond
	}
	e, err := syslog.New(o, dir, clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// run delivers until the returned function is called, which also closes.
func run(t *testing.T, e *syslog.Exporter) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func send(t *testing.T, e *syslog.Exporter, from, to int) {
	t.Helper()
	for i := from; i <= to; i++ {
		ev := syslog.Event{ID: syslog.FindingNew, Severity: syslog.Warning, When: at(0), Site: "stv", Device: "d-" + strconv.Itoa(i), Fields: map[string]string{"cause": `CVE-"1"\]`}}
		if err := e.Send(ev); err != nil {
			t.Fatal(err)
		}
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never happened: %s", what)
}

// listener is a receiver in Go: it keeps every message by octet counting.
type listener struct {
	net.Listener
	frames chan string
}

func listen(t *testing.T, l net.Listener) *listener {
	t.Helper()
	r := &listener{l, make(chan string, 10000)}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.read(c)
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return r
}

func (r *listener) read(c net.Conn) {
	defer func() { _ = c.Close() }()
	b := bufio.NewReader(c)
	for {
		length, err := b.ReadString(' ')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSuffix(length, " "))
		if err != nil {
			return
		}
		frame := make([]byte, n)
		if _, err := io.ReadFull(b, frame); err != nil {
			return
		}
		r.frames <- string(frame)
	}
}

func (r *listener) next(t *testing.T) string {
	t.Helper()
	select {
	case f := <-r.frames:
		return f
	case <-time.After(10 * time.Second):
		t.Fatal("no message")
		return ""
	}
}

func loopback(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// rsyslogd is a real receiver with a configuration of its own.
type rsyslogd struct {
	t       *testing.T
	dir     string
	address string
	network string
	command *exec.Cmd
}

// newRsyslogd prepares one; input is its configuration with %d for the port.
func newRsyslogd(t *testing.T, network, input string) *rsyslogd {
	t.Helper()
	if _, err := exec.LookPath("rsyslogd"); err != nil {
		t.Skip("rsyslogd is not installed; install Debian's rsyslog to run this test")
	}
	r := &rsyslogd{t: t, dir: t.TempDir(), network: network, address: freePort(t, network)}
	_, port, _ := net.SplitHostPort(r.address)
	config := fmt.Sprintf(`global(workDirectory=%q)
template(name="parsed" type="string" string="%%pri%%|%%timestamp:::date-rfc3339%%|%%hostname%%|%%app-name%%|%%msgid%%|%%structured-data%%|%%msg%%\n")
%s
action(type="omfile" file=%q template="parsed" flushOnTXEnd="on")
`, r.dir, strings.ReplaceAll(input, "PORT", port), r.file())
	if err := os.WriteFile(filepath.Join(r.dir, "rsyslog.conf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.stop)
	return r
}

func (r *rsyslogd) file() string { return filepath.Join(r.dir, "received.log") }

func freePort(t *testing.T, network string) string {
	t.Helper()
	if network == "udp" {
		p, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = p.Close() }()
		return p.LocalAddr().String()
	}
	l := loopback(t)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func (r *rsyslogd) start() {
	r.t.Helper()
	r.command = exec.Command("rsyslogd", "-n", "-i", filepath.Join(r.dir, "pid"), "-f", filepath.Join(r.dir, "rsyslog.conf"))
	output := &strings.Builder{}
	r.command.Stdout, r.command.Stderr = output, output
	if err := r.command.Start(); err != nil {
		r.t.Fatal(err)
	}
	if r.network == "udp" {
		time.Sleep(500 * time.Millisecond) // nothing tells when a UDP port is open
		return
	}
	eventually(r.t, "rsyslogd listens", func() bool {
		c, err := net.Dial("tcp", r.address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

// stop ends the process that start began, by its own id.
func (r *rsyslogd) stop() {
	if r.command == nil {
		return
	}
	_ = r.command.Process.Signal(syscall.SIGTERM)
	_ = r.command.Wait()
	r.command = nil
}

// received returns the devices that rsyslogd has parsed out of the structured
// data, each once, in order of arrival.
func (r *rsyslogd) received() (devices []string) {
	b, _ := os.ReadFile(r.file())
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`device="([^"]*)"`).FindAllSubmatch(b, -1) {
		if d := string(m[1]); !seen[d] {
			seen[d] = true
			devices = append(devices, d)
		}
	}
	return devices
}

// expects waits until the devices d-1 to d-n have arrived, in order.
func (r *rsyslogd) expects(n int) {
	r.t.Helper()
	eventually(r.t, fmt.Sprintf("%d events arrive", n), func() bool { return len(r.received()) >= n })
	for i, d := range r.received() {
		if d != "d-"+strconv.Itoa(i+1) {
			r.t.Fatalf("event %d is about %s", i+1, d)
		}
	}
}
