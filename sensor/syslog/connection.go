package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Bounds of a connection.
const (
	dialTimeout  = 10 * time.Second
	writeTimeout = 10 * time.Second
	// acknowledgeTimeout is how long the receiver's kernel may take: longer means
	// that its host is gone without a word.
	acknowledgeTimeout = 30 * time.Second
)

// connection is one way to the receiver. It is used from one goroutine.
type connection struct {
	conn   net.Conn // TLS where that is wanted
	raw    *counted // the socket below
	o      Options
	failed chan error // gets one error when the receiver closes or refuses
}

// counted counts the octets that were handed to the kernel.
type counted struct {
	net.Conn
	written atomic.Int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n))
	return n, err
}

// connect opens a connection. Its reader ends when the connection is closed.
func connect(ctx context.Context, o Options) (*connection, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	network := "tcp"
	if o.Transport == UDP {
		network = "udp"
	}
	var d net.Dialer
	raw, err := d.DialContext(ctx, network, o.Address)
	if err != nil {
		return nil, fmt.Errorf("syslog receiver: %w; check address, port and firewall", err)
	}
	c := &connection{raw: &counted{Conn: raw}, o: o, failed: make(chan error, 1)}
	c.conn = c.raw
	if o.Transport == TLS {
		if err := c.secure(ctx); err != nil {
			return nil, errors.Join(err, raw.Close())
		}
	}
	go c.listen()
	return c, nil
}

func (c *connection) secure(ctx context.Context) error {
	config, err := c.o.tls()
	if err != nil {
		return err
	}
	t := tls.Client(c.raw, config)
	if err := t.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("syslog receiver: %w; check the certificates on both sides", err)
	}
	c.conn = t
	return nil
}

// listen waits for the receiver to close, or for a refusal: receivers say nothing.
// It owns failed.
func (c *connection) listen() {
	defer close(c.failed)
	var b [256]byte
	for {
		if _, err := c.conn.Read(b[:]); err != nil {
			c.failed <- fmt.Errorf("syslog receiver: %w", err)
			return
		}
	}
}

// send hands one message to the kernel and returns how many octets have been
// written in all.
func (c *connection) send(message []byte) (int64, error) {
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	if _, err := c.conn.Write(c.frame(message)); err != nil {
		return 0, fmt.Errorf("syslog receiver: %w", err)
	}
	return c.raw.written.Load(), nil
}

// frame counts octets (RFC 6587, section 3.4.1; RFC 5425, section 4.3); a
// datagram needs no frame. Messages hold no line feed.
func (c *connection) frame(message []byte) []byte {
	switch {
	case c.o.Transport == UDP:
		return message
	case c.o.LineFeeds:
		return append(message[:len(message):len(message)], '\n')
	}
	b := make([]byte, 0, len(message)+5)
	b = strconv.AppendInt(b, int64(len(message)), 10)
	b = append(b, ' ')
	return append(b, message...)
}

// acknowledged is how many octets the receiver's kernel has confirmed: what was
// written less what still waits in the socket.
func (c *connection) acknowledged() int64 {
	written := c.raw.written.Load()
	tcp, ok := c.raw.Conn.(*net.TCPConn)
	if !ok {
		return written
	}
	control, err := tcp.SyscallConn()
	if err != nil {
		return 0
	}
	waiting := -1
	err = control.Control(func(fd uintptr) {
		if n, err := unix.IoctlGetInt(int(fd), unix.SIOCOUTQ); err == nil {
			waiting = n
		}
	})
	if err != nil || waiting < 0 {
		return 0
	}
	return written - int64(waiting)
}

// close ends the connection and waits for its reader.
func (c *connection) close() error {
	err := c.conn.Close()
	for range c.failed {
		// the reader has ended when this is closed
	}
	return err
}
