package daemon_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/testbed"
)

// box is one running daemon: the program, its folder, and ways to ask it.
type box struct {
	t      testing.TB
	dir    string // holds the state file, the socket and the configuration
	config string
	host   *testbed.Host // whose network it runs in; nil for the machine's
	cmd    *exec.Cmd
	log    *lines
	ended  chan struct{}
	client *http.Client
	page   string // https://127.0.0.1:port
}

// patience bounds every wait of these tests.
const patience = time.Minute

// lines keeps what a program writes.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// base is the configuration that every box has; more is appended.
func (b *box) base(more string) string {
	if !strings.Contains(more, "decide_interval") {
		more = "decide_interval: 1s\n" + more
	}
	return "site: north\nstate: " + b.state() + "\nsocket: " + b.socket() + "\nweb: {listen: 127.0.0.1:0}\nlog: {level: debug}\ncommit_interval: 100ms\n" + more
}

func (b *box) state() string  { return filepath.Join(b.dir, "state.db") }
func (b *box) socket() string { return filepath.Join(b.dir, "sock") }

// newBox writes a configuration and starts nothing.
func newBox(t testing.TB, host *testbed.Host, more string) *box {
	t.Helper()
	b := &box{t: t, dir: t.TempDir(), host: host}
	b.configure(more)
	t.Cleanup(func() { b.kill() })
	return b
}

func (b *box) configure(more string) {
	b.t.Helper()
	b.config = write(b.t, b.dir, "auscult.yaml", b.base(more))
}

// startBox starts a daemon and waits until it serves.
func startBox(t testing.TB, host *testbed.Host, more string) *box {
	t.Helper()
	b := newBox(t, host, more)
	b.start()
	return b
}

// start runs the daemon; env is added to its environment.
func (b *box) start(env ...string) {
	b.t.Helper()
	b.launch(env...)
	b.await("it serves", func() bool { return strings.Contains(b.log.String(), "msg=ready") })
	m := regexp.MustCompile(`address=(https://[0-9.:]+)`).FindStringSubmatch(b.log.String())
	if m == nil {
		b.t.Fatalf("the log names no page: %s", b.log)
	}
	b.page = m[1]
	b.client = &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: b.dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
}

// launch runs the daemon and does not wait.
func (b *box) launch(env ...string) {
	b.t.Helper()
	b.log, b.ended = &lines{}, make(chan struct{})
	args := []string{"run", "--config", b.config}
	b.cmd = exec.Command(program(b.t), args...)
	if b.host != nil {
		// ip becomes the daemon: it has the same process id.
		b.cmd = b.host.Command(program(b.t), args...)
	}
	b.cmd.Stdout, b.cmd.Stderr = b.log, b.log
	b.cmd.Env = append(append(os.Environ(), noLinger), env...)
	if err := b.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait() // its state tells how it ended
		close(ended)
	}(b.cmd, b.ended)
}

func (b *box) dial(ctx context.Context, network, address string) (c net.Conn, err error) {
	var d net.Dialer
	if b.host == nil {
		return d.DialContext(ctx, network, address)
	}
	err = b.host.Do(func() error {
		c, err = d.DialContext(ctx, network, address)
		return err
	})
	return c, err
}

// await waits until something holds, and fails with the log.
func (b *box) await(what string, holds func() bool) {
	b.t.Helper()
	b.within(patience, what, holds)
}

func (b *box) within(limit time.Duration, what string, holds func() bool) {
	b.t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		if holds() {
			return
		}
		select {
		case <-b.ended:
			if !holds() {
				b.t.Fatalf("the daemon ended before %s: %s", what, b.tail())
			}
			return
		default:
		}
		if time.Now().After(end) {
			b.t.Fatalf("not within %v: %s\n%s", limit, what, b.tail())
		}
	}
}

func (b *box) tail() string {
	text := b.log.String()
	return text[max(0, len(text)-4000):]
}

// signal sends one to the daemon.
func (b *box) signal(s syscall.Signal) {
	b.t.Helper()
	if err := b.cmd.Process.Signal(s); err != nil {
		b.t.Fatal(err)
	}
}

// stop ends the daemon as systemd does, and returns its status and how long it
// took.
func (b *box) stop() (code int, took time.Duration) {
	b.t.Helper()
	begun := time.Now()
	b.signal(syscall.SIGTERM)
	select {
	case <-b.ended:
	case <-time.After(patience):
		b.t.Fatalf("the daemon does not stop: %s", b.tail())
	}
	if text := b.log.String(); strings.Contains(text, "DATA RACE") || strings.Contains(text, "panic:") {
		b.t.Error(text)
	}
	return b.cmd.ProcessState.ExitCode(), time.Since(begun)
}

// kill ends the daemon without a word.
func (b *box) kill() {
	if b.cmd == nil || b.cmd.Process == nil {
		return
	}
	_ = b.cmd.Process.Kill() // it may have ended
	<-b.ended
}

// ask runs a command against the daemon.
func (b *box) ask(args ...string) outcome {
	b.t.Helper()
	return finish(b.t, b.command(args...))
}

// command is a command that asks the daemon.
func (b *box) command(args ...string) *exec.Cmd {
	b.t.Helper()
	return exec.Command(program(b.t), append(args, "--socket", b.socket())...)
}

// known is what the daemon shows to the commands.
func (b *box) known() known {
	b.t.Helper()
	return read(b.t, "--socket", b.socket())
}

// password is the first account's.
func (b *box) password() string {
	b.t.Helper()
	return strings.TrimSpace(b.file("first-password"))
}

func (b *box) file(name string) string {
	b.t.Helper()
	raw, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(raw)
}

// get reads one address of the page as an account; "" asks without one.
func (b *box) get(path, account, password string) (status int, body string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.page+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	switch {
	case account == "bearer":
		r.Header.Set("Authorization", "Bearer "+password)
	case account != "":
		r.SetBasicAuth(account, password)
	}
	return b.do(b.client, r)
}

func (b *box) do(client *http.Client, r *http.Request) (status int, body string) {
	b.t.Helper()
	resp, err := client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

// formToken is the hidden field that a form carries back.
var formToken = regexp.MustCompile(`name="token" value="([0-9a-f]+)"`)

// signIn signs a person in, as a browser does, and returns how they read pages.
func (b *box) signIn(account, password string) (read func(path string) (status int, body string)) {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	browser := &http.Client{Timeout: patience, Transport: b.client.Transport, Jar: jar}
	read = func(path string) (int, string) {
		b.t.Helper()
		r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.page+path, nil)
		if err != nil {
			b.t.Fatal(err)
		}
		return b.do(browser, r)
	}
	_, form := read("/login")
	fields := url.Values{"account": {account}, "password": {password}, "next": {"/"}}
	if m := formToken.FindStringSubmatch(form); m != nil {
		fields.Set("token", m[1])
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.page+"/login", strings.NewReader(fields.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.page)
	if status, body := b.do(browser, r); status != http.StatusOK || !strings.Contains(body, "/logout") {
		b.t.Fatalf("%s is not signed in: status %d: %.2000s", account, status, body)
	}
	return read
}

// api reads one object of the API as the first account.
func (b *box) api(path string, into any) {
	b.t.Helper()
	status, body := b.get(path, "admin", b.password())
	if err := json.Unmarshal([]byte(body), into); err != nil || status != http.StatusOK {
		b.t.Fatalf("%s: status %d: %v: %.300s", path, status, err, body)
	}
}

// metrics scrapes as Prometheus does.
func (b *box) metrics() string {
	b.t.Helper()
	status, body := b.get("/metrics", "bearer", strings.TrimSpace(b.file("metrics-token")))
	if status != http.StatusOK {
		b.t.Fatalf("/metrics: status %d: %.300s", status, body)
	}
	return body
}
