package fingerprint

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

func ruleError(section string, i int, err error) error {
	return fmt.Errorf("%s rule %d: %w; correct the rule", section, i+1, err)
}

func (b *Base) buildImplied() error {
	var errs []error
	for section, rules := range map[string][]impliesRule{
		"implementations": b.rules.Implementations, "vendor_classes": b.rules.VendorClasses, "implementation_versions": b.rules.Versions,
		"private_sop_classes": b.rules.PrivateClasses,
		"os_versions":         b.rules.Systems,
	} {
		for i, r := range rules {
			if r.Prefix == "" || r.Value == "" || r.Confidence <= 0 || r.Confidence > 1 {
				errs = append(errs, ruleError(section, i, errors.New("needs prefix, value, and a confidence above 0 and at most 1")))
			}
			if !slices.Contains(attributeNames(), r.Attribute) {
				errs = append(errs, ruleError(section, i, fmt.Errorf("unknown attribute %q, did you mean %q", r.Attribute, nearest(r.Attribute, attributeNames()))))
			}
		}
		// The longest prefix is the most specific, so it comes first.
		slices.SortStableFunc(rules, func(x, y impliesRule) int { return len(y.Prefix) - len(x.Prefix) })
	}
	slices.SortFunc(errs, func(x, y error) int { return strings.Compare(x.Error(), y.Error()) })
	return errors.Join(errs...)
}

// Implies implements inventory.Knowledge. Of several rules for one attribute the
// most specific one speaks.
func (b *Base) Implies(a protocols.Attribute, value string) []inventory.Implied {
	switch a {
	case protocols.Implementation:
		return implied(b.rules.Implementations, value, uidPrefix)
	case protocols.ImplVersion:
		return implied(b.rules.Versions, value, foldPrefix)
	case protocols.PrivateClass:
		return implied(b.rules.PrivateClasses, value, uidPrefix)
	case protocols.OSVersion:
		return implied(b.rules.Systems, value, foldPrefix)
	case protocols.VendorClass:
		return implied(b.rules.VendorClasses, value, foldPrefix)
	case protocols.SystemDescription:
		return implied(b.rules.VendorClasses, value, foldPhrase)
	case protocols.SystemObject:
		return implied(b.rules.VendorClasses, value, uidPrefix)
	case protocols.HardwareAddress:
		return b.impliedByMAC(value)
	case protocols.EUI64:
		return b.impliedByEUI(value)
	case protocols.Application:
		return b.impliedByApplication(value)
	}
	return nil
}

func implied(rules []impliesRule, value string, matches func(value, prefix string) (string, bool)) []inventory.Implied {
	var out []inventory.Implied
	for _, r := range rules {
		rest, ok := matches(value, r.Prefix)
		a := protocols.Attribute(r.Attribute)
		if !ok || slices.ContainsFunc(out, func(i inventory.Implied) bool { return i.Attribute == a }) {
			continue
		}
		text := strings.ReplaceAll(r.Value, "$dots", strings.Join(strings.Split(rest, ""), "."))
		text = strings.TrimSpace(strings.ReplaceAll(text, "$rest", rest))
		out = append(out, inventory.Implied{Attribute: a, Value: text, Confidence: r.Confidence})
	}
	return out
}

// uidPrefix matches a UID root at a component boundary.
func uidPrefix(value, prefix string) (string, bool) {
	rest, ok := strings.CutPrefix(value, prefix)
	if !ok || rest != "" && rest[0] != '.' && !strings.HasSuffix(prefix, ".") {
		return "", false
	}
	return strings.TrimPrefix(rest, "."), true
}

// foldPrefix matches without regard to case.
func foldPrefix(value, prefix string) (string, bool) {
	if len(value) < len(prefix) || !strings.EqualFold(value[:len(prefix)], prefix) {
		return "", false
	}
	return strings.TrimSpace(value[len(prefix):]), true
}

// foldPhrase matches whole words anywhere, without regard to case: a description names
// the product before its operating system.
func foldPhrase(value, phrase string) (string, bool) {
	for at := 0; at+len(phrase) <= len(value); at++ {
		end := at + len(phrase)
		begins := at == 0 || !wordByte(value[at-1]) || !wordByte(phrase[0])
		ends := end == len(value) || !wordByte(value[end]) || !wordByte(phrase[len(phrase)-1])
		if begins && ends && strings.EqualFold(value[at:end], phrase) {
			return strings.TrimSpace(value[end:]), true
		}
	}
	return "", false
}

// wordByte reports a byte that goes on with a word: also those of letters that are no
// ASCII.
func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// impliedByApplication tells the maker of a program where a rule names one.
func (b *Base) impliedByApplication(value string) []inventory.Implied {
	r := b.application(value)
	if r == nil || r.Manufacturer == "" {
		return nil
	}
	return []inventory.Implied{{Attribute: inventory.Software, Value: r.Manufacturer, Confidence: r.Confidence}}
}

// application finds the rule for a program: its name alone, or followed by a
// space or a number.
func (b *Base) application(value string) *applicationRule {
	folded := words(value)
	for i, r := range b.rules.Applications {
		for _, name := range r.Names {
			if rest, ok := strings.CutPrefix(folded, words(name)); ok && (rest == "" || rest[0] <= '9') {
				return &b.rules.Applications[i]
			}
		}
	}
	return nil
}
