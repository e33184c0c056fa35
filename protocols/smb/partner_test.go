package smb_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestSamba lets smbclient fetch a file from smbd, by each dialect, as an account that
// nobody knows, and listens to it between them. What is wanted ends with the session
// setup, long before the file.
func TestSamba(t *testing.T) {
	server, config := samba(t)
	for option, dialect := range map[string]string{"NT1": "1.0", "SMB2_10": "2.1", "SMB3": "3.1.1"} {
		t.Run(option, func(t *testing.T) {
			at, recorded := relay(t, server)
			_, port, _ := net.SplitHostPort(at)
			out, err := exec.Command("smbclient", "-s", config, "-p", port, "//127.0.0.1/share", "-U", "zzcanary%zzcanary",
				"-m", option, "--option=client min protocol=NT1", "--option=netbios name=WS02", "-c", "get big /dev/null").CombinedOutput()
			if err != nil {
				t.Fatalf("smbclient: %v\n%s", err, out)
			}
			h := play(t, recorded()...)
			said := stated(h)
			for _, want := range []string{"1:role=smb-client", "2:role=smb-server", "2:smb_dialect=" + dialect, "1:hostname=WS02", "2:smb_session=guest"} {
				if !strings.Contains(said, want) {
					t.Errorf("%s is missing: %s", want, said)
				}
			}
			if strings.Contains(said, "zzcanary") || strings.Contains(said, "Windows") || !h.Done[opener] || !h.Done[acceptor] || h.Read[acceptor] > 4<<10 {
				t.Errorf("read %v octets, done %v: %s", h.Read, h.Done, said)
			}
		})
	}
}

// samba starts smbd on the loopback, and returns its address and its configuration. It
// ends with the test.
func samba(t *testing.T) (at, config string) {
	t.Helper()
	for _, program := range []string{"smbd", "smbclient"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed; this test lets Samba talk", program)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("smbd takes the accounts of its guests, and so wants root")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no loopback to talk over: %v", err)
	}
	at = free.Addr().String()
	_ = free.Close()
	config = configure(t, at)
	smbd := exec.Command("smbd", "-s", config, "-F", "--no-process-group")
	if err := smbd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = smbd.Process.Signal(os.Interrupt)
		_ = smbd.Wait()
	})
	for range 100 {
		if c, err := net.Dial("tcp", at); err == nil {
			_ = c.Close()
			return at, config
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Skip("smbd did not begin to listen within 10 s")
	return "", ""
}

// configure writes what smbd wants to know, and the file that is fetched.
func configure(t *testing.T, at string) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} { // a guest has to get in
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	_, port, _ := net.SplitHostPort(at)
	config := "[global]\nsmb ports = " + port + "\ninterfaces = lo\nbind interfaces only = yes\nserver min protocol = NT1\nmap to guest = Bad User\ndisable spoolss = yes\n"
	for _, where := range []string{"private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir"} {
		config += where + " = " + dir + "\n"
	}
	config += fmt.Sprintf("log file = %s/log\n[share]\npath = %s\nguest ok = yes\n", dir, dir)
	for name, content := range map[string]string{"smb.conf": config, "big": strings.Repeat("x", 300<<10)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "smb.conf")
}

// line is one connection that is passed on, and what was said on it.
type line struct {
	lock  sync.Mutex
	steps []step
}

// relay passes one connection on to a server. Its second answer waits for the end of it,
// and returns what was said.
func relay(t *testing.T, server string) (at string, recorded func() []step) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var said line
	ended := make(chan error, 1)
	go func() { ended <- said.passOn(l, server) }()
	return l.Addr().String(), func() []step {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		return said.steps
	}
}

func (w *line) passOn(l net.Listener, server string) error {
	client, err := l.Accept()
	_ = l.Close()
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	behind, err := net.Dial("tcp", server)
	if err != nil {
		return err
	}
	defer func() { _ = behind.Close() }()
	answered := make(chan struct{})
	go func() { defer close(answered); w.pump(client, behind, acceptor) }()
	w.pump(behind, client, opener)
	<-answered
	return nil
}

func (w *line) pump(to, from net.Conn, d protocols.Direction) {
	b := make([]byte, 16<<10)
	for {
		n, err := from.Read(b)
		if n > 0 {
			w.lock.Lock()
			w.steps = append(w.steps, protocoltest.Says(d, b[:n]))
			w.lock.Unlock()
			_, _ = to.Write(b[:n])
		}
		if err != nil {
			_ = to.(*net.TCPConn).CloseWrite()
			return
		}
	}
}
