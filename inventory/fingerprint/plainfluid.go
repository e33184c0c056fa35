package fingerprint

import "fmt"

// plainFluids recognises a text that names nothing but fluid without a drug. It
// is the only class that asks for less care, so every piece of the text must
// belong to it: a word, a number or a sign too many and the text is unknown.
type plainFluids struct {
	names, around, units, joins map[string]bool
	longest                     int // pieces of the longest name
}

func (p *plainFluids) add(r hazardRule) error {
	if p.names != nil {
		return fmt.Errorf("class %s stands twice; keep it in one rule", r.Class)
	}
	for _, list := range []struct {
		into *map[string]bool
		from []string
	}{{&p.names, r.Names}, {&p.around, r.Around}, {&p.units, r.Units}, {&p.joins, r.Joins}} {
		*list.into = map[string]bool{}
		for _, name := range list.from {
			var a agentText
			a.readAgent(name)
			if a.count == 0 || a.odd {
				return fmt.Errorf("plain fluid: %q has no words, or a sign that no name has", name)
			}
			(*list.into)[string(a.span(0, a.count))] = true
			p.longest = max(p.longest, a.count)
		}
	}
	return nil
}

// How far a text has been read as plain fluid. Several can hold of one place,
// because a piece may be read in more than one way.
type progress uint8

const (
	noFluid    progress = 1 << iota // only words around one so far
	afterFluid                      // a fluid, perhaps with words around it
	afterJoin                       // a fluid and "in": another must follow
)

// whole reports whether the pieces are plain fluid to the last.
func (p *plainFluids) whole(a *agentText) bool {
	if a.odd || a.count == 0 || a.count > maxTokens {
		return false
	}
	var read [maxTokens + 1]progress
	read[0] = noFluid
	for i := range a.count {
		if read[i] == 0 {
			continue
		}
		for j := i + 1; j <= min(i+p.longest, a.count); j++ {
			read[j] |= p.step(a, i, j, read[i])
		}
		if i+2 <= a.count && p.volume(a, i) {
			read[i+2] |= read[i]
		}
	}
	return read[a.count]&afterFluid != 0
}

// step is the progress after the pieces i to j, when they are one thing.
func (p *plainFluids) step(a *agentText, i, j int, before progress) progress {
	var after progress
	span := a.span(i, j)
	if p.names[string(span)] {
		after |= afterFluid
	}
	if p.around[string(span)] {
		after |= before
	}
	if p.joins[string(span)] && before&afterFluid != 0 {
		after |= afterJoin
	}
	return after
}

// volume reports whether piece i is a number and the next its unit.
func (p *plainFluids) volume(a *agentText, i int) bool {
	return a.tokens[i].kind == numberToken && p.units[string(a.span(i+1, i+2))]
}
