package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/sensor/web"
)

// FuzzLocalPath holds that whatever a stranger writes into an address, a redirect
// to it stays on this host, as browsers read addresses and not only as Go does.
func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/", "/devices?q=ct", "//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example", "/%2f/evil.example", "/%5cevil.example", "/a#b", "/ü", "\\/x", "/..//evil", "/a:b@c"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://auscult.example:8443/login")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, p string) {
		got := web.LocalPath(p)
		if got != "/" && got != p {
			t.Errorf("%q became %q", p, got)
		}
		if web.LocalPath(got) != got {
			t.Errorf("%q is not kept", got)
		}
		to, err := base.Parse(got)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || to.User != nil {
			t.Errorf("%q leads to %v, %v", p, to, err)
		}
		// Browsers read a backslash as a slash and leave tabs and line ends out
		// (WHATWG URL standard, section 4.4).
		asBrowser := strings.NewReplacer("\\", "/", "\t", "", "\n", "", "\r", "").Replace(got)
		if strings.HasPrefix(asBrowser, "//") || !strings.HasPrefix(asBrowser, "/") || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q leads a browser to %q", p, got)
		}
	})
}

// FuzzFits holds that a search finds what its words say, in any case of letters,
// and that more words never find more.
func FuzzFits(f *testing.F) {
	f.Add("Agilia VP", "20471101", "agilia 2047")
	f.Add("MAGNETOM Vida", "ÄÖÜ", "äöü type:mr")
	f.Add("x", "00:13:38:01:02:03", "00:13:38")
	f.Add("", "", "use:in-use :: has: unit:")
	f.Fuzz(func(t *testing.T, model, serial, search string) {
		if len(search) > web.MaxSearch/2 || !utf8.ValidString(search) || len(strings.Fields(search)) > web.MaxWords/2 {
			t.Skip()
		}
		d := inventory.Device{ID: "d-1", Type: "mr", Model: model, SerialNumber: serial, Asset: &inventory.AssetView{Department: model}}
		words := strings.Fields(search)
		if got, want := web.Fits(d, search), !slices.ContainsFunc(words, func(w string) bool { return !web.Fits(d, w) }); got != want {
			t.Errorf("%q fits: %v, its words: %v", search, got, want)
		}
		for _, w := range words {
			if !strings.Contains(w, ":") && web.Fits(d, w) != plainFits(d, w) {
				t.Errorf("%q fits %+q: %v", w, []string{model, serial}, web.Fits(d, w))
			}
		}
		if ascii(search) && web.Fits(d, search) != web.Fits(d, strings.ToUpper(search)) && !strings.Contains(search, ":") {
			t.Errorf("%q and its capitals find different devices", search)
		}
	})
}

// plainFits is the same said plainly, for one word.
func plainFits(d inventory.Device, word string) bool {
	return slices.ContainsFunc([]string{d.ID, string(d.Type), d.Model, d.SerialNumber, d.Asset.Department}, func(s string) bool {
		return strings.Contains(strings.ToLower(s), strings.ToLower(word))
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
