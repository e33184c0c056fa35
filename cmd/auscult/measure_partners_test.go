package main_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/auscult/auscult/sensor/testbed"
)

const (
	// visitors are the connections to the web server, and pagesEach what each asks for;
	// pageBytes is the mean size of a page with its pictures.
	visitors, pagesEach, pageBytes = 20, 12, 160 << 10
	// copyBytes is what is copied over SSH.
	copyBytes = 48 << 20
	// lookups are the names that are asked for.
	lookups = 600
)

// dialer opens connections from a host.
func dialer(h *testbed.Host) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, network, address string) (c net.Conn, err error) {
		err = h.Do(func() error {
			c, err = net.DialTimeout(network, address, 5*time.Second)
			return err
		})
		return c, err
	}
}

// listener listens at a host.
func listenAt(h *testbed.Host, address string) (l net.Listener, err error) {
	err = h.Do(func() error {
		l, err = net.Listen("tcp", address)
		return err
	})
	return l, err
}

// browse fetches pages over TLS, a few connections at a time.
func (w *ward) browse() error {
	l, err := listenAt(w.server, "10.77.0.8:443")
	if err != nil {
		return err
	}
	site := httptest.NewUnstartedServer(http.HandlerFunc(servePage))
	if err := site.Listener.Close(); err != nil {
		return err
	}
	site.Listener = l
	site.StartTLS()
	defer site.Close()
	ends := make(chan error, visitors)
	turns := make(chan struct{}, 4)
	for v := range visitors {
		turns <- struct{}{}
		go func() { ends <- w.visit(v); <-turns }()
	}
	for range visitors {
		err = errors.Join(err, <-ends)
	}
	return err
}

// visit asks for pages, one after the other, over one connection.
func (w *ward) visit(visitor int) error {
	from := []*testbed.Host{w.desk, w.scanner, w.tomograph}[visitor%3]
	// The certificate is the test server's own.
	transport := &http.Transport{DialContext: dialer(from), TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "records.example.org"}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for p := range pagesEach {
		answer, err := client.Get(fmt.Sprintf("https://10.77.0.8/page?bytes=%d", pageBytes/4*(1+(visitor+p)%7)))
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			return err
		}
	}
	return nil
}

func servePage(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.URL.Query().Get("bytes"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, _ = w.Write(make([]byte, n)) // the visitor sees what is missing
}

// copyOverSSH reads one large file over an SSH session.
func (w *ward) copyOverSSH() error {
	l, err := listenAt(w.server, "10.77.0.8:22")
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- serveSSH(l) }()
	c, err := dialer(w.desk)(context.Background(), "tcp", "10.77.0.8:22")
	if err != nil {
		return errors.Join(err, l.Close())
	}
	return errors.Join(readSSH(c), <-served, l.Close())
}

func readSSH(c net.Conn) error {
	// The server is in this process: there is nobody to be taken in by.
	conn, channels, requests, err := ssh.NewClientConn(c, "server", &ssh.ClientConfig{User: "backup", HostKeyCallback: ssh.InsecureIgnoreHostKey()})
	if err != nil {
		return err
	}
	client := ssh.NewClient(conn, channels, requests)
	session, err := client.NewSession()
	if err != nil {
		return errors.Join(err, client.Close())
	}
	out, err := session.StdoutPipe()
	if err == nil {
		err = session.Shell()
	}
	n := int64(0)
	if err == nil {
		n, err = io.Copy(io.Discard, out)
	}
	if err == nil && n != copyBytes {
		err = fmt.Errorf("%d bytes came over SSH, not %d", n, copyBytes)
	}
	return errors.Join(err, client.Close())
}

// serveSSH serves one connection with one session.
func serveSSH(l net.Listener) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return err
	}
	config := &ssh.ServerConfig{NoClientAuth: true}
	config.AddHostKey(signer)
	c, err := l.Accept()
	if err != nil {
		return err
	}
	_, channels, requests, err := ssh.NewServerConn(c, config)
	if err != nil {
		return err
	}
	go ssh.DiscardRequests(requests)
	session, asked, err := (<-channels).Accept()
	if err != nil {
		return err
	}
	for r := range asked {
		if err := r.Reply(r.Type == "shell", nil); err != nil || r.Type == "shell" {
			break
		}
	}
	_, err = session.Write(make([]byte, copyBytes))
	return errors.Join(err, session.Close())
}

// chat looks names up and asks for addresses.
func (w *ward) chat() error {
	names := w.server.Start("dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--bind-interfaces", "--interface", testbed.HostInterface,
		"--pid-file", "--conf-file=/dev/null", "--user=root", "--dhcp-leasefile="+filepath.Join(w.folder, "leases"),
		"--dhcp-range=10.77.0.100,10.77.0.200,1h", "--address=/hospital.example/10.77.0.50")
	w.server.WaitPort("10.77.0.8:53")
	var err error
	for i, h := range w.newcomers {
		file := func(what string) string { return filepath.Join(w.folder, fmt.Sprintf("dhclient-%d.%s", i, what)) }
		err = errors.Join(err, finished(h.Command("dhclient", "-4", "-1", "-sf", "/bin/true", "-cf", "/dev/null", "-lf", file("leases"), "-pf", file("pid"), testbed.HostInterface)))
	}
	for i := range lookups {
		err = errors.Join(err, lookUp([]*testbed.Host{w.desk, w.scanner, w.archive}[i%3], i))
	}
	_ = names.Stop() // how it ends is of no interest
	return err
}

// lookUp asks for one name and waits for its address.
func lookUp(from *testbed.Host, number int) error {
	name, err := dnsmessage.NewName(fmt.Sprintf("host%d.hospital.example.", number))
	if err != nil {
		return err
	}
	question := dnsmessage.Message{Header: dnsmessage.Header{ID: uint16(number), RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}}}
	raw, err := question.Pack()
	if err != nil {
		return err
	}
	c, err := dialer(from)(context.Background(), "udp", "10.77.0.8:53")
	if err != nil {
		return err
	}
	if _, err := c.Write(raw); err != nil {
		return errors.Join(err, c.Close())
	}
	var answer [512]byte
	err = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if err == nil {
		_, err = c.Read(answer[:])
	}
	return errors.Join(err, c.Close())
}
