package tls_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/tls"
)

var (
	chosen13 = ext(43, []byte{3, 4})
	offers13 = ext(43, []byte{6, 0x7a, 0x7a, 3, 4, 3, 3})
	sni      = ext(0, append([]byte{0, 21, 0, 0, 18}, "zzcanary.person.ch"...))
)

const both, clientOnly, serverOnly = "1:tls-client 2:tls-server", "1:tls-client", "2:tls-server"

func TestConversations(t *testing.T) {
	leaf := host(t, "ct01.example.org", "ct01")
	ch, sh := clear22(clientHello(0x0303, 32, sni)), serverHello(0x0303, 0xc02f, 32)
	hello := says(opener, ch)
	for _, c := range []struct {
		name     string
		steps    []step
		facts    string
		outcomes string
	}{
		{"client alone", []step{hello}, clientOnly, "parsed 1"},
		{"1.2, certificate in a record of its own", []step{hello, says(acceptor, clear22(sh), clear22(certificates(leaf, leaf)))}, both + " 2:ct01.example.org", "parsed 3"},
		{"1.2, one record", []step{hello, says(acceptor, clear22(sh, certificates(leaf), message(14, nil)))}, both + " 2:ct01.example.org", "parsed 3"},
		{"1.2, a record for each octet", []step{hello, says(acceptor, split(slices.Concat(sh, certificates(leaf)), 1))}, both + " 2:ct01.example.org", "parsed 3"},
		{"1.2, the leaf only of a long chain", []step{hello, says(acceptor, split(slices.Concat(sh, certificates(leaf, make([]byte, 60000))), 16384)[:4000])}, both + " 2:ct01.example.org", "parsed 3"},
		{"supplemental data and a warning first", []step{hello, says(acceptor, alert(1, 112), clear22(sh, message(23, []byte{1, 2})), clear22(certificates(leaf)))}, both + " 2:ct01.example.org", "parsed 4 unsupported 1"},
		{"heartbeat and hello request first", []step{says(acceptor, record(24, 0x0303, make([]byte, 40)), clear22(message(0, nil), sh))}, serverOnly, "parsed 1 unsupported 1"},
		{"1.2, resumed", []step{hello, says(acceptor, clear22(sh), record(20, 0x0303, []byte{1}), clear22(certificates(leaf)))}, both, "parsed 2"},
		{"1.2, ticket before the keys change", []step{hello, says(acceptor, clear22(sh, message(4, make([]byte, 99)), certificates(leaf)))}, both, "parsed 2 unsupported 1"},
		{"1.3", []step{hello, says(acceptor, clear22(serverHello(0x0303, 0x1301, 32, chosen13), certificates(leaf)))}, both, "parsed 2"},
		{"SSL 3.0", []step{says(opener, record(22, 0x0300, clientHello(0x0300, 0))), says(acceptor, record(22, 0x0300, slices.Concat(serverHello(0x0300, 5, 0), certificates(leaf))))}, both + " 2:ct01.example.org", "parsed 3"},
		{"the acceptor is the client", []step{says(acceptor, ch), says(opener, clear22(sh))}, "2:tls-client 1:tls-server", "parsed 2"},
		{"a client's certificate", []step{says(opener, ch, clear22(certificates(leaf)))}, clientOnly, "parsed 1"},
		{"a certificate of nobody knows whom", []step{says(opener, clear22(certificates(leaf)))}, "", "unsupported 1"},
		{"old hello", []step{says(opener, oldHello(0x0301, 9, 0, 16)), says(acceptor, clear22(serverHello(0x0301, 5, 0)))}, both, "parsed 2"},
		{"SSL 2.0", []step{says(opener, oldHello(0x0002, 9, 0, 16)), says(acceptor, []byte{0x80, 40, 4, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0})}, "", "unsupported 2"},
		{"refused", []step{hello, says(acceptor, alert(2, 70), clear22(sh))}, clientOnly, "parsed 2"},
		{"closed", []step{hello, says(acceptor, alert(1, 0))}, clientOnly, "parsed 2"},
		{"answered in another protocol", []step{hello, says(acceptor, []byte("HTTP/1.1 400 Bad Request\r\n"))}, clientOnly, "parsed 1 malformed 1"},
		{"answered with noise", []step{hello, says(acceptor, bytes.Repeat([]byte{0xee}, 40))}, clientOnly, "parsed 1 malformed 1"},
		{"two roles", []step{says(acceptor, clear22(sh), ch)}, serverOnly, "parsed 1 malformed 1"},
		{"alert that is none", []step{says(acceptor, alert(7, 7))}, "", "malformed 1"},
		{"record that is none", []step{says(acceptor, clear22(sh), []byte{25, 3, 3, 0, 4})}, serverOnly, "parsed 1 malformed 1"},
		{"record longer than a plain one", []step{says(acceptor, record(22, 0x0303, make([]byte, 16385)))}, "", "malformed 1"},
		{"hello over its bound", []step{says(opener, clear22(message(1, make([]byte, tls.MaxHello+1))[:9000]))}, "", "limit 1"},
		{"hello too short", []step{says(opener, clear22(message(1, make([]byte, 20))))}, "", "malformed 1"},
		{"hello whose extensions do not fill it", []step{says(opener, clear22(message(1, append(clientHello(0x0303, 0, sni)[4:], 0))))}, "", "malformed 1"},
		{"server hello whose extension is cut", []step{says(acceptor, clear22(serverHello(0x0303, 5, 0, ext(1, make([]byte, 9))[:8])))}, "", "malformed 1"},
		{"server hello, a version of three octets", []step{says(acceptor, clear22(serverHello(0x0303, 5, 0, ext(43, make([]byte, 3)))))}, "", "malformed 1"},
		{"certificate over its bound", []step{says(acceptor, clear22(sh, certificates(make([]byte, tls.MaxLeaf+1))))}, serverOnly, "parsed 1 limit 1"},
		{"certificate that is none", []step{says(acceptor, clear22(sh, certificates(make([]byte, 99))))}, serverOnly, "parsed 1 malformed 1"},
		{"no certificates", []step{says(acceptor, clear22(sh, certificates()))}, serverOnly, "parsed 1 malformed 1"},
		{"certificate longer than its list", []step{says(acceptor, clear22(sh, message(11, list24(list24(leaf)[:99]))))}, serverOnly, "parsed 1 malformed 1"},
		{"certificates with more behind their list", []step{says(acceptor, clear22(sh, message(11, append(list24(list24(leaf)), 0))))}, serverOnly, "parsed 1 malformed 1"},
		{"certificate cut by the end", []step{says(acceptor, clear22(sh), clear22(certificates(leaf))[:200])}, serverOnly, "parsed 1 truncated 1"},
		{"certificate cut by new keys", []step{says(acceptor, clear22(sh), clear22(certificates(leaf)[:200]), record(20, 0x0303, []byte{1}))}, serverOnly, "parsed 1 truncated 1"},
		{"hello cut by the end", []step{says(opener, ch[:70])}, "", "truncated 1"},
		{"header cut by the end", []step{says(opener, ch[:3])}, "", "truncated 1"},
		{"warnings without end", []step{says(acceptor, bytes.Repeat(record(24, 0x0303, make([]byte, 1000)), 80))}, "", "limit 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1 << 30, 1, 7, 100} {
				run(t, protocols.Context{OpenerKnown: true}, protocoltest.Fixed(size), c.steps...).Wants(t, c.facts, c.outcomes)
			}
		})
	}
}

// TestSkips: a direction is skipped from the octet on that made the rest unwanted.
func TestSkips(t *testing.T) {
	ch, sh, leaf := clear22(clientHello(0x0303, 0)), clear22(serverHello(0x0303, 5, 0)), host(t, "ct01.example.org")
	chain := clear22(certificates(leaf, make([]byte, 3000)))
	for _, c := range []struct {
		name string
		says []byte
		want int
	}{
		{"behind a client hello", slices.Concat(ch, sealed(900)), len(ch)},
		{"behind a server hello of 1.3", slices.Concat(clear22(serverHello(0x0303, 0x1301, 0, chosen13)), sealed(900)), 5 + 42 + 2 + 6},
		{"behind the first certificate", slices.Concat(sh, chain), len(sh) + 5 + 4 + 6 + len(leaf)},
		{"where keys change", slices.Concat(sh, record(20, 0x0303, []byte{1}), sealed(900)), len(sh) + 5},
		{"at application data", slices.Concat(sealed(900)), 5},
		{"behind broken framing", slices.Concat(sh, []byte("noise")), len(sh) + 5},
		{"behind a refusal", slices.Concat(alert(2, 40), sealed(9)), 7},
	} {
		r := run(t, protocols.Context{}, protocoltest.Fixed(1), says(acceptor, c.says))
		if r.Read[acceptor] != c.want || !r.Done[acceptor] {
			t.Errorf("%s: read %d octets (done: %v), want %d", c.name, r.Read[acceptor], r.Done[acceptor], c.want)
		}
	}
}

func TestHoles(t *testing.T) {
	leaf := host(t, "ct01.example.org")
	sh, cert := clear22(serverHello(0x0303, 5, 0)), clear22(certificates(leaf))
	hole := step{From: acceptor, Hole: true}
	three := slices.Concat(sealed(30), sealed(40), sealed(50))
	for _, c := range []struct {
		name     string
		steps    []step
		midway   bool
		facts    string
		outcomes string
		done     bool
	}{
		{"in the certificate", []step{says(acceptor, sh, cert[:100]), hole, says(acceptor, cert[150:])}, false, serverOnly, "parsed 1 truncated 1", false},
		{"in the certificate, until it is given up", []step{says(acceptor, sh, cert[:100]), hole, says(acceptor, cert[150:], noise(600))}, false, serverOnly, "parsed 1 truncated 1", true},
		{"before the certificate, which begins a chain", []step{says(acceptor, sh), hole, says(acceptor, split(certificates(leaf), 100))}, false, serverOnly + " 2:ct01.example.org", "parsed 2 resynchronised 1", true},
		{"before the server hello", []step{hole, says(acceptor, sh, cert)}, false, serverOnly + " 2:ct01.example.org", "parsed 2 resynchronised 1", true},
		{"after all that is wanted", []step{says(acceptor, sh, cert), hole, says(acceptor, sh)}, false, serverOnly + " 2:ct01.example.org", "parsed 2", true},
		{"joined in application data", []step{says(acceptor, noise(100), three)}, true, "", "resynchronised 1", true},
		{"joined at a hello", []step{says(acceptor, sh, cert)}, true, serverOnly + " 2:ct01.example.org", "parsed 2 resynchronised 1", true},
		{"joined in noise", []step{says(acceptor, noise(600))}, true, "", "", true},
		{"joined, too little seen", []step{says(acceptor, sealed(30), sealed(40))}, true, "", "", false},
	} {
		for _, size := range []int{1 << 30, 1, 13} {
			r := run(t, protocols.Context{Midstream: c.midway}, protocoltest.Fixed(size), c.steps...)
			t.Log(c.name)
			r.Wants(t, c.facts, c.outcomes)
			if r.Done[acceptor] != c.done {
				t.Errorf("%s: done = %v, want %v", c.name, r.Done[acceptor], c.done)
			}
		}
	}
}

func TestHellosAreRead(t *testing.T) {
	for _, c := range []struct {
		opener, acceptor      []byte
		offered, version, key uint16
	}{
		{clientHello(0x0303, 0, offers13), serverHello(0x0303, 0x1301, 0, chosen13), 0x0304, 0x0304, 0x1301},
		{clientHello(0x0303, 0, ext(43, []byte{2, 0x7a, 0x7a})), serverHello(0x0302, 0x2f, 32), 0x0303, 0x0302, 0x2f},
		{clientHello(0x0300, 8), serverHello(0x0300, 5, 0), 0x0300, 0x0300, 5},
	} {
		session := tls.New().Open(protocols.Context{})
		out := protocols.NewSink(protocols.TLS, nil, nil, nil)
		session.Segment(protocols.Segment{Direction: opener, Bytes: clear22(c.opener)}, out)
		session.Segment(protocols.Segment{Direction: acceptor, Bytes: clear22(c.acceptor)}, out)
		offered, _, _ := tls.Agreed(session, opener)
		_, version, suite := tls.Agreed(session, acceptor)
		if offered != c.offered || version != c.version || suite != c.key {
			t.Errorf("offered %04x, chose %04x with %04x; want %+v", offered, version, suite, c)
		}
	}
}

// TestInvariant02NoNameThatIsAskedFor: the name that a client asks for is nobody's.
func TestInvariant02NoNameThatIsAskedFor(t *testing.T) {
	r := play(t, says(opener, clear22(clientHello(0x0303, 0, sni))))
	if !bytes.Contains(clientHello(0x0303, 0, sni), []byte("zzcanary")) || bytes.Contains([]byte(r.Lines()), []byte("zzcanary")) {
		t.Errorf("a name shows, or there is none:\n%s", r.Lines())
	}
}

// TestDICOMPort: a server on the port that is registered for DICOM over TLS may be one,
// and the confidence says that only the port tells. A client's port tells nothing.
func TestDICOMPort(t *testing.T) {
	for _, tt := range []struct {
		port uint16
		hear []byte
		want string
	}{
		{2762, clear22(serverHello(0x0303, 0x1301, 0, chosen13)), "tls-server 0.9, dicom-tls-server 0.5, "},
		{11112, clear22(serverHello(0x0303, 0x1301, 0, chosen13)), "tls-server 0.9, "},
		{2762, clear22(clientHello(0x0303, 0)), "tls-client 0.9, "},
	} {
		h, got := protocoltest.Heard{}, ""
		session := tls.New().Open(protocols.Context{})
		session.Segment(protocols.Segment{Direction: acceptor, From: protocols.Endpoint{Port: tt.port}, Bytes: tt.hear}, h.Sink(protocols.TLS))
		for _, o := range h.Observations {
			got += fmt.Sprintf("%s %.1f, ", o.Facts[0].Value, o.Facts[0].Confidence)
		}
		if got != tt.want {
			t.Errorf("port %d: stated %q, want %q", tt.port, got, tt.want)
		}
	}
}
