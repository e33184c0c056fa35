package daemon_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFullDisk: while the disk is full an import is refused with a clear message
// and changes nothing, and the page goes on; when there is room again everything
// works, without a restart.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("needs a small file system of its own: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	b := newBox(t, nil, "")
	b.dir = dir
	b.configure("")
	b.start()
	p := newPapers(t)
	p.importInto(t, "--socket", b.socket())
	lists := func() (all string) {
		for _, list := range [][]string{{"devices"}, {"orders"}, {"feeds", "list"}, {"register", "report"}, {"audit"}} {
			all += b.ask(append(list, "--format", "json")...).out
		}
		return all
	}
	before := lists()
	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	many := assetsCSV
	for i := range 4000 {
		many += strings.Replace("7NNNN,Defibrillator,Pulsewright,Revive 3,PW-7NNNN,Northfield,Main,W4-3,Oncology,7120,Nursing,In service,High,Y,In-house,,Biomedical Engineering,,6,,,,,,,,,\n", "NNNN", string(rune('0'+i/1000))+string(rune('0'+i/100%10))+string(rune('0'+i/10%10))+string(rune('0'+i%10)), 2)
	}
	register := write(t, t.TempDir(), "many.csv", many)
	o := b.ask("register", "import", "--kind", "assets", register)
	if o.code != 1 || !strings.Contains(o.err, "space") || !strings.Contains(o.err, b.state()) {
		t.Errorf("status %d, says %q", o.code, o.err)
	}
	if after := lists(); after != before {
		t.Errorf("an import that did not fit changed something: %s", firstDifference(before, after))
	}
	if status, _ := b.get("/healthz", "", ""); status != 200 {
		t.Errorf("/healthz: %d", status)
	}
	if o := b.ask("backup", filepath.Join(dir, "backup")); o.code != 1 || !strings.Contains(o.err, "space") {
		t.Errorf("a backup onto the full disk: status %d, says %q", o.code, o.err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	small := strings.Join(strings.SplitAfter(many, "\n")[:200], "")
	if o := b.ask("register", "import", "--kind", "assets", write(t, t.TempDir(), "fewer.csv", small)); o.code != 0 {
		t.Errorf("with room again: status %d, says %q", o.code, o.err)
	}
	if o := b.ask("audit", "verify"); o.code != 0 {
		t.Errorf("audit verify: %s", o.err)
	}
	b.known().control(t, "70150")
	if code, took := b.stop(); code != 0 || took > stopTime {
		t.Errorf("stopped with %d after %v", code, took)
	}
}

// fill writes until nothing more fits.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
	_ = f.Close() // what fits is there
}
