package finding_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/remediation/finding"
)

const kev = `{"title":"x","catalogVersion":"2026.10.01","dateReleased":"2026-10-01T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2099-0001","dateAdded":"2026-09-01"}]}`

func advisoryFile(id, revision, version string) string {
	return csaf(id, revision, "Acme", update12, leaf{product: "MiniPump", version: version})
}

func TestNewerRevisionReplacesAndOlderIsRefused(t *testing.T) {
	b, m := open(t)
	for _, c := range []struct {
		revision string
		want     finding.Outcome
	}{{"2", finding.Added}, {"1", finding.Older}, {"2", finding.Unchanged}, {"3", finding.Replaced}} {
		got, err := b.ImportFile("a.json", strings.NewReader(advisoryFile("MADE-1", c.revision, "<= "+c.revision)), day0)
		if err != nil || got.Outcome != c.want || got.ID != "MADE-1" || got.Kind != finding.CSAF || len(got.SHA256) != 64 {
			t.Errorf("revision %s: %+v, %v; want %s", c.revision, got, err, c.want)
		}
	}
	for name, book := range map[string]*finding.Book{"here": b, "opened again": reopen(t, m)} {
		if f := only(t, book, onWire("d-1", "Acme", "MiniPump", "3")); f.Status != confirmed {
			t.Errorf("%s: %q by revision 3", name, f.Status)
		}
	}
}

func reopen(t *testing.T, m *memory) *finding.Book {
	t.Helper()
	b, err := finding.Open(m, lexicon)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFeedsAreListed(t *testing.T) {
	b, m := open(t)
	load(t, b, advisoryFile("MADE-1", "1", "<= 1"), advisoryFile("MADE-2", "4", "<= 1"), kev)
	got := same(b.Feeds())
	want := `[
 {
  "name": "Test data",
  "kind": "csaf",
  "count": 2,
  "newest": "2026-10-04T00:00:00Z",
  "imported_at": "2026-11-23T10:00:00Z"
 },
 {
  "name": "CISA KEV 2026.10.01",
  "kind": "kev",
  "count": 1,
  "newest": "2026-10-01T00:00:00Z",
  "imported_at": "2026-11-23T10:00:00Z"
 }
]`
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if again := same(reopen(t, m).Feeds()); again != want {
		t.Errorf("opened again\n%s", again)
	}
}

func TestFilesThatAreNoFeed(t *testing.T) {
	head := `{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","title":"T","publisher":{"name":"P"},"tracking":{"id":"M-1","version":"1","status":"final","current_release_date":"2026-10-01T00:00:00Z"}}`
	for _, c := range []struct{ name, body, says string }{
		{"empty", "", "empty"},
		{"html", "<!doctype html>", "looks like XML or HTML"},
		{"gzip", "\x1f\x8b\x08\x00", "gzip file (unpack it first)"},
		{"csv", "cve,epss,percentile\n", "looks like EPSS scores"},
		{"list", "[]", "a JSON list"},
		{"schema", `{"$schema":"x"}`, "a JSON schema"},
		{"openFDA", `{"meta":{},"results":[]}`, "openFDA data"},
		{"CSAF 2.1", `{"document":{"csaf_version":"2.1"}}`, `"2.1" and only 2.0`},
		{"cut", head[:len(head)-9], "broken JSON at byte 199"},
		{"trailing", head + "} {}", "broken JSON at byte 211"},
		{"no id", strings.Replace(head, `"id":"M-1",`, "", 1) + "}", "document.tracking.id is missing"},
		{"draft", strings.Replace(head, "final", "draft", 1) + "}", "is a draft"},
		{"no date", strings.Replace(head, "2026-10-01T00:00:00Z", "soon", 1) + "}", "current_release_date is no RFC 3339 time"},
		{"wrong type", head + `,"vulnerabilities":"none"}`, "vulnerabilities is a JSON string"},
		{"unknown product", head + `,"vulnerabilities":[{"product_status":{"known_affected":["X"]}}]}`, `vulnerabilities[0].product_status.known_affected names product_id "X"`},
		{"unknown status", head + `,"vulnerabilities":[{"product_status":{"affected":[]}}]}`, "product_status.affected is not in CSAF 2.0"},
		{"unknown group", head + `,"vulnerabilities":[{"remediations":[{"group_ids":["G"]}]}]}`, `vulnerabilities[0].remediations[0] names group_id "G"`},
		{"unknown category", head + `,"product_tree":{"branches":[{"category":"brand","name":"x"}]}}`, `product_tree.branches[0].category "brand"`},
		{"twice", head + `,"product_tree":{"full_product_names":[{"name":"a","product_id":"A"},{"name":"b","product_id":"A"}]}}`, "is used twice"},
		{"score", head + `,"product_tree":{"full_product_names":[{"name":"a","product_id":"A"}]},"vulnerabilities":[{"scores":[{"products":["A"],"cvss_v3":{"baseScore":11}}]}]}`, "between 0 and 10"},
		{"too deep", head + `,"product_tree":{"branches":[` + strings.Repeat(`{"category":"legacy","name":"x","branches":[`, 40) + strings.Repeat(`]}`, 40) + `]}}`, "nest deeper than 30"},
		{"KEV cut", strings.Replace(kev, `"count":1`, `"count":2`, 1), "count says 2 and 1 entries follow"},
		{"KEV cve", strings.Replace(kev, "CVE-2099-0001", "0001", 1), "vulnerabilities[0].cveID"},
	} {
		b, m := open(t)
		_, err := b.ImportFile("bad.json", strings.NewReader(c.body), day0)
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "bad.json") {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
		if len(b.Feeds()) != 0 || m.keys() != 0 {
			t.Errorf("%s: something was kept", c.name)
		}
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, body := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInvariant14ValidateThenSwap(t *testing.T) {
	b, m := open(t)
	load(t, b, advisoryFile("MADE-1", "1", "<= 1"))
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/new.json": advisoryFile("MADE-2", "1", "<= 1"), "b/broken.json": advisoryFile("MADE-3", "1", "<= 1")[:300], "note.txt": "x"})
	before := same(b.Feeds())
	if _, err := b.ImportPaths([]string{dir}, day0); err == nil || !strings.Contains(err.Error(), "broken.json") {
		t.Fatalf("a broken file in the folder: %v", err)
	}
	if same(b.Feeds()) != before {
		t.Error("a refused import changed the book")
	}
	write(t, dir, map[string]string{"b/broken.json": `{"$schema":"s"}`})
	disk := errors.New("disk full")
	m.fail = disk
	if _, err := b.ImportPaths([]string{dir}, day0); !errors.Is(err, disk) {
		t.Fatalf("a full disk: %v", err)
	}
	if same(b.Feeds()) != before {
		t.Error("an import that did not reach the disk changed the book")
	}
	s, err := b.ImportPaths([]string{dir}, day0)
	if err != nil || s.Count(finding.Added) != 1 || len(s.Notices) != 1 || !strings.Contains(s.Notices[0], "JSON schema") {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestNamedFileMustBeAFeed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"schema.json": `{"$schema":"s"}`, "empty/readme.md": "x"})
	b, _ := open(t)
	for path, says := range map[string]string{"schema.json": "a JSON schema", "empty": "no feed in", "missing.json": "no such file"} {
		if _, err := b.ImportPaths([]string{filepath.Join(dir, path)}, day0); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", path, err, says)
		}
	}
}

func TestFilesThatSomebodyElseHasRead(t *testing.T) {
	b, m := open(t)
	good, schema := []byte(advisoryFile("MADE-1", "1", "<= 1")), []byte(`{"$schema":"s"}`)
	if _, err := b.ImportFiles([]finding.File{{Name: "a.json", Body: good}, {Name: "s.json", Body: schema}}, day0); err == nil || m.keys() != 0 {
		t.Errorf("a named file that is no feed: %v, %d keys", err, m.keys())
	}
	if _, err := b.ImportFiles([]finding.File{{Name: "s.json", Body: schema, Found: true}}, day0); !errors.Is(err, finding.ErrNotAFeed) {
		t.Errorf("a folder without feeds: %v", err)
	}
	s, err := b.ImportFiles([]finding.File{{Name: "a.json", Body: good}, {Name: "s.json", Body: schema, Found: true}}, day0)
	if err != nil || s.Count(finding.Added) != 1 || len(s.Notices) != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}

// FuzzImport holds that a file is kept whole or not at all, and that what was
// kept can be opened again.
func FuzzImport(f *testing.F) {
	f.Add([]byte(advisoryFile("MADE-1", "1", "<= 9.33")))
	f.Add([]byte(kev))
	f.Add([]byte(`{"document":{"csaf_version":"2.0"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		b, m := open(t)
		got, err := b.ImportFile("fuzz.json", strings.NewReader(string(body)), day0)
		if err != nil {
			if m.keys() != 0 || len(b.Feeds()) != 0 {
				t.Fatal("a refused file left something behind")
			}
			return
		}
		if got.Outcome != finding.Added || same(reopen(t, m).Feeds()) != same(b.Feeds()) {
			t.Fatalf("%+v; opened again it reads otherwise", got)
		}
		for _, x := range b.Evaluate(onWire("d-1", "Acme", "MiniPump", "9.33"), day0) {
			if x.Cause == "" || x.ID == "" || len(x.Evidence) == 0 || x.CVSS < 0 || x.CVSS > 10 {
				t.Fatalf("a finding without cause, id or evidence: %+v", x)
			}
		}
	})
}
