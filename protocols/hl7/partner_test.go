package hl7_test

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// partnerModules is where .ci/partner installs the client and the server of node.
const partnerModules = "../../.cache/hl7"

// patience bounds how long a partner may take.
const patience = 30 * time.Second

// relay passes connections on to a server and notes what is said, in its order.
type relay struct {
	lock sync.Mutex
	bits [][]bit // by connection
	done sync.WaitGroup
}

// between returns the port of a listener whose connections go to another port.
func (r *relay) between(t *testing.T, target string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no loopback to talk over: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			r.pass(from, target)
		}
	}()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func (r *relay) pass(from net.Conn, target string) {
	to, err := dialed(target)
	if err != nil {
		_ = from.Close()
		return
	}
	r.lock.Lock()
	n := len(r.bits)
	r.bits = append(r.bits, nil)
	r.lock.Unlock()
	r.done.Add(2)
	go r.copy(n, false, from, to)
	go r.copy(n, true, to, from)
}

// dialed waits for a server that is about to listen.
func dialed(target string) (c net.Conn, err error) {
	for range 100 {
		if c, err = net.Dial("tcp", target); err == nil {
			return c, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, err
}

func (r *relay) copy(n int, back bool, from, to net.Conn) {
	defer r.done.Done()
	defer func() { _ = to.Close() }()
	b := make([]byte, 1<<16)
	for {
		size, err := from.Read(b)
		if size > 0 {
			r.lock.Lock()
			r.bits[n] = append(r.bits[n], bit{back, string(b[:size])})
			r.lock.Unlock()
			if _, err := to.Write(b[:size]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// check plays each connection again and wants the monitor in each message.
func (r *relay) check(t *testing.T, messages int) {
	t.Helper()
	r.done.Wait()
	devices := 0
	for _, bits := range r.bits {
		for _, size := range []int{0, 1, 7} {
			h := listen(size, bits...)
			t.Logf("in pieces of %d: %s", size, outcomes(h))
			if h.Counted(protocols.Malformed)+h.Counted(protocols.Truncated) > 0 || strings.Contains(h.Texts(), "CANARY") {
				t.Errorf("in pieces of %d:\n%s", size, h.Print())
			}
			if h.Get(protocols.AboutDescribed, protocols.SerialNumber) != "MON-1000" || rolesOf(h, "192.0.2.1", protocols.AboutSpeaker) == "" {
				t.Errorf("in pieces of %d nothing says who sends or who answers:\n%s", size, h.Print())
			}
			if size == 0 {
				devices += described(h)
			}
		}
	}
	if devices != messages {
		t.Errorf("%d devices, want %d", devices, messages)
	}
}

const partnerText = `MSH|^~\&|CENTRAL|EXAMPLE|ENGINE|EXAMPLE|20260102030405||ORU^R01^ORU_R01|77|P|2.6
PID|1||CANARY-ID-30||CANARYPARTNER^ANN
OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||MON-1000^Six^example.org^DNS
OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.1|CANARY99||||||R`

// TestNodePartners listens to node-hl7-client and node-hl7-server: one message, a
// batch of two, and a batch file.
func TestNodePartners(t *testing.T) {
	modules, err := filepath.Abs(partnerModules)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "node_modules", "node-hl7-server")); err != nil {
		t.Skip("no node-hl7-server in .cache/hl7; make packages installs it")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node to run the partners with; .ci/packages nodejs installs it")
	}
	script := filepath.Join(modules, "partner.mjs") // beside its modules, where node looks for them
	text, err := os.ReadFile(filepath.Join("partner", "partner.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, text, 0o600); err != nil {
		t.Skipf("cannot write beside the modules: %v", err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no loopback to talk over: %v", err)
	}
	server := free.Addr().(*net.TCPAddr)
	_ = free.Close()
	r := &relay{}
	port := r.between(t, server.String())
	c, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(c, node, script, strconv.Itoa(server.Port), port)
	command.Env = append(os.Environ(), "TEXT="+partnerText)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("the partners: %v\n%s", err, out)
	}
	r.check(t, 4)
}

// TestPythonPartner listens to mllp_send of python3-hl7, which a server in Go answers.
func TestPythonPartner(t *testing.T) {
	sender, err := exec.LookPath("mllp_send")
	if err != nil {
		t.Skip("no mllp_send; the package python3-hl7 has it")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no loopback to talk over: %v", err)
	}
	defer func() { _ = l.Close() }()
	go answer(l)
	r := &relay{}
	port := r.between(t, l.Addr().String())
	file := filepath.Join(t.TempDir(), "message.hl7")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(partnerText, "\n", "\r")+"\r"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if out, err := exec.CommandContext(c, sender, "--loose", "-p", port, "-f", file, "127.0.0.1").CombinedOutput(); err != nil {
		t.Fatalf("mllp_send: %v\n%s", err, out)
	}
	r.check(t, 1)
}

// answer acknowledges what comes, as an engine does.
func answer(l net.Listener) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	b := make([]byte, 1<<16)
	for {
		n, err := c.Read(b)
		if strings.Contains(string(b[:n]), "\x1c\r") {
			_, _ = io.WriteString(c, block(ack, "MSA|AA|77"))
		}
		if err != nil {
			return
		}
	}
}
