package fingerprint

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/auscult/auscult/inventory"
)

const (
	// shortestEnding bounds the stems: shorter endings stand in harmless names too.
	shortestEnding = 5
	// shortestStart bounds what counts as the beginning of a name that a pump cut
	// off: displays have room for 10 to 16 characters, and shorter beginnings are
	// shared with other drugs.
	shortestStart = 7
	// secondWord is how many letters of a further word a cut name must show:
	// "potassium" alone can be many things.
	secondWord = 3
)

// wordList is a list of names in YAML, as a sequence or as one text with commas,
// which is read several times faster.
type wordList []string

// UnmarshalYAML implements yaml.Unmarshaler.
func (l *wordList) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode {
		return node.Decode((*[]string)(l))
	}
	for name := range strings.SplitSeq(node.Value, ",") {
		if name = strings.TrimSpace(name); name != "" {
			*l = append(*l, name)
		}
	}
	return nil
}

// hazardIndex finds the hazardous names in a text.
type hazardIndex struct {
	names   map[string]inventory.Hazard // pieces without gaps
	longest int                         // pieces of the longest name, at least 2: one word may be written as two
	starts  []startOf                   // sorted by text, for names that were cut off
	endings []ending
	fluids  plainFluids
}

// startOf is a name of letters only, and how long a beginning of it must be.
type startOf struct {
	text  string
	least int
	class inventory.Hazard
}

type ending struct {
	text  string
	class inventory.Hazard
}

func (b *Base) buildHazards() error {
	b.hazards = hazardIndex{names: map[string]inventory.Hazard{}, longest: 2}
	var errs []error
	for i, r := range b.rules.Hazards {
		if err := b.hazards.add(r); err != nil {
			errs = append(errs, ruleError("hazards", i, err))
		}
	}
	slices.SortFunc(b.hazards.starts, func(x, y startOf) int { return strings.Compare(x.text, y.text) })
	return errors.Join(errs...)
}

func (x *hazardIndex) add(r hazardRule) error {
	class := inventory.Hazard(r.Class)
	plain := class == inventory.HazardPlainFluid
	errs := []error{accounted(r)}
	switch {
	case class == inventory.HazardUnknown && len(r.Names)+len(r.Endings) > 0:
		errs = append(errs, errors.New("class unknown takes no names: a name that no class has is unknown"))
	case plain && len(r.Endings) > 0:
		errs = append(errs, errors.New("plain fluid takes no endings; write whole names"))
	case !plain && len(r.Around)+len(r.Units)+len(r.Joins) > 0:
		errs = append(errs, fmt.Errorf("class %s takes no around, units or joins; they belong to plain-fluid", class))
	case plain:
		errs = append(errs, x.fluids.add(r))
	default:
		errs = append(errs, x.addNames(class, r.Names), x.addEndings(class, r.Endings))
	}
	return errors.Join(errs...)
}

// accounted checks that a class says where it comes from and what it is not.
func accounted(r hazardRule) error {
	if len(r.Examples) == 0 || len(r.Not) == 0 || len(r.Sources) == 0 {
		return fmt.Errorf("class %s needs sources, examples, and near misses under not", r.Class)
	}
	if len(r.ATC) == 0 && r.Class != string(inventory.HazardUnknown) {
		return fmt.Errorf("class %s names no ATC group; give one under atc", r.Class)
	}
	return nil
}

func (x *hazardIndex) addNames(class inventory.Hazard, names []string) error {
	for _, name := range names {
		var a agentText
		a.readAgent(name)
		if a.count == 0 || a.odd {
			return fmt.Errorf("name %q has no words, or a sign that no name has", name)
		}
		key := string(a.span(0, a.count))
		if other, ok := x.names[key]; ok {
			return fmt.Errorf("name %q stands already under %s; keep the more careful one", name, other)
		}
		x.names[key] = class
		x.longest = max(x.longest, a.count)
		if least, ok := a.leastStart(); ok {
			x.starts = append(x.starts, startOf{key, least, class})
		}
	}
	return nil
}

// leastStart is how many bytes of a name of letters tell which one it is.
func (a *agentText) leastStart() (int, bool) {
	least := shortestStart
	if a.count > 1 {
		least = max(least, int(a.tokens[a.count-1].from)+secondWord)
	}
	for _, t := range a.tokens[:a.count] {
		if t.kind != wordToken {
			return 0, false
		}
	}
	return least, least < a.length
}

func (x *hazardIndex) addEndings(class inventory.Hazard, endings []string) error {
	for _, e := range endings {
		if len(e) < shortestEnding {
			return fmt.Errorf("ending %q is shorter than %d letters", e, shortestEnding)
		}
		x.endings = append(x.endings, ending{compact(e), class})
	}
	return nil
}

// Hazard implements inventory.Knowledge. The name may carry a strength, a salt,
// a solution and tall-man letters, and may be cut off; of several classes the most
// careful counts.
func (b *Base) Hazard(agent string) inventory.Hazard {
	if strings.TrimSpace(agent) == "" {
		return inventory.HazardNone
	}
	var a agentText
	a.readAgent(agent)
	worst := inventory.HazardNone
	for i := range a.count {
		worst = worse(worst, b.hazards.at(&a, i))
	}
	switch {
	case worst != inventory.HazardNone:
		return worst
	case b.hazards.fluids.whole(&a):
		return inventory.HazardPlainFluid
	}
	return inventory.HazardUnknown
}

func worse(x, y inventory.Hazard) inventory.Hazard {
	if x == y || y == inventory.HazardNone || x.Rank() >= y.Rank() {
		return x
	}
	return y
}

// at is the worst class of the names that begin with piece i.
func (x *hazardIndex) at(a *agentText, i int) inventory.Hazard {
	worst := inventory.HazardNone
	for j := i + 1; j <= min(i+x.longest, a.count); j++ {
		span := a.span(i, j)
		if class, ok := x.names[string(span)]; ok {
			worst = worse(worst, class)
		} else if a.tokens[j-1].kind == wordToken && len(span) >= shortestStart {
			worst = worse(worst, x.cut(span))
		}
	}
	if a.tokens[i].kind == wordToken {
		worst = worse(worst, x.byEnding(a.span(i, i+1)))
	}
	return worst
}

// cut is the class of the names that begin with a text, when all agree.
func (x *hazardIndex) cut(text []byte) inventory.Hazard {
	i := sort.Search(len(x.starts), func(i int) bool { return x.starts[i].text >= string(text) })
	class := inventory.HazardNone
	for ; i < len(x.starts) && len(x.starts[i].text) >= len(text) && x.starts[i].text[:len(text)] == string(text); i++ {
		switch s := x.starts[i]; {
		case len(text) < s.least, class != inventory.HazardNone && class != s.class:
			return inventory.HazardNone
		default:
			class = s.class
		}
	}
	return class
}

func (x *hazardIndex) byEnding(word []byte) inventory.Hazard {
	worst := inventory.HazardNone
	for i := range x.endings {
		if e := &x.endings[i]; len(word) >= len(e.text) && string(word[len(word)-len(e.text):]) == e.text {
			worst = worse(worst, e.class)
		}
	}
	return worst
}
