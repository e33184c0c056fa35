package fingerprint

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// tellRule concludes from several clues together who made a device, what type it is,
// or only says something of it. Clues are written as in typeRule. It names no model.
type tellRule struct {
	ID     string `yaml:"id"`
	Source string `yaml:"source"`
	// Hint: nobody could confirm what the rule rests on. It may only note.
	Hint         bool       `yaml:"hint"`
	Confidence   float64    `yaml:"confidence"`
	All          []string   `yaml:"all"`
	Any          []string   `yaml:"any"`
	None         []string   `yaml:"none"`
	Manufacturer string     `yaml:"manufacturer"`
	Type         string     `yaml:"type"`
	Note         string     `yaml:"note"`
	Examples     [][]string `yaml:"examples"`
	Not          [][]string `yaml:"not"`
}

// tellTest is a rule of the section "tells", ready to be played.
type tellTest struct {
	typeTest
	says inventory.Tell
}

func (r *tellRule) whole() bool {
	_, text := protocols.Text(r.Note)
	return r.ID != "" && r.Source != "" && text && sure(r.Confidence) && len(r.All)+len(r.Any) > 0
}

// unique reports an id that two rules have.
func (b *Base) unique(id string) error {
	n := 0
	for _, r := range b.rules.Greetings {
		if r.ID == id {
			n++
		}
	}
	for _, r := range b.rules.Tells {
		if r.ID == id {
			n++
		}
	}
	if n > 1 {
		return errors.New("the id stands twice; give each rule its own")
	}
	return nil
}

func (b *Base) buildTells() error {
	var errs []error
	for i := range b.rules.Tells {
		r := &b.rules.Tells[i]
		t, err := r.test()
		if r.Manufacturer != "" && b.makers[words(r.Manufacturer)] != r.Manufacturer {
			err = errors.Join(err, fmt.Errorf("manufacturer %q is not a canonical name", r.Manufacturer))
		}
		if err = errors.Join(err, b.unique(r.ID), r.modest(), t.enough()); err != nil {
			errs = append(errs, ruleError("tells", i, fmt.Errorf("%s: %w", r.ID, err)))
			continue
		}
		for _, c := range slices.Concat(t.all, t.any) {
			if err := b.contacts.asks(c); err != nil {
				errs = append(errs, ruleError("tells", i, fmt.Errorf("%s: %w", r.ID, err)))
			}
		}
		b.tells = append(b.tells, t)
	}
	slices.SortStableFunc(b.tells, func(x, y tellTest) int { return strings.Compare(x.says.Rule, y.says.Rule) })
	return errors.Join(errs...)
}

func (r *tellRule) test() (tellTest, error) {
	t := tellTest{
		typeTest: typeTest{kind: inventory.Type(r.Type), confidence: r.Confidence, why: r.Note},
		says:     inventory.Tell{Rule: r.ID, Manufacturer: r.Manufacturer, Note: r.Note, Confidence: r.Confidence},
	}
	var errs []error
	for _, part := range []struct {
		from []string
		to   *[]test
	}{{r.All, &t.all}, {r.Any, &t.any}, {r.None, &t.none}} {
		for _, s := range part.from {
			parsed, err := parseTest(s)
			switch parsed.name {
			case clueSpeaksFor, clueMachines, clueSenders:
				err = fmt.Errorf("clue %q is about other devices, and a tell is about one; use it under types", s)
			}
			*part.to, errs = append(*part.to, parsed), append(errs, err)
		}
	}
	return t, errors.Join(errs...)
}

// modest refuses a hint that says more than a note.
func (r *tellRule) modest() error {
	if r.Hint && (r.Type != "" || r.Manufacturer != "" || r.Confidence >= leastConfidence) {
		return fmt.Errorf("a hint only notes, with a confidence below %v; leave type and manufacturer out", leastConfidence)
	}
	return nil
}

// enough refuses a rule that would make a device of one weak clue: the maker of an
// interface, a port or a program alone tells neither a type nor a maker. It takes two
// kinds of clues, or an address that a maker has built in.
func (t *tellTest) enough() error {
	if t.kind == "" && t.says.Manufacturer == "" {
		return nil
	}
	builtIn := func(c test) bool {
		_, err := netip.ParseAddr(c.value)
		return c.name == string(inventory.Reaches) && err == nil || c.name == string(inventory.CalledBy)
	}
	kinds := map[string]bool{}
	for _, c := range t.all {
		kinds[c.name] = true
	}
	for _, c := range t.any {
		if !kinds[c.name] {
			kinds["any"] = true
		}
	}
	if len(kinds) < 2 && !slices.ContainsFunc(t.all, builtIn) {
		return errors.New("one kind of clue tells neither type nor maker; add another kind under all, or say a note only")
	}
	return nil
}

// Tells implements inventory.Knowledge.
func (b *Base) Tells(c inventory.Clues) []inventory.Tell {
	var out []inventory.Tell
	for i := range b.tells {
		if t := &b.tells[i]; t.matches(c) {
			out = append(out, t.says)
		}
	}
	return out
}

func (b *Base) testTells() error {
	var d disagreements
	for _, r := range b.rules.Tells {
		holds := func(example []string) bool {
			c, err := cluesOf(example)
			d.expect(err == nil, "tell %s: %v", r.ID, err)
			told := slices.ContainsFunc(b.Tells(c), func(t inventory.Tell) bool { return t.Rule == r.ID })
			if got := b.Classify(c).Type; told && r.Type != "" && r.Confidence >= leastConfidence {
				d.expect(got == inventory.Type(r.Type), "tell %s: type of %v is %s, want %s", r.ID, example, got, r.Type)
			}
			return told
		}
		d.expect(len(r.Examples) > 0 && len(r.Not) > 0, "tell %s needs an example and a near miss; add both", r.ID)
		for _, e := range r.Examples {
			d.expect(holds(e), "tell %s does not hold of %v", r.ID, e)
		}
		for _, e := range r.Not {
			d.expect(!holds(e), "tell %s must not hold of %v", r.ID, e)
		}
	}
	return d.join()
}
