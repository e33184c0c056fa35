package daemon_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// noPatient looks through everything that the running sensor shows or has told.
// What a device delivers is shown to those who have the role, and to nobody else.
func (p *path) noPatient(t *testing.T) {
	b := p.box
	both := append(canaries(), therapy()...)
	plain := crawl(t, b, b.signIn("reader", addUser(t, b, "reader", "read")))
	for path, body := range plain {
		clean(t, "reader, "+path, body, append(canaries(), bedside()...))
	}
	shown := ""
	for path, body := range crawl(t, b, b.signIn("admin", b.password())) {
		clean(t, "admin, "+path, body, canaries())
		shown += body
	}
	if !strings.Contains(strings.ToLower(shown), "paclitaxel") || len(plain) < 10 {
		t.Errorf("%d pages; with the role for it the drug is not shown: this test proves nothing", len(plain))
	}
	clean(t, "/metrics", b.metrics(), both)
	for _, o := range p.cmms.Orders() {
		clean(t, "order "+o.Number, strings.Join(append(o.Notes, o.Title, o.Description, o.Assignee, o.Group, o.Key), "\n"), both)
	}
	for _, list := range [][]string{{"devices"}, {"findings"}, {"orders"}, {"audit"}, {"register", "matches"}, {"register", "report"}, {"devices", "--format", "fhir"}} {
		clean(t, strings.Join(list, " "), must(t, append(list, "--socket", b.socket())...).out, canaries())
	}
	backup := filepath.Join(t.TempDir(), "backup")
	must(t, "backup", "--socket", b.socket(), backup)
	raw, err := os.ReadFile(backup)
	if err != nil || len(raw) < 1000 {
		t.Fatalf("a backup of %d bytes: %v", len(raw), err)
	}
	clean(t, "the backup", string(raw), canaries())
}

// addUser makes an account and returns its password.
func addUser(t testing.TB, b *box, name, roles string) (password string) {
	t.Helper()
	password = "made-up password of " + name
	cmd := b.command("user", "add", name, "--role", roles)
	cmd.Stdin = strings.NewReader(password + "\n")
	if o := finish(t, cmd); o.code != 0 {
		t.Fatalf("user add %s: %s", name, o.err)
	}
	return password
}

// links are the addresses that a page names.
var links = regexp.MustCompile(`(?:href|src)="(/[^"#]*)`)

// maxPages bounds a crawl: the test hospital has some fifty devices.
const maxPages = 600

// crawl reads every page and answer that a person can reach, from the overview and
// the API's roots on.
func crawl(t testing.TB, b *box, read func(string) (int, string)) map[string]string {
	t.Helper()
	todo := []string{"/", "/api/v1/devices", "/api/v1/findings", "/api/v1/orders", "/api/v1/register", "/api/v1/coverage", "/api/v1/audit", "/api/v1/feeds", "/fhir/Device"}
	for _, d := range b.known().devices {
		todo = append(todo, "/api/v1/devices/"+d.ID)
	}
	for _, o := range b.known().orders {
		todo = append(todo, "/api/v1/orders/"+o.ID)
	}
	pages := map[string]string{}
	for len(todo) > 0 && len(pages) < maxPages {
		path := strings.ReplaceAll(todo[0], "&amp;", "&")
		todo = todo[1:]
		if _, known := pages[path]; known || strings.HasPrefix(path, "/logout") {
			continue
		}
		status, body := read(path)
		if status != http.StatusOK && status != http.StatusForbidden {
			t.Errorf("%s: status %d", path, status)
		}
		pages[path] = body
		for _, m := range links.FindAllStringSubmatch(body, -1) {
			todo = append(todo, m[1])
		}
	}
	if len(pages) >= maxPages {
		t.Errorf("%d pages, and more were not read", len(pages))
	}
	return pages
}

// noPatientInFiles looks through every byte that was written to disk: the state
// file, the queue, the log, and what the SIEM has.
func (p *path) noPatientInFiles(t *testing.T) {
	read := 0
	err := filepath.WalkDir(p.box.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		read += len(raw)
		words := canaries()
		if !strings.HasPrefix(d.Name(), "state.db") {
			words = append(words, therapy()...) // the state file stays on the box
		}
		clean(t, path, string(raw), words)
		return err
	})
	if err != nil || read < 10_000 {
		t.Fatalf("%d bytes, %v", read, err)
	}
	siem, err := os.ReadFile(p.siem)
	if err != nil {
		t.Fatal(err)
	}
	both := append(canaries(), therapy()...)
	clean(t, "the SIEM", string(siem), both)
	clean(t, "the log", p.box.log.String(), both)
	heard, err := os.ReadFile(p.heard)
	for _, word := range []string{"ZZCANARY", "PACLitaxel", "CANARY^BULKY", "Q\x00Q\x00C\x00A\x00N\x00A\x00R\x00Y", "QQCANARY,A", "ZZCANARY-01", "ZZCANARY-7755001", "ZZCANARY7755001"} {
		if err != nil || !strings.Contains(string(heard), word) {
			t.Errorf("%q was never heard, %v: this test proves nothing", word, err)
		}
	}
}

// clean fails for every word that a text holds and may not.
func clean(t testing.TB, what, text string, words []string) {
	t.Helper()
	low := strings.ToLower(text)
	for _, w := range words {
		if i := strings.Index(low, strings.ToLower(w)); i >= 0 {
			t.Errorf("%s holds %q: …%q…", what, w, low[max(0, i-80):min(len(low), i+80)])
		}
	}
}
