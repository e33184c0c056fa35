package dicom_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// TestDCMTKBulk sends a large object with a real implementation, to peers that
// take PDUs of several lengths: nearly all of it is one prediction, and that is
// right.
func TestDCMTKBulk(t *testing.T) {
	for _, name := range []string{"dump2dcm", "storescu", "storescp"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; apt-get install dcmtk", name)
		}
	}
	const size = 16 << 20
	dir := t.TempDir()
	writeLarge(t, dir, size)
	tool(t, dir, "dump2dcm", "large.dump", "large.dcm")
	for _, longest := range []int{4096, 16384, 131072} {
		t.Run(fmt.Sprint(longest), func(t *testing.T) {
			r := newRelay(t, startServer(t, "storescp", func(port int) []string {
				return []string{"--ignore", "-pdu", fmt.Sprint(longest), fmt.Sprint(port)}
			}))
			tool(t, dir, "storescu", "-aet", "CT01", "-aec", "ARCHIVE", "127.0.0.1", r.port(), "large.dcm", "large.dcm")
			got := r.stop()
			if got.longest < size*9/10 {
				t.Errorf("the longest skip has %d of %d octets", got.longest, size)
			}
			if n := total(got) - got.outcomes[protocols.Parsed]; n != 0 {
				t.Errorf("outcomes %v", got.outcomes)
			}
			if len(only(got.lines(), "serial_number=SN-4711")) != 1 || len(only(got.lines(), "dicom-store-scp")) != 1 {
				t.Errorf("stated %q", got.lines())
			}
		})
	}
}

// writeLarge writes the test object with other pixels.
func writeLarge(t *testing.T, dir string, size int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "ct.dump"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.ToLower(line), "(7fe0,0010)") {
			lines[i] = "(7fe0,0010) OW =pixels.raw"
		}
	}
	for name, data := range map[string][]byte{"large.dump": []byte(strings.Join(lines, "\n") + "\n"), "pixels.raw": noise(size)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
