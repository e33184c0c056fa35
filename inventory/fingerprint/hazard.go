package fingerprint

import (
	"fmt"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// shortestEnding bounds the stems: shorter endings stand in harmless names too.
const shortestEnding = 5

type hazardTest struct {
	class   inventory.Hazard
	names   []string // folded words with a space before and after
	endings []string
}

func (b *Base) buildHazards() error {
	for i, r := range b.rules.Hazards {
		test := hazardTest{class: inventory.Hazard(r.Class)}
		for _, name := range r.Names {
			test.names = append(test.names, " "+words(name)+" ")
		}
		for _, ending := range r.Endings {
			if len(ending) < shortestEnding {
				return ruleError("hazards", i, fmt.Errorf("ending %q is shorter than %d letters", ending, shortestEnding))
			}
			test.endings = append(test.endings, words(ending))
		}
		b.hazards = append(b.hazards, test)
	}
	return nil
}

// Hazard implements inventory.Knowledge. The name may carry a strength, a salt,
// a solution and tall-man letters; of several classes the most careful counts.
func (b *Base) Hazard(agent string) inventory.Hazard {
	folded := words(agent)
	if folded == "" {
		return inventory.HazardNone
	}
	worst := inventory.HazardNone
	for _, test := range b.hazards {
		if test.class.Rank() > worst.Rank() && test.matches(folded) {
			worst = test.class
		}
	}
	return worst
}

func (t *hazardTest) matches(folded string) bool {
	padded := " " + folded + " "
	for _, name := range t.names {
		if strings.Contains(padded, name) {
			return true
		}
	}
	for _, ending := range t.endings {
		if strings.Contains(padded, ending+" ") {
			return true
		}
	}
	return false
}
