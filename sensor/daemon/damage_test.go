package daemon_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor/daemon"
)

// TestPublicCaptures replays every public capture of the shared material. A file
// may be damaged, or be no capture; then the message says where.
func TestPublicCaptures(t *testing.T) {
	t.Parallel()
	root := shared(t, "captures", "public")
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if name := d.Name(); err == nil && !d.IsDir() && (strings.Contains(name, "cap") || strings.Contains(name, "dmp")) && !strings.HasSuffix(name, ".md") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	heard := 0
	for _, path := range files {
		result, err := daemon.Replay(t.Context(), daemon.ReplayOptions{Config: configs.Default(), Captures: []string{path}})
		if err != nil && (!strings.Contains(err.Error(), filepath.Base(path)) || !offset.MatchString(err.Error())) {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		if err != nil {
			t.Logf("%v", err)
		}
		heard += len(result.Devices)
	}
	t.Logf("%d captures, %d devices", len(files), heard)
}

// offset is how a message says where a capture is damaged.
var offset = regexp.MustCompile(`(offset|byte) \d+`)

// TestDamagedCapture: what could be read comes out, with a warning that says where
// the file ends, and status 1.
func TestDamagedCapture(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := newFilm(t, monday)
	for range 4 {
		f.round(contractPump("2.1", infusing()), ownPump("2.1", standingBy()))
	}
	whole := f.Pcap()
	absurd := append([]byte(nil), whole...)
	const header, length = 24, 8 // of the file, and where a record's captured length stands
	place := header
	for range 60 {
		place += 16 + int(absurd[place+length]) + int(absurd[place+length+1])<<8
	}
	copy(absurd[place+length:], []byte{0xff, 0xff, 0xff, 0x7f})
	for _, tt := range []struct {
		name  string
		body  []byte
		heard bool
	}{
		{"cut in a frame", whole[:len(whole)*3/4+1], true},
		{"cut in a record's header", whole[:place+5], true},
		{"an absurd length", absurd, true},
		{"cut in the file's header", whole[:11], false},
		{"empty", nil, false},
		{"not a capture", []byte("<html><title>Sign in</title></html>"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, dir, strings.ReplaceAll(tt.name, " ", "-")+".pcap", string(tt.body))
			o := auscult(t, "replay", "--format", "json", path)
			if o.code != 1 || !strings.Contains(o.err, filepath.Base(path)) {
				t.Errorf("status %d, says %q", o.code, o.err)
			}
			if n := len(objects[map[string]any](t, o.out)); tt.heard != (n > 0) || tt.heard && !offset.MatchString(o.err) {
				t.Errorf("%d devices, says %q", n, o.err)
			}
		})
	}
}

// TestReplayTellsWhatItDidNotUnderstand: messages that break their standard are
// counted by protocol on standard error, and not on standard output.
func TestReplayTellsWhatItDidNotUnderstand(t *testing.T) {
	t.Parallel()
	f := newFilm(t, monday)
	f.round(contractPump("2.1", infusing()))
	good := filepath.Join(t.TempDir(), "good.pcap")
	f.save(t, good)
	if o := auscult(t, "replay", "--format", "json", good); o.code != 0 || strings.Contains(o.err, "messages") {
		t.Errorf("a good capture: status %d, says %q", o.code, o.err)
	}
	for range 2 {
		f.turns(gatewayParty, engineParty, 8080, ">GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 9")
	}
	bad := filepath.Join(t.TempDir(), "bad.pcap")
	f.save(t, bad)
	for _, workers := range []string{"1", "4"} {
		o := auscult(t, "replay", "--format", "json", "--workers", workers, bad)
		if o.code != 0 || o.err != "auscult: messages of http: 2 malformed, 2 truncated\n" || strings.Contains(o.out, "truncated") {
			t.Errorf("%s workers: status %d, says %q", workers, o.code, o.err)
		}
	}
}

// TestRefusedImports: a file that is not what it was said to be changes nothing,
// and the message names it, the line and what to do.
func TestRefusedImports(t *testing.T) {
	t.Parallel()
	state, dir := northfield(t), t.TempDir()
	lists := func() (all string) {
		for _, list := range [][]string{{"devices"}, {"findings"}, {"orders"}, {"feeds", "list"}, {"register", "report"}, {"audit"}} {
			all += must(t, append(list, "--format", "json", "--state", state)...).out
		}
		return all
	}
	before := lists()
	good := advisory("MADE-2026-003", "Quell Infusion", "Quell 5", "< 9", "Update.")
	for _, tt := range []struct{ name, body, kind, says string }{
		{"no-control-column.csv", strings.Replace(assetsCSV, "Control #,", "Room colour,", 1), "assets", "control"},
		{"empty.csv", "", "assets", "empty"},
		{"page.html", "<!DOCTYPE html><html><body>Sign in</body></html>\n", "assets", "page.html"},
		{"no-person.csv", strings.Replace(engineersCSV, "Engineer,", "Colour,", 1), "engineers", "no-person.csv"},
		{"quote.csv", assetsCSV + "000999,\"a quote that never ends\n", "assets", "quote.csv"},
		{"not-csaf.json", `{"hello":"world"}`, "", "not-csaf.json"},
		{"cut.json", good[:len(good)/2], "", "cut.json"},
		{"page.json", "<html>Sign in</html>", "", "page.json"},
		{"deep.json", strings.Repeat("[", 100_000), "", "deep.json"},
	} {
		path := write(t, dir, tt.name, tt.body)
		args := []string{"register", "import", "--kind", tt.kind, "--state", state, path}
		if tt.kind == "" {
			args = []string{"feeds", "import", "--state", state, path}
		}
		o := auscult(t, args...)
		if o.code == 0 || o.code == 3 || o.out != "" || !strings.Contains(strings.ToLower(o.err), tt.says) || len(o.err) > 1000 {
			t.Errorf("%s: status %d, says %q", tt.name, o.code, o.err)
		}
	}
	// One bad file among good ones: none is taken.
	mixed := t.TempDir()
	fine, broken := write(t, mixed, "fine.json", good), write(t, mixed, "broken.json", good[:200])
	if o := auscult(t, "feeds", "import", "--state", state, fine, broken); o.code == 0 || !strings.Contains(o.err, "broken.json") {
		t.Errorf("a broken file beside a good one: status %d, says %q", o.code, o.err)
	}
	if after := lists(); after != before {
		t.Errorf("a refused import changed something: %s", firstDifference(before, after))
	}
}

// TestDamagedState: a state file that is none is refused and left as it is.
func TestDamagedState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	state := northfield(t)
	raw, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"text": "this is no state file, whatever its name says\n", "short": string(raw[:100]), "zeros": strings.Repeat("\x00", 1<<16)} {
		path := write(t, dir, name+".db", body)
		o := auscult(t, "devices", "--state", path)
		if o.code != 1 || !strings.Contains(o.err, path) {
			t.Errorf("%s: status %d, says %q", name, o.code, o.err)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != body {
			t.Errorf("%s: the file was changed, %v", name, err)
		}
	}
	backup := filepath.Join(dir, "backup")
	must(t, "backup", "--state", state, backup)
	want := must(t, "orders", "--format", "json", "--state", state).out
	broken := write(t, dir, "broken-backup", string(raw[:len(raw)/2]))
	if o := auscult(t, "restore", "--state", state, broken); o.code != 1 || !strings.Contains(o.err, "nothing was changed") {
		t.Errorf("restore of half a backup: status %d, says %q", o.code, o.err)
	}
	if got := must(t, "orders", "--format", "json", "--state", state).out; got != want {
		t.Error("a refused restore changed the state")
	}
	must(t, "restore", "--state", state, backup)
	if got := must(t, "orders", "--format", "json", "--state", state).out; got != want {
		t.Error("a restored state is not what was backed up")
	}
	must(t, "audit", "verify", "--state", state)
}
