package ssh_test

import (
	"bytes"
	"crypto/ed25519"
	"net"
	"sync"
	"testing"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"github.com/auscult/auscult/protocols"
)

// tapped is one end of a connection whose octets are recorded as they are written.
type tapped struct {
	net.Conn
	from protocols.Direction
	lock *sync.Mutex
	to   *[]step
}

func (c tapped) Write(b []byte) (int, error) {
	c.lock.Lock()
	*c.to = append(*c.to, says(c.from, b))
	c.lock.Unlock()
	return c.Conn.Write(b)
}

// connected returns both ends of a connection on the loopback, which do not wait
// for each other for long.
func connected(t *testing.T) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no loopback to talk over: %v", err)
	}
	defer func() { _ = l.Close() }()
	if a, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{a, b} {
		if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	return a, b
}

// TestGoPartners lets the client and the server of x/crypto talk, until both are
// logged in.
func TestGoPartners(t *testing.T) {
	signer, err := gossh.NewSignerFromKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	server := &gossh.ServerConfig{NoClientAuth: true, ServerVersion: "SSH-2.0-Console zzcanary"}
	server.AddHostKey(signer)
	var lock sync.Mutex
	var steps []step
	a, b := connected(t)
	ended := make(chan error, 1)
	go func() {
		_, _, _, err := gossh.NewServerConn(tapped{b, acceptor, &lock, &steps}, server)
		ended <- err
	}()
	client := &gossh.ClientConfig{User: "zzcanary", HostKeyCallback: gossh.InsecureIgnoreHostKey()}
	if _, _, _, err := gossh.NewClientConn(tapped{a, opener, &lock, &steps}, "test", client); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	_, _ = a.Close(), b.Close()
	lock.Lock()
	defer lock.Unlock()
	for _, size := range []int{1 << 30, 1, 50} {
		r := run(t, protocols.Context{}, fixed(size), steps...)
		seen := map[string]bool{}
		for _, o := range r.observations {
			seen[o.Speaker.Addr.String()+" "+o.Facts[0].Value] = true
		}
		for _, want := range []string{"192.0.2.1 Go", "192.0.2.1 ssh-client", "192.0.2.2 Console", "192.0.2.2 ssh-server"} {
			if !seen[want] || len(seen) != 4 || r.outcomes[protocols.Parsed] != 4 {
				t.Errorf("nothing says %q:\n%s", want, r.print())
			}
		}
	}
}
