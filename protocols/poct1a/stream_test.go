package poct1a_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/poct1a"
)

// TestDocuments reads one meter's greeting, however it is written.
func TestDocuments(t *testing.T) {
	plain := hello("90000007")
	long := strings.Repeat("x", 3<<20)
	cases := map[string]string{
		"plain":                      plain,
		"declaration":                `<?xml version="1.0" encoding="UTF-8"?>` + plain,
		"byte order mark, line ends": "\xef\xbb\xbf\r\n" + strings.ReplaceAll(plain, "><", ">\r\n\t<"),
		"comments":                   "<!-- <HEL.R01> -->" + strings.ReplaceAll(plain, "<DEV>", "<!-- a > b ---><DEV>"),
		"single quotes":              strings.ReplaceAll(plain, `"`, `'`),
		"space in tags":              strings.NewReplacer(`"/>`, `"   / >`, ` V=`, "\n  V = ").Replace(plain),
		"other attributes":           strings.ReplaceAll(plain, ` V=`, ` SN="V" SV="1" DN="VV" V=`),
		"values as text":             asText(plain),
		"processing instruction":     strings.ReplaceAll(plain, "<DEV>", "<?v > ??><DEV>"),
		"CDATA that is not read":     strings.ReplaceAll(plain, "<DCP>", "<DCP><x><![CDATA[</HEL.R01>]]]></x>"),
		"references":                 strings.ReplaceAll(plain, "GlucoTest 7", "Gluco&#84;est&#x20;7"),
		"a value of three mebibytes": strings.ReplaceAll(plain, "<DCP>", `<DCP.x V="`+long+`">`+long+`</DCP.x><DCP>`),
		"unknown elements":           strings.ReplaceAll(plain, "<DEV>", `<DEV><XYZ.serial_id V="CANARY"/><DEV.colour V="CANARY"/>`),
		"the first value counts":     strings.ReplaceAll(plain, "</DEV>", `<DEV.serial_id V="99999999"/></DEV>`),
		"an end of another name":     strings.ReplaceAll(plain, "</HDR>", "</HRD>"),
		"escape before":              "\x1b" + plain,
		"twice without a gap":        plain + plain,
	}
	for name, text := range cases {
		h := listen(0, forward(text))
		if h.Get(protocols.AboutDescribed, protocols.SerialNumber) != "90000007" || h.Get(protocols.AboutDescribed, protocols.Model) != "GlucoTest 7" || h.Counted(protocols.Parsed) == 0 || h.Refused > 0 {
			t.Errorf("%s:\n%s", name, h.Print())
		}
		if len(text) > 100_000 {
			continue
		}
		for at := range len(text) {
			if two := listen(0, forward(text[:at]), forward(text[at:])); two.Print() != h.Print() {
				t.Fatalf("%s, split at %d:\n%s\nwhole\n%s", name, at, two.Print(), h.Print())
			}
		}
	}
}

// asText moves values from the attribute V into the element.
func asText(s string) string {
	parts := strings.Split(s, "<")
	for i, p := range parts {
		name, v, found := strings.Cut(p, ` V="`)
		if v, _, closed := strings.Cut(v, `"/>`); found && closed {
			parts[i] = name + ` V="">` + v + "</" + name + ">"
		}
	}
	return strings.Join(parts, "<")
}

// TestBadInput: nothing is stated, the reason is counted, and the next document is
// read.
func TestBadInput(t *testing.T) {
	cut := hello("90000001")
	cases := []struct {
		name, text string
		want       protocols.Outcome
	}{
		{"a bomb", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + hello("&b;"), protocols.LimitReached},
		{"a declaration inside", strings.Replace(cut, "<DEV>", "<!ELEMENT x><DEV>", 1), protocols.LimitReached},
		{"too deep", strings.Replace(cut, "<DEV>", strings.Repeat("<x>", 20)+"<DEV>", 1), protocols.LimitReached},
		{"too many attributes", strings.Replace(cut, "<DEV>", "<DEV"+strings.Repeat(` a="1"`, 20)+">", 1), protocols.LimitReached},
		{"a long name", strings.Replace(cut, "<DEV>", "<"+strings.Repeat("x", 100)+">", 1), protocols.LimitReached},
		{"a long attribute", strings.Replace(cut, "<DEV>", "<DEV "+strings.Repeat("x", 100)+`="1">`, 1), protocols.LimitReached},
		{"endless text", "<HEL.R01>" + strings.Repeat("x", 17<<20), protocols.LimitReached},
		{"cut by the next", cut[:strings.Index(cut, "<DEV.serial_id")], protocols.Truncated},
		{"cut in a value", cut[:strings.Index(cut, "GlucoTest")+3], protocols.Malformed},
		{"cut behind a tag's name", cut[:strings.Index(cut, "serial_id")+10], protocols.Malformed},
		{"cut in a tag", cut[:strings.Index(cut, "serial_id")], protocols.Malformed},
		{"no quotes", strings.Replace(cut, `V="GlucoTest 7"`, "V=7", 1), protocols.Malformed},
		{"ends too early", strings.Replace(cut, "<DEV>", "</HDR></HDR><DEV>", 1), protocols.Malformed},
		{"another language", "<Envelope><Body/></Envelope>", protocols.Unsupported},
		{"text", "hello\r\n", protocols.Malformed},
	}
	for _, c := range cases {
		h := listen(0, forward(c.text+hello("90000007")))
		if h.Get(protocols.AboutDescribed, protocols.SerialNumber) != "90000007" && c.name != "a bomb" || h.Counted(c.want) != 1 {
			t.Errorf("%s: want one %s and the document behind it\n%s", c.name, c.want, h.Print())
		}
		if small := listen(1, forward(c.text[:min(len(c.text), 10_000)])); len(c.text) < 10_000 && small.Print() != listen(0, forward(c.text)).Print() {
			t.Errorf("%s, octet by octet:\n%s", c.name, small.Print())
		}
	}
	// What is found while looking for the next document is read: the bomb did not go off.
	h := listen(0, forward(cases[0].text))
	if got := h.Get(protocols.AboutDescribed, protocols.SerialNumber) + h.Get(protocols.AboutSpeaker, protocols.SerialNumber); got != "" {
		t.Errorf("an entity became %q", got)
	}
}

// TestGaps: a document with a hole states nothing, the next one is found, and the
// end of one whose beginning was missed says that such a document was sent.
func TestGaps(t *testing.T) {
	first, second := hello("90000001"), hello("90000007")
	for at := range len(first) {
		h := &heard{}
		out := h.Sink(protocols.POCT1A)
		s := poct1a.New().Open(protocols.Context{})
		s.Segment(segment(forward(first[:at])), out)
		s.Gap(protocols.FromOpener, 1, out)
		s.Segment(segment(forward(first[at+1:]+second)), out)
		s.Close(out)
		if h.Get(protocols.AboutDescribed, protocols.SerialNumber) != "90000007" || h.Counted(protocols.Resynchronised) != 1 {
			t.Fatalf("hole at %d:\n%s", at, h.Print())
		}
	}
	for _, at := range []int{40, 200, 400} {
		h := play(protocols.Context{Midstream: true}, 0, forward(observation(now, now)[at:]))
		if h.Get(protocols.AboutSpeaker, protocols.RoleOf) != string(protocols.RolePOCT1AClient) || strings.Contains(h.Texts(), "CANARY") {
			t.Errorf("joined at %d:\n%s", at, h.Print())
		}
	}
}
