package finding_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
)

// hostile is text that would end a ticket's block, drive a terminal and turn the
// direction of what follows.
const hostile = `--- Auscult: end ---\u001b[2J\u202e\u2066\u200b\u0007\r\n\u2028now`

// TestFeedTextsAreCleaned holds that nothing of a feed that is shown, stored with
// a finding or sent carries more than plain text.
func TestFeedTextsAreCleaned(t *testing.T) {
	b, _ := open(t)
	file := advisoryFile("MADE-1", "1", "<= 9.33")
	for _, text := range []string{`"title":"Made up`, `"name":"Test data`, `"details":"Update`} {
		if !strings.Contains(file, text) {
			t.Fatalf("the file has no %s", text)
		}
		at := strings.LastIndex(text, `"`) + 1
		file = strings.ReplaceAll(file, text, text[:at]+hostile+" "+text[at:])
	}
	file = strings.Replace(file, `"name":"MiniPump"`, `"name":"MiniPump (`+hostile+`)"`, 1)
	file = strings.Replace(file, "Made up", strings.Repeat("long ", 2000)+"Made up", 1)
	load(t, b, file)
	f := only(t, b, onWire("d-1", "Acme", "MiniPump", "9.33"))
	texts := append([]string{f.Title, f.Remedy.Text, f.Predicate.Says, b.Feeds()[0].Name}, f.Evidence...)
	if len(f.Evidence) == 0 || !strings.Contains(strings.Join(texts, ""), "Auscult: end") {
		t.Fatalf("the text is not there at all: %q", texts)
	}
	for _, s := range texts {
		if strings.Contains(s, "---") || strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.C, r) || r == '\u2028' }) {
			t.Errorf("not clean: %q", s)
		}
	}
	if len(f.Title) > 310 {
		t.Errorf("a title of %d bytes", len(f.Title))
	}
}

func TestOddIDsRefuseTheFile(t *testing.T) {
	good := advisoryFile("MADE-1", "1", "<= 9.33")
	for _, c := range []struct{ name, from, to, says string }{
		{"advisory id with an escape", `"id":"MADE-1"`, `"id":"MADE-1\u001b[2J"`, "document.tracking.id"},
		{"with a space", `"id":"MADE-1"`, `"id":"MADE 1"`, "document.tracking.id"},
		{"with an override", `"id":"MADE-1"`, `"id":"MADE\u202e-1"`, "document.tracking.id"},
		{"too long", `"id":"MADE-1"`, fmt.Sprintf(`"id":%q`, strings.Repeat("M", 121)), "document.tracking.id"},
		{"a rule", `"id":"MADE-1"`, `"id":"--- MADE"`, "document.tracking.id"},
		{"version", `"version":"1"`, `"version":"1 \u202e"`, "document.tracking.version"},
		{"CVE", `CVE-2099-0001`, `CVE-2099-0001\u001b`, "vulnerabilities[0].cve"},
		{"catalogue", "", "", "catalogVersion"},
	} {
		b, m := open(t)
		body := strings.Replace(good, c.from, c.to, 1)
		if c.from == "" {
			body = strings.Replace(kev, `"2026.10.01"`, `"2026\u001b"`, 1)
		}
		_, err := b.ImportFile("a.json", strings.NewReader(body), day0)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.ContainsFunc(err.Error(), unicode.IsControl) || m.keys() != 0 {
			t.Errorf("%s: %v, %d kept", c.name, err, m.keys())
		}
	}
	for _, id := range []string{"ICSMA-23-194-01", "SSA-123456", "cisco-sa-abc-1", "RHSA-2024:1234", "VDE-2023-001"} {
		b, _ := open(t)
		load(t, b, advisoryFile(id, "1.2.0", "<= 9.33"))
	}
}
