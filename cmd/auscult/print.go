package main

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/remediation"
)

// format is how a list is printed.
type format struct {
	name    *string
	allowed []string
}

func formatFlag(fs *flag.FlagSet, allowed ...string) format {
	return format{fs.String("format", "table", "print as `FORMAT`: "+strings.Join(allowed, ", ")+"; json is one object a line"), allowed}
}

func (f format) check() error {
	if slices.Contains(f.allowed, *f.name) {
		return nil
	}
	return usagef("--format %s: want %s; the nearest is %q", *f.name, strings.Join(f.allowed, ", "), configs.Nearest(*f.name, f.allowed))
}

// print writes objects in the chosen format. head and row are the table's; row
// is called with one object.
func (f format) print(w io.Writer, objects []json.RawMessage, head []string, row func(json.RawMessage) ([]string, error)) error {
	if *f.name == "json" || *f.name == "fhir" {
		return printLines(w, objects)
	}
	rows := [][]string{head}
	for _, o := range objects {
		cells, err := row(o)
		if err != nil {
			return fmt.Errorf("answer: %w; are the program and the daemon the same release?", err)
		}
		rows = append(rows, cells)
	}
	if *f.name == "csv" {
		return printCSV(w, rows)
	}
	return printTable(w, rows)
}

func printLines(w io.Writer, objects []json.RawMessage) error {
	for _, o := range objects {
		if _, err := fmt.Fprintf(w, "%s\n", o); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	return nil
}

// formula reports whether a spreadsheet would run a cell. A number with its sign,
// such as a serial number of -0000200, is none and stays as it is.
func formula(cell string) bool {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return false
	}
	return strings.Trim(cell[1:], "0123456789.") != "" || strings.ContainsAny(cell[:1], "=@\t\r")
}

// printCSV guards against spreadsheets that run what begins like a formula.
func printCSV(w io.Writer, rows [][]string) error {
	c := csv.NewWriter(w)
	for _, r := range rows {
		safe := make([]string, len(r))
		for i, c := range r {
			if formula(c) {
				c = "'" + c
			}
			safe[i] = plain(c)
		}
		if err := c.Write(safe); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	c.Flush()
	return c.Error()
}

func printTable(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, r := range rows {
		cells := make([]string, len(r))
		for i, c := range r {
			cells[i] = cell(c)
		}
		if _, err := fmt.Fprintln(t, strings.Join(cells, "\t")); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	return t.Flush()
}

// decoded makes a row function of one that takes the noun.
func decoded[T any](row func(T) []string) func(json.RawMessage) ([]string, error) {
	return func(raw json.RawMessage) ([]string, error) {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, err
		}
		return row(v), nil
	}
}

func findingHead() []string {
	return []string{"ID", "STATUS", "BASIS", "DEVICE", "CAUSE", "CVSS", "TITLE"}
}

func findingRow(f remediation.Finding) []string {
	return []string{f.ID, string(f.Status), string(f.Basis), f.Device, f.Cause, fmt.Sprintf("%.1f", f.CVSS), f.Title}
}

func orderHead() []string {
	return []string{"ID", "PRIORITY", "STATE", "CONTROL", "ACTIVITY", "TO", "TELL", "START", "REFUSED", "CMMS", "TITLE"}
}

func orderRow(o remediation.WorkOrder) []string {
	to := o.Assignee.Person
	if to == "" {
		to = o.Assignee.Queue
	}
	refused := make([]string, len(o.Refused))
	for i, r := range o.Refused {
		refused[i] = r.Person
	}
	return []string{o.ID, o.Priority, string(o.State), o.ControlNumber, string(o.Activity), to, gate(o.Tell), gate(o.Start.Gate),
		strings.Join(refused, " "), o.CMMS.Number, o.Title}
}

func gate(g remediation.Gate) string {
	if g.OK {
		return "ok"
	}
	codes := make([]string, len(g.Holds))
	for i, h := range g.Holds {
		codes[i] = string(h.Code)
	}
	return strings.Join(codes, " ")
}
