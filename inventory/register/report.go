package register

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Kind is what sort of record a file holds.
type Kind string

// The kinds that `auscult register import --kind` knows.
const (
	Assets    Kind = "assets"
	History   Kind = "history"
	Engineers Kind = "engineers"
	Units     Kind = "units" // a later release
	MDS2      Kind = "mds2"  // a later release
)

// Kinds returns the kinds that this release imports, in the order in which they
// are best imported.
func Kinds() []Kind { return []Kind{Assets, History, Engineers} }

// DefectCode classifies a defect of the records. The set is closed.
type DefectCode string

// The defects. A refused row is not in the register; every other one is, without
// the value that could not be used.
const (
	RowRefused        DefectCode = "row_refused"
	RowTwice          DefectCode = "row_twice"           // one key on two rows of a file; the last one stands
	RowUneven         DefectCode = "row_uneven"          // more filled cells than the header names
	QuoteLoose        DefectCode = "quote_loose"         // a quotation mark inside an unquoted cell
	TextDamaged       DefectCode = "text_damaged"        // bytes that no known charset explains
	TextCut           DefectCode = "text_cut"            // longer than its bound
	SerialUnreadable  DefectCode = "serial_unreadable"   // eaten by a spreadsheet
	SerialPlaceholder DefectCode = "serial_placeholder"  // says nothing
	DateAmbiguous     DefectCode = "date_ambiguous"      // day and month can be read either way
	DateUnreadable    DefectCode = "date_unreadable"     // not a date
	DateOrderMixed    DefectCode = "date_order_mixed"    // one column holds both orders
	WordUnknown       DefectCode = "word_unknown"        // a status, coverage, risk or yes/no that is in no list
	AddressUnreadable DefectCode = "address_unreadable"  // not a MAC or IP address
	ControlUnknown    DefectCode = "control_unknown"     // history of an asset that is not in the register
	ControlZeros      DefectCode = "control_zeros"       // the control number fits only without its leading zeros
	GrantWide         DefectCode = "grant_wide"          // any maker or any model
	AssetTwice        DefectCode = "asset_twice"         // two records with one serial number and maker
	ClaimedTwice      DefectCode = "address_claimed"     // two records claim one MAC address, AE title or host name
	ColumnTwice       DefectCode = "column_twice"        // two columns with one meaning
	DecisionStale     DefectCode = "decision_stale"      // a person's decision whose facts changed
	DecisionDangling  DefectCode = "decision_unresolved" // a person's decision about a record that is not there
)

// Defect is one thing that is wrong with the hospital's records, with where.
type Defect struct {
	Code          DefectCode `json:"code"`
	Kind          Kind       `json:"kind"`
	File          string     `json:"file,omitempty"`
	Row           int        `json:"row,omitempty"`    // line in the file, 1 is the first
	Column        string     `json:"column,omitempty"` // as the header writes it
	ControlNumber string     `json:"control_number,omitempty"`
	Value         string     `json:"value,omitempty"` // as written, cut to MaxShown bytes; never of a notes column
	Says          string     `json:"says"`            // a sentence for people
}

// Column says how one column of a file was understood.
type Column struct {
	Name   string `json:"name"`   // canonical
	Header string `json:"header"` // as the file writes it
}

// Report says what an import did.
type Report struct {
	Kind      Kind      `json:"kind"`
	File      string    `json:"file"`
	SHA256    string    `json:"sha256"` // of the bytes as they came
	AsOf      time.Time `json:"as_of"`
	Encoding  string    `json:"encoding"`
	Delimiter string    `json:"delimiter"` // "comma", "semicolon", "tab" or "bar"
	Rows      int       `json:"rows"`      // with anything in them, without the header
	Added     int       `json:"added"`
	Changed   int       `json:"changed"`
	Unchanged int       `json:"unchanged"`
	// Absent counts records that are in the register and not in this file. Assets
	// and work are kept all the same; grants are withdrawn, because nobody may act
	// on a grant that the hospital no longer lists.
	Absent        int      `json:"absent"`
	AbsentNumbers []string `json:"absent_numbers,omitempty"` // control numbers, sorted, at most MaxListed
	Refused       int      `json:"refused"`
	Columns       []Column `json:"columns"`
	Ignored       []string `json:"ignored,omitempty"` // headers without a known meaning
	// NeedsConfirmation: the file is so much smaller than the register that a
	// person should look. Nothing was retired.
	NeedsConfirmation bool     `json:"needs_confirmation,omitempty"`
	Says              []string `json:"says,omitempty"` // sentences for people about the file as a whole
	// Defects are sorted by row and column, at most MaxDefects; Unlisted counts the rest.
	Defects  []Defect `json:"defects,omitempty"`
	Unlisted int      `json:"unlisted,omitempty"`
}

// The bounds of what a report lists: a person reads it, and one broken column of
// a large file would otherwise fill the state file.
const (
	MaxDefects = 2000
	MaxListed  = 200
	MaxShown   = 64
)

// WriteText writes the report for a person.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s as of %s: %s, separated by %s, %d rows\n", r.Kind, r.File, r.AsOf.UTC().Format(time.RFC3339), r.Encoding, r.Delimiter, r.Rows)
	fmt.Fprintf(&b, "  %d added, %d changed, %d unchanged, %d not in this file, %d refused\n", r.Added, r.Changed, r.Unchanged, r.Absent, r.Refused)
	for _, c := range r.Columns {
		fmt.Fprintf(&b, "  column %-16s <- %s\n", c.Name, c.Header)
	}
	if len(r.Ignored) > 0 {
		fmt.Fprintf(&b, "  ignored: %s\n", strings.Join(r.Ignored, ", "))
	}
	for _, s := range r.Says {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	if len(r.AbsentNumbers) > 0 {
		fmt.Fprintf(&b, "  not in this file: %s\n", strings.Join(r.AbsentNumbers, ", "))
	}
	for _, d := range r.Defects {
		fmt.Fprintf(&b, "  %s\n", d)
	}
	if r.Unlisted > 0 {
		fmt.Fprintf(&b, "  and %d more defects that are not listed\n", r.Unlisted)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String is the defect as one line.
func (d Defect) String() string {
	var where []string
	if d.Row > 0 {
		where = append(where, fmt.Sprintf("row %d", d.Row))
	}
	if d.Column != "" {
		where = append(where, "column "+d.Column)
	}
	if d.ControlNumber != "" {
		where = append(where, "control "+d.ControlNumber)
	}
	if len(where) == 0 {
		return fmt.Sprintf("%s: %s", d.Code, d.Says)
	}
	return fmt.Sprintf("%s: %s: %s", strings.Join(where, ", "), d.Code, d.Says)
}

// seal sorts and bounds what was collected.
func (r *Report) seal() {
	sortDefects(r.Defects)
	if len(r.Defects) > MaxDefects {
		r.Unlisted += len(r.Defects) - MaxDefects
		r.Defects = slices.Clip(r.Defects[:MaxDefects])
	}
	slices.Sort(r.AbsentNumbers)
	if len(r.AbsentNumbers) > MaxListed {
		r.AbsentNumbers = slices.Clip(r.AbsentNumbers[:MaxListed])
	}
}

func sortDefects(list []Defect) {
	slices.SortStableFunc(list, func(a, b Defect) int {
		if a.Row != b.Row {
			return a.Row - b.Row
		}
		for _, c := range []int{
			strings.Compare(a.Column, b.Column), strings.Compare(string(a.Code), string(b.Code)),
			strings.Compare(a.ControlNumber, b.ControlNumber), strings.Compare(a.Says, b.Says),
		} {
			if c != 0 {
				return c
			}
		}
		return 0
	})
}
