package register

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/auscult/auscult/inventory"
)

// The bounds of what one record keeps, in bytes.
const (
	MaxText    = 200 // the longest description of a common nomenclature has 120
	MaxNotes   = 200 // notes are free text: enough to help, too little for a story
	MaxControl = 64  // the longest control number known has 30
)

// intake is one file on its way in: the table, and what was found wrong with it.
type intake struct {
	o         Options
	kind      Kind
	file      string
	asOf      time.Time
	m         *Mapping
	sheet     *sheet
	report    Report
	dates     dateReader
	addresses addressReader
	serials   serialShapes
	orders    map[string]orders // by date column
	all       orders            // of the whole file
	shops     map[string]bool   // providers of rows that are serviced in house, as plainWords
	unsure    map[string]int    // ambiguous dates of columns that prove one order, summed up
}

// newIntake reads the table. Nothing is changed by it.
func newIntake(o Options, kind Kind, name string, body io.Reader, asOf time.Time, m *Mapping) (*intake, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	raw, err := readBody(body)
	if err != nil {
		return nil, err
	}
	wanted := ""
	if m != nil {
		wanted = m.Encoding
	}
	text, charset, err := decodeText(raw, wanted)
	if err != nil {
		return nil, err
	}
	table, err := readSheet(text, kind, m)
	if err != nil {
		return nil, err
	}
	in := &intake{
		o: o, kind: kind, file: name, asOf: asOf.UTC(), m: m, sheet: table, dates: newDateReader(), addresses: newAddressReader(),
		serials: newSerialShapes(), orders: map[string]orders{}, unsure: map[string]int{},
	}
	in.report = Report{
		Kind: kind, File: name, SHA256: digest(raw), AsOf: in.asOf, Encoding: charset, Delimiter: delimiterName(table.delimiter), Rows: len(table.rows),
	}
	in.describeColumns()
	in.checkRows()
	in.learnDates()
	return in, nil
}

func (in *intake) describeColumns() {
	used := map[int]bool{}
	for _, c := range columnsOf(in.kind) {
		if i, ok := in.sheet.found[c.name]; ok {
			used[i] = true
			in.report.Columns = append(in.report.Columns, Column{c.name, in.sheet.header[i]})
		}
	}
	for i, h := range in.sheet.header {
		if used[i] || h == "" {
			continue
		}
		in.report.Ignored = append(in.report.Ignored, cut(h, MaxShown))
		if name, ok := in.sheet.twice[i]; ok {
			in.add(Defect{Code: ColumnTwice, Column: h, Says: fmt.Sprintf("means %s too, which column %s gives already; a mapping can name the right one", name, in.sheet.title(name))})
		}
	}
}

func (in *intake) checkRows() {
	if in.sheet.loose > 0 {
		in.add(Defect{Code: QuoteLoose, Row: in.sheet.loose, Says: "a quotation mark inside an unquoted cell was read as text"})
	}
	for _, r := range in.sheet.rows {
		for i, c := range r.cells {
			if i >= len(in.sheet.header) && c != "" {
				in.add(Defect{Code: RowUneven, Row: r.line, Says: "has more cells than the header; look for a delimiter inside a cell without quotation marks"})
				break
			}
		}
		for i, c := range r.cells {
			if strings.ContainsRune(c, utf8.RuneError) {
				in.add(Defect{Code: TextDamaged, Row: r.line, Column: in.headerAt(i), Says: "holds characters that cannot be read; export the file as UTF-8"})
			}
		}
	}
}

func (in *intake) headerAt(i int) string {
	if i < len(in.sheet.header) {
		return in.sheet.header[i]
	}
	return ""
}

// add collects a defect. What goes beyond MaxDefects by far is only counted.
func (in *intake) add(d Defect) {
	if len(in.report.Defects) >= 4*MaxDefects {
		in.report.Unlisted++
		return
	}
	d.Kind, d.File = in.kind, in.file
	d.Value, d.Column, d.ControlNumber = cut(d.Value, MaxShown), cut(d.Column, MaxShown), cut(d.ControlNumber, MaxShown)
	in.report.Defects = append(in.report.Defects, d)
}

// flaw reports what is wrong with one cell.
func (in *intake) flaw(r row, control, name string, code DefectCode, says string) {
	in.add(Defect{Code: code, Row: r.line, Column: in.sheet.title(name), ControlNumber: control, Value: in.sheet.cell(r, name), Says: says})
}

// refuse reports a row that is not taken.
func (in *intake) refuse(r row, control, name, says string) {
	in.report.Refused++
	in.flaw(r, control, name, RowRefused, says)
}

// text returns a cell, "" for words that mean nothing, cut to MaxText bytes.
func (in *intake) text(r row, control, name string) string {
	s := in.sheet.cell(r, name)
	if absentWord(s) {
		return ""
	}
	if len(s) > MaxText {
		in.add(Defect{Code: TextCut, Row: r.line, Column: in.sheet.title(name), ControlNumber: control, Says: fmt.Sprintf("is longer than %d bytes and was cut", MaxText)})
		return cut(s, MaxText)
	}
	return s
}

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimSpace(s[:n])
}

// dateColumns are the columns that hold dates.
func dateColumns(k Kind) []string {
	switch k {
	case Assets:
		return []string{"warranty_expires", "last_pm", "next_pm", "installed"}
	case History:
		return []string{"opened", "completed"}
	}
	return []string{"valid_from", "valid_to"}
}

// learnDates counts, before any row is taken, which order the unambiguous values
// of each column prove.
func (in *intake) learnDates() {
	for _, name := range dateColumns(in.kind) {
		var o orders
		for _, r := range in.sheet.rows {
			d := in.dates.read(in.sheet.cell(r, name))
			o.add(d)
			in.all.add(d)
		}
		in.orders[name] = o
		if o.mixed() {
			in.add(Defect{Code: DateOrderMixed, Column: in.sheet.title(name), Says: fmt.Sprintf(
				"holds two date orders: %d values are day-first and %d month-first; what can be read either way was read %s", o.day, o.month, in.orderOf(name))})
		}
	}
}

// orderOf is how dates of a column that can be read either way are read: as a
// person said, as most of the column, as most of the file, or month-first.
func (in *intake) orderOf(name string) string {
	if in.m != nil && in.m.Dates != "" {
		return in.m.Dates
	}
	for _, o := range []orders{in.orders[name], in.all} {
		if order := o.majority(); order != "" {
			return order
		}
	}
	return monthFirst
}

// date reads a date cell. An ambiguous value is listed by itself where its column
// does not prove one order, and summed up where it does.
func (in *intake) date(r row, control, name string) inventory.Date {
	d := in.dates.read(in.sheet.cell(r, name))
	if d.bad {
		in.flaw(r, control, name, DateUnreadable, "is not a date and was left out; write YYYY-MM-DD")
		return ""
	}
	if !d.unsure || in.m != nil && in.m.Dates != "" {
		return d.as(in.orderOf(name))
	}
	order := in.orderOf(name)
	if in.unproven(r, name) {
		in.flaw(r, control, name, DateAmbiguous, fmt.Sprintf("can be read either way and was read %s, as %s", order, d.as(order)))
	} else {
		in.unsure[name]++
	}
	return d.as(order)
}

// unproven reports a date that can be read either way in a column that does not
// prove one order.
func (in *intake) unproven(r row, name string) bool {
	if in.m != nil && in.m.Dates != "" || !in.dates.read(in.sheet.cell(r, name)).unsure {
		return false
	}
	o := in.orders[name]
	return o.mixed() || o.majority() == ""
}

// sumDates reports the ambiguous values of columns that prove one order.
func (in *intake) sumDates() {
	for _, name := range dateColumns(in.kind) {
		if n := in.unsure[name]; n > 0 {
			o := in.orders[name]
			in.add(Defect{Code: DateAmbiguous, Column: in.sheet.title(name), Says: fmt.Sprintf(
				"%d values can be read either way and were read %s, as %d others of the column prove", n, in.orderOf(name), max(o.day, o.month))})
		}
	}
}
