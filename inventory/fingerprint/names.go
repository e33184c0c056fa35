package fingerprint

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/auscult/auscult/inventory"
)

// shortSpelling is the length up to which a spelling of a maker must be the
// whole name: "GE" at the beginning of "GE Lighting" tells nothing.
const shortSpelling = 3

// distinctModel is how long a folded model must be to be told without its maker:
// "eli250" is a model, "8015" may be anything.
const distinctModel = 6

// Manufacturer implements inventory.Lexicon.
func (b *Base) Manufacturer(name string) (string, bool) {
	written := strings.TrimSpace(name)
	for _, folded := range []string{words(written), maker(written)} {
		if canonical, ok := b.makers[folded]; ok && folded != "" {
			return canonical, true
		}
	}
	folded := words(written)
	for _, s := range b.spellings {
		if len(s) > shortSpelling && wordPrefix(folded, s) {
			return b.makers[s], true
		}
	}
	return written, false
}

// Owner returns the group that a maker belongs to today, or "".
func (b *Base) Owner(manufacturer string) string {
	canonical, _ := b.Manufacturer(manufacturer)
	for _, m := range b.rules.Manufacturers {
		if m.Name == canonical {
			return m.Owner
		}
	}
	return ""
}

// Model implements inventory.Lexicon.
func (b *Base) Model(manufacturer, name string) (string, bool) {
	if m := b.model(manufacturer, name); m != nil {
		return m.name, true
	}
	return strings.TrimSpace(name), false
}

func (b *Base) model(manufacturer, name string) *model {
	key := compact(name)
	if key == "" {
		return nil
	}
	if strings.TrimSpace(manufacturer) == "" {
		if m := b.anywhere[key]; len(key) >= distinctModel {
			return m
		}
		return nil
	}
	canonical, known := b.Manufacturer(manufacturer)
	if !known {
		return nil
	}
	if m := b.models[canonical][key]; m != nil {
		return m
	}
	return b.models[canonical][compact(b.withoutMaker(canonical, name))]
}

// withoutMaker strips the maker's own name from the front of a model: "Philips
// IntelliVue MX450" is an IntelliVue MX450.
func (b *Base) withoutMaker(canonical, name string) string {
	folded := words(name)
	for _, s := range b.spellings {
		if wordPrefix(folded, s) && b.makers[s] == canonical {
			return strings.TrimSpace(strings.TrimPrefix(folded, s))
		}
	}
	return folded
}

// Family implements inventory.Knowledge.
func (b *Base) Family(manufacturer, name string) string {
	if m := b.model(manufacturer, name); m != nil && m.family != "" {
		return m.family
	}
	if f := b.family(manufacturer, name); f != nil {
		return f.name
	}
	return ""
}

func (b *Base) family(manufacturer, name string) *family {
	canonical, _ := b.Manufacturer(manufacturer)
	for _, key := range []string{compact(name), compact(b.withoutMaker(canonical, name))} {
		for i, f := range b.families[canonical] {
			if f.pattern.MatchString(key) {
				return &b.families[canonical][i]
			}
		}
	}
	return nil
}

// modelType returns the type that a maker's model has, or "".
func (b *Base) modelType(manufacturer, name string) inventory.Type {
	if m := b.model(manufacturer, name); m != nil && m.kind != "" {
		return m.kind
	}
	if f := b.family(manufacturer, name); f != nil {
		return f.kind
	}
	return ""
}

func (b *Base) buildPlaceholders() error {
	for i, p := range b.rules.Placeholders {
		for _, t := range p.Texts {
			b.fillers[compact(t)] = true
		}
		if p.Pattern == "" {
			continue
		}
		pattern, err := regexp.Compile("^(?:" + p.Pattern + ")$")
		if err != nil {
			return ruleError("placeholders", i, err)
		}
		b.patterns = append(b.patterns, pattern)
	}
	return nil
}

// PlaceholderSerial implements inventory.Lexicon. A text without a letter or
// digit, or of one character, says nothing either.
func (b *Base) PlaceholderSerial(serial string) bool {
	folded := compact(serial)
	if len(folded) < 2 || b.fillers[folded] || oneCharacter(folded) {
		return true
	}
	for _, p := range b.patterns {
		if p.MatchString(folded) {
			return true
		}
	}
	return false
}

func oneCharacter(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return strings.Trim(s, string(first)) == ""
}
