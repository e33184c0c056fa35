package register

import (
	"fmt"
	"time"

	"github.com/auscult/auscult/inventory"
)

// warranty reads until when the manufacturer answers. Work in house would void
// it, so whatever is written counts against that: a month or a year means its
// last day, of two readings the later one blocks, and what cannot be read is kept
// as written and counts as running.
func (in *intake) warranty(r row, a *inventory.Asset) {
	const column = "warranty_expires"
	cell := in.sheet.cell(r, column)
	if warrantyOver(cell) {
		return
	}
	d := in.dates.read(cell)
	switch {
	case warrantyUnsaid(cell) || d.bad:
		if end := endOfPeriod(cell); end != "" {
			a.WarrantyExpires = end
			in.flaw(r, a.ControlNumber, column, DateAmbiguous, fmt.Sprintf("names no day; the last day of what it names was taken, %s", end))
			return
		}
		a.WarrantyText = cut(cell, MaxText)
		in.flaw(r, a.ControlNumber, column, DateUnreadable, "is not a date; the device counts as under warranty until a date is written as YYYY-MM-DD, or the cell is empty")
		return
	}
	a.WarrantyExpires = in.date(r, a.ControlNumber, column)
	if !d.unsure || in.m != nil && in.m.Dates != "" {
		return
	}
	if later := max(d.as(dayFirst), d.as(monthFirst)); later > a.WarrantyExpires {
		a.WarrantyLatest = later
		if later >= inventory.On(in.asOf) {
			in.flaw(r, a.ControlNumber, column, DateAmbiguous, fmt.Sprintf("can be read as two days; work in house waits until after the later one, %s", later))
		}
	}
}

// warrantyOver reports words that say that there is no warranty.
func warrantyOver(cell string) bool {
	switch plainWords(cell) {
	case "no", "no warranty", "out of warranty", "expired", "warranty expired", "warranty over", "lapsed", "ended":
		return true
	}
	return false
}

// warrantyUnsaid reports words that leave open whether there is a warranty. In
// other columns they mean nothing; here nothing would mean that there is none.
func warrantyUnsaid(cell string) bool {
	switch plainWords(cell) {
	case "unknown", "unk", "tbd", "tba", "see notes":
		return true
	}
	return false
}

// endOfPeriod is the last day of a month or a year, "" for anything else.
func endOfPeriod(cell string) inventory.Date {
	text := plainWords(cell)
	for _, layout := range []string{"1 2006", "2006 1", "Jan 2006", "January 2006", "2006 Jan", "2006 January"} {
		if t, err := time.Parse(layout, text); err == nil {
			return plausible(t.AddDate(0, 1, -1)).date
		}
	}
	if t, err := time.Parse("2006", text); err == nil {
		return plausible(t.AddDate(1, 0, -1)).date
	}
	return ""
}
