package web_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/web"
)

// TestBrowser signs in with the keyboard alone and walks from the start page to
// an order that it sends, in a real browser against the real TLS server.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a while; run without -short")
	}
	node, modules, chromium := browserTools(t)
	at := serveSample(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for _, script := range []string{"walk.mjs", "look.mjs"} { // so that go test runs anew when they change
		if _, err := os.Stat(filepath.Join("browser", script)); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(ctx, node, filepath.Join("browser", "walk.mjs"))
	run.WaitDelay = 5 * time.Second
	run.Env = append(os.Environ(), "AUSCULT_URL=https://"+at, "AUSCULT_ACCOUNT=boss", "AUSCULT_PASSWORD="+password,
		"AUSCULT_MODULES="+modules, "AUSCULT_CHROMIUM="+chromium, "AUSCULT_PAGES=/devices/d-pump01 /devices/d-long01 /findings/f-long-1 /orders/o-dia-1 /orders/o-mon-1")
	out, err := run.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("the walk failed: %v", err)
	}
}

// browserTools finds what drives the browser, or skips with what is missing.
func browserTools(t *testing.T) (node, modules, chromium string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node here; make packages installs it")
	}
	if chromium, err = exec.LookPath("chromium"); err != nil {
		t.Skip("no chromium here; make packages installs it")
	}
	if modules, err = filepath.Abs(filepath.Join("..", "..", ".cache", "browser", "node_modules")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "playwright-core")); err != nil {
		t.Skip("no playwright-core in .cache/browser; make packages installs it")
	}
	return node, modules, chromium
}

// serveSample serves the sample hospital with a certificate that it makes, as the
// daemon does.
func serveSample(t *testing.T) (address string) {
	t.Helper()
	dir := t.TempDir()
	pair, err := web.Certificate(filepath.Join(dir, "page.crt"), filepath.Join(dir, "page.key"), []string{"127.0.0.1", "localhost"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	accounts := web.NewAccounts(newMemory())
	if err := accounts.Add("boss", password, []web.Role{web.Therapy, web.Act, web.Admin}, now); err != nil {
		t.Fatal(err)
	}
	server, err := web.New(web.Options{House: sampleHouse(), Accounts: accounts, Certificate: pair, Session: time.Hour, Version: "1.2.3", Site: "St. Vincent", Now: newClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return listener.Addr().String()
}
