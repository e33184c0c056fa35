package register

import (
	"fmt"

	"github.com/auscult/auscult/inventory"
)

// assets reads every row of an asset file. Of two rows with one control number
// the last one stands.
func (in *intake) assets() map[string]inventory.Asset {
	in.learnShops()
	list := make(map[string]inventory.Asset, len(in.sheet.rows))
	for _, r := range in.sheet.rows {
		control, ok := in.control(r)
		if !ok {
			continue
		}
		if in.onlyControl(r) {
			in.refuse(r, control, "control_number", "holds nothing but a control number; a total or a cut row is no asset")
			continue
		}
		a := in.asset(r, control)
		if first, twice := list[control]; twice {
			says := fmt.Sprintf("the control number stands in row %d too with other values; this row, the last one, was taken", first.Row)
			if sameAsset(first, a) {
				says = fmt.Sprintf("repeats row %d", first.Row)
			}
			in.flaw(r, control, "control_number", RowTwice, says)
		}
		list[control] = a
	}
	return list
}

// control returns a row's control number exactly as written, leading zeros kept.
func (in *intake) control(r row) (string, bool) {
	control := in.sheet.cell(r, "control_number")
	switch {
	case absentWord(control):
		in.refuse(r, "", "control_number", "has no control number; nothing can be attached to it")
	case len(control) > MaxControl:
		in.refuse(r, "", "control_number", fmt.Sprintf("the control number is longer than %d bytes; look for a shifted column", MaxControl))
	case in.serials.number.MatchString(control):
		in.refuse(r, "", "control_number", "a spreadsheet turned the control number into a rounded number; export the column as text")
	default:
		return control, true
	}
	return "", false
}

func (in *intake) onlyControl(r row) bool {
	for _, name := range []string{"description", "manufacturer", "model", "serial_number"} {
		if in.sheet.cell(r, name) != "" {
			return false
		}
	}
	return true
}

func (in *intake) asset(r row, control string) inventory.Asset {
	a := inventory.Asset{Site: in.o.Site, ControlNumber: control, AsOf: in.asOf, File: in.file, Row: r.line}
	for _, c := range []struct {
		name  string
		field *string
	}{
		{"description", &a.Description}, {"manufacturer", &a.Manufacturer}, {"model", &a.Model}, {"facility", &a.Facility},
		{"building", &a.Building}, {"room", &a.Room}, {"department", &a.Department}, {"cost_center", &a.CostCenter}, {"owner", &a.Owner},
		{"contract", &a.Contract}, {"service_provider", &a.ServiceProvider}, {"software", &a.Software}, {"hostname", &a.Hostname},
		{"ae_title", &a.AETitle},
	} {
		*c.field = in.text(r, control, c.name)
	}
	if notes := in.sheet.cell(r, "notes"); !absentWord(notes) {
		a.Notes = cut(notes, MaxNotes)
	}
	in.serial(r, &a)
	in.service(r, &a)
	in.network(r, &a)
	in.warranty(r, &a)
	a.LastPM = in.date(r, control, "last_pm")
	a.NextPM = in.date(r, control, "next_pm")
	a.Installed = in.date(r, control, "installed")
	return a
}

func (in *intake) serial(r row, a *inventory.Asset) {
	a.SerialNumber = cut(in.sheet.cell(r, "serial_number"), MaxText)
	a.SerialDefect = in.serials.defect(a.SerialNumber, in.o.Lexicon)
	switch a.SerialDefect {
	case "":
	case placeholder:
		in.flaw(r, a.ControlNumber, "serial_number", SerialPlaceholder, "is a placeholder; it matches nothing")
	default:
		in.flaw(r, a.ControlNumber, "serial_number", SerialUnreadable, a.SerialDefect+"; it matches nothing: read the plate and correct the register")
	}
}

// service reads who answers for the asset. A life support flag that cannot be
// read counts as yes: the careful answer.
func (in *intake) service(r row, a *inventory.Asset) {
	word := func(name string, known bool, says string) {
		if !known {
			in.flaw(r, a.ControlNumber, name, WordUnknown, says)
		}
	}
	var known bool
	a.StatusText, a.CoverageText = in.text(r, a.ControlNumber, "status"), in.text(r, a.ControlNumber, "coverage")
	a.Status, known = statusOf(a.StatusText)
	word("status", known, "is no status that is known; the asset's status is unknown, and nobody is told of work on it before a person has looked")
	in.coverage(r, a)
	a.Risk, known = riskOf(in.text(r, a.ControlNumber, "risk"))
	word("risk", known, "is none of high, medium and low, and was left out")
	a.LifeSupport, known = yesNo(in.sheet.cell(r, "life_support"))
	a.LifeSupport = a.LifeSupport || !known
	word("life_support", known, "is neither yes nor no; yes was taken")
	a.PMMonths, known = monthsOf(in.sheet.cell(r, "pm_months"))
	word("pm_months", known, "is no number of months, and was left out")
}

func (in *intake) network(r row, a *inventory.Asset) {
	var whole bool
	if a.IP, whole = in.addresses.ip(in.sheet.cell(r, "ip")); !whole {
		in.flaw(r, a.ControlNumber, "ip", AddressUnreadable, "holds something other than one IP address of a device; what could be read was taken")
	}
	if a.MACs, whole = in.addresses.macs(in.sheet.cell(r, "mac")); !whole {
		in.flaw(r, a.ControlNumber, "mac", AddressUnreadable, "holds something other than MAC addresses of a device; what could be read was taken")
	}
}

// sameAsset reports whether two records say the same, wherever they were read.
func sameAsset(a, b inventory.Asset) bool {
	a.AsOf, a.File, a.Row = b.AsOf, b.File, b.Row
	return equalJSON(a, b)
}
