package finding_test

import (
	"testing"

	"github.com/auscult/auscult/remediation/finding"
)

func TestVersionsCompareByComponent(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"9.33", "12.1", "less"},
		{"9.33", "9.33", "equal"},
		{"9.33", "9.33.0", "equal"},
		{"9.33.1", "9.33", "extends"},
		{"9.33", "9.33.1", "shortens"},
		{"V3.51*P25", "v3.51*P25", "equal"},
		{"V3.51*P26", "V3.51*P25", "greater"},
		{"V3.52", "V3.51*P25", "greater"},
		{"L.01.18", "N", "less"},
		{"M.04", "L.01.18", "greater"},
		{"N.00.05", "N", "extends"},
		{"00-22", "0.22", "equal"},
		{"2.6A", "2.6", "extends"},
		{"2.6A", "2.7A", "less"},
		{"BT06", "BT03", "greater"},
		{"BT06", "SV20", "incomparable"},
		{"4.1", "R4.1", "incomparable"},
		{"1.0-beta", "1.0", "less"},
		{"5.17.1-754993421", "5.17.1-754993422", "less"},
		{"012U000040", "012U000061", "less"},
		{"12.1.2", "12.X", "equal"},
		{"13.1", "12.X", "greater"},
		{"1.8.4 Service Pack 01", "1.8.4 SP1", "equal"},
		{"99999999999999999999999", "99999999999999999999998", "greater"},
		{"august 28", "1.0", "unreadable"},
		{"with wireless option", "1.0", "unreadable"},
		{"", "1.0", "unreadable"},
	} {
		if got := finding.Relation(c.a, c.b); got != c.want {
			t.Errorf("%q against %q: %s, want %s", c.a, c.b, got, c.want)
		}
	}
}

// The texts are forms that real advisories use; the versions are made up.
func TestVersionTexts(t *testing.T) {
	for _, c := range []struct{ text, version, want string }{
		{"<= 9.33", "9.33", "inside"},
		{"<= 9.33", "9.5", "inside"},
		{"<= 9.33", "12.1.2", "outside"},
		{"<= 9.33", "9.33.1", "unclear"}, // "9.33 and prior" may mean the branch
		{"<=12.1.3", "12.3.1", "outside"},
		{"< 8.2.2", "8.2.2", "outside"},
		{"< 8.2.2", "8.2", "inside"},
		{">= 4.01 | <= 4.34", "4.20", "inside"}, // AND
		{">= 4.01 | <= 4.34", "4.35", "outside"},
		{">= 4.01 | <= 4.34", "3.9", "outside"},
		{"5.0|5.1", "5.1", "inside"}, // OR
		{"5.0|5.1", "5.2", "outside"},
		{"5.0|5.1", "5.1.7", "unclear"},
		{">= 1.0.0 | <= 1.3.1 | >= 2.0 | <= 2.2", "2.1", "inside"},
		{">= 1.0.0 | <= 1.3.1 | >= 2.0 | <= 2.2", "1.9", "outside"},
		{">=2.0 <3.0", "2.5", "inside"},
		{">=2.0 <3.0", "3.0", "outside"},
		{"vers:all/*", "RTNC1", "inside"},
		{"vers:generic/>=1.0|<2.0|!=1.5", "1.4", "inside"},
		{"vers:generic/>=1.0|<2.0|!=1.5", "1.5", "outside"},
		{"*", "1", "inside"},
		{"All versions", "1", "inside"},
		{"8.8, 9.5, 9.7, 12.1", "9.5", "inside"},
		{"8.8, 9.5, 9.7, 12.1", "9.6", "outside"},
		{"9.13 | 9.19 | 9.33 | 12.1", "12.1.2", "unclear"},
		{"9.13 | 9.19 | 9.33 | 12.1", "12.3.1", "outside"},
		{"Versions 9.13 9.19 9.33 and 12.1", "9.19", "inside"},
		{"(Release 1.3.2 1.4.0 1.4.1)", "1.4.0", "inside"},
		{"2.X", "2.17", "inside"},
		{"2.X", "3.1", "outside"},
		{"14.1.x", "14.2", "outside"},
		{"< 3.x", "2.9", "inside"},
		{"< 3.x", "3.1", "outside"},
		{"<= 12.2.x.x", "12.2.8.0", "inside"},
		{"<= 12.2.x.x", "12.3", "outside"},
		{"Rev B-M", "L.01", "inside"},
		{"Rev B-M", "N.01", "outside"},
		{"Rev B-M", "Rev C", "inside"},
		{"<=N", "L.01.18", "inside"},
		{"<=N", "P.00", "outside"},
		{"<=N", "N.00.05", "unclear"},
		{"<= V3.51*P25", "V3.51*P25", "inside"},
		{"<= V3.51*P25", "V3.52", "outside"},
		{"Versions 9.33 and prior", "9.19", "inside"},
		{"versions 9.33 and earlier", "12.1", "outside"},
		{"2.3.6 and  below", "2.3.5", "inside"},
		{"Version 3.0.0.0 and previous versions", "3.0.0.1", "outside"},
		{"all versions prior to 3.0", "2.9", "inside"},
		{"all versions prior to 3.0", "3.0", "outside"},
		{"All Versions 2.0 and later", "2.1", "inside"},
		{"All Versions 2.0 and later", "1.9", "outside"},
		{"all versions up to 7.6.2", "7.6.2", "inside"},
		{"versions 1.1 to 1.3.2", "1.2", "inside"},
		{"versions 2.5 through 3.11", "3.12", "outside"},
		{"2.0 - 3.0", "2.5", "inside"},
		{"A10 < A11", "A10", "inside"},
		{"A10 < A11", "A09", "outside"},
		{"A.01 <= C.0x | 4.0", "B.12", "inside"},
		{"A.01 <= C.0x | 4.0", "D.00", "unclear"}, // two schemes in one text
		{"4.20 | 4.20 SR1 | 4.30", "4.20 SR1", "inside"},
		{"1.3.1 Build 13", "1.3.1 Build 13", "inside"},
		{"<=2023.3_Build_9342", "2023.2", "inside"},
		{"HD 16 | HD23", "HD23", "inside"},
		// What cannot be read, or what a version does not answer, is never silence.
		{"< august 28", "1.0", "unclear"},
		{"<  july 1 2017", "1.0", "unclear"},
		{"distributed  < april 1, 2018", "1.0", "unclear"},
		{"2nd Edition", "1.0", "unclear"},
		{"with wireless option (shipped between 26-June-2017 through 07-August 2018)", "1.0", "unclear"},
		{"24950 | 24952", "1.0", "unclear"}, // models, not versions
		{"v8.x (with Battery Modules v17)", "8.2", "unclear"},
		{"v8.x (with Battery Modules v17)", "9.2", "outside"},
		{"<=11.2 on Windows 8.1", "11.1", "unclear"},
		{"<=11.2 on Windows 8.1", "11.3", "outside"},
		{"2.X (Impacted by CVE-2099-1111 and CVE-2099-2222)", "2.1", "inside"},
		{"BT03", "4.2", "unclear"},
	} {
		if got := finding.Verdict(c.text, c.version); got != c.want {
			t.Errorf("%q in %q: %s, want %s", c.version, c.text, got, c.want)
		}
	}
}

// FuzzVersionTexts holds what must be true of any text and version: a bound that
// includes itself does, one that excludes itself does not, and no text that is
// neither read nor a wildcard answers "inside".
func FuzzVersionTexts(f *testing.F) {
	for _, s := range []string{"9.33", "V3.51*P25", "L.01.18", "2.X", "5.0|5.1", ">= a | <= b", "x and prior", "vers:all/*", "Rev B-M", "(())", "≤ 3"} {
		f.Add(s, "12.1.2")
	}
	f.Fuzz(func(t *testing.T, text, version string) {
		got := finding.Verdict(text, version)
		if again := finding.Verdict(text, version); again != got {
			t.Fatalf("%q in %q: %s, then %s", version, text, got, again)
		}
		if got == "unreadable" || finding.Relation(version, version) != "equal" {
			return
		}
		for _, c := range []struct{ bound, never string }{{"<= ", "outside"}, {">= ", "outside"}, {"< ", "inside"}, {"> ", "inside"}} {
			if !plainVersion(version) {
				break
			}
			if v := finding.Verdict(c.bound+version, version); v == c.never {
				t.Fatalf("%q in %q is %s", version, c.bound+version, v)
			}
		}
		back := map[string]string{"less": "greater", "greater": "less", "equal": "equal", "extends": "shortens", "shortens": "extends", "incomparable": "incomparable"}
		rel := finding.Relation(version, "12.1.2")
		if other := finding.Relation("12.1.2", version); plainVersion(version) && other != back[rel] {
			t.Fatalf("%q to 12.1.2 is %s and back %s", version, rel, other)
		}
	})
}

// plainVersion tells versions of digits, capitals and points: no text of them is
// a word of the grammar or a wildcard.
func plainVersion(s string) bool {
	if s == "" || s[0] == '.' || s[len(s)-1] == '.' {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'M') && r != '.' {
			return false
		}
	}
	return true
}
