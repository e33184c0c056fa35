package policy

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// fold lowers a name and keeps only letters and digits, single spaces between.
func fold(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && r < 0x80
	}), " ")
}

func sameText(a, b string) bool { return fold(a) == fold(b) }

// maker is a manufacturer's name as it is compared.
func (d *decision) maker(name string) string {
	if d.in.Lexicon == nil || strings.TrimSpace(name) == "" {
		return fold(name)
	}
	canon, _ := d.in.Lexicon.Manufacturer(name)
	return fold(canon)
}

// knownMaker reports whether the name is a manufacturer that the lexicon knows.
func (d *decision) knownMaker(name string) bool {
	if d.in.Lexicon == nil {
		return false
	}
	_, known := d.in.Lexicon.Manufacturer(name)
	return known
}

// makers are the device's makers, by its own word or else by its record.
func (d *decision) makers() []string {
	dev := &d.in.Device
	names := []string{dev.Manufacturer, dev.ManufacturerCanonical}
	if dev.Manufacturer == "" && dev.ManufacturerCanonical == "" && dev.Asset != nil {
		names = append(names, dev.Asset.Manufacturer)
	}
	var out []string
	for _, n := range names {
		if k := d.maker(n); k != "" && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// makerName is the manufacturer for people: canonical where known.
func (d *decision) makerName() string {
	dev := &d.in.Device
	names := []string{dev.ManufacturerCanonical, dev.Manufacturer}
	if dev.Asset != nil {
		names = append(names, dev.Asset.Manufacturer)
	}
	for _, n := range names {
		if n != "" {
			if d.in.Lexicon != nil {
				n, _ = d.in.Lexicon.Manufacturer(n)
			}
			return n
		}
	}
	return ""
}

// models are the names of the device's model, folded, as said and canonical; by
// its record only where the device says none and the match is decisive.
func (d *decision) models() []string {
	dev := &d.in.Device
	names := []string{dev.Model, dev.ModelCanonical}
	makers := []string{dev.Manufacturer, dev.ManufacturerCanonical}
	if a := dev.Asset; dev.Model == "" && dev.ModelCanonical == "" && a != nil && (a.Match.Decisive() || dev.Presence == inventory.RegisterOnly) {
		names, makers = append(names, a.Model), append(makers, a.Manufacturer)
	}
	var out []string
	add := func(n string) {
		if k := fold(n); k != "" && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	for _, n := range names {
		add(n)
		for _, m := range makers {
			if d.in.Lexicon != nil && n != "" && m != "" {
				canon, _ := d.in.Lexicon.Model(m, n)
				add(canon)
			}
		}
	}
	return out
}

// fit says how closely a grant's model names the device's: 0 not at all, 1 by
// "*", 2 and more by a beginning (the longer the closer), exactModel by name.
func (d *decision) fit(g inventory.Grant, models []string) int {
	text := strings.TrimSpace(g.Model)
	if text == "*" {
		return 1
	}
	if head, ok := strings.CutSuffix(text, "*"); ok {
		head = strings.ReplaceAll(fold(head), " ", "")
		for _, m := range models {
			if head != "" && strings.HasPrefix(strings.ReplaceAll(m, " ", ""), head) {
				return 1 + min(len(head), exactModel-2)
			}
		}
		return 0
	}
	names := []string{fold(text)}
	if d.in.Lexicon != nil && g.Manufacturer != "*" {
		canon, _ := d.in.Lexicon.Model(g.Manufacturer, text)
		names = append(names, fold(canon))
	}
	for _, n := range names {
		if n != "" && slices.ContainsFunc(models, func(m string) bool { return m == n || sameNumbers(n, m) }) {
			return exactModel
		}
	}
	return 0
}

// exactModel is the fit of a grant that names the model.
const exactModel = 100

// sameNumbers reports whether a grant's model carries all the numbers of the
// device's and no other word than the device's: "8015" for "Alaris PCU 8015".
func sameNumbers(grant, device string) bool {
	gw, dw := strings.Fields(grant), strings.Fields(device)
	numbers := false
	for _, w := range dw {
		if strings.ContainsAny(w, "0123456789") {
			numbers = true
			if !slices.Contains(gw, w) {
				return false
			}
		}
	}
	return numbers && !slices.ContainsFunc(gw, func(w string) bool { return !slices.Contains(dw, w) })
}
