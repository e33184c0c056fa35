package finding

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
)

// identitySettles is how far apart the first and the last statement of another
// maker, model or serial number must lie before a finding may end by it: a
// workstation's screenshot or a service laptop speaks for minutes, a device that
// was replaced speaks for good.
const identitySettles = 24 * time.Hour

// notClosed begins the sentence of a finding that stays though its cause seems
// gone.
const notClosed = "Not closed: "

// harmless are the contradictions about an identifying attribute that leave open
// what the register says and not which device speaks: an unfilled serial number,
// a record that cannot be read or is there twice, and an address that changed
// since the record was written.
var harmless = fields("serial_placeholder register_serial_unreadable register_duplicate register_ip_differs")

// disputes says what is contradictory about which device this is, or "". While
// something is, nothing that it says ends a finding: it may be another one's word.
func disputes(d *inventory.Device) string {
	var says []string
	for _, c := range d.Conflicts {
		if among(harmless, c.Code) || slices.Contains(says, c.Says) {
			continue
		}
		switch protocols.Attribute(c.Attribute) {
		case protocols.SerialNumber, protocols.Model, protocols.Manufacturer, protocols.IPAddress, protocols.AETitle:
			says = append(says, firstOf([]string{c.Says, c.Code}))
		default:
			if c.Code == "register_keys_disagree" {
				says = append(says, firstOf([]string{c.Says, c.Code}))
			}
		}
	}
	return strings.Join(says, "; ")
}

// stood is who a device said it was when a finding was last made of it, folded for
// comparison. It is kept beside the finding: a finding ends by what the device
// runs, not by its turning into another device.
type stood struct {
	Maker  string `json:"maker,omitempty"`
	Model  string `json:"model,omitempty"`
	Serial string `json:"serial,omitempty"`
}

func (f *facts) stands() stood {
	model := strings.Join(f.canon, "+")
	if model == "" {
		model = foldText(f.model)
	}
	return stood{Maker: strings.Join(f.makers, "+"), Model: model, Serial: foldText(f.serial)}
}

// kept is a finding as it is stored.
type kept struct {
	remediation.Finding
	Stood stood `json:"stood_on,omitzero"`
}

// changed names the first of maker, model and serial number that is another one
// now and has not been stated for long enough, or "".
func (s stood) changed(d *inventory.Device, now stood) string {
	for _, c := range []struct {
		attribute protocols.Attribute
		name      string
		old, new  string
		said      string
	}{
		{protocols.Manufacturer, "manufacturer", s.Maker, now.Maker, d.Manufacturer},
		{protocols.Model, "model", s.Model, now.Model, d.Model},
		{protocols.SerialNumber, "serial number", s.Serial, now.Serial, d.SerialNumber},
	} {
		if c.old != "" && c.old != c.new && !settledOn(d, c.attribute, c.said) {
			return c.name
		}
	}
	return ""
}

// settledOn reports whether the wire stated a value at least twice, and over time.
func settledOn(d *inventory.Device, a protocols.Attribute, value string) bool {
	return slices.ContainsFunc(d.Evidence, func(e inventory.Evidence) bool {
		return e.Attribute == string(a) && e.Value == value && e.Protocol != registerProtocol && e.Count >= 2 &&
			e.LastSeen.Sub(e.FirstSeen) >= identitySettles
	})
}

// withheld says why a finding stays though its cause seems gone, or "".
func withheld(d *inventory.Device, known *facts, f kept) string {
	if says := disputes(d); says != "" {
		return fmt.Sprintf("%swhile it is in dispute which device speaks, nothing that it says ends this (%s); a person must look.", notClosed, says)
	}
	if f.Kind == remediation.RegisterDrift || known.identity == remediation.OnRegister {
		return ""
	}
	if what := f.Stood.changed(d, known.stands()); what != "" {
		return fmt.Sprintf("%sthe device states another %s than when this was found, and not for a day yet; a person must say whether it is the same device.", notClosed, what)
	}
	return ""
}

// hold keeps a finding as it is and says why, once.
func (u *update) hold(f kept, why string) error {
	if slices.Contains(f.Evidence, why) {
		return nil
	}
	f.Evidence = withSentence(f.Evidence, why)
	u.changes.Changed = append(u.changes.Changed, f.ID)
	return u.put(f)
}

// withSentence adds a sentence, without what was said of an earlier hold.
func withSentence(evidence []string, s string) []string {
	out := slices.DeleteFunc(slices.Clone(evidence), func(e string) bool { return strings.HasPrefix(e, notClosed) })
	out = append(out, s)
	return out[max(0, len(out)-maxEvidence):]
}
