package demo_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/sensor/daemon"
	"github.com/auscult/auscult/sensor/demo"
)

// show is a demo that runs, seen from outside.
type show struct {
	t        *testing.T
	out, log *screen
	began    time.Time
	cancel   context.CancelFunc
	done     chan error

	page, cmms, password string
	token                string // of an account that only reads
	client               *http.Client
}

// screen is written by the demo and read by the test.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// start runs a demo and reads from its screen where everything is.
func start(t *testing.T, o demo.Options) *show {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	s := &show{t: t, out: &screen{}, log: &screen{}, began: time.Now(), cancel: cancel, done: make(chan error, 1)}
	s.client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the demo makes its certificate itself
	}}
	o.Listen, o.Out, o.Log, o.For = "127.0.0.1:0", s.out, s.log, 3*time.Minute
	go func() { s.done <- demo.Run(ctx, o) }()
	t.Cleanup(s.stop)
	s.wait("the welcome", func() bool { return strings.Contains(s.out.String(), "Ctrl-C") })
	find := func(pattern string) string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(s.out.String())
		if m == nil {
			t.Fatalf("the screen does not show %s:\n%s", pattern, s.out)
		}
		return m[1]
	}
	s.page, s.cmms, s.password = find(`(https://[^/\s]+)`), find(`(http://[^/\s]+)`), find(`password (\S+)`)
	s.addReader()
	return s
}

// addReader makes an account without any role, through the daemon's socket.
func (s *show) addReader() {
	s.t.Helper()
	house := daemon.Dial(s.path("auscult.sock"))
	if _, err := house.Do(s.t.Context(), daemon.Request{Op: "user.add", Args: map[string]string{"name": "reader", "password": "a long enough password"}}); err != nil {
		s.t.Fatal(err)
	}
	a, err := house.Do(s.t.Context(), daemon.Request{Op: "user.token", Args: map[string]string{"name": "reader"}})
	if err != nil || len(a.Objects) == 0 {
		s.t.Fatalf("a token: %v", err)
	}
	var made struct{ Token string }
	if err := json.Unmarshal(a.Objects[0], &made); err != nil {
		s.t.Fatal(err)
	}
	s.token = made.Token
}

// stop ends the demo, which must end well.
func (s *show) stop() {
	s.cancel()
	if s.done == nil {
		return
	}
	if err := <-s.done; err != nil {
		s.t.Errorf("the demo ended with %v", err)
	}
	s.done = nil
	s.client.CloseIdleConnections()
}

// wait looks until something holds, or fails the test.
func (s *show) wait(what string, holds func() bool) {
	s.t.Helper()
	for end := time.Now().Add(promised); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		select {
		case err := <-s.done:
			s.done = nil
			s.t.Fatalf("the demo ended with %v", err)
		default:
		}
		if holds() {
			return
		}
	}
	s.t.Fatalf("waited in vain for %s; the screen shows\n%s\nthe log\n%s", what, s.out, s.log)
}

func (s *show) path(name string) string {
	found, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "auscult-demo-*", name))
	if len(found) != 1 {
		s.t.Fatalf("%s: %q", name, found)
	}
	return found[0]
}

func (s *show) read(name string) string {
	s.t.Helper()
	b, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

func (s *show) asAdmin(r *http.Request)  { r.SetBasicAuth("admin", s.password) }
func (s *show) asReader(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s.token) }

func (s *show) get(address string, as func(*http.Request)) string {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if as != nil {
		as(r)
	}
	return s.do(r)
}

func (s *show) post(address string, form url.Values) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.do(r)
}

func (s *show) do(r *http.Request) string {
	s.t.Helper()
	resp, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s, %v: %.300s", r.URL, resp.Status, err, body)
	}
	return string(body)
}

// order finds an order by its control number; the zero value where there is none.
func (s *show) order(control string) remediation.WorkOrder {
	s.t.Helper()
	var all []remediation.WorkOrder
	if err := json.Unmarshal([]byte(s.get(s.page+"/api/v1/orders", s.asReader)), &all); err != nil {
		s.t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(o remediation.WorkOrder) bool { return o.ControlNumber == control })
	if i < 0 {
		return remediation.WorkOrder{}
	}
	return all[i]
}

// device finds what was heard of an asset; the zero value where nothing was.
func (s *show) device(control string) inventory.Device {
	s.t.Helper()
	var all []inventory.Device
	if err := json.Unmarshal([]byte(s.get(s.page+"/api/v1/devices", s.asReader)), &all); err != nil {
		s.t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(d inventory.Device) bool {
		return d.Asset != nil && d.Asset.ControlNumber == control && d.Presence != inventory.RegisterOnly
	})
	if i < 0 {
		return inventory.Device{}
	}
	return all[i]
}

func held(holds []remediation.Hold, code remediation.HoldCode) bool {
	return slices.ContainsFunc(holds, func(h remediation.Hold) bool { return h.Code == code })
}

// left is what a demo could leave behind in the machine's network and in this
// process.
type left struct{ interfaces, namespaces int }

func traces(t *testing.T) left {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	found := left{interfaces: len(all)}
	for _, d := range descriptors {
		if to, err := os.Readlink(filepath.Join("/proc/self/fd", d.Name())); err == nil && strings.HasPrefix(to, "net:") {
			found.namespaces++
		}
	}
	return found
}

// untilServed keeps what is said, and stops the demo when it has named its page: how long
// that takes depends on the machine.
type untilServed struct {
	bytes.Buffer
	stop func()
}

func (u *untilServed) Write(p []byte) (int, error) {
	defer func() {
		if bytes.Contains(u.Bytes(), []byte("https://")) {
			u.stop()
		}
	}()
	return u.Buffer.Write(p)
}

// TestTakenPort uses another one, and says so.
func TestTakenPort(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := untilServed{stop: cancel}
	taken := l.Addr().String()
	if err := demo.Run(ctx, demo.Options{Listen: taken, For: time.Minute, FilesOnly: true, Out: &out}); err != nil {
		t.Fatal(err)
	}
	says := out.String()
	if !strings.Contains(says, "cannot be at "+taken+" (address already in use)") || strings.Contains(says, "https://"+taken) || !strings.Contains(says, "https://127.0.0.1:") {
		t.Errorf("%s", says)
	}
	for _, wrong := range []string{"127.0.0.1", "192.0.2.1:8443"} {
		if err := demo.Run(t.Context(), demo.Options{Listen: wrong}); err == nil || !strings.Contains(err.Error(), "--listen") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
