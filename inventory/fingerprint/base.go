// Package fingerprint is the knowledge base: what the field knows of makers,
// models, MAC blocks, DICOM stacks, programs, drugs and behaviour, as data that
// carries its own examples. It implements inventory.Knowledge. Use it to name and
// classify; do not use it to decide which device a statement is about (package
// identity).
package fingerprint

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// Base is a loaded knowledge base. It never changes after Load and is safe for
// concurrent use.
type Base struct {
	rules     ruleFile
	makers    map[string]string            // folded spelling to canonical name
	spellings []string                     // those of makers that may begin a longer name, longest first
	models    map[string]map[string]*model // canonical maker to folded model
	anywhere  map[string]*model            // folded model that only one maker has; nil when several
	families  map[string][]family          // by canonical maker
	prefixes  prefixTable
	parts     map[string]bool // owners of blocks that are built into others' devices
	types     []typeTest
	modality  map[string]inventory.Type // modality, and "sop:" with a storage class
	codes     map[string]inventory.Type // nomenclature codes
	hazards   hazardIndex
	fillers   map[string]bool // placeholder serials
	patterns  []*regexp.Regexp
	greetings []greetingTest
	tells     []tellTest
	contacts  contactTable
}

type model struct {
	maker, name, family string
	kind                inventory.Type
}

type family struct {
	name    string
	pattern *regexp.Regexp
	kind    inventory.Type
}

var _ inventory.Knowledge = (*Base)(nil)

func newBase() *Base {
	return &Base{
		makers: map[string]string{}, models: map[string]map[string]*model{}, anywhere: map[string]*model{},
		families: map[string][]family{}, prefixes: prefixTable{}, parts: map[string]bool{}, modality: map[string]inventory.Type{},
		codes: map[string]inventory.Type{}, fillers: map[string]bool{},
	}
}

// faults gathers what is wrong with the rules of one file.
type faults struct {
	file string
	errs []error
}

func (f *faults) check(section string, i int, ok bool, says string) {
	if !ok {
		f.errs = append(f.errs, fmt.Errorf("%s: %s", where(f.file, section, i), says))
	}
}

// kind checks a device type; the nearest known one is looked for only where it is
// wrong, because that is slow.
func (f *faults) kind(section string, i int, name string, optional bool) {
	if !knownType(name, optional) {
		f.check(section, i, false, unknownType(name))
	}
}

// tells checks the rules of greetings and tells.
func (f *faults) tells(r *ruleFile) {
	for i := range r.Greetings {
		f.check("greetings", i, r.Greetings[i].whole(), "needs id, source, protocol (telnet or ftp), begins or line, what it says, and a confidence above 0 and at most 1")
	}
	for i := range r.Tells {
		f.kind("tells", i, r.Tells[i].Type, true)
		f.check("tells", i, r.Tells[i].whole(), "needs id, source, clues under all or any, a note of one line, and a confidence above 0 and at most 1")
	}
}

// add takes the rules of one file after checking what each needs by itself.
func (b *Base) add(name string, r *ruleFile) error {
	f := faults{file: name}
	for i, m := range r.Manufacturers {
		f.check("manufacturers", i, m.Name != "", "has no name; give the canonical name")
	}
	for i, m := range r.Models {
		f.check("models", i, m.Model != "" && m.Manufacturer != "", "needs manufacturer and model")
		f.kind("models", i, m.Type, true)
	}
	for i, m := range r.Families {
		f.check("families", i, m.Manufacturer != "" && m.Family != "" && m.Pattern != "", "needs manufacturer, family and pattern")
		f.kind("families", i, m.Type, true)
	}
	for i, h := range r.Hazards {
		f.check("hazards", i, inventory.Hazard(h.Class).Rank() > 0, fmt.Sprintf("unknown class %q; use one of %v", h.Class, inventory.Hazards()))
	}
	for i, m := range r.Modalities {
		f.check("modalities", i, m.Modality != "", "needs a modality")
		f.kind("modalities", i, m.Type, true)
	}
	for i, d := range r.DeviceTypes {
		f.check("device_types", i, len(d.Codes) > 0, "needs codes")
		f.kind("device_types", i, d.Type, false)
	}
	for i, a := range r.Applications {
		f.check("applications", i, len(a.Names) > 0, "needs names")
		f.kind("applications", i, a.Type, true)
		f.check("applications", i, a.Confidence > 0 && a.Confidence <= 1, "confidence must lie above 0 and at most at 1")
	}
	for i, t := range r.Types {
		f.kind("types", i, t.Type, false)
		f.check("types", i, t.Why != "" && t.Confidence > 0 && t.Confidence <= 1, "needs why, and a confidence above 0 and at most 1")
		f.check("types", i, len(t.All)+len(t.Any) > 0, "needs clues under all or any")
	}
	f.tells(r)
	b.append(r)
	return errors.Join(f.errs...)
}

func (b *Base) append(r *ruleFile) {
	all := &b.rules
	all.Manufacturers = append(all.Manufacturers, r.Manufacturers...)
	all.Models = append(all.Models, r.Models...)
	all.Families = append(all.Families, r.Families...)
	all.Prefixes = append(all.Prefixes, r.Prefixes...)
	all.Implementations = append(all.Implementations, r.Implementations...)
	all.VendorClasses = append(all.VendorClasses, r.VendorClasses...)
	all.Versions = append(all.Versions, r.Versions...)
	all.PrivateClasses = append(all.PrivateClasses, r.PrivateClasses...)
	all.Systems = append(all.Systems, r.Systems...)
	all.Applications = append(all.Applications, r.Applications...)
	all.Modalities = append(all.Modalities, r.Modalities...)
	all.DeviceTypes = append(all.DeviceTypes, r.DeviceTypes...)
	all.Types = append(all.Types, r.Types...)
	all.Hazards = append(all.Hazards, r.Hazards...)
	all.Placeholders = append(all.Placeholders, r.Placeholders...)
	all.Greetings = append(all.Greetings, r.Greetings...)
	all.Tells = append(all.Tells, r.Tells...)
}

func knownType(name string, optional bool) bool {
	return name == "" && optional || slices.Contains(inventory.Types(), inventory.Type(name))
}

func unknownType(name string) string {
	var known []string
	for _, t := range inventory.Types() {
		known = append(known, string(t))
	}
	return fmt.Sprintf("unknown device type %q; did you mean %q?", name, nearest(name, known))
}

// build makes the indexes of all rules together.
func (b *Base) build() error {
	return errors.Join(b.buildMakers(), b.buildModels(), b.buildPrefixes(), b.buildModalities(), b.buildHazards(),
		b.buildPlaceholders(), b.buildImplied(), b.buildTypes(), b.buildGreetings(), b.buildTells())
}

func (b *Base) buildMakers() error {
	var errs []error
	begins := map[string]bool{}
	for _, m := range b.rules.Manufacturers {
		for _, s := range slices.Concat([]string{m.Name}, m.Synonyms, m.Exact) {
			for _, folded := range []string{words(s), maker(s)} {
				if other, ok := b.makers[folded]; ok && other != m.Name {
					errs = append(errs, fmt.Errorf("manufacturers: %q stands for both %q and %q; keep it in one", s, other, m.Name))
				}
				b.makers[folded] = m.Name
				if !slices.Contains(m.Exact, s) && !begins[folded] {
					begins[folded] = true
					b.spellings = append(b.spellings, folded)
				}
			}
		}
	}
	slices.SortFunc(b.spellings, func(x, y string) int {
		if len(x) != len(y) {
			return len(y) - len(x)
		}
		return strings.Compare(x, y)
	})
	return errors.Join(errs...)
}

func (b *Base) buildModels() error {
	var errs []error
	for _, m := range b.rules.Models {
		if b.makers[words(m.Manufacturer)] != m.Manufacturer {
			errs = append(errs, fmt.Errorf("models: %q: manufacturer %q is not a canonical name; add it under manufacturers", m.Model, m.Manufacturer))
			continue
		}
		entry := &model{maker: m.Manufacturer, name: m.Model, family: m.Family, kind: inventory.Type(m.Type)}
		of := b.models[m.Manufacturer]
		if of == nil {
			of = map[string]*model{}
			b.models[m.Manufacturer] = of
		}
		for _, s := range append([]string{m.Model}, m.Synonyms...) {
			key := compact(s)
			if other := of[key]; other != nil && other.name != m.Model {
				errs = append(errs, fmt.Errorf("models: %s %q stands for both %q and %q; keep it in one", m.Manufacturer, s, other.name, m.Model))
			}
			of[key] = entry
			if other, taken := b.anywhere[key]; taken && (other == nil || other.maker != entry.maker) {
				b.anywhere[key] = nil
			} else {
				b.anywhere[key] = entry
			}
		}
	}
	for _, f := range b.rules.Families {
		pattern, err := regexp.Compile("^(?:" + f.Pattern + ")$")
		if err == nil && b.makers[words(f.Manufacturer)] != f.Manufacturer {
			err = fmt.Errorf("manufacturer %q is not a canonical name", f.Manufacturer)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("families: %q: %w; correct the rule", f.Family, err))
			continue
		}
		b.families[f.Manufacturer] = append(b.families[f.Manufacturer], family{f.Family, pattern, inventory.Type(f.Type)})
	}
	return errors.Join(errs...)
}

func (b *Base) buildModalities() error {
	for _, m := range b.rules.Modalities {
		b.modality[m.Modality] = inventory.Type(m.Type)
		for _, class := range m.Classes {
			b.modality["sop:"+storageRoot+class] = inventory.Type(m.Type)
		}
	}
	for _, d := range b.rules.DeviceTypes {
		for _, code := range d.Codes {
			b.codes[strings.ToLower(code)] = inventory.Type(d.Type)
		}
	}
	return nil
}

// storageRoot begins the UIDs of storage SOP classes (PS3.6 Annex A).
const storageRoot = "1.2.840.10008.5.1.4.1.1."

// attributeNames are the attributes that a clue or an implication may name.
func attributeNames() []string {
	return []string{
		string(protocols.Manufacturer), string(protocols.Model), string(protocols.OS), string(protocols.Hostname),
		string(protocols.StationName), string(protocols.AETitle), string(protocols.Modality), string(protocols.RoleOf),
		string(protocols.Implementation), string(protocols.ImplVersion), string(protocols.PrivateClass),
		string(protocols.Application), string(protocols.VendorClass), string(protocols.ParameterList),
		string(protocols.DeviceType), string(protocols.SecondaryMaker), string(inventory.Software), string(inventory.Calls),
		string(inventory.Serves), string(inventory.CalledBy), string(inventory.Reaches),
	}
}
