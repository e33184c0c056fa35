package http_test

import (
	"context"
	"io"
	"net"
	nethttp "net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// tapped is a client's end of a connection, whose octets are written down.
type tapped struct {
	net.Conn
	lock  *sync.Mutex
	steps *[]step
}

func (c tapped) note(d protocols.Direction, b []byte) {
	c.lock.Lock()
	defer c.lock.Unlock()
	*c.steps = append(*c.steps, says(d, string(b)))
}

func (c tapped) Write(b []byte) (int, error) {
	c.note(opener, b)
	return c.Conn.Write(b)
}

func (c tapped) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.note(acceptor, b[:n])
	return n, err
}

func answers(w nethttp.ResponseWriter, r *nethttp.Request) {
	w.Header().Set("Content-Type", fhirJSON)
	w.Header().Set("Server", "GoFHIR/1.0")
	body := capability("instance")
	if strings.Contains(r.URL.Path, "Device") {
		body = bundle(fhirDevice("1", "SN01"), fhirDevice("2", "SN02"))
	}
	for len(body) > 0 {
		n := min(len(body), 700)
		_, _ = io.WriteString(w, body[:n])
		body = body[n:]
		w.(nethttp.Flusher).Flush()
	}
}

// TestGoPartners lets the client and the server of net/http talk, in both versions.
func TestGoPartners(t *testing.T) {
	for _, two := range []bool{false, true} {
		var versions nethttp.Protocols
		versions.SetHTTP1(!two)
		versions.SetUnencryptedHTTP2(two)
		server := httptest.NewUnstartedServer(nethttp.HandlerFunc(answers))
		server.Config.Protocols = &versions
		server.Start()
		var lock sync.Mutex
		var steps []step
		transport := &nethttp.Transport{Protocols: &versions, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			return tapped{c, &lock, &steps}, err
		}}
		for _, path := range []string{"/fhir/metadata?token=" + canary, "/fhir/Device"} {
			ask(t, transport, server.URL+path)
		}
		transport.CloseIdleConnections()
		server.Close()
		lock.Lock()
		want := []string{"1/1:Go-http-client", "2/1:GoFHIR/1.0", "1/1:fhir-client", "1/2:fhir-server", "2/1:fhir-server", "2/1:HAPI FHIR Server", record("2", "SN01"), record("2", "SN02")}
		for _, size := range []int{1 << 30, 1, 50} {
			r := run(t, http.New(), seen, protocoltest.Fixed(size), steps...)
			checkNoCanary(t, r)
			for _, w := range want {
				if !strings.Contains(r.short(), w) {
					t.Errorf("HTTP/2 %v: nothing says %q:\n%s", two, w, r.short())
				}
			}
		}
		lock.Unlock()
	}
}

func ask(t *testing.T, transport *nethttp.Transport, url string) {
	t.Helper()
	request, err := nethttp.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", fhirJSON)
	request.SetBasicAuth(canary, canary)
	answer, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
}
