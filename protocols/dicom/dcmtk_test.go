package dicom_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dicom"
)

// relay passes loopback connections on to a server and lets a session hear each.
type relay struct {
	listener net.Listener
	server   string
	tasks    sync.WaitGroup

	mu   sync.Mutex // sessions and result
	got  result
	sink *protocols.Sink
}

func newRelay(t *testing.T, server string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, server: server}
	r.sink = r.got.sink()
	r.tasks.Go(r.accept)
	return r
}

func (r *relay) port() string { return fmt.Sprint(r.listener.Addr().(*net.TCPAddr).Port) }

// stop ends the relay and returns what was heard.
func (r *relay) stop() *result {
	_ = r.listener.Close()
	r.tasks.Wait()
	return &r.got
}

func (r *relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.server)
		if err != nil {
			_ = client.Close()
			return
		}
		session := dicom.New().Open(protocols.Context{OpenerKnown: true})
		r.tasks.Go(func() { r.pass(session, opener, client, server) })
		r.tasks.Go(func() { r.pass(session, acceptor, server, client) })
	}
}

func (r *relay) pass(session protocols.Session, d protocols.Direction, from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer, skip := make([]byte, 4096), uint64(0)
	for {
		n, err := from.Read(buffer)
		b := buffer[:n]
		m := min(skip, uint64(n))
		skip -= m
		if b = b[m:]; len(b) > 0 {
			r.mu.Lock()
			speaker, listener := endpoints(d)
			skip = session.Segment(protocols.Segment{When: start, Direction: d, From: speaker, To: listener, Bytes: b}, r.sink)
			r.got.longest = max(r.got.longest, skip)
			r.mu.Unlock()
		}
		if _, werr := to.Write(buffer[:n]); err != nil || werr != nil {
			return
		}
	}
}

// startServer runs a server on a free port of the loopback and waits for it.
func startServer(t *testing.T, name string, args func(port int) []string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	server := exec.CommandContext(ctx, name, args(port)...)
	server.Stdout, server.Stderr = io.Discard, io.Discard
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = server.Wait() })
	address = fmt.Sprintf("127.0.0.1:%d", port)
	for range 100 {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return address
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s does not listen", name)
	return ""
}

// startArchive runs dcmqrscp, which stores, finds and moves.
func startArchive(t *testing.T, dir string) string {
	t.Helper()
	store, config := filepath.Join(dir, "store"), filepath.Join(dir, "archive.cfg")
	if err := os.Mkdir(store, 0o755); err != nil {
		t.Fatal(err)
	}
	text := "MaxPDUSize = 16384\nMaxAssociations = 8\nHostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n" +
		"AETable BEGIN\nARCHIVE " + store + " RW (10, 64mb) ANY\nAETable END\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return startServer(t, "dcmqrscp", func(port int) []string { return []string{"-c", config, fmt.Sprint(port)} })
}

// startStore runs storescp, which takes objects in the transfer syntax that the
// option prefers.
func startStore(t *testing.T, dir, option string) string {
	t.Helper()
	return startServer(t, "storescp", func(port int) []string { return []string{"-od", dir, "--ignore", option, fmt.Sprint(port)} })
}

func tool(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// toolCase is one run of a DCMTK tool through the relay.
type toolCase struct {
	name   string
	server string // the option of storescp; "" for the archive
	tool   string
	args   []string
	want   []string
}

func toolCases() []toolCase {
	const machineLine = "manufacturer=ACME Medical; model=Scanmaster 9; serial_number=SN-4711; software_version=syngo X 1.2; " +
		"software_version=recon 7; station_name=CT01-CONSOLE; modality=CT; institution=General Hospital; device_type=sop:" + ctStorage
	stored := []string{"opener on speaker: role=dicom-store-scu", "opener on referenced: " + machineLine, "acceptor on speaker: role=dicom-store-scp"}
	return []toolCase{
		{"C-ECHO", "", "echoscu", nil, []string{"opener on speaker: role=dicom-verification-scu"}},
		{"C-STORE to the archive, small PDUs", "", "storescu", []string{"-xe", "--max-send-pdu", "4096", "ct.dcm"}, stored},
		{"C-STORE implicit", "+xi", "storescu", []string{"-xi", "ct.dcm"}, stored},
		{"C-STORE big endian", "+xb", "storescu", []string{"-xb", "ct.dcm"}, stored},
		{"C-STORE deflated", "+xd", "storescu", []string{"-xd", "ct.dcm"}, stored},
		{"C-STORE run-length encoded", "+xr", "storescu", []string{"-xr", "rle.dcm"}, stored},
		{"C-FIND", "", "findscu", []string{"-S", "-k", "0008,0052=STUDY", "-k", "0010,0010=ZZCANARY*", "-k", "0020,000D"},
			[]string{"opener on speaker: role=dicom-query-scu", "acceptor on speaker: role=dicom-query-scp"}},
		{"C-GET", "", "getscu", []string{"-S", "-k", "0008,0052=STUDY", "-k", "0020,000D=2.25.2"},
			[]string{"opener on speaker: role=dicom-query-scu", "acceptor on speaker: role=dicom-forwarder", "acceptor on referenced: " + machineLine}},
	}
}

// TestDCMTK listens to a real implementation on the loopback: verification,
// storage in several encodings, query and retrieval.
func TestDCMTK(t *testing.T) {
	for _, name := range []string{"dump2dcm", "dcmcrle", "echoscu", "storescu", "findscu", "getscu", "dcmqrscp", "storescp"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; apt-get install dcmtk", name)
		}
	}
	dir := t.TempDir()
	dump, err := filepath.Abs(filepath.Join("testdata", "ct.dump"))
	if err != nil {
		t.Fatal(err)
	}
	tool(t, dir, "dump2dcm", dump, "ct.dcm")
	tool(t, dir, "dcmcrle", "ct.dcm", "rle.dcm")
	archive := startArchive(t, dir)
	titles := []string{"-aet", "CT01", "-aec", "ARCHIVE", "127.0.0.1"}
	for _, tt := range toolCases() {
		t.Run(tt.name, func(t *testing.T) {
			server := archive
			if tt.server != "" {
				server = startStore(t, dir, tt.server)
			}
			r := newRelay(t, server)
			options, last := tt.args, []string(nil)
			if n := len(options); n > 0 && strings.HasSuffix(options[n-1], ".dcm") {
				options, last = options[:n-1], options[n-1:]
			}
			args := append(append(append([]string{}, options...), titles...), r.port())
			tool(t, dir, tt.tool, append(args, last...)...)
			got := r.stop()
			for _, want := range append(tt.want, "opener on speaker: ae_title=CT01; implementation=1.2.276.0.7230010", "acceptor on speaker: ae_title=ARCHIVE; ") {
				if len(only(got.lines(), want)) != 1 {
					t.Errorf("not stated once: %q in\n%s", want, strings.Join(got.lines(), "\n"))
				}
			}
			if found := canaries(t, got); len(found) > 0 {
				t.Errorf("a patient left in %s", found[0])
			}
			if n := total(got) - got.outcomes[protocols.Parsed]; n != 0 {
				t.Errorf("outcomes %v", got.outcomes)
			}
		})
	}
}
