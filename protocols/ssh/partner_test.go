package ssh_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGoPartners lets the client and the server of x/crypto talk, until both are
// logged in.
func TestGoPartners(t *testing.T) {
	signer, err := gossh.NewSignerFromKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	server := &gossh.ServerConfig{NoClientAuth: true, ServerVersion: "SSH-2.0-Console zzcanary"}
	server.AddHostKey(signer)
	a, b, wire := protocoltest.Connected(t)
	ended := make(chan error, 1)
	go func() {
		_, _, _, err := gossh.NewServerConn(b, server)
		ended <- err
	}()
	client := &gossh.ClientConfig{User: "zzcanary", HostKeyCallback: gossh.InsecureIgnoreHostKey()}
	if _, _, _, err := gossh.NewClientConn(a, "test", client); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	_, _ = a.Close(), b.Close()
	for _, size := range []int{1 << 30, 1, 50} {
		r := run(t, protocols.Context{}, protocoltest.Fixed(size), wire.Steps()...)
		seen := map[string]bool{}
		for _, o := range r.Observations {
			seen[o.Speaker.Addr.String()+" "+o.Facts[0].Value] = true
		}
		for _, want := range []string{"192.0.2.1 Go", "192.0.2.1 ssh-client", "192.0.2.2 Console", "192.0.2.2 ssh-server"} {
			if !seen[want] || len(seen) != 4 || r.Counted(protocols.Parsed) != 4 {
				t.Errorf("nothing says %q:\n%s", want, r.Lines())
			}
		}
	}
}
