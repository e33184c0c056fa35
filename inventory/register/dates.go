package register

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
)

// The two orders in which people write day and month, as a mapping names them.
const (
	dayFirst   = "day-first"
	monthFirst = "month-first"
)

// The years that a date in a register can have: the oldest devices in service are
// from the sixties; warranties and certificates end within a working life.
const (
	firstYear = 1950
	lastYear  = 2100
	// pivotYear: a year of two digits above it is of the last century.
	pivotYear = 69
	// The days that spreadsheets count from 1899-12-30 (ECMA-376-1, 18.17.4.1);
	// this range is 1954 to 2119, and no day written as digits falls in it.
	firstSerialDay = 20000
	lastSerialDay  = 80000
)

// day is what one cell of a date column says.
type day struct {
	date   inventory.Date // when there is one reading
	a, b   int            // the first and second number, when there may be two readings
	year   int
	order  string // the order that this value itself proves, "" for none
	unsure bool   // both readings are days and differ
	bad    bool   // not a date
}

// dateReader reads the dates of one file.
type dateReader struct{ numeric, compact *regexp.Regexp }

func newDateReader() dateReader {
	return dateReader{
		numeric: regexp.MustCompile(`^(\d{1,4})([-/. ])(\d{1,2})([-/. ])(\d{1,4})$`),
		compact: regexp.MustCompile(`^\d{8}$`),
	}
}

// read reads one cell. "" and the placeholders of a date give the zero day.
func (d dateReader) read(cell string) day {
	s := withoutTime(cell)
	if noDate(s) {
		return day{}
	}
	if d.compact.MatchString(s) {
		return exact(s, "20060102")
	}
	if m := d.numeric.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		return numericDay(m[1], m[3], m[5], m[2])
	}
	if n, err := strconv.Atoi(s); err == nil && n >= firstSerialDay && n <= lastSerialDay {
		return plausible(time.Date(1899, 12, 30+n, 0, 0, 0, 0, time.UTC))
	}
	s = strings.NewReplacer(",", " ", "-", " ", "/", " ", ".", " ").Replace(s)
	s = strings.Join(strings.Fields(s), " ")
	for _, layout := range []string{"2 Jan 2006", "2 January 2006", "Jan 2 2006", "January 2 2006", "2 Jan 06", "2006 Jan 2", "2006 January 2"} {
		if t, err := time.Parse(layout, s); err == nil {
			return plausible(t)
		}
	}
	return day{bad: true}
}

// withoutTime takes off the time of day that some exports append.
func withoutTime(s string) string {
	if date, clock, ok := strings.Cut(s, "T"); ok && len(date) == len("2006-01-02") && strings.Contains(clock, ":") {
		return date
	}
	if date, clock, ok := strings.Cut(s, " "); ok && strings.Contains(clock, ":") && strings.ContainsAny(date, "/-.") {
		return date
	}
	return s
}

func noDate(s string) bool {
	return absentWord(s) || strings.Trim(s, "0/-. ") == ""
}

func exact(s, layout string) day {
	t, err := time.Parse(layout, s)
	if err != nil {
		return day{bad: true}
	}
	return plausible(t)
}

func plausible(t time.Time) day {
	if t.Year() < firstYear || t.Year() > lastYear {
		return day{bad: true}
	}
	return day{date: inventory.On(t)}
}

// numericDay reads three numbers. A year in front is ISO; dots are written by
// those who put the day first.
func numericDay(first, second, third, mark string) day {
	a, _ := strconv.Atoi(first) // the pattern allows digits only
	b, _ := strconv.Atoi(second)
	c, _ := strconv.Atoi(third)
	if len(first) == 4 {
		return ymd(a, b, c)
	}
	if len(first) > 2 || len(third) != 4 && len(third) != 2 {
		return day{bad: true}
	}
	if len(third) == 2 {
		c += 1900
		if c <= 1900+pivotYear {
			c += 100
		}
	}
	asDay, asMonth := ymd(c, b, a), ymd(c, a, b)
	switch {
	case asDay.bad && asMonth.bad:
		return day{bad: true}
	case asMonth.bad || mark == "." && !asDay.bad:
		return day{date: asDay.date, order: dayFirst}
	case asDay.bad:
		return day{date: asMonth.date, order: monthFirst}
	case a == b:
		return asDay
	}
	return day{a: a, b: b, year: c, unsure: true}
}

func ymd(y, m, d int) day {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if m < 1 || m > 12 || t.Day() != d || d < 1 {
		return day{bad: true}
	}
	return plausible(t)
}

// as reads an unsure day in one order.
func (d day) as(order string) inventory.Date {
	if !d.unsure {
		return d.date
	}
	if order == dayFirst {
		return ymd(d.year, d.b, d.a).date
	}
	return ymd(d.year, d.a, d.b).date
}

// orders counts what the values of a column prove.
type orders struct{ day, month, unsure int }

func (o *orders) add(d day) {
	switch {
	case d.order == dayFirst:
		o.day++
	case d.order == monthFirst:
		o.month++
	case d.unsure:
		o.unsure++
	}
}

func (o orders) mixed() bool { return o.day > 0 && o.month > 0 }

// majority is the order that most values prove, "" for a tie or none.
func (o orders) majority() string {
	switch {
	case o.day > o.month:
		return dayFirst
	case o.month > o.day:
		return monthFirst
	}
	return ""
}
