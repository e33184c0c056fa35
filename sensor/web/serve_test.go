package web_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/web"
)

// serving is a server as the daemon runs it.
func serving(t *testing.T) (address string, stop func() error) {
	t.Helper()
	dir := t.TempDir()
	pair, err := web.Certificate(filepath.Join(dir, "c"), filepath.Join(dir, "k"), []string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	server, err := web.New(web.Options{House: sampleHouse(), Accounts: web.NewAccounts(newMemory()), Certificate: pair, Session: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, l) }()
	return l.Addr().String(), func() error { cancel(); return <-ended }
}

func TestServeSpeaksTLSOnlyAndEnds(t *testing.T) {
	address, stop := serving(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}, Timeout: 10 * time.Second}
	w, err := client.Get("https://" + address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(w.Body)
	w.Body.Close()
	if err != nil || string(body) != "ok\n" || w.ProtoMajor != 2 || w.TLS.Version < tls.VersionTLS12 {
		t.Errorf("healthz: %q HTTP/%d TLS %x %v", body, w.ProtoMajor, w.TLS.Version, err)
	}
	if w, err := http.Get("http://" + address + "/"); err == nil {
		if w.StatusCode != http.StatusBadRequest {
			t.Errorf("without TLS: %d", w.StatusCode)
		}
		w.Body.Close()
	}
	if c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		c.Close()
		t.Error("speaks TLS 1.1")
	}
	client.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Errorf("end: %v", err)
	}
	if c, err := net.Dial("tcp", address); err == nil {
		c.Close()
		t.Error("listens after its end")
	}
}

// TestSlowSendersAreLetGo keeps somebody who never ends a header from holding a
// connection, and refuses headers without end.
func TestSlowSendersAreLetGo(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a time-out; run without -short")
	}
	address, stop := serving(t)
	dial := func() *tls.Conn {
		c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetDeadline(time.Now().Add(15 * time.Second)); err != nil {
			t.Fatal(err)
		}
		return c
	}
	slow := dial()
	defer slow.Close()
	began := time.Now()
	if _, err := io.WriteString(slow, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAll(slow)
	if waited := time.Since(began); waited > 10*time.Second {
		t.Errorf("a header that never ends held a connection for %v", waited)
	}
	long := dial()
	defer long.Close()
	_, _ = io.WriteString(long, "GET /?"+strings.Repeat("x", 40_000)+" HTTP/1.1\r\nHost: x\r\n\r\n")
	answer, _ := io.ReadAll(long)
	if !strings.Contains(string(answer), "431") {
		t.Errorf("a header of 40 kB: %.60q", answer)
	}
	if err := stop(); err != nil {
		t.Errorf("end: %v", err)
	}
}
