package register

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// The bounds of a file.
const (
	MaxRows    = 500_000 // ten times the networked devices of a large hospital's register
	MaxColumns = 256     // the widest export known has 180
	MaxCell    = 16384   // bytes; a longer cell is a quotation mark that nobody closed
	// maxCellLines bounds the lines of one cell, where quotation marks are loose:
	// more are rows that a stray mark swallowed.
	maxCellLines = 20
	// headerSearch is how many rows may stand above the header: a title, a date, a
	// filter.
	headerSearch = 10
)

// row is one record of a file.
type row struct {
	line  int // of its first byte, 1 is the file's first
	cells []string
	odd   []int // cells that held characters nobody sees, which were taken out
}

// sheet is a file as a table with known columns.
type sheet struct {
	header    []string
	delimiter rune
	loose     int // the row of the first loose quotation mark, 0 for none
	rows      []row
	found     map[string]int // canonical name -> index
	twice     map[int]string
}

// readSheet finds delimiter and header, and reads all rows.
func readSheet(text []byte, kind Kind, m *Mapping) (*sheet, error) {
	text, forced := separatorLine(text)
	if m != nil && m.Delimiter != "" {
		forced, _ = delimiterNamed(m.Delimiter)
	}
	cols := columnsOf(kind)
	s := &sheet{delimiter: forced}
	if forced == 0 {
		s.delimiter = guessDelimiter(text, cols)
	}
	rows, loose, err := readRows(text, s.delimiter)
	if err != nil {
		return nil, err
	}
	s.loose = loose
	at := headerRow(rows, cols, m)
	if at >= len(rows) {
		return nil, errors.New("the file holds nothing but blank rows; export it again")
	}
	s.header, s.rows = rows[at].cells, rows[at+1:]
	s.found, s.twice = recognise(cols, s.header)
	if err := m.apply(cols, s.header, s.found); err != nil {
		return nil, err
	}
	if err := s.require(kind, cols); err != nil {
		return nil, err
	}
	if len(s.rows) == 0 {
		return nil, errors.New("the file holds a header and no rows; check the filter of the export")
	}
	return s, nil
}

// separatorLine takes off the "sep=;" line that spreadsheets write, and leaves
// an empty line in its place, so that row numbers stay true.
func separatorLine(text []byte) ([]byte, rune) {
	line, rest, ok := bytes.Cut(text, []byte("\n"))
	after, is := bytes.CutPrefix(bytes.TrimSpace(bytes.ToLower(line)), []byte("sep="))
	if !ok || !is {
		return text, 0
	}
	d, known := delimiterNamed(string(after))
	if !known {
		return text, 0
	}
	return append([]byte("\n"), rest...), d
}

// guessDelimiter takes the one under which the most headers have a meaning; then
// the one that makes the most cells.
func guessDelimiter(text []byte, cols []column) rune {
	best, bestScore, bestCells := ',', -1, -1
	for _, d := range []rune{',', ';', '\t', '|'} {
		r := newReader(text, d, true)
		for range headerSearch + 1 {
			cells, err := r.Read()
			if err != nil {
				break
			}
			found, _ := recognise(cols, cells)
			if len(found) > bestScore || len(found) == bestScore && len(cells) > bestCells {
				best, bestScore, bestCells = d, len(found), len(cells)
			}
		}
	}
	return best
}

func newReader(text []byte, delimiter rune, lazy bool) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = delimiter, lazy, -1
	return r
}

// readRows reads strictly first; a file with loose quotation marks is read again
// with them taken as text, and every sign of a swallowed row is an error.
func readRows(text []byte, delimiter rune) (rows []row, loose int, err error) {
	rows, err = readAll(text, delimiter, false)
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return rows, 0, err
	}
	rows, err = readAll(text, delimiter, true)
	return rows, parse.Line, err
}

func readAll(text []byte, delimiter rune, lazy bool) ([]row, error) {
	r := newReader(text, delimiter, lazy)
	var rows []row
	widest := 0
	for {
		from := r.InputOffset()
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		widest = max(widest, len(cells))
		if widest > MaxColumns {
			return nil, fmt.Errorf("row %d has %d columns, more than %d; check the delimiter", line, len(cells), MaxColumns)
		}
		if len(rows) > MaxRows+headerSearch {
			return nil, fmt.Errorf("more than %d rows; export one facility at a time", MaxRows)
		}
		if i := unclosed(cells, text[from:r.InputOffset()], delimiter, widest, lazy); i >= 0 {
			return nil, fmt.Errorf("row %d, cell %d: a quotation mark is opened and not closed, or the cell is longer than %d bytes; write \"\" for a quotation mark inside a cell, or export the file again", line, i+1, MaxCell)
		}
		blank := true
		var odd []int
		for i, c := range cells {
			if strings.ContainsFunc(strings.TrimSpace(c), unseen) {
				odd = append(odd, i)
			}
			cells[i] = cleanCell(c)
			blank = blank && cells[i] == ""
		}
		if !blank {
			rows = append(rows, row{line, cells, odd})
		}
	}
}

// unclosed finds the cell behind a quotation mark that was not closed where it
// should be, -1 for none: it is absurdly long; or, where marks are loose, it holds
// what look like rows, or the file ends inside it.
func unclosed(cells []string, raw []byte, delimiter rune, widest int, lazy bool) int {
	for i, c := range cells {
		if len(c) > MaxCell || lazy && swallows(c, delimiter, max(2, widest/2)) {
			return i
		}
	}
	last := cells[len(cells)-1]
	if lazy && strings.ContainsAny(last, "\n"+string(delimiter)) && !bytes.HasSuffix(bytes.TrimRight(raw, "\r\n"), []byte("\"")) {
		return len(cells) - 1
	}
	return -1
}

// swallows reports a cell of several lines, one of which has as many delimiters
// as a row.
func swallows(cell string, delimiter rune, enough int) bool {
	if !strings.Contains(cell, "\n") {
		return false
	}
	for line := range strings.SplitSeq(cell, "\n") {
		if strings.Count(line, string(delimiter)) >= enough {
			return true
		}
	}
	return strings.Count(cell, "\n") > maxCellLines
}

// cleanCell takes off what spreadsheets and web pages add: blanks, no-break and
// zero-width spaces, control characters, the ="…" and leading apostrophe that
// keep leading zeros.
func cleanCell(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200b' || r == '\ufeff' || r == '\u200e' || r == '\u200f':
			return -1
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) && r != unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if inner, ok := strings.CutPrefix(s, `="`); ok && strings.HasSuffix(inner, `"`) {
		s = strings.TrimSuffix(inner, `"`)
	}
	return strings.TrimSpace(strings.TrimPrefix(s, "'"))
}

// unseen reports control and format characters: nobody sees them, and two names
// may differ by them alone.
func unseen(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

// headerRow finds the header among the first rows: the row in which the most
// cells have a meaning.
func headerRow(rows []row, cols []column, m *Mapping) int {
	best, bestScore := 0, -1
	for i, r := range rows[:min(len(rows), headerSearch+1)] {
		found, _ := recognise(cols, r.cells)
		score := len(found)
		if m != nil {
			for _, h := range m.Columns {
				if slices.Contains(r.cells, h) {
					score++
				}
			}
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	return best
}

func (s *sheet) require(kind Kind, cols []column) error {
	var missing []string
	for _, c := range cols {
		if _, ok := s.found[c.name]; c.required && !ok {
			missing = append(missing, c.name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	advice := "name the header in a mapping (--map) under columns, or export it too"
	if other := s.betterKind(kind, len(s.found)); other != "" {
		advice = fmt.Sprintf("the headers look like %s; import the file with --kind %s", other, other)
	}
	return fmt.Errorf("no column for %s; the headers are %s; %s", strings.Join(missing, ", "), shownHeaders(s.header), advice)
}

// maxHeaders bounds the headers that a message shows; a file without a header has
// data in its place, of which nobody needs more.
const maxHeaders = 40

func shownHeaders(header []string) string {
	shown := make([]string, 0, maxHeaders)
	for _, h := range header[:min(len(header), maxHeaders)] {
		shown = append(shown, cut(h, MaxShown/2))
	}
	return strings.Join(shown, ", ")
}

// betterKind tells when a file was given with the wrong kind.
func (s *sheet) betterKind(kind Kind, score int) Kind {
	best := Kind("")
	for _, other := range Kinds() {
		cols := columnsOf(other)
		found, _ := recognise(cols, s.header)
		complete := !slices.ContainsFunc(cols, func(c column) bool { _, ok := found[c.name]; return c.required && !ok })
		if other != kind && complete && len(found) > score {
			best, score = other, len(found)
		}
	}
	return best
}

// cell returns the cell of a canonical column, "" when there is none.
func (s *sheet) cell(r row, name string) string {
	i, ok := s.found[name]
	if !ok || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// damaged reports whether unseen characters were taken out of a canonical column.
func (s *sheet) damaged(r row, name string) bool {
	i, ok := s.found[name]
	return ok && slices.Contains(r.odd, i)
}

// title returns a canonical column's header as the file writes it.
func (s *sheet) title(name string) string {
	if i, ok := s.found[name]; ok {
		return s.header[i]
	}
	return ""
}
