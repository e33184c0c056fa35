package register_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/register"
)

const header = "Tag,Manufacturer,Model,SN,Room\n"

func TestImportRefusesFileWhole(t *testing.T) {
	for name, tt := range map[string]struct {
		kind register.Kind
		text string
		m    *register.Mapping
		want []string // what the error says
	}{
		"empty":             {register.Assets, " \n", nil, []string{"empty"}},
		"blank rows":        {register.Assets, ",,\n,,\n", nil, []string{"blank rows"}},
		"header only":       {register.Assets, header, nil, []string{"no rows", "filter"}},
		"missing column":    {register.Assets, "Tag,Maker,SN\n1,Velin,2\n", nil, []string{"no column for model", "Tag, Maker, SN", "mapping"}},
		"wrong kind":        {register.Assets, "WO,Tag,Opened\nW-1,1,2026-01-01\n", nil, []string{"manufacturer, model", "--kind history"}},
		"workbook":          {register.Assets, "PK\x03\x04rest", nil, []string{"Excel", "save it as CSV"}},
		"PDF":               {register.Assets, "%PDF-1.7", nil, []string{"PDF"}},
		"open quote":        {register.Assets, header + "1,Velin,V,\"7,N\n2,Velin,V,8,N\n", nil, []string{"row 2", "quotation mark"}},
		"open quote at end": {register.Assets, header + "1,Velin,V,7,N\n2,Velin,V,\"8,N\n", nil, []string{"row 3", "quotation mark"}},
		"long cell":         {register.Assets, header + "1,Velin,V," + strings.Repeat("x", register.MaxCell+1) + ",N\n", nil, []string{"row 2, cell 4"}},
		"many columns":      {register.Assets, header + strings.Repeat(",", register.MaxColumns+1) + "\n", nil, []string{"columns, more than"}},
		"all refused":       {register.Engineers, "Engineer,Manufacturer,Model,Activity,Certificate,From,To\nT,V,V,inspect,,2026-01-01,2027-01-01\n", nil, []string{"all 1 rows are refused", "row 2", "Certificate", "evidence"}},
		"units":             {register.Units, header, nil, []string{"later release", "one trusted record"}},
		"mds2":              {register.MDS2, header, nil, []string{"later release"}},
		"no such kind":      {"pumps", header, nil, []string{"no such kind"}},
		"mapped to nothing": {register.Assets, header + "1,a,b,c,d\n", &register.Mapping{Columns: map[string]string{"software": "FW"}}, []string{`no header "FW"`, "Tag, Manufacturer"}},
		"mapped from none":  {register.Assets, header + "1,a,b,c,d\n", &register.Mapping{Columns: map[string]string{"firmware": "SN"}}, []string{`no column "firmware"`, "software"}},
		"bad mapping":       {register.Assets, header + "1,a,b,c,d\n", &register.Mapping{Dates: "whenever"}, []string{"dates", "day-first"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore()
			r := open(t, s)
			_, err := r.Import(tt.kind, "x/file.csv", strings.NewReader(tt.text), day0, tt.m)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range append(tt.want, "file.csv ("+string(tt.kind)+")") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if s.commits != 0 || len(r.Assets())+len(r.Grants()) != 0 || len(r.AsOf()) != 0 {
				t.Error("a refused file changed something")
			}
		})
	}
}

func TestImportReadsShapes(t *testing.T) {
	const rows = "1,Dräger,Évita,S-9001,Nørd\n0002,Velin,V-Pump,S-9002,\"a, b\"\n"
	semicolon := strings.NewReplacer(",", ";", "\"a; b\"", "\"a, b\"").Replace(strings.Replace(header+rows, "\"a, b\"", "X", 1))
	semicolon = strings.Replace(semicolon, "X", "\"a, b\"", 1)
	utf16le, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(header + rows)
	if err != nil {
		t.Fatal(err)
	}
	utf16be, err := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(header + rows)
	if err != nil {
		t.Fatal(err)
	}
	cp1252, err := charmap.Windows1252.NewEncoder().String(header + rows)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		text, encoding, delimiter string
	}{
		"plain":             {header + rows, "utf-8", "comma"},
		"byte order mark":   {"\xEF\xBB\xBF" + header + rows, "utf-8", "comma"},
		"CRLF":              {strings.ReplaceAll(header+rows, "\n", "\r\n"), "utf-8", "comma"},
		"cp1252":            {cp1252, "cp1252", "comma"},
		"UTF-16 with mark":  {utf16le, "utf-16", "comma"},
		"UTF-16 big endian": {utf16be, "utf-16", "comma"},
		"semicolon":         {semicolon, "utf-8", "semicolon"},
		"tab":               {strings.ReplaceAll(semicolon, ";", "\t"), "utf-8", "tab"},
		"bar":               {strings.ReplaceAll(semicolon, ";", "|"), "utf-8", "bar"},
		"separator line":    {"sep=;\n" + semicolon, "utf-8", "semicolon"},
		"everything quoted": {strings.ReplaceAll("\""+strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(strings.Replace(header+rows, "\"a, b\"", "a; b", 1)), ",", "\",\""), "\n", "\"\n\"")+"\"\n", "a; b", "a, b"), "utf-8", "comma"},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, newStore())
			report := importText(t, r, register.Assets, tt.text, day0, nil)
			if report.Encoding != tt.encoding || report.Delimiter != tt.delimiter || report.Added != 2 {
				t.Fatalf("%+v", report)
			}
			if a := asset(t, r, "1"); a.Manufacturer != "Dräger" || a.Model != "Évita" || a.Room != "Nørd" {
				t.Errorf("%+v", a)
			}
			if a := asset(t, r, "0002"); a.Room != "a, b" || a.SerialNumber != "S-9002" {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestMappingNamesColumns(t *testing.T) {
	m, err := register.ReadMapping("map.yaml", strings.NewReader("columns:\n  control_number: Nr.\n  model: Typ\ndates: day-first\ndelimiter: \"|\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, newStore())
	report := importText(t, r, register.Assets, "Nr.|Hersteller|Typ|Tag|Last PM\n007|Velin|V-Pump|x|03/04/2026\n", day0, m)
	if a := asset(t, r, "007"); a.Model != "V-Pump" || a.LastPM != "2026-04-03" || len(report.Defects) != 0 {
		t.Errorf("%+v %+v", a, report.Defects)
	}
	if !slices.Equal(report.Ignored, []string{"Tag"}) {
		t.Errorf("ignored %v", report.Ignored)
	}
	for _, bad := range []string{"column:\n  a: b\n", "dates: soon\n", "delimiter: x\n", "encoding: ebcdic\n", "- a\n"} {
		if _, err := register.ReadMapping("map.yaml", strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), "map.yaml") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestDates(t *testing.T) {
	for cell, want := range map[string]inventory.Date{
		"2026-05-13": "2026-05-13", "2026/5/3": "2026-05-03", "20260513": "2026-05-13", "13/05/2026": "2026-05-13", "05/13/2026": "2026-05-13",
		"04/04/2026": "2026-04-04", "3.4.2026": "2026-04-03", "13.5.26": "2026-05-13", "5/13/98": "1998-05-13", "14-Mar-2015": "2015-03-14",
		"14 March 2015": "2015-03-14", "March 14, 2015": "2015-03-14", "2026-05-13T10:11:12Z": "2026-05-13", "2026-05-13 10:11": "2026-05-13",
		"13/05/2026 00:00:00": "2026-05-13", "45900": "2025-08-31", "": "", "n/a": "", "00/00/0000": "", "0000-00-00": "", "-": "",
		"31/02/2026": "?", "soon": "?", "13/13/2026": "?", "1850-01-01": "?", "99999999": "?", "2026-13-01": "?", "1/2/345": "?", "03/04/2026": "2026-03-04~",
	} {
		r := open(t, newStore())
		report := importText(t, r, register.Assets, "Tag,Manufacturer,Model,Last PM\n1,V,V,\""+cell+"\"\n", day0, nil)
		got := asset(t, r, "1").LastPM
		for _, d := range report.Defects {
			switch d.Code {
			case register.DateUnreadable:
				got += "?"
			case register.DateAmbiguous:
				got += "~"
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", cell, got, want)
		}
	}
}

func TestAmbiguousDatesFollowTheColumn(t *testing.T) {
	r := open(t, newStore())
	report := importText(t, r, register.Assets, "Tag,Manufacturer,Model,Last PM,Next PM\n1,V,V,13/05/2026,\n2,V,V,14/05/2026,\n3,V,V,03/04/2026,02/03/2027\n4,V,V,05/16/2026,\n", day0, nil)
	if a := asset(t, r, "3"); a.LastPM != "2026-04-03" || a.NextPM != "2027-03-02" {
		t.Errorf("%+v", a)
	}
	find(t, report.Defects, register.DateOrderMixed, "")
	if d := find(t, report.Defects, register.DateAmbiguous, "3"); d.Row != 4 {
		t.Errorf("%+v", d)
	}
}

func TestReimportIsADifference(t *testing.T) {
	s := newStore()
	r := open(t, s)
	first := header + "1,Velin,V,S-1001,A\n2,Velin,V,S-1002,B\n3,Velin,V,S-1003,C\n"
	importText(t, r, register.Assets, first, day0, nil)
	before := s.dump()
	again := importText(t, r, register.Assets, first, day0, nil)
	if again.Unchanged != 3 || again.Added+again.Changed+again.Absent != 0 || !reflect.DeepEqual(before, s.dump()) {
		t.Fatalf("the same file again: %+v", again)
	}
	second := importText(t, r, register.Assets, header+"1,Velin,V,S-1001,A\n2,Velin,V,S-1002,Z\n4,Velin,V,S-1004,D\n", day1, nil)
	if second.Added != 1 || second.Changed != 1 || second.Unchanged != 1 || second.Absent != 1 || !slices.Equal(second.AbsentNumbers, []string{"3"}) || !second.NeedsConfirmation {
		t.Fatalf("%+v", second)
	}
	if a := asset(t, r, "3"); a.Status != inventory.StatusUnknown || !a.AsOf.Equal(day0) {
		t.Errorf("the absent asset changed: %+v", a)
	}
	if a := asset(t, r, "1"); !a.AsOf.Equal(day1) {
		t.Errorf("the date of a present asset is %v", a.AsOf)
	}
	if _, err := r.Import(register.Assets, "old.csv", strings.NewReader(first), day0, nil); err == nil || !strings.Contains(err.Error(), "newer export") {
		t.Errorf("an older file: %v", err)
	}
	if !reflect.DeepEqual(r.Assets(), open(t, s).Assets()) {
		t.Error("what is stored differs from what is in memory")
	}
}

func TestReimportOfOneFacilitySaysNothingOfOthers(t *testing.T) {
	r := open(t, newStore())
	const h = "Tag,Manufacturer,Model,Facility\n"
	importText(t, r, register.Assets, h+"1,V,V,North\n2,V,V,South\n", day0, nil)
	if report := importText(t, r, register.Assets, h+"2,V,V,South\n", day1, nil); report.Absent != 0 || report.NeedsConfirmation {
		t.Errorf("%+v", report)
	}
}

func TestInvariant09WithdrawnGrantIsGone(t *testing.T) {
	s := newStore()
	r := open(t, s)
	const h = "Engineer,Manufacturer,Model,Activity,Certificate,From,To\n"
	importText(t, r, register.Engineers, h+"T-1,V,V,inspect,C-1,2026-01-01,2027-01-01\nT-2,V,V,inspect,C-2,2026-01-01,2027-01-01\n", day0, nil)
	report := importText(t, r, register.Engineers, h+"T-1,V,V,inspect,C-1,2026-01-01,2027-01-01\nT-2,V,V,inspect,,2026-01-01,2027-01-01\n", day1, nil)
	if report.Absent != 1 || report.Refused != 1 || report.Unchanged != 1 {
		t.Errorf("%+v", report)
	}
	for _, reg := range []*register.Register{r, open(t, s)} {
		if g := reg.Grants(); len(g) != 1 || g[0].Person != "T-1" {
			t.Errorf("%+v", g)
		}
	}
	if _, err := r.Import(register.Engineers, "old.csv", strings.NewReader(h+"T-9,V,V,inspect,C-1,2026-01-01,2027-01-01\n"), day0, nil); err == nil {
		t.Error("an older list of engineers was taken")
	}
}

func TestInvariant14ImportIsWholeOrNotAtAll(t *testing.T) {
	s := newStore()
	r := open(t, s)
	importText(t, r, register.Assets, header+"1,Velin,V,S-1001,A\n", day0, nil)
	before, assets := s.dump(), r.Assets()
	s.full = true
	_, err := r.Import(register.Assets, "b.csv", strings.NewReader(header+"1,Velin,V,S-2001,B\n2,Velin,V,S-1002,B\n"), day1, nil)
	if !errors.Is(err, errDiskFull) || !strings.Contains(err.Error(), "nothing was imported") {
		t.Errorf("%v", err)
	}
	if !reflect.DeepEqual(before, s.dump()) || !reflect.DeepEqual(assets, r.Assets()) || !r.AsOf()[register.Assets].Equal(day0) {
		t.Error("a failed import changed something")
	}
	if err := r.Confirm("1", inventory.Device{ID: "d-1"}, "ana", day1); !errors.Is(err, errDiskFull) || len(r.Decisions()) != 0 {
		t.Errorf("a decision that was not stored: %v", err)
	}
}

func TestHistoryWaitsForItsAsset(t *testing.T) {
	r := open(t, newStore())
	report := importText(t, r, register.History, "WO,Tag,Closed,As-left SW,Technician\nW-1,0042,2026-01-02,3.1,T-1\nW-2,0042,2026-03-02,3.2,T-1\n", day0, nil)
	find(t, report.Defects, register.ControlUnknown, "0042")
	importText(t, r, register.Assets, header+"0042,Velin,V,S-1001,A\n", day0, nil)
	if h := asset(t, r, "0042").History; len(h) != 2 || h[0].Order != "W-2" || h[0].AsLeft != "3.2" {
		t.Errorf("%+v", h)
	}
	for _, d := range r.DataQuality() {
		if d.Code == register.ControlUnknown {
			t.Errorf("still reported: %+v", d)
		}
	}
}

func TestImportSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("measures; not with -short")
	}
	var b strings.Builder
	b.WriteString(header)
	for i := range 100_000 {
		b.WriteString("C")
		b.WriteString(time.Unix(int64(i), 0).UTC().Format("150405"))
		b.WriteString(strings.Repeat("x", i/86400))
		b.WriteString(",Velin,V-Pump,S-" + time.Unix(int64(i), 0).UTC().Format("02150405") + ",N-1\n")
	}
	r := open(t, newStore())
	start := time.Now()
	report := importText(t, r, register.Assets, b.String(), day0, nil)
	took := time.Since(start)
	t.Logf("%d rows in %v", report.Added, took)
	if report.Added != 100_000 || took > 30*time.Second {
		t.Errorf("%d rows in %v", report.Added, took)
	}
}
