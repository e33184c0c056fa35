package dicom_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// startOrthanc runs Orthanc as ARCHIVE, which sends to WS_READ at a port.
func startOrthanc(t *testing.T, destination string) (address string) {
	t.Helper()
	dir := t.TempDir()
	sends, err := strconv.Atoi(destination)
	if err != nil {
		t.Fatal(err)
	}
	return startServer(t, "Orthanc", func(port int) []string {
		settings, err := json.Marshal(map[string]any{
			"DicomAet": "ARCHIVE", "DicomPort": port, "HttpServerEnabled": false, "StorageDirectory": dir, "IndexDirectory": dir,
			"DicomAlwaysAllowFind": true, "DicomAlwaysAllowGet": true, "DicomAlwaysAllowMove": true, "Plugins": []string{},
			"DicomModalities": map[string]any{"reader": []any{"WS_READ", "127.0.0.1", sends}},
		})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "orthanc.json")
		if err := os.WriteFile(path, settings, 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{path}
	})
}

// orthancPlay is one run of a DCMTK tool against Orthanc.
type orthancPlay struct {
	title string
	args  []string // of a tool, with its name
	file  string
	want  []string
}

func orthancPlays() []orthancPlay {
	return []orthancPlay{
		{"CT01", []string{"storescu"}, "ct.dcm",
			[]string{"opener on speaker: role=dicom-store-scu", "acceptor on speaker: role=dicom-store-scp", "acceptor on speaker: role=dicom-receiver"}},
		{"WS_READ", []string{"findscu", "-S", "-k", "0008,0052=STUDY", "-k", "0010,0010=ZZCANARY*", "-k", "0020,000D"}, "",
			[]string{"opener on speaker: role=dicom-query-scu", "acceptor on speaker: role=dicom-query-scp"}},
		{"WS_READ", []string{"movescu", "-S", "-aem", "WS_READ", "-k", "0008,0052=STUDY", "-k", "0020,000D=2.25.2"}, "",
			[]string{"opener on speaker: role=dicom-move-scu", "opener on station WS_READ: ae_title=WS_READ", "acceptor on speaker: role=dicom-move-scp"}},
		{"WS_READ", []string{"getscu", "-S", "-k", "0008,0052=STUDY", "-k", "0020,000D=2.25.2"}, "",
			[]string{"opener on speaker: role=dicom-query-scu", "opener on speaker: role=dicom-fetcher", "acceptor on speaker: role=dicom-forwarder",
				"acceptor on referenced: manufacturer=ACME Medical; model=Scanmaster 9"}},
	}
}

// TestOrthanc listens to an archive that is stored to, queried and asked to send: the
// workstation takes what it asked for, and the archive passes on what the machine made.
func TestOrthanc(t *testing.T) {
	for _, name := range []string{"Orthanc", "dump2dcm", "storescu", "findscu", "movescu", "getscu", "storescp"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; apt-get install dcmtk orthanc", name)
		}
	}
	dir := t.TempDir()
	dump, err := filepath.Abs(filepath.Join("testdata", "ct.dump"))
	if err != nil {
		t.Fatal(err)
	}
	tool(t, dir, "dump2dcm", dump, "ct.dcm")
	sub := newRelay(t, startServer(t, "storescp", func(port int) []string {
		return []string{"-od", dir, "--ignore", "-aet", "WS_READ", strconv.Itoa(port)}
	}))
	archive := startOrthanc(t, sub.port())
	for _, play := range orthancPlays() {
		t.Run(play.args[0], func(t *testing.T) {
			r := newRelay(t, archive)
			args := append(play.args[1:len(play.args):len(play.args)], "-aet", play.title, "-aec", "ARCHIVE", "127.0.0.1", r.port())
			if play.file != "" {
				args = append(args, play.file)
			}
			tool(t, dir, play.args[0], args...)
			heardOf(t, r, append(play.want, "opener on speaker: ae_title="+play.title+"; implementation=1.2.276.0.7230010", "acceptor on speaker: ae_title=ARCHIVE; "))
		})
	}
	heardOf(t, sub, []string{"opener on speaker: ae_title=ARCHIVE; ", "acceptor on speaker: ae_title=WS_READ; ", "opener on speaker: role=dicom-store-scu",
		"opener on speaker: role=dicom-forwarder", "opener on station WS_READ: ae_title=WS_READ; role=dicom-move-scu", "acceptor on speaker: role=dicom-fetcher"})
}

// heardOf ends a relay and looks for what must have been stated through it, and for
// what must not.
func heardOf(t *testing.T, r *relay, wanted []string) {
	t.Helper()
	time.Sleep(50 * time.Millisecond) // the last octets may still be in the relay
	got := r.stop()
	for _, want := range wanted {
		if len(only(got.lines(), want)) == 0 {
			t.Errorf("not stated: %q in\n%s", want, strings.Join(got.lines(), "\n"))
		}
	}
	if found := canaries(t, got); len(found) > 0 {
		t.Errorf("a patient left in %s", found[0])
	}
	if n := total(got) - got.outcomes[protocols.Parsed]; n != 0 {
		t.Errorf("outcomes %v", got.outcomes)
	}
}
