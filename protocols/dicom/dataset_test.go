package dicom_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// equipment is a data set with every element that is stated, and what surrounds
// them in real objects.
func equipment() []element {
	return []element{
		el(0x00080005, "CS", "ISO_IR 100"),
		el(0x00080008, "CS", `ORIGINAL\PRIMARY\AXIAL`),
		el(0x00080016, "UI", ctStorage),
		el(0x00080018, "UI", "1.2.99.1"),
		el(0x00080055, "AE", "CT01 "),
		el(0x00080060, "CS", "CT"),
		el(0x00080070, "LO", "ACME Medizintechnik M\xfcnchen"),
		el(0x00080080, "LO", "General Hospital"),
		el(0x00081010, "SH", "CT01-CONSOLE"),
		el(0x00081040, "LO", "Radiology"),
		el(0x00081090, "LO", "Scanmaster 9"),
		sequence(0x00081140, true, []element{el(0x00081150, "UI", ctStorage), el(0x00081155, "UI", "1.2.99.2")}),
		el(0x00090010, "LO", "ACME PRIVATE"),
		el(0x00091001, "UN", strings.Repeat("x", 70)),
		el(0x00100010, "PN", "ZZCANARY^PATIENT"),
		el(0x00181000, "LO", "SN-4711"),
		el(0x00181002, "UI", "1.2.3.4.5"),
		el(0x00181003, "LO", "RAD-3"),
		sequence(0x0018100A, false, []element{el(0x00181009, "UT", "(01)00889842000000(21)SN-4711")}),
		el(0x00181016, "LO", "Grabber Inc"),
		el(0x00181018, "LO", "GR-1"),
		el(0x00181019, "LO", "2.1"),
		el(0x00181020, "LO", `syngo X 1.2\recon 7`),
		el(0x00181200, "DA", `20240102\20251130`),
		el(0x00181201, "TM", "101500"),
		el(0x0020000D, "UI", "1.2.99.3"),
		el(0x00280010, "US", us(512)),
	}
}

const equipmentLine = "opener on referenced: manufacturer=ACME Medizintechnik München; model=Scanmaster 9; serial_number=SN-4711; " +
	"software_version=syngo X 1.2; software_version=recon 7; udi=(01)00889842000000(21)SN-4711; device_uid=1.2.3.4.5; " +
	"station_name=CT01-CONSOLE; ae_title=CT01; modality=CT; label=RAD-3; department=Radiology; institution=General Hospital; " +
	"calibrated=2025-11-30; secondary_manufacturer=Grabber Inc; secondary_model=GR-1; secondary_software=2.1; device_type=sop:" + ctStorage

func pixels(n int) element { return el(0x7FE00010, "OW", strings.Repeat("\x04\x00\x00\x00", n/4)) }

func encapsulated(n int) element {
	return element{tag: 0x7FE00010, vr: "OB", undefined: true, fragments: []string{"", strings.Repeat("\xff\xd8", n/2)}}
}

// TestImageTransferSyntaxes stores one object in every encoding, in fragments
// and segments that cut headers and values.
func TestImageTransferSyntaxes(t *testing.T) {
	for _, tt := range []struct {
		transfer string
		picture  element
	}{
		{implicit, pixels(5000)}, {explicit, pixels(5000)}, {bigEndian, pixels(5000)}, {deflate, pixels(5000)},
		{jpeg, encapsulated(5000)}, {gePrivate, pixels(5000)}, {papyrus, pixels(5000)},
	} {
		data := dataset(tt.transfer, append(equipment(), tt.picture)...)
		for _, size := range []int{1, 13, 100, whole} {
			steps := append(associated(ctStorage, tt.transfer), says(opener, storeRQ(1), fragments(1, lastData, data, size)), says(acceptor, storeRSP(1, 0)))
			for _, segment := range []int{1, 1460} {
				r := run(protocols.Context{}, segment, steps...)
				wantLines(t, r.lines()[2:], []string{"opener on speaker: role=dicom-store-scu", equipmentLine, "acceptor on speaker: role=dicom-store-scp", "acceptor on speaker: role=dicom-receiver"})
				wantOutcome(t, r, protocols.Parsed, 4)
				if r.refused != 0 {
					t.Errorf("%d facts were refused", r.refused)
				}
			}
		}
	}
}

// TestImageSyntaxUnknown has no acceptance: a single proposal is taken, and
// otherwise the octets tell.
func TestImageSyntaxUnknown(t *testing.T) {
	els := []element{el(0x00080005, "CS", "ISO_IR 100"), el(0x00080070, "LO", "ACME"), el(0x00100010, "PN", "ZZ"), el(0x00281020, "US", us(1))}
	const want = "opener on referenced: manufacturer=ACME; device_type=sop:" + ctStorage
	for _, tt := range []struct {
		name     string
		proposed []string
		transfer string
		want     []string
		outcome  protocols.Outcome
	}{
		{"OK one proposal", []string{bigEndian}, bigEndian, []string{want}, protocols.Parsed},
		{"OK one proposal, deflated", []string{deflate}, deflate, []string{want}, protocols.Parsed},
		{"OK told implicit", []string{explicit, implicit}, implicit, []string{want}, protocols.Parsed},
		{"OK told explicit", []string{explicit, implicit}, explicit, []string{want}, protocols.Parsed},
		{"OK told big endian", []string{explicit, bigEndian}, bigEndian, []string{want}, protocols.Parsed},
		{"OK told without any proposal", nil, explicit, []string{want}, protocols.Parsed},
		{"unsupported: deflated among others", []string{explicit, deflate}, deflate, []string{}, protocols.Unsupported},
	} {
		t.Run(tt.name, func(t *testing.T) {
			steps := []step{says(opener, storeRQ(5), pdata(pdv(5, lastData, dataset(tt.transfer, els...))))}
			if tt.proposed != nil {
				steps = slices.Insert(steps, 0, says(opener, request("A", "B", proposal{5, ctStorage, tt.proposed})))
			}
			r := play(steps...)
			wantLines(t, only(r.lines(), "referenced"), tt.want)
			if r.outcomes[tt.outcome] == 0 {
				t.Errorf("outcomes %v, want %v", r.outcomes, tt.outcome)
			}
		})
	}
}

// TestImageNesting keeps what stands inside sequences away from the top level.
func TestImageNesting(t *testing.T) {
	nested := []element{el(0x00080070, "LO", "NESTED MAKER"), el(0x00081090, "LO", "NESTED MODEL"), el(0x00181000, "LO", "NESTED-1"), el(0x00181009, "UT", "NESTED-UDI")}
	deep := []element{sequence(0x00081199, true, nested, nested), sequence(0x0008119A, false, nested)}
	for _, transfer := range []string{implicit, explicit, bigEndian} {
		for _, undefined := range []bool{false, true} {
			els := []element{
				sequence(0x00080051, undefined, nested, deep),
				el(0x00081090, "LO", "TOP"),
				sequence(0x00081115, undefined, deep, nil, nested),
				sequence(0x00089215, undefined),
				{tag: 0x00091010, vr: "UN", items: [][]element{nested}, undefined: true},
				{tag: 0x00091011, vr: "OB", undefined: true, fragments: []string{"\x08\x00\x70\x00", "ab"}},
				sequence(0x0018100A, undefined, []element{el(0x00181009, "UT", "UDI-1"), sequence(0x0018100B, undefined, nested)}, []element{el(0x00181009, "UT", "UDI-2")}),
				sequence(0x0018A001, undefined, nested), // contributing equipment
				el(0x00200010, "SH", "X"),
			}
			if transfer == implicit {
				els = slices.Delete(els, 4, 6) // those need a representation
			}
			data := dataset(transfer, els...)
			for _, size := range []int{1, whole} {
				_, got := after(ctStorage, transfer, says(opener, storeRQ(1), fragments(1, lastData, data, size)))
				wantLines(t, only(got, "referenced"), []string{"opener on referenced: model=TOP; udi=UDI-1; udi=UDI-2; device_type=sop:" + ctStorage})
			}
		}
	}
}

// TestImageDamaged states nothing of a data set that breaks its own rules.
func TestImageDamaged(t *testing.T) {
	maker := el(0x00080070, "LO", "ACME")
	good := dataset(explicit, el(0x00080005, "CS", "ISO_IR 100"), maker)
	tail := dataset(explicit, el(0x00280010, "US", us(1)))
	enc := encoderOf(explicit)
	item := func(n uint32) []byte { return enc.delimiter(nil, 0xFFFEE000, n) }
	for _, tt := range []struct {
		name string
		data []byte
		want protocols.Outcome
	}{
		{"OK", nil, protocols.Parsed},
		{"bad value representation", []byte{0x08, 0, 0x90, 0x10, '?', '?', 2, 0}, protocols.Malformed},
		{"bad order of elements", dataset(explicit, el(0x00080060, "CS", "CT")), protocols.Malformed},
		{"bad repeated element", dataset(explicit, maker), protocols.Malformed},
		{"bad item outside a sequence", item(4), protocols.Malformed},
		{"bad text of undefined length", enc.header(nil, 0x00081090, "UC", 0xFFFFFFFF), protocols.Malformed},
		{"OK no sequence where one is wanted", dataset(explicit, el(0x0018100A, "LO", "text")), protocols.Parsed},
		{"bad item longer than its sequence", slices.Concat(enc.header(nil, 0x0018100A, "SQ", 10), item(200)), protocols.Malformed},
		{"bad element longer than its item", slices.Concat(enc.header(nil, 0x0018100A, "SQ", 18), item(10),
			enc.header(nil, 0x00181000, "LO", 4)), protocols.Malformed},
		{"bad element where an item is due", slices.Concat(enc.header(nil, 0x0018100A, "SQ", 0xFFFFFFFF), good), protocols.Malformed},
		{"bad end of an item that has a length", slices.Concat(enc.header(nil, 0x0018100A, "SQ", 0xFFFFFFFF), item(30),
			enc.delimiter(nil, 0xFFFEE00D, 0)), protocols.Malformed},
		{"too deep", slices.Concat(enc.header(nil, 0x00081110, "SQ", 0xFFFFFFFF),
			slices.Repeat(slices.Concat(item(0xFFFFFFFF), enc.header(nil, 0x00081110, "SQ", 0xFFFFFFFF)), 20)), protocols.LimitReached},
		{"too many elements", slices.Concat(enc.header(nil, 0x00081110, "SQ", 0xFFFFFFFF), slices.Repeat(item(0), 9000)), protocols.LimitReached},
		{"too many values", slices.Concat(enc.header(nil, 0x0018100A, "SQ", 0xFFFFFFFF), item(0xFFFFFFFF),
			slices.Repeat(dataset(explicit, el(0x00181009, "UT", "x")), 60)), protocols.LimitReached},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := slices.Concat(good, tt.data, tail)
			for _, size := range []int{3, whole} {
				r, got := after(ctStorage, explicit, says(opener, storeRQ(1), fragments(1, lastData, data, size)))
				stated := len(only(got, "manufacturer=ACME")) == 1
				if stated != (tt.want != protocols.Malformed) {
					t.Errorf("stated %q", got)
				}
				if n := map[bool]int{true: 3, false: 1}[tt.want == protocols.Parsed]; r.outcomes[tt.want] != n {
					t.Errorf("outcomes %v, want %v", r.outcomes, tt.want)
				}
			}
		})
	}
}

// TestImageCutShort ends the data set inside an element that is not yet known to
// be complete.
func TestImageCutShort(t *testing.T) {
	data := dataset(explicit, el(0x00080070, "LO", "ACME"), el(0x00081090, "LO", "Scanmaster"))
	for n := range data {
		r, got := after(ctStorage, explicit, says(opener, storeRQ(1), pdata(pdv(1, lastData, data[:n]))))
		complete := n == 0 || n == 12 // between elements
		if complete != (r.outcomes[protocols.Malformed] == 0) {
			t.Errorf("cut at %d: outcomes %v", n, r.outcomes)
		}
		if len(only(got, "Scan")) != 0 || n != 12 && len(only(got, "ACME")) != 0 {
			t.Errorf("cut at %d: stated %q", n, got)
		}
	}
}

// TestDeflatedBounds packs what unpacks to far more, and cuts a good one.
func TestDeflatedBounds(t *testing.T) {
	maker := el(0x00080070, "LO", "ACME")
	bomb := dataset(deflate, maker, el(0x00091001, "UN", strings.Repeat("\x00", 64<<20)))
	long := dataset(deflate, maker, el(0x00181000, "LO", "1"), el(0x00200000, "UN", "x"), el(0x7FE00010, "OB", string(noise(100_000))))
	broken := slices.Clone(dataset(deflate, maker, el(0x00181000, "LO", "12345")))
	broken[0] = 0x07 // reserved block type
	for _, tt := range []struct {
		name  string
		data  []byte
		want  protocols.Outcome
		facts bool
	}{
		{"limit: unpacks without end", bomb, protocols.LimitReached, true},
		{"OK only its head is read", long, protocols.Parsed, true},
		{"bad blocks", broken, protocols.Malformed, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, got := after(ctStorage, deflate, says(opener, storeRQ(1), fragments(1, lastData, tt.data, 4096)))
			if stated := len(only(got, "manufacturer=ACME")) == 1; stated != tt.facts {
				t.Errorf("stated %q", got)
			}
			if r.outcomes[tt.want] == 0 || r.kept > maxKept+(16<<10) {
				t.Errorf("outcomes %v, held %d octets", r.outcomes, r.kept)
			}
		})
	}
}

// noise is incompressible and the same every time.
func noise(n int) []byte {
	b, x := make([]byte, n), uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func TestImageCharacterSets(t *testing.T) {
	for _, tt := range []struct{ name, term, value, want string }{
		{"OK default repertoire", "", "ACME", "ACME"},
		{"bad octets without a character set", "", "M\xfcnchen", ""},
		{"OK Latin 1", "ISO_IR 100", "M\xfcnchen", "München"},
		{"OK Latin 2", "ISO_IR 101", "\xa3\xf3d\xbc", "Łódź"},
		{"OK Latin 9", "ISO_IR 203", "\xa4", "€"},
		{"OK Cyrillic", "ISO_IR 144", "\xbc\xbe\xc1\xba\xb2\xb0", "МОСКВА"},
		{"OK Latin 3", "ISO_IR 109", "\xa6", "Ĥ"},
		{"OK Latin 4", "ISO_IR 110", "\xbf", "ŋ"},
		{"OK Latin 5", "ISO_IR 148", "\xdd", "İ"},
		{"OK Arabic", "ISO_IR 127", "\xe5", "م"},
		{"OK Hebrew", "ISO_IR 138", "\xe0", "א"},
		{"OK katakana and Latin", "ISO_IR 13", "A\xcb", "Aﾋ"},
		{"bad katakana", "ISO_IR 13", "\xff", ""},
		{"OK Greek", "ISO_IR 126", "\xc1\xe8\xde\xed\xe1", "Αθήνα"},
		{"OK Thai", "ISO_IR 166", "\xe4\xb7\xc2", "ไทย"},
		{"OK UTF-8", "ISO_IR 192", "東京病院", "東京病院"},
		{"bad UTF-8", "ISO_IR 192", "\xff\xfe", ""},
		{"OK GB18030, a backslash inside a character", "GB18030", "\xd1\x5c\xd2\xbd", "裓医"},
		{"OK GBK", "GBK", "\xb1\xb1\xbe\xa9", "北京"},
		{"bad GBK", "GBK", "\x81", ""},
		{"OK katakana", "ISO_IR 13", "\xcb\xc0\xc1", "ﾋﾀﾁ"},
		{"OK kanji by escape", `\ISO 2022 IR 87`, "\x1b$BEl5~\x1b(B Lab", "東京 Lab"},
		{"OK kanji beside katakana", `ISO 2022 IR 13\ISO 2022 IR 87`, "\xcb\x1b$BEl5~\x1b(J", "ﾋ東京"},
		{"OK supplementary kanji", `\ISO 2022 IR 159`, "\x1b$(D0!\x1b(B", "丂"},
		{"OK Korean", `\ISO 2022 IR 149`, "\x1b$)C\xbc\xad\xbf\xef", "서울"},
		{"OK Chinese by escape", `\ISO 2022 IR 58`, "\x1b$)A\xb1\xb1\xbe\xa9", "北京"},
		{"OK Latin 1 by escape", `ISO 2022 IR 6\ISO 2022 IR 100`, "\x1b-AM\xfcnchen", "München"},
		{"bad escape", `\ISO 2022 IR 87`, "\x1b%GX", ""},
		{"bad escape at the end", `\ISO 2022 IR 87`, "A\x1b", ""},
		{"bad half of a character", `\ISO 2022 IR 87`, "\x1b$BE", ""},
		{"bad escape where none may be", "ISO_IR 100", "\x1b$BEl", ""},
		{"OK hyphen in the term", "ISO-IR 100", "M\xfcnchen", "München"},
		{"OK space in the term", "ISO IR 192", "東京病院", "東京病院"},
		{"OK underscores in the term", "ISO_2022_IR_100", "M\xfcnchen", "München"},
		{"OK term without its letters", "ISO 2022 100", "M\xfcnchen", "München"},
		{"OK term in small letters", "iso_ir 144", "\xbc\xbe\xc1\xba\xb2\xb0", "МОСКВА"},
		{"OK the name of UTF-8 elsewhere", "UTF-8", "東京病院", "東京病院"},
		{"OK the name of Latin 1 elsewhere", "ISO8859-1", "M\xfcnchen", "München"},
		{"OK GBK as an extension", "ISO 2022 GBK", "\xb1\xb1\xbe\xa9", "北京"},
		{"OK Chinese by escape, misspelt", `\ISO-2022-IR-58`, "\x1b$)A\xb1\xb1\xbe\xa9", "北京"},
		{"OK unknown character set, plain text", "ISO_IR 999", "ACME", "ACME"},
		{"bad unknown character set", "ISO_IR 999", "\xc4CME", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			els := []element{el(0x00080070, "LO", tt.value), el(0x00080080, "LO", "plain")}
			if tt.term != "" {
				els = slices.Insert(els, 0, el(0x00080005, "CS", tt.term))
			}
			r, _ := after(ctStorage, explicit, says(opener, storeRQ(1), pdata(pdv(1, lastData, dataset(explicit, els...)))))
			got := ""
			for _, o := range r.observations {
				for _, f := range o.Facts {
					if f.Attribute == protocols.Manufacturer {
						got = f.Value
					}
				}
			}
			if got != tt.want {
				t.Errorf("%q in %q = %q, want %q", tt.value, tt.term, got, tt.want)
			}
			if len(only(r.lines(), "institution=plain")) != 1 {
				t.Errorf("a value that cannot be decoded takes others with it: %q", r.lines())
			}
		})
	}
}

// TestImageForms has values that break the rules of their form: they are left
// out, the others stay.
func TestImageForms(t *testing.T) {
	els := []element{
		el(0x00080055, "AE", `BACK\SLASH`), el(0x00080060, "CS", "ct of ZZ"), el(0x00080070, "LO", "   "), el(0x00081090, "LO", `\first\second`),
		el(0x00181000, "LO", strings.Repeat("9", 1100)), el(0x00181002, "UI", "1.2.x"), el(0x00181020, "LO", `\1.0\ \2.0\`),
		el(0x00181200, "DA", "20251399"), el(0x00200010, "SH", "-"),
	}
	_, got := after(ctStorage, explicit, says(opener, storeRQ(1), pdata(pdv(1, lastData, dataset(explicit, els...)))))
	wantLines(t, only(got, "referenced"), []string{"opener on referenced: model=first; software_version=1.0; software_version=2.0; device_type=sop:" + ctStorage})
}
