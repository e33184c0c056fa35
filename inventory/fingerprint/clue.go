package fingerprint

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// test is one clue of a rule: a name, how to compare, and with what.
type test struct {
	name  string
	op    byte // '=' equal, '^' begins with, '>' more than
	value string
	more  int // for '>'
}

// typeTest is a rule of the section "types", ready to be played.
type typeTest struct {
	kind           inventory.Type
	confidence     float64
	why            string
	all, any, none []test
}

// The clue names that are not attributes.
const (
	cluePresence  = "presence"
	clueVendor    = "vendor"
	clueSpeaksFor = "speaks-for"
	clueMachines  = "machines"
	clueOthers    = "other-devices" // whose images it sends
	clueSenders   = "hl7-senders"
	clueAddresses = "addresses"
)

func clueNames() []string { return append(attributeNames(), counted()...) }

// counted are the clues that are no attributes.
func counted() []string {
	return []string{cluePresence, clueVendor, clueSpeaksFor, clueMachines, clueOthers, clueSenders, clueAddresses}
}

func isClue(name string) bool {
	return slices.Contains(attributeNames(), name) || slices.Contains(counted(), name)
}

// parseTest reads a clue and checks its name, and its value where the set of
// values is closed.
func parseTest(s string) (test, error) {
	i := strings.IndexAny(s, "=^>")
	if i <= 0 || i == len(s)-1 {
		return test{}, fmt.Errorf("clue %q: write it as attribute=value, attribute^beginning or count>number", s)
	}
	t := test{name: s[:i], op: s[i], value: s[i+1:]}
	if !isClue(t.name) {
		return test{}, fmt.Errorf("clue %q: unknown name; did you mean %q?", s, nearest(t.name, clueNames()))
	}
	switch {
	case t.op == '>':
		n, err := strconv.Atoi(t.value)
		if err != nil {
			return test{}, fmt.Errorf("clue %q: want a number after >", s)
		}
		t.more = n
	case t.name == clueSpeaksFor && !knownType(t.value, false):
		return test{}, fmt.Errorf("clue %q: %s", s, unknownType(t.value))
	case t.name == string(protocols.RoleOf) && t.op == '=' && !slices.Contains(protocols.Roles(), protocols.Role(t.value)):
		return test{}, fmt.Errorf("clue %q: unknown role; did you mean %q?", s, nearest(t.value, roles()))
	}
	return t, nil
}

func (b *Base) buildTypes() error {
	var errs []error
	for i, r := range b.rules.Types {
		t := typeTest{kind: inventory.Type(r.Type), confidence: r.Confidence, why: r.Why}
		for _, part := range []struct {
			from []string
			to   *[]test
		}{{r.All, &t.all}, {r.Any, &t.any}, {r.None, &t.none}} {
			for _, s := range part.from {
				parsed, err := parseTest(s)
				if err != nil {
					errs = append(errs, ruleError("types", i, err))
				}
				*part.to = append(*part.to, parsed)
			}
		}
		b.types = append(b.types, t)
	}
	return errors.Join(errs...)
}

func (t *typeTest) matches(c inventory.Clues) bool {
	holds := func(x test) bool { return x.holds(c) }
	for _, x := range t.all {
		if !holds(x) {
			return false
		}
	}
	return (len(t.any) == 0 || slices.ContainsFunc(t.any, holds)) && !slices.ContainsFunc(t.none, holds)
}

func (t test) holds(c inventory.Clues) bool {
	switch t.name {
	case cluePresence:
		return string(c.Presence) == t.value
	case clueVendor:
		return t.fits(c.Vendor)
	case clueSpeaksFor:
		return slices.Contains(c.SpeaksFor, inventory.Type(t.value))
	case clueMachines:
		return c.Machines > t.more
	case clueOthers:
		return c.OtherDevices > t.more
	case clueSenders:
		return c.HL7Senders > t.more
	case clueAddresses:
		return c.Addresses > t.more
	case string(protocols.Manufacturer):
		return t.fits(c.Manufacturer)
	case string(protocols.Model):
		return t.fits(c.Model)
	}
	return slices.ContainsFunc(c.Facts, func(f inventory.Clue) bool {
		return string(f.Attribute) == t.name && t.fits(f.Value)
	})
}

func (t test) fits(value string) bool {
	if t.op == '^' {
		return len(value) >= len(t.value) && strings.EqualFold(value[:len(t.value)], t.value)
	}
	return value != "" && strings.EqualFold(value, t.value)
}

// roles lists every role that a RoleOf fact may carry.
func roles() []string {
	var names []string
	for _, r := range protocols.Roles() {
		names = append(names, string(r))
	}
	return names
}
