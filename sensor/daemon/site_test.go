package daemon_test

import (
	"strings"
	"testing"
)

// A state under another site's name would silently match nothing: it is refused,
// with both names, once something is known; before that the site may be chosen.
func TestStateKeepsItsSite(t *testing.T) {
	state := northfield(t)
	dir := t.TempDir()
	other := write(t, dir, "other.yaml", "site: elsewhere\n")
	if o := auscult(t, "devices", "--state", state, "--config", other); o.code == 0 || !strings.Contains(o.err, `"main"`) || !strings.Contains(o.err, "elsewhere") {
		t.Errorf("another site: status %d: %s", o.code, o.err)
	}
	if o := auscult(t, "devices", "--state", state); o.code != 0 {
		t.Errorf("no configuration takes the state's own site: status %d: %s", o.code, o.err)
	}
	if o := auscult(t, "devices", "--state", dir+"/absent.db"); o.code == 0 || !strings.Contains(o.err, "name an existing one") {
		t.Errorf("a command that reads made a state file: status %d: %s", o.code, o.err)
	}
}
