package snmp_test

import (
	"bytes"
	"encoding/hex"
	"flag"
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
)

var record = flag.String("record", "", "write what a partner says into this file, as golden_test reads it")

// settings of an agent whose place tells of nobody, with a person to contact and with
// credentials, each a canary.
const settings = `agentaddress udp:127.0.0.1:%d
rocommunity ZZCOMMUNITY
sysName monitor-07
sysLocation Intensive care, room 12
sysContact ZZ Canary <zz@example.org>
sysDescr Central Station 4.2 on Linux 5.10
sysObjectID 1.3.6.1.4.1.8072.3.2.10
createUser ZZUSER SHA ZZpassword1 AES ZZpassword2
rouser ZZUSER priv
`

// TestNetSNMP listens to the tools of net-snmp, as they talk over the loopback in each
// version.
func TestNetSNMP(t *testing.T) {
	for _, tool := range []string{"snmpd", "snmpget", "snmpbulkget"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here; install the Debian packages snmp and snmpd", tool)
		}
	}
	agent := startAgent(t)
	relay := newRelay(t, agent)
	ask := func(tool string, args ...string) {
		args = append(args, "-t", "5", "-r", "0", "-On", fmt.Sprintf("127.0.0.1:%d", relay.port()))
		cmd := exec.Command(tool, append(args, "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.4.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.6.0")...)
		cmd.Env = append(os.Environ(), "SNMPCONFPATH="+t.TempDir(), "MIBS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s %v: %v\n%s", tool, args, err, out)
		}
	}
	ask("snmpget", "-v1", "-c", community)
	ask("snmpget", "-v2c", "-c", community)
	ask("snmpbulkget", "-v2c", "-c", community)
	ask("snmpget", "-v3", "-u", user, "-l", "authPriv", "-a", "SHA", "-A", "ZZpassword1", "-x", "AES", "-X", "ZZpassword2")
	steps := relay.heard()
	writeRecord(t, steps)
	h := listen(t, steps...)
	for attribute, want := range map[protocols.Attribute]string{
		protocols.SystemDescription: "Central Station 4.2 on Linux 5.10", protocols.Hostname: "monitor-07", protocols.Location: "Intensive care, room 12",
		protocols.SystemObject: "1.3.6.1.4.1.8072.3.2.10", protocols.Enterprise: "8072",
	} {
		if got := h.Get(protocols.AboutSpeaker, attribute); got != want {
			t.Errorf("%s is %q, want %q", attribute, got, want)
		}
	}
	engine := h.Get(protocols.AboutSpeaker, protocols.EngineID)
	if !strings.HasPrefix(engine, "80001f88") || strings.Contains(said(h), "1:snmp_engine_id") || !strings.Contains(said(h), "1:role=snmp-manager") {
		t.Errorf("engine %q of the agent alone, and a manager:\n%s", engine, h.Print())
	}
	if n := h.Counted(protocols.Parsed); n != len(steps) || n < 10 {
		t.Errorf("%d of %d datagrams were read", n, len(steps))
	}
}

// startAgent starts net-snmp's agent on a free port of the loopback, and waits until it
// answers.
func startAgent(t *testing.T) (port int) {
	t.Helper()
	free, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no loopback to talk over: %v", err)
	}
	port = free.LocalAddr().(*net.UDPAddr).Port
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	conf := filepath.Join(dir, "agent.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, settings, port), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command("snmpd", "-f", "-Le", "-C", "-c", conf, "-I", "-smux", "-p", filepath.Join(dir, "pid"))
	cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+dir, "SNMPCONFPATH="+dir, "MIBS=")
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Skipf("snmpd does not start: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range 100 {
		probe := exec.Command("snmpget", "-v2c", "-c", community, "-t", "1", "-r", "0", fmt.Sprintf("127.0.0.1:%d", port), "1.3.6.1.2.1.1.3.0")
		probe.Env = append(os.Environ(), "SNMPCONFPATH="+dir, "MIBS=")
		if probe.Run() == nil {
			return port
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("snmpd does not answer:\n%s", log.String())
	return 0
}

// relay passes datagrams between a manager and an agent, and keeps a copy.
type relay struct {
	front, back *net.UDPConn
	lock        sync.Mutex
	steps       []step
	manager     *net.UDPAddr
}

func newRelay(t *testing.T, agent int) *relay {
	t.Helper()
	front, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	back, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: agent})
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{front: front, back: back}
	t.Cleanup(func() {
		_ = front.Close()
		_ = back.Close()
	})
	go r.questions()
	go r.answers()
	return r
}

func (r *relay) port() int { return r.front.LocalAddr().(*net.UDPAddr).Port }

func (r *relay) note(s step) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.steps = append(r.steps, s)
}

func (r *relay) heard() []step {
	r.lock.Lock()
	defer r.lock.Unlock()
	return append([]step(nil), r.steps...)
}

func (r *relay) questions() {
	b := make([]byte, 65536)
	for {
		n, from, err := r.front.ReadFromUDP(b)
		if err != nil {
			return
		}
		r.note(asks(bytes.Clone(b[:n])))
		r.lock.Lock()
		r.manager = from
		r.lock.Unlock()
		_, _ = r.back.Write(b[:n])
	}
}

func (r *relay) answers() {
	b := make([]byte, 65536)
	for {
		n, err := r.back.Read(b)
		if err != nil {
			return
		}
		r.note(answers(bytes.Clone(b[:n])))
		r.lock.Lock()
		manager := r.manager
		r.lock.Unlock()
		_, _ = r.front.WriteToUDP(b[:n], manager)
	}
}

func writeRecord(t *testing.T, steps []step) {
	t.Helper()
	if *record == "" {
		return
	}
	var b strings.Builder
	for _, s := range steps {
		fmt.Fprintf(&b, "%s %s\n", [...]string{">", "<"}[s.from], hex.EncodeToString(s.b))
	}
	if err := os.WriteFile(*record, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
