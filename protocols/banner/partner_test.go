package banner_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// served lets a real server, which speaks on the socket that it is given, talk to a
// client on the loopback, and returns what both said.
func served(t *testing.T, client func(net.Conn), name string, args ...string) []step {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil || os.Getuid() != 0 {
		t.Skipf("%s is not there, or may not be run; install inetutils-telnetd and vsftpd to test with them", name)
	}
	called, relay, wire := protocoltest.Connected(t)
	near, socket := socketPair(t)
	server := exec.Command(path, args...)
	server.Stdin, server.Stdout = socket, socket
	if err := server.Start(); err != nil {
		t.Skipf("%s does not start: %v", name, err)
	}
	t.Cleanup(func() {
		_ = near.Close()
		late := time.AfterFunc(2*time.Second, func() { _ = server.Process.Kill() })
		_ = server.Wait()
		late.Stop()
	})
	_ = socket.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(relay, near)
	}()
	go func() { _, _ = io.Copy(near, relay) }()
	client(called)
	_, _ = called.Close(), near.Close()
	<-done
	_ = relay.Close()
	return wire.Steps()
}

// socketPair returns both ends of a connection, one for another process.
func socketPair(t *testing.T) (net.Conn, *os.File) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = far.Close() }()
	f, err := far.(*net.TCPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	return near, f
}

// until reads until a text comes, and answers each command that asks for an option: a
// terminal's type is told, every other is refused.
func until(c net.Conn, text string) bool {
	var seen []byte
	b := make([]byte, 4096)
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	for !bytes.Contains(seen, []byte(text)) {
		n, err := c.Read(b)
		for i := 0; i+2 < n; i++ {
			switch {
			case b[i] != 0xff:
			case b[i+1] == 0xfa && b[i+2] == 24:
				_, _ = c.Write([]byte("\xff\xfa\x18\x00VT100\xff\xf0"))
			case b[i+1] == 0xfd && b[i+2] == 24:
				_, _ = c.Write([]byte{0xff, 0xfb, 24})
			case b[i+1] == 0xfd:
				_, _ = c.Write([]byte{0xff, 0xfc, b[i+2]})
			case b[i+1] == 0xfb:
				_, _ = c.Write([]byte{0xff, 0xfd, b[i+2]})
			}
		}
		if seen = append(seen, b[:n]...); err != nil {
			return false
		}
	}
	return true
}

// TestRealTelnet: the server of GNU inetutils, a login and a password behind it.
func TestRealTelnet(t *testing.T) {
	steps := served(t, func(c net.Conn) {
		if !until(c, "login: ") {
			t.Skip("the server asks for no login here")
		}
		_, _ = c.Write([]byte("zzcanary\r\n"))
		until(c, "assword: ")
		_, _ = c.Write([]byte("zzcanary-password\r\n"))
		until(c, "incorrect")
	}, "telnetd")
	for _, size := range []int{1 << 30, 1, 5} {
		r := telnet(t, protocols.Context{}, protocoltest.Fixed(size), steps...)
		if text := r.Texts(); !strings.Contains(text, "telnet-server") || !strings.Contains(text, "telnet-client") || strings.Contains(text, "zzcanary") {
			t.Errorf("in pieces of %d:\n%s", size, r.Lines())
		}
		if !strings.Contains(r.Lines(), "option of a terminal") || r.Counted(protocols.Parsed) != 1 {
			t.Errorf("in pieces of %d:\n%s", size, r.Lines())
		}
	}
}

// TestRealFTP: vsftpd, a login and a password behind its greeting.
func TestRealFTP(t *testing.T) {
	config := t.TempDir() + "/vsftpd.conf"
	if err := os.WriteFile(config, []byte("listen=NO\nlocal_enable=YES\nsecure_chroot_dir=/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	steps := served(t, func(c net.Conn) {
		if !until(c, "220 ") {
			t.Skip("the server does not greet here")
		}
		_, _ = c.Write([]byte("USER zzcanary\r\n"))
		until(c, "331 ")
		_, _ = c.Write([]byte("PASS zzcanary-password\r\n"))
		until(c, "530 ")
	}, "vsftpd", config)
	for _, size := range []int{1 << 30, 1, 5} {
		r := ftp(t, protocols.Context{}, protocoltest.Fixed(size), steps...)
		if text := r.Texts(); !strings.Contains(text, "ftp-server") || !strings.Contains(text, "ftp-client") || !strings.Contains(text, "vsFTPd/3") || strings.Contains(text, "zzcanary") {
			t.Errorf("in pieces of %d:\n%s", size, r.Lines())
		}
	}
}
