package hl7_test

import (
	"strings"
	"testing"
)

// modelIn returns the model that a message states whose text is raw, in characters
// of MSH-18.
func modelIn(t *testing.T, charset, raw string) string {
	t.Helper()
	header := msh + "||||||" + charset
	row := `OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||S1000`
	model := `OBX|2|ST|531969^MDC_ID_MODEL_NUMBER^MDC|1.0.0.1|` + raw + `||||||R`
	got := facts(pump(t, header, row, model), "device_type")
	model, _, _ = strings.Cut(got, "serial_number=S1000")
	return strings.TrimSuffix(strings.TrimPrefix(model, "model="), " ")
}

// TestCharacterSetsOfTable0211 writes a word in each set of HL7 table 0211. The
// octets are those of the registers of the sets, written down by hand.
func TestCharacterSetsOfTable0211(t *testing.T) {
	cases := []struct{ charset, raw, want string }{
		{"ASCII", "Duo 2", "Duo 2"},
		{"8859/1", "M\xfcller", "Müller"},
		{"8859/2", "\xb3\xf3d\xbc", "łódź"},
		{"8859/3", "\xe6u", "ĉu"},
		{"8859/4", "\xbe\xe0", "žā"},
		{"8859/5", "\xbd\xd0\xe1\xde\xe1", "Насос"},
		{"8859/6", "\xc7\xe4", "ال"},
		{"8859/7", "\xc1\xed", "Αν"},
		{"8859/8", "\xf9\xec", "של"},
		{"8859/9", "\xfdl\xfe", "ılş"},
		{"8859/10", "\xfe\xe6", "þæ"},
		{"8859/13", "\xd0\xe0", "Šą"},
		{"8859/14", "\xd0\xf0", "Ŵŵ"},
		{"8859/15", "\xa4\xbd", "€œ"},
		{"8859/16", "\xaa\xba", "Șș"},
		{"ISO 8859-1", "M\xfcller", "Müller"},
		{"ISO IR6", "Duo", "Duo"},
		{"ISO IR14", "\x1b(JDuo\x1b(B", "Duo"},
		{"ISO IR13", "\xce\xdf\xdd\xcc\xdf", "ﾎﾟﾝﾌﾟ"},
		{"ISO IR87", "\x1b$B%]%s%W\x1b(B", "ポンプ"},
		{"ISO IR87", "\x1b$@%]%s%W\x1b(J 2", "ポンプ 2"},
		{"ISO IR159", "\x1b$(D0!\x1b(B", "丂"},
		{"GB 18030-2000", "\xca\xe4\xd2\xba\xb1\xc3", "输液泵"},
		{"GB 18030-2000", "\x81\x30\x81\x30", ""}, // a control: not for a name
		{"KS X 1001", "\xc6\xdf\xc7\xc1", "펌프"},
		{"BIG-5", "\xc0\xb0\xae\xfa", "幫浦"},
		{"BIG-5", "\xa5\x5c", "功"}, // its second octet looks like the escape character
		{"CNS 11643-1992", "Duo", "Duo"},
		{"CNS 11643-1992", "\x1b$)G\x0eDc\x0f", ""}, // no decoder: nothing rather than something
		{"UNICODE", "Düo", "Düo"},
		{"UNICODE UTF-8", "Düo ポ", "Düo ポ"},
		{"UNICODE UTF-16", "Düo", "Düo"}, // the octets are none of UTF-16
		{"UNICODE UTF-32", "Duo", "Duo"},
		{"UNICODE UTF-16", "D\xfco", ""},
		{"NO SUCH SET", "Duo", "Duo"},
		{"NO SUCH SET", "D\xfco", ""},
	}
	for _, c := range cases {
		if got := modelIn(t, c.charset, c.raw); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.raw, c.charset, got, c.want)
		}
	}
}

// TestSeveralCharacterSets repeats MSH-18: sets are switched by escape sequences,
// those of ISO 2022 or those of HL7.
func TestSeveralCharacterSets(t *testing.T) {
	cases := []struct{ charset, raw, want string }{
		{"~ISO IR87", "\x1b$B%]\x1b(B", "ポ"},
		{"ASCII~ISO IR87", "\x1b$B|^\x1b(B", "餧"}, // octets that look like | and ^
		{"8859/1~ISO IR87", "\xfc\x1b$B%]\x1b(Bx", "üポx"},
		{"8859/1~8859/5", "\xfc\x1b-L\xbd", "üН"},
		{"8859/1~8859/7~8859/2", "\x1b-F\xc1\x1b-B\xb3", "Αł"},
		{"ISO IR6~ISO IR13~ISO IR87", "\xce\x1b$B%]\x1b(B\xdd", "ﾎポﾝ"},
		{"~KS X 1001", "\xc6\xdf\xc7\xc1", "펌프"},
		{"ASCII~ISO IR87", "\x1b)I\x0eN\x0f2", "ﾎ2"},
		{"UNICODE UTF-8~8859/1", "ü", "ü"},
		{"8859/1", `\C2D4C\` + "\xbd" + `\C2D41\` + "\xfc", "Нü"},
		{"", `\C2D4C\` + "\xbd", "Н"},
		{"", `\M2442\%]%s%W\C2842\ 2`, "ポンプ 2"},
		{"", `\M242844\0!\C284A\`, "丂"},
		{"", `\C2949\` + "\xce", "ﾎ"},
		{"", `a\C2842\b`, "ab"},
		{"", `a\C28\b`, ""},   // too short
		{"", `a\C2ZZ2\b`, ""}, // no digits
		{"", `a\C2F2F\b`, ""}, // no set
		{"", `a\M2447\D`, ""}, // a set that nobody reads
		{"", "a\x1b$B%]", ""}, // not declared
		{"~ISO IR87", "\x1b", ""},
		{"~ISO IR87", "\x1b$", ""},
	}
	for _, c := range cases {
		if got := modelIn(t, c.charset, c.raw); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.raw, c.charset, got, c.want)
		}
	}
}

// TestEscapes resolves the sequences of HL7 2.9, section 2.7.
func TestEscapes(t *testing.T) {
	cases := []struct{ raw, want string }{
		{`a\F\b\T\c\R\d\E\e`, `a|b&c~d\e`},
		{`a\X41\b\X4243\`, "aAbBC"},
		{`a\X4\b`, ""},
		{`a\XZZ\b`, ""},
		{`\H\bold\N\`, "bold"},
		{`a\.br\b`, "a b"},
		{`a\.sp+2\b`, "a b"},
		{`a\.in4\b`, "a b"},
		{`a\.ce\b`, "a b"},
		{`a\.fi\b`, "a b"},
		{`a\Zmine\b`, ""},
		{`a\\b`, "ab"},
		{`C:\x`, `C:\x`},
	}
	for _, c := range cases {
		if got := modelIn(t, "", c.raw); got != c.want {
			t.Errorf("%q: %q, want %q", c.raw, got, c.want)
		}
	}
}
