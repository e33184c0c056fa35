package daemon_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/remediation/cmms/servicenow/standin"
	"github.com/auscult/auscult/sensor/testbed"
)

// listenIn opens a port of the loopback inside a host's network.
func listenIn(t testing.TB, host *testbed.Host) net.Listener {
	t.Helper()
	var l net.Listener
	if err := host.Do(func() (err error) {
		l, err = net.Listen("tcp", "127.0.0.1:0")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return l
}

// freePort is a port of the loopback inside a host's network that nobody has.
func freePort(t testing.TB, host *testbed.Host) string {
	t.Helper()
	l := listenIn(t, host)
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

// startCMMS serves ServiceNow's stand-in inside a host's network.
func startCMMS(t testing.TB, host *testbed.Host) (cmms *standin.Server, address string) {
	t.Helper()
	cmms = standin.New(standin.Options{User: "auscult", Password: "made-up", Groups: []string{"Quell Infusion", "Biomedical Engineering", "Imaging Engineering"}, People: []string{"a.north"}})
	l := listenIn(t, host)
	server := &http.Server{Handler: cmms, ReadHeaderTimeout: patience}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(l) // it ends when it is closed
	}()
	t.Cleanup(func() { _ = server.Close(); <-ended })
	return cmms, "http://" + l.Addr().String()
}

// certificate writes an authority and a server's certificate for the loopback.
func certificate(t testing.TB, dir string) (ca, cert, key string) {
	t.Helper()
	authority, authorityKey := newCertificate(t, dir, "ca", nil, nil)
	newCertificate(t, dir, "siem", authority, authorityKey)
	return filepath.Join(dir, "ca.pem"), filepath.Join(dir, "siem.pem"), filepath.Join(dir, "siem.key")
}

func newCertificate(t testing.TB, dir, name string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: parent == nil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if parent == nil {
		parent, parentKey = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, dir, name+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	return c, key
}

// startSIEM runs rsyslogd, which takes syslog over TLS and writes it into a file.
func startSIEM(t testing.TB, host *testbed.Host) (address, ca, file string) {
	t.Helper()
	needs(t, "rsyslogd")
	if drivers, err := filepath.Glob("/usr/lib/*/rsyslog/lmnsd_gtls.so"); err != nil || len(drivers) == 0 {
		t.Skip("needs rsyslog-gnutls, which is not installed")
	}
	dir := t.TempDir()
	ca, cert, key := certificate(t, dir)
	port := freePort(t, host)
	file = filepath.Join(dir, "received")
	config := write(t, dir, "rsyslog.conf", fmt.Sprintf(`global(workDirectory=%q DefaultNetstreamDriverCAFile=%q DefaultNetstreamDriverCertFile=%q DefaultNetstreamDriverKeyFile=%q)
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
input(type="imtcp" address="127.0.0.1" port=%q)
template(name="whole" type="string" string="%%msgid%%|%%structured-data%%|%%msg%%\n")
*.* action(type="omfile" file=%q template="whole")
`, dir, ca, cert, key, port, file))
	host.Start("rsyslogd", "-n", "-f", config, "-i", filepath.Join(dir, "pid"))
	host.WaitPort("127.0.0.1:" + port)
	return "127.0.0.1:" + port, ca, file
}

// startPrometheus runs a real Prometheus that scrapes the box; up says whether its
// last scrape went well.
func startPrometheus(t testing.TB, b *box) (query func(expression string) string) {
	t.Helper()
	needs(t, "prometheus", "promtool")
	dir := t.TempDir()
	port := freePort(t, b.host)
	config := write(t, dir, "prometheus.yml", fmt.Sprintf(`global: {scrape_interval: 1s}
scrape_configs:
  - job_name: auscult
    scheme: https
    tls_config: {ca_file: %q}
    authorization: {credentials_file: %q}
    static_configs: [{targets: [%q]}]
`, filepath.Join(b.dir, "page.crt"), filepath.Join(b.dir, "metrics-token"), strings.TrimPrefix(b.page, "https://")))
	b.host.Start("prometheus", "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:"+port)
	b.host.WaitPort("127.0.0.1:" + port)
	return func(expression string) string {
		out, err := b.host.Command("promtool", "query", "instant", "http://127.0.0.1:"+port, expression).Output()
		if err != nil {
			t.Logf("promtool query: %v", err) // it may not be ready yet
		}
		return string(out)
	}
}

// lint lets promtool judge a scrape.
func lint(t testing.TB, scrape string) {
	t.Helper()
	cmd := exec.Command("promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(scrape)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v: %s", err, out)
	}
}

// record writes what passes the far end of the mirror port into a file: "out" is
// what the sensor hears, "in" what it says.
func (w *ward) record(direction, name string) (path string, stop func()) {
	w.t.Helper()
	path = filepath.Join(w.dir, name)
	cmd := exec.Command("ip", "netns", "exec", w.bridge(), "tcpdump", "-i", farEnd, "-Q", direction, "--immediate-mode", "-U", "-s", "0", "-w", path, "-Z", "root")
	log := &lines{}
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	for end := time.Now().Add(patience); !strings.Contains(log.String(), "listening on"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("tcpdump does not listen: %s", log)
		}
	}
	done := false
	stop = func() {
		if done {
			return
		}
		done = true
		time.Sleep(200 * time.Millisecond)
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		_ = cmd.Wait()
	}
	w.t.Cleanup(stop)
	return path, stop
}
