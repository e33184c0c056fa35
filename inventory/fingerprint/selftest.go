package fingerprint

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// SelfTest plays the examples that the rules carry and returns every
// disagreement. Load calls it, so what it returned always passes.
func (b *Base) SelfTest() error {
	sections := [...]func() error{b.testMakers, b.testModels, b.testFamilies, b.testImplied, b.testApplications, b.testTypes, b.testHazards,
		b.testPlaceholders, b.testGreetings, b.testTells}
	var errs [len(sections)]error
	var tests sync.WaitGroup
	for i, test := range sections {
		tests.Go(func() { errs[i] = test() })
	}
	tests.Wait()
	return errors.Join(errs[:]...)
}

// disagreements collects what did not come out as an example says.
type disagreements []error

func (d *disagreements) expect(ok bool, format string, args ...any) {
	if !ok {
		*d = append(*d, fmt.Errorf(format, args...))
	}
}

func (d disagreements) join() error { return errors.Join(d...) }

func (b *Base) testMakers() error {
	var d disagreements
	for _, m := range b.rules.Manufacturers {
		for _, e := range m.Examples {
			got, _ := b.Manufacturer(e)
			d.expect(got == m.Name, "manufacturer %q: want %q, got %q", e, m.Name, got)
		}
		for _, e := range m.Not {
			got, known := b.Manufacturer(e)
			d.expect(!known || got != m.Name, "manufacturer %q must not be %q", e, m.Name)
		}
	}
	return d.join()
}

func (b *Base) testModels() error {
	var d disagreements
	for _, m := range b.rules.Models {
		for _, e := range m.Examples {
			got, _ := b.Model(m.Manufacturer, e)
			d.expect(got == m.Model, "model %q of %s: want %q, got %q", e, m.Manufacturer, m.Model, got)
		}
		for _, e := range m.Not {
			got, known := b.Model(m.Manufacturer, e)
			d.expect(!known || got != m.Model, "model %q of %s must not be %q", e, m.Manufacturer, m.Model)
		}
	}
	return d.join()
}

func (b *Base) testFamilies() error {
	var d disagreements
	for _, f := range b.rules.Families {
		d.expect(len(f.Examples) > 0, "family %q has no examples; add one", f.Family)
		for _, e := range f.Examples {
			got := b.Family(f.Manufacturer, e)
			d.expect(got == f.Family, "family of %s %q: want %q, got %q", f.Manufacturer, e, f.Family, got)
		}
		for _, e := range f.Not {
			d.expect(b.Family(f.Manufacturer, e) != f.Family, "family of %s %q must not be %q", f.Manufacturer, e, f.Family)
		}
	}
	return d.join()
}

func (b *Base) testImplied() error {
	var d disagreements
	for _, section := range []struct {
		a     protocols.Attribute
		rules []impliesRule
	}{
		{protocols.Implementation, b.rules.Implementations}, {protocols.ImplVersion, b.rules.Versions},
		{protocols.VendorClass, b.rules.VendorClasses}, {protocols.PrivateClass, b.rules.PrivateClasses},
		{protocols.OSVersion, b.rules.Systems},
	} {
		for _, r := range section.rules {
			says := func(e string) bool {
				return slices.ContainsFunc(b.Implies(section.a, e), func(i inventory.Implied) bool {
					fixed, _, open := strings.Cut(r.Value, "$")
					return string(i.Attribute) == r.Attribute && (i.Value == r.Value || open && strings.HasPrefix(i.Value, strings.TrimSpace(fixed)))
				})
			}
			d.expect(len(r.Examples) > 0, "%s %q has no examples; add one", section.a, r.Prefix)
			for _, e := range r.Examples {
				d.expect(says(e), "%s %q does not imply %s %q", section.a, e, r.Attribute, r.Value)
			}
			for _, e := range r.Not {
				d.expect(!says(e), "%s %q must not imply %s %q", section.a, e, r.Attribute, r.Value)
			}
		}
	}
	return d.join()
}

func (b *Base) testApplications() error {
	var d disagreements
	for i, r := range b.rules.Applications {
		d.expect(len(r.Examples) > 0, "application %q has no examples; add one", r.Names[0])
		for _, e := range r.Examples {
			d.expect(b.application(e) == &b.rules.Applications[i], "application %q is not %q", e, r.Names[0])
		}
		for _, e := range r.Not {
			d.expect(b.application(e) != &b.rules.Applications[i], "application %q must not be %q", e, r.Names[0])
		}
	}
	return d.join()
}

func (b *Base) testTypes() error {
	var d disagreements
	for _, r := range b.rules.Types {
		d.expect(len(r.Examples) > 0, "type %q (%s) has no examples; add one", r.Type, r.Why)
		for _, e := range r.Examples {
			c, err := cluesOf(e)
			got := b.Classify(c)
			d.expect(err == nil && string(got.Type) == r.Type, "type of %v: want %s, got %s %v", e, r.Type, got.Type, err)
		}
		for _, e := range r.Not {
			c, err := cluesOf(e)
			got := b.Classify(c)
			d.expect(err == nil && string(got.Type) != r.Type, "type of %v must not be %s %v", e, r.Type, err)
		}
	}
	return d.join()
}

// cluesOf makes evidence of an example: every clue is stated once.
func cluesOf(example []string) (inventory.Clues, error) {
	c := inventory.Clues{Presence: inventory.OnNetwork}
	for _, s := range example {
		t, err := parseTest(s)
		if err != nil {
			return c, err
		}
		n, _ := strconv.Atoi(t.value)
		switch t.name {
		case cluePresence:
			c.Presence = inventory.Presence(t.value)
		case clueVendor:
			c.Vendor = t.value
		case clueSpeaksFor:
			c.SpeaksFor = append(c.SpeaksFor, inventory.Type(t.value))
		case clueMachines:
			c.Machines = n
		case clueOthers:
			c.OtherDevices = n
		case clueSenders:
			c.HL7Senders = n
		case clueAddresses:
			c.Addresses = n
		case string(protocols.Manufacturer):
			c.Manufacturer = t.value
		case string(protocols.Model):
			c.Model = t.value
		default:
			c.Facts = append(c.Facts, inventory.Clue{Attribute: protocols.Attribute(t.name), Value: t.value, Confidence: 1, Count: 1})
		}
	}
	return c, nil
}

func (b *Base) testHazards() error {
	var d disagreements
	for _, r := range b.rules.Hazards {
		for _, e := range r.Examples {
			got := b.Hazard(e)
			d.expect(string(got) == r.Class, "hazard of %q: want %s, got %q", e, r.Class, got)
		}
		for _, e := range r.Not {
			d.expect(string(b.Hazard(e)) != r.Class, "hazard of %q must not be %s", e, r.Class)
		}
	}
	return d.join()
}

func (b *Base) testPlaceholders() error {
	var d disagreements
	for _, r := range b.rules.Placeholders {
		for _, e := range r.Examples {
			d.expect(b.PlaceholderSerial(e), "serial %q says nothing, and is taken for real", e)
		}
		for _, e := range r.Not {
			d.expect(!b.PlaceholderSerial(e), "serial %q is real, and is taken for a placeholder", e)
		}
	}
	return d.join()
}
