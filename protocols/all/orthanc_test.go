package all_test

import (
	"encoding/json"
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
	"github.com/auscult/auscult/protocols/protocoltest"
)

// dicomweb is where Debian puts the plugin that makes Orthanc speak DICOMweb.
const dicomweb = "/usr/lib/orthanc/libOrthancDicomWeb.so.1.7"

// freePort is a port of the loopback that nobody used a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no loopback to talk over: %v", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// startOrthanc runs Orthanc without a DICOM port, and returns the address of its web
// server.
func startOrthanc(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"Orthanc", "curl", "dump2dcm"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; apt-get install orthanc orthanc-dicomweb curl dcmtk", name)
		}
	}
	if _, err := os.Stat(dicomweb); err != nil {
		t.Skip("the plugin is not installed; apt-get install orthanc-dicomweb")
	}
	dir, port := t.TempDir(), freePort(t)
	config, err := json.Marshal(map[string]any{
		"Name": "ARCHIVE", "StorageDirectory": dir, "IndexDirectory": dir, "HttpPort": port, "DicomServerEnabled": false,
		"RemoteAccessAllowed": false, "AuthenticationEnabled": false, "Plugins": []string{dicomweb},
		"DicomWeb": map[string]any{"Enable": true, "Root": "/dicom-web/", "EnableWado": true, "WadoRoot": "/wado"},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "orthanc.json")
	if err := os.WriteFile(path, config, 0o600); err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), "Orthanc", path)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	address := fmt.Sprintf("127.0.0.1:%d", port)
	for range 300 {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return address
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("Orthanc does not listen")
	return ""
}

// tap passes one connection on to a server and notes what both ends say.
type tap struct {
	listener net.Listener
	lock     sync.Mutex
	steps    []protocoltest.Step
	tasks    sync.WaitGroup
}

func newTap(t *testing.T, server string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{listener: l}
	p.tasks.Go(func() {
		client, err := l.Accept()
		if err != nil {
			return
		}
		behind, err := net.Dial("tcp", server)
		if err != nil {
			_ = client.Close()
			return
		}
		p.tasks.Go(func() { p.pass(protocols.FromOpener, client, behind) })
		p.tasks.Go(func() { p.pass(protocols.FromAcceptor, behind, client) })
	})
	return p
}

func (p *tap) pass(d protocols.Direction, from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 1400)
	for {
		n, err := from.Read(buffer)
		p.lock.Lock()
		p.steps = append(p.steps, protocoltest.Says(d, buffer[:n]))
		p.lock.Unlock()
		if _, werr := to.Write(buffer[:n]); err != nil || werr != nil {
			return
		}
	}
}

// curl runs curl through a tap, with # for its address, and returns what was said.
func curl(t *testing.T, server string, args ...string) []protocoltest.Step {
	t.Helper()
	p := newTap(t, server)
	for i := range args {
		args[i] = strings.Replace(args[i], "#", "http://"+p.listener.Addr().String(), 1)
	}
	out, err := exec.CommandContext(t.Context(), "curl", append([]string{"-s", "-S", "--max-time", "60", "-o", filepath.Join(t.TempDir(), "out")}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("curl: %v: %s", err, out)
	}
	_ = p.listener.Close()
	p.tasks.Wait()
	return p.steps
}

// objectFiles makes files of the made-up CT object of DICOM's testdata, one of them
// compressed, and a body of STOW that holds both.
func objectFiles(t *testing.T) (stow string) {
	t.Helper()
	dir := t.TempDir()
	dump, err := filepath.Abs("../dicom/testdata/ct.dump")
	if err != nil {
		t.Fatal(err)
	}
	var body strings.Builder
	for _, name := range []string{"ct.dcm", "rle.dcm"} {
		command := exec.CommandContext(t.Context(), "dump2dcm", dump, name)
		if name == "rle.dcm" {
			command = exec.CommandContext(t.Context(), "dcmcrle", "ct.dcm", name)
		}
		command.Dir = dir
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		file, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		body.WriteString("\r\n--part\r\nContent-Type: application/dicom\r\n\r\n" + string(file))
	}
	body.WriteString("\r\n--part--\r\n")
	stow = filepath.Join(dir, "stow")
	if err := os.WriteFile(stow, []byte(body.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return stow
}

// heard plays a conversation to the HTTP dissector in pieces, from its beginning.
func heard(size int, steps []protocoltest.Step) *protocoltest.Heard {
	return hear(protocols.Context{OpenerKnown: true}, size, steps)
}

// hear plays a conversation in pieces, dropping what is not needed, as flow does.
func hear(c protocols.Context, size int, steps []protocoltest.Step) *protocoltest.Heard {
	h := &protocoltest.Heard{}
	out := h.Sink(protocols.HTTP)
	s := web().Open(c)
	var skip [2]uint64
	for _, st := range steps {
		for b := st.Data; len(b) > 0; {
			n := min(uint64(len(b)), skip[st.From])
			skip[st.From] -= n
			if b = b[n:]; len(b) == 0 {
				break
			}
			piece := b[:min(size, len(b))]
			b = b[len(piece):]
			from, to := protocoltest.Ends(st.From)
			skip[st.From] = s.Segment(protocols.Segment{When: protocoltest.Start(), Direction: st.From, From: from, To: to, Bytes: piece}, out)
		}
	}
	s.Close(out)
	return h
}

// TestOrthanc stores, asks for and gets an object over DICOMweb with a real archive.
func TestOrthanc(t *testing.T) {
	server, stow := startOrthanc(t), objectFiles(t)
	machine := []string{`"ACME Medical"`, `"Scanmaster 9"`, `"SN-4711"`, `"syngo X 1.2"`, `"recon 7"`, `"CT01-CONSOLE"`, `"sop:1.2.840.10008.5.1.4.1.1.2"`}
	files := append([]string{`"1.2.276.0.7230010.3.0.3.6.7"`, "(0002,0012) 0.40"}, machine...)
	const dicomJSON, part = "Accept: application/dicom+json", `Accept: multipart/related; type="application/dicom"; transfer-syntax=*`
	for _, c := range []struct {
		name  string
		args  []string
		want  []string
		never string
	}{
		{"store", []string{"-H", `Content-Type: multipart/related; type="application/dicom"; boundary=part`, "-H", "Expect:", "--data-binary", "@" + stow, "#/dicom-web/studies"},
			append([]string{"dicomweb-store-client", "status 0.90"}, files...), "dicom-forwarder"},
		{"query", []string{"-H", dicomJSON, "#/dicom-web/instances?includefield=all"}, []string{"dicomweb-query-client", "dicomweb-query-server"}, "sender"},
		{"metadata", []string{"-H", dicomJSON, "#/dicom-web/studies/2.25.2/metadata"}, append([]string{"dicomweb-retrieve-client", "dicom-forwarder"}, machine...), "(0002"},
		{"metadata, compressed", []string{"--compressed", "-H", dicomJSON, "#/dicom-web/studies/2.25.2/metadata"}, machine, "(0002"},
		{"retrieve", []string{"-H", part, "#/dicom-web/studies/2.25.2"}, append([]string{"dicomweb-retrieve-server", "dicom-forwarder"}, files[2:]...), "store"},
		{"by URI", []string{"#/wado?requestType=WADO&studyUID=2.25.2&seriesUID=2.25.3&objectUID=2.25.4711&contentType=application/dicom"},
			append([]string{"dicomweb-retrieve-server", "dicom-forwarder"}, files[2:]...), "store"},
	} {
		t.Run(c.name, func(t *testing.T) {
			steps := curl(t, server, c.args...)
			said := heard(1<<30, steps).Print()
			wants(t, said, c.want, c.never)
			for _, size := range []int{1, 17} {
				if pieces := heard(size, steps).Print(); pieces != said {
					t.Errorf("in pieces of %d\n%s\nwhole\n%s", size, pieces, said)
				}
			}
		})
	}
}

// wants looks for texts in what was stated, of a machine once, and of no patient.
func wants(t *testing.T, said string, texts []string, never string) {
	t.Helper()
	for _, want := range texts {
		if !strings.Contains(said, want) {
			t.Errorf("nothing says %s", want)
		}
	}
	if strings.Contains(said, never) || strings.Contains(strings.ToUpper(said), canary) || strings.Count(said, `"SN-4711"`) > 1 ||
		strings.Contains(said, "malformed") || strings.Contains(said, "truncated") || t.Failed() {
		t.Errorf("stated\n%s", said)
	}
}
