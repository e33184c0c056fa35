package dicom_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

func needTools(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; apt-get install dcmtk", name)
		}
	}
}

// made makes a DICOM file of a dump in testdata.
func made(t *testing.T, dir, dump, file string) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", dump))
	if err != nil {
		t.Fatal(err)
	}
	tool(t, dir, "dump2dcm", path, file)
}

// TestDCMTKWorklist asks a worklist server for the entries of one scanner.
func TestDCMTKWorklist(t *testing.T) {
	needTools(t, "dump2dcm", "wlmscpfs", "findscu")
	dir := t.TempDir()
	entries := filepath.Join(dir, "wl", "RIS")
	if err := os.MkdirAll(entries, 0o755); err != nil {
		t.Fatal(err)
	}
	made(t, entries, "worklist.dump", "one.wl")
	if err := os.WriteFile(filepath.Join(entries, "lockfile"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	server := startServer(t, "wlmscpfs", func(port int) []string {
		return []string{"-dfr", "-dfp", filepath.Join(dir, "wl"), strconv.Itoa(port)}
	})
	r := newRelay(t, server)
	tool(t, dir, "findscu", "-W", "-aet", "CT01", "-aec", "RIS", "-k", "0010,0010", "-k", "(0040,0100)[0].Modality=CT",
		"-k", "(0040,0100)[0].ScheduledStationAETitle=CT01", "-k", "(0040,0100)[0].ScheduledStationName", "127.0.0.1", r.port())
	heardOf(t, r, []string{"opener on speaker: ae_title=CT01; implementation=1.2.276.0.7230010", "acceptor on speaker: ae_title=RIS; ",
		"opener on speaker: role=dicom-worklist-scu", "opener on speaker: ae_title=CT01; modality=CT", "acceptor on speaker: role=dicom-worklist-scp"})
}

// printing is the configuration of DCMTK's print tools.
const printing = `[[GENERAL]]
[APPLICATION]
LogDirectory = .
[PRINT]
Directory = .
[DATABASE]
Directory = .
[LUT]
Directory = .
[[COMMUNICATION]]
[FILM]
Aetitle = FILMWORKS
Hostname = 127.0.0.1
Port = %s
Type = LOCALPRINTER
DisplayFormat = 1,1
FilmSizeID = 8INX10IN
MagnificationType = NONE
MaxPDU = 32768
ImplicitOnly = false
DisableNewVRs = false
`

// TestDCMTKPrint prints a film: association, printer, film session, film box, image
// box, and what is deleted behind it.
func TestDCMTKPrint(t *testing.T) {
	needTools(t, "dump2dcm", "dcmpsprt", "dcmprscu", "dcmprscp")
	dir := t.TempDir()
	made(t, dir, "ct.dump", "ct.dcm")
	config := func(name, port string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, fmt.Appendf(nil, printing, port), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Chdir(dir) // the configuration names directories from here
	server := startServer(t, "dcmprscp", func(port int) []string { return []string{"-c", config("scp.cfg", strconv.Itoa(port)), "-p", "FILM"} })
	r := newRelay(t, server)
	scu := config("scu.cfg", r.port())
	tool(t, dir, "dcmpsprt", "-c", scu, "-p", "FILM", "ct.dcm")
	jobs, err := filepath.Glob(filepath.Join(dir, "SP_*"))
	if err != nil || len(jobs) != 1 {
		t.Fatalf("print jobs %v, %v", jobs, err)
	}
	tool(t, dir, "dcmprscu", "-c", scu, "-p", "FILM", jobs[0])
	heardOf(t, r, []string{"acceptor on speaker: ae_title=FILMWORKS; ", "opener on speaker: role=dicom-print-scu", "acceptor on speaker: role=dicom-print-scp"})
}
