package protocoltest

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// Wire holds what both ends of a connection have written, in its order.
type Wire struct {
	lock  sync.Mutex
	steps []Step
}

// Steps is what was written so far. The slice is the caller's.
func (w *Wire) Steps() []Step {
	w.lock.Lock()
	defer w.lock.Unlock()
	return append([]Step(nil), w.steps...)
}

// tapped is one end of a connection whose octets are noted as they are written.
type tapped struct {
	net.Conn
	from protocols.Direction
	wire *Wire
}

func (c tapped) Write(b []byte) (int, error) {
	c.wire.lock.Lock()
	c.wire.steps = append(c.wire.steps, Says(c.from, b))
	c.wire.lock.Unlock()
	return c.Conn.Write(b)
}

// Connected returns both ends of a connection on the loopback, which do not wait for
// each other for long, and what passes between them. The caller closes the ends.
func Connected(t *testing.T) (opener, acceptor net.Conn, w *Wire) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no loopback to talk over: %v", err)
	}
	defer func() { _ = l.Close() }()
	w = &Wire{}
	if opener, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if acceptor, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{opener, acceptor} {
		if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	return tapped{opener, protocols.FromOpener, w}, tapped{acceptor, protocols.FromAcceptor, w}, w
}
