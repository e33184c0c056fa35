package register

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// The codes of the contradictions that the register puts on devices. The set is
// closed; package remediation/finding turns them into findings.
const (
	CodeSoftwareStale    = "register_software_stale"
	CodeSerialUnreadable = "register_serial_unreadable"
	CodeSerialDiffers    = "register_serial_differs"
	CodeDuplicate        = "register_duplicate"
	CodeMissingFound     = "register_missing_found"
	CodeRetiredHeard     = "register_retired_heard"
	CodeMACDiffers       = "register_mac_differs"
	CodeIPDiffers        = "register_ip_differs"
	CodeMakerDiffers     = "register_maker_differs"
	CodeKeysDisagree     = "register_keys_disagree"  // one key says this asset, another says that one
	CodeDecisionStale    = "register_decision_stale" // a person decided, and the facts changed since
)

// Codes returns the closed list of the register's conflict codes.
func Codes() []string {
	return []string{
		CodeSoftwareStale, CodeSerialUnreadable, CodeSerialDiffers, CodeDuplicate, CodeMissingFound, CodeRetiredHeard, CodeMACDiffers,
		CodeIPDiffers, CodeMakerDiffers, CodeKeysDisagree, CodeDecisionStale,
	}
}

// recordConflicts are those of a record by itself.
func recordConflicts(rec *record) []inventory.Conflict {
	var list []inventory.Conflict
	a := rec.asset
	if a.SerialDefect != "" {
		list = append(list, inventory.Conflict{Code: CodeSerialUnreadable, Attribute: "serial_number", Values: []string{a.SerialNumber},
			Says: fmt.Sprintf("asset %s: the register's serial number cannot be used: %s; read the plate", a.ControlNumber, a.SerialDefect)})
	}
	if len(rec.twins) > 0 {
		list = append(list, inventory.Conflict{Code: CodeDuplicate, Attribute: "serial_number", Values: []string{a.SerialNumber},
			Says: fmt.Sprintf("asset %s is probably entered twice: %s has its maker and serial number too", a.ControlNumber, strings.Join(rec.twins, ", "))})
	}
	if len(rec.macsClaimed) > 0 {
		list = append(list, inventory.Conflict{Code: CodeDuplicate, Attribute: "mac", Values: slices.Clone(rec.macsClaimed),
			Says: fmt.Sprintf("asset %s: another record claims its MAC address", a.ControlNumber)})
	}
	return list
}

// drift is what differs between a record and the device that it is joined to, or
// would be but for a contradiction.
func (v *verdict) drift() []inventory.Conflict {
	list := recordConflicts(v.best.rec)
	list = append(list, v.keys...)
	list = append(list, v.contradictions()...)
	if v.match.Decisive() {
		list = append(list, v.software()...)
		list = append(list, v.addresses()...)
		list = append(list, v.status()...)
	}
	return list
}

// contradictions are shown on conflicts and on what a person confirmed; a
// candidate among others says them in its reasons.
func (v *verdict) contradictions() []inventory.Conflict {
	if !v.match.Decisive() && v.match.State != inventory.Conflicts {
		return nil
	}
	var list []inventory.Conflict
	a := v.best.rec.asset
	if v.best.serial {
		list = append(list, inventory.Conflict{Code: CodeSerialDiffers, Attribute: "serial_number", Values: []string{a.SerialNumber, v.h.d.SerialNumber},
			Says: fmt.Sprintf("asset %s has serial number %s in the register; the device says %s", a.ControlNumber, a.SerialNumber, v.h.d.SerialNumber)})
	}
	if v.best.maker {
		list = append(list, inventory.Conflict{Code: CodeMakerDiffers, Attribute: "manufacturer", Values: []string{a.Manufacturer, v.h.d.Manufacturer},
			Says: fmt.Sprintf("asset %s is made by %s in the register; the device says %s", a.ControlNumber, a.Manufacturer, v.h.d.Manufacturer)})
	}
	return list
}

// software compares the register's software column with what the device says.
func (v *verdict) software() []inventory.Conflict {
	a, said := v.best.rec.asset, v.h.d.SoftwareVersions
	if a.Software == "" || len(said) == 0 || slices.ContainsFunc(said, func(s string) bool { return sameVersion(s, a.Software) }) {
		return nil
	}
	says := fmt.Sprintf("the register says software %s, the device says %s", a.Software, strings.Join(said, ", "))
	for _, w := range a.History {
		if w.AsLeft == "" || !slices.ContainsFunc(said, func(s string) bool { return sameVersion(s, w.AsLeft) }) {
			continue
		}
		says += fmt.Sprintf("; the register's own work order %s of %s left %s, so only the column is old", w.Order, lastDay(w), w.AsLeft)
		break
	}
	return []inventory.Conflict{{Code: CodeSoftwareStale, Attribute: "software_version", Values: append([]string{a.Software}, said...), Says: says}}
}

// sameVersion compares two versions as people write them: without case, a leading
// "v" and leading zeros of each part.
func sameVersion(a, b string) bool {
	return slices.Equal(versionParts(a), versionParts(b))
}

func versionParts(s string) []string {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, lead := range []string{"version", "ver", "rev", "v"} {
		if rest, ok := strings.CutPrefix(s, lead); ok && strings.TrimLeft(rest, " .") != "" && strings.ContainsAny(strings.TrimLeft(rest, " .")[:1], "0123456789") {
			s = strings.TrimLeft(rest, " .")
			break
		}
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(".-_ /", r) })
	for i, p := range parts {
		if trimmed := strings.TrimLeft(p, "0"); trimmed != "" {
			parts[i] = trimmed
		} else {
			parts[i] = "0"
		}
	}
	return parts
}

func (v *verdict) addresses() []inventory.Conflict {
	var list []inventory.Conflict
	a := v.best.rec.asset
	if len(a.MACs) > 0 && len(v.h.macs) > 0 && !shareAny(a.MACs, v.h.macs) {
		list = append(list, inventory.Conflict{Code: CodeMACDiffers, Attribute: "mac", Values: slices.Concat(a.MACs[:1], v.h.macs),
			Says: fmt.Sprintf("the register says MAC %s, the device has %s: a card was replaced, or the column is old", strings.Join(a.MACs, ", "), strings.Join(v.h.macs, ", "))})
	}
	if a.IP != "" && len(v.h.d.IPs) > 0 && !slices.Contains(v.h.d.IPs, a.IP) {
		list = append(list, inventory.Conflict{Code: CodeIPDiffers, Attribute: "ip", Values: append([]string{a.IP}, v.h.d.IPs...),
			Says: fmt.Sprintf("the register says IP %s, the device has %s", a.IP, strings.Join(v.h.d.IPs, ", "))})
	}
	return list
}

func (v *verdict) status() []inventory.Conflict {
	a := v.best.rec.asset
	switch a.Status {
	case inventory.Missing:
		return []inventory.Conflict{{Code: CodeMissingFound, Attribute: "status", Values: []string{a.StatusText},
			Says: fmt.Sprintf("asset %s is %q in the register and was heard", a.ControlNumber, a.StatusText)}}
	case inventory.Retired:
		return []inventory.Conflict{{Code: CodeRetiredHeard, Attribute: "status", Values: []string{a.StatusText},
			Says: fmt.Sprintf("asset %s is %q in the register and still speaks", a.ControlNumber, a.StatusText)}}
	}
	return nil
}
