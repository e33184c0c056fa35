package finding

import (
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
)

// registerProtocol is how evidence that stems from the hospital's register
// names its protocol.
const registerProtocol = "register"

// facts are what is known of a device as far as advisories ask for it.
type facts struct {
	site, device string
	makers       []string // keys of canonical names
	groups       []string // keys of who owns them
	maker, model string   // for sentences
	names        []phrase
	canon        []string // canonical model names, folded
	numbers      []string // model texts as written, for model number patterns
	serial       string
	identity     remediation.Basis // on what maker and model stand
	versions     []heard
}

// heard is one version of a device, said by whom and when.
type heard struct {
	text  string
	basis remediation.Basis
	by    string // protocol and field, or "the register"
	first time.Time
	at    time.Time // last said; zero when not known
}

// know gathers what is known of a device. Register facts count only for an asset
// that is decisively this device, and never over what the wire says.
func (x *index) know(d inventory.Device) facts {
	f := facts{site: d.Site, device: d.ID, identity: remediation.OnWire, serial: d.SerialNumber}
	makers, models := []string{d.Manufacturer, d.ManufacturerCanonical}, []string{d.Model, d.ModelCanonical}
	if d.Presence == inventory.RegisterOnly || onlyRegister(d, protocols.Manufacturer) || onlyRegister(d, protocols.Model) {
		f.identity = remediation.OnRegister
	}
	if a := ownAsset(d); a != nil {
		if d.Manufacturer == "" && d.ManufacturerCanonical == "" {
			makers, f.identity = append(makers, a.Manufacturer), remediation.OnRegister
		}
		if d.Model == "" && d.ModelCanonical == "" {
			models, f.identity = append(models, a.Model), remediation.OnRegister
		}
		if f.serial == "" {
			f.serial = a.SerialNumber
		}
	}
	f.maker, f.model = firstOf(makers), firstOf(models)
	x.nameDevice(&f, makers, models)
	f.versions = versionsOf(d)
	return f
}

// nameDevice turns what was said into what is compared.
func (x *index) nameDevice(f *facts, makers, models []string) {
	var words []string
	for _, m := range makers {
		for _, name := range x.makerNames(m) {
			f.makers = append(f.makers, makerKey(name))
			words = append(words, strings.Fields(makerKey(name))...)
		}
	}
	f.makers, f.groups = sorted(f.makers), x.groupsOf(makers)
	for _, m := range models {
		if m == "" {
			continue
		}
		f.numbers = append(f.numbers, m)
		texts := append([]string{m}, x.aliases.namesOf(f.makers, m)...)
		for _, maker := range makers {
			if canon, known := x.lex.Model(maker, m); maker != "" && known {
				f.canon = append(f.canon, foldText(canon))
				texts = append(texts, canon)
				texts = append(texts, x.aliases.namesOf(f.makers, canon)...)
			}
		}
		for _, t := range texts {
			if p := newPhrase(t, words); len(p.words)+len(p.desigs) > 0 {
				f.names = append(f.names, p)
			}
		}
	}
	f.canon = sorted(f.canon)
}

// ownAsset is the register's record when it is decisively this device.
func ownAsset(d inventory.Device) *inventory.AssetView {
	if d.Asset != nil && (d.Presence == inventory.RegisterOnly || d.Asset.Match.Decisive()) {
		return d.Asset
	}
	return nil
}

func firstOf(list []string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// onlyRegister reports whether every statement of an attribute stems from the
// register.
func onlyRegister(d inventory.Device, a protocols.Attribute) bool {
	any := false
	for _, e := range d.Evidence {
		if protocols.Attribute(e.Attribute) != a {
			continue
		}
		if e.Protocol != registerProtocol {
			return false
		}
		any = true
	}
	return any
}

// versionsOf lists the versions that a device runs now: by the wire where it
// said any, else by the register.
func versionsOf(d inventory.Device) []heard {
	if wire := wireVersions(d); len(wire) > 0 {
		return wire
	}
	a := ownAsset(d)
	switch {
	case a != nil && a.Software != "":
		return []heard{{text: a.Software, basis: remediation.OnRegister, by: "the register", at: a.AsOf, first: a.AsOf}}
	case d.Presence == inventory.RegisterOnly && len(d.SoftwareVersions) > 0:
		h := heard{basis: remediation.OnRegister, by: "the register", text: d.SoftwareVersions[0]}
		if a != nil {
			h.at, h.first = a.AsOf, a.AsOf
		}
		return []heard{h}
	}
	return nil
}

// wireVersions are the versions of the device's current set that the wire told.
// Evidence holds more: what the device ran before, and what other hosts' images
// say of it. It is asked only when and where a value of the set was stated.
func wireVersions(d inventory.Device) []heard {
	if d.Presence == inventory.RegisterOnly {
		return nil
	}
	var out []heard
	for _, v := range d.SoftwareVersions {
		if h, ok := wireVersion(d, v); ok {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b heard) int { return strings.Compare(a.text, b.text) })
	return slices.CompactFunc(out, func(a, b heard) bool { return a.text == b.text })
}

// wireVersion is the newest statement of one version on the wire. One that only
// the register states is none; one without any statement has no time.
func wireVersion(d inventory.Device, text string) (h heard, ok bool) {
	h = heard{text: text, basis: remediation.OnWire, by: "the network"}
	onPaper, onWire := false, false
	for _, e := range d.Evidence {
		switch {
		case e.Attribute != string(protocols.SoftwareVersion) || e.Value != text:
		case e.Protocol == registerProtocol:
			onPaper = true
		case !onWire || e.LastSeen.After(h.at):
			onWire = true
			h.by, h.first, h.at = strings.TrimSpace(e.Protocol+" "+e.Field), e.FirstSeen, e.LastSeen
		}
	}
	return h, onWire || !onPaper
}
