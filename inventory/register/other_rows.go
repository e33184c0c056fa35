package register

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// works reads every row of a history file. resolve finds the asset that a control
// number means, and says how.
func (in *intake) works(resolve func(string) (string, bool)) map[string]work {
	list := make(map[string]work, len(in.sheet.rows))
	for _, r := range in.sheet.rows {
		control, ok := in.control(r)
		if !ok {
			continue
		}
		order := in.text(r, control, "order")
		if order == "" {
			in.refuse(r, control, "order", "has no work order number")
			continue
		}
		switch meant, known := resolve(control); {
		case !known:
			in.flaw(r, control, "control_number", ControlUnknown, "no such asset in the register; the work is kept and attached once the asset is imported")
		case meant != control:
			in.flaw(r, control, "control_number", ControlZeros, fmt.Sprintf("fits asset %s only without its leading zeros; it was attached there", meant))
		}
		key := workKey(control, order)
		if first, twice := list[key]; twice {
			in.flaw(r, control, "order", RowTwice, fmt.Sprintf("the work order stands in row %d too for the same asset; this row, the last one, was taken", first.Row))
		}
		list[key] = work{Control: control, File: in.file, Row: r.line, Work: in.work(r, control, order)}
	}
	return list
}

// work reads one piece of work. The technician is a person: the name is kept as
// written and stands nowhere else.
func (in *intake) work(r row, control, order string) inventory.Work {
	w := inventory.Work{
		Order: order, Type: in.text(r, control, "type"), Problem: in.text(r, control, "problem"), Action: in.text(r, control, "action"),
		Technician: in.text(r, control, "technician"), AsLeft: in.text(r, control, "as_left"),
		Opened: in.date(r, control, "opened"), Completed: in.date(r, control, "completed"),
	}
	if s := in.text(r, control, "hours"); s != "" {
		hours, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
		if err != nil || !(hours >= 0 && hours < 10000) {
			in.flaw(r, control, "hours", WordUnknown, "is no number of hours, and was left out")
			hours = 0
		}
		w.Hours = hours
	}
	return w
}

// grants reads every row of an engineers file. Whatever is not complete is
// refused: without evidence and both dates nobody may do anything.
func (in *intake) grants(opens func(inventory.Grant) int, providers map[string]bool) map[string]inventory.Grant {
	crowds := in.crowds(providers)
	list := make(map[string]inventory.Grant, len(in.sheet.rows))
	for _, r := range in.sheet.rows {
		g, ok := in.grant(r, crowds)
		if !ok {
			continue
		}
		if g.Manufacturer == "*" || g.Model == "*" {
			in.flaw(r, "", "model", GrantWide, fmt.Sprintf("%s of %s for %s: opens %d devices of the register", g.Activity, g.Person, reach(g), opens(g)))
		}
		if first, twice := list[grantKey(g)]; twice {
			in.flaw(r, "", "person", RowTwice, fmt.Sprintf("repeats the grant of row %d; this row, the last one, was taken", first.Row))
		}
		list[grantKey(g)] = g
	}
	return list
}

func reach(g inventory.Grant) string {
	switch {
	case g.Manufacturer == "*" && g.Model == "*":
		return "any maker and model"
	case g.Manufacturer == "*":
		return "any maker, model " + g.Model
	}
	return "any model of " + g.Manufacturer
}

func (in *intake) grant(r row, crowds map[string]bool) (inventory.Grant, bool) {
	g := inventory.Grant{
		Site: in.o.Site, Person: in.text(r, "", "person"), Team: in.text(r, "", "team"), Certificate: in.text(r, "", "certificate"),
		Manufacturer: in.pattern(r, "manufacturer"), Model: in.pattern(r, "model"), File: in.file, Row: r.line,
	}
	g.ValidFrom, g.ValidTo = in.date(r, "", "valid_from"), in.date(r, "", "valid_to")
	evidence := evidenceDefect(in.sheet.cell(r, "certificate"))
	var known bool
	g.Activity, known = activityOf(in.sheet.cell(r, "activity"))
	for _, rule := range []struct {
		broken       bool
		column, says string
	}{
		{g.Person == "", "person", "names nobody"},
		{in.sheet.damaged(r, "person"), "person", "holds characters that cannot be seen; write the name again"},
		{crowd(g.Person, crowds), "person", "names a team or a queue; a grant is for one person"},
		{!known, "activity", "is no activity that is known; write one of " + activityNames()},
		{g.Manufacturer == "", "manufacturer", "names no maker; write * for any"},
		{g.Model == "", "model", "names no model; write * for any"},
		{strings.Contains(strings.TrimSuffix(g.Model, "*"), "*") || g.Manufacturer != "*" && strings.Contains(g.Manufacturer, "*"), "model", "a * stands alone or at the end of a model"},
		{evidence != "", "certificate", evidence},
		{g.ValidFrom == "", "valid_from", "has no first day; a grant needs both dates"},
		{g.ValidTo == "", "valid_to", "has no last day; a grant needs both dates"},
		{in.unproven(r, "valid_from"), "valid_from", "can be read as two different days; write YYYY-MM-DD"},
		{in.unproven(r, "valid_to"), "valid_to", "can be read as two different days; write YYYY-MM-DD"},
		{g.ValidTo < g.ValidFrom, "valid_to", "ends before it begins"},
	} {
		if rule.broken {
			in.refuse(r, "", rule.column, rule.says)
			return inventory.Grant{}, false
		}
	}
	return g, true
}

// pattern returns a maker or model cell; "*" is a word there, not an absence.
func (in *intake) pattern(r row, name string) string {
	if s := in.sheet.cell(r, name); s == "*" || strings.EqualFold(s, "any") || strings.EqualFold(s, "all") {
		return "*"
	}
	return in.text(r, "", name)
}

func activityNames() string {
	var names []string
	for _, a := range Activities() {
		names = append(names, string(a))
	}
	return strings.Join(names, ", ")
}
