package protocols

import (
	"slices"
	"strings"
	"time"
)

// namesPerson reports a personal device that is named after somebody, and a name with
// a birth date. A name that is one of the words and nothing else names nobody.
func namesPerson(label string) bool {
	lower := strings.ToLower(label)
	for _, g := range glued {
		if before, after, found := strings.Cut(lower, g); found {
			return strings.Trim(before+after, "0123456789-_") != ""
		}
	}
	words := strings.FieldsFunc(lower, func(r rune) bool { return r == '-' || r == '_' })
	for _, w := range words {
		if endsPersonal(w, len(words) > 1) || endsGlued(bare(w)) {
			return true
		}
	}
	return isOwned(words) || isPhone(words) || isSeries(words) || isSomebodys(words) || isBorn(lower)
}

// endsPersonal reports a word of a consumer device, alone or behind a name that
// is written together with it.
func endsPersonal(word string, beside bool) bool {
	word = bare(word)
	for _, e := range ending {
		if strings.HasSuffix(word, e) && (beside || word != e) {
			return true
		}
	}
	return beside && slices.Contains(personal[:], word)
}

// endsGlued reports a name with a device written together with it ("MARYSPC"), where
// what stands in front is not made of functions ("RADPC"). Names have three letters,
// four with the s of the owner, and fewer are initials of machines ("IPC").
func endsGlued(word string) bool {
	const shortest = 3
	for _, k := range gluedKinds {
		if before, found := strings.CutSuffix(word, k); found && len(before) >= shortest && letters(before) && !functional(before) {
			return true
		}
	}
	for _, t := range things {
		if before, found := strings.CutSuffix(word, t); found && possessive(before) {
			return true
		}
	}
	return false
}

// isOwned reports words that end in a kind of computer or its maker ("MARY-PC",
// "MARY-HP"), or the name that Windows gives a new one with a word in place of its
// random code, which nearly always has a digit ("DESKTOP-MARY").
func isOwned(words []string) bool {
	for len(words) > 0 && bare(words[len(words)-1]) == "" {
		words = words[:len(words)-1] // a number, or a second one of that name (RFC 6762 section 9)
	}
	if len(words) < 2 {
		return false
	}
	last := len(words) - 1
	if kind := bare(words[last]); slices.Contains(kinds[:], kind) || slices.Contains(brands[:], kind) {
		return anyName(words[:last])
	}
	return slices.Contains(gluedKinds[:], words[0]) && anyName(words[1:])
}

// isPhone reports a phone by its series ("S23-Ultra"): s and two digits, before what
// only phones are called.
func isPhone(words []string) bool {
	for i, w := range words[:max(len(words)-1, 0)] {
		if w[0] == 's' && phoneModel(w) && slices.Contains([]string{"ultra", "plus", "fe", "edge"}, words[i+1]) {
			return true
		}
	}
	return false
}

// phoneModel reports the letter of a series of phones and two digits ("A54").
func phoneModel(word string) bool {
	return len(word) == 3 && strings.IndexByte("asmjfpz", word[0]) >= 0 && bare(word[1:]) == ""
}

// isSeries reports a personal device by one word or two, beside a word that may name
// its owner.
func isSeries(words []string) bool {
	for i, w := range words {
		n := 0
		switch {
		case i+1 < len(words) && slices.Contains(pairs[:], bare(w)+" "+bare(words[i+1])):
			n = 2
		case slices.Contains(series[:], bare(w)):
			n = 1
		}
		if n > 0 && (anyName(words[:i]) || anyName(words[i+n:])) {
			return true
		}
	}
	return false
}

// isSomebodys reports a thing behind whose it is ("Marys-Note20", "Mary-s-A54").
func isSomebodys(words []string) bool {
	for i, w := range words {
		if !possessive(w) && (w != "s" || i == 0 || !anyName(words[i-1:i])) {
			continue
		}
		for _, thing := range words[i+1:] {
			if slices.Contains(things[:], bare(thing)) || phoneModel(thing) {
				return true
			}
		}
	}
	return false
}

// possessive reports a word that may be a name with the s of its owner.
func possessive(word string) bool {
	before, found := strings.CutSuffix(word, "s")
	return found && len(before) >= 3 && letters(word) && !functional(word) && !functional(before)
}

// isBorn reports a name with eight digits that are a date, also with hyphens in them:
// so people are told apart, machines are not.
func isBorn(lower string) bool {
	numbers := strings.FieldsFunc(strings.NewReplacer("-", "", "_", "").Replace(lower), func(r rune) bool { return r < '0' || r > '9' })
	if !slices.ContainsFunc(numbers, birthDate) {
		return false
	}
	return anyName(strings.FieldsFunc(lower, func(r rune) bool { return r < 'a' || r > 'z' }))
}

// birthDate reports eight digits that are a day since 1900, in any order of the three
// that are in use.
func birthDate(digits string) bool {
	for _, layout := range [...]string{"20060102", "02012006", "01022006"} {
		if t, err := time.Parse(layout, digits); err == nil && t.Year() >= 1900 && t.Year() < 2100 {
			return true
		}
	}
	return false
}

// anyName reports whether one of the words may name a person: of letters, two at least,
// and neither a function nor a maker of computers.
func anyName(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		return len(w) > 1 && letters(w) && !functional(w) && !slices.Contains(brands[:], w)
	})
}

// functional reports a word that is made of functions, also in the plural. It is asked
// position by position: a word that can be taken apart in many ways costs no more.
func functional(word string) bool {
	var made [maxLabel + 1]bool // up to there the word is made of functions
	if len(word) > maxLabel {
		return false
	}
	made[0] = true
	for at := range len(word) {
		if !made[at] {
			continue
		}
		for _, f := range functions {
			if strings.HasPrefix(word[at:], f) {
				made[at+len(f)] = true
			}
		}
	}
	return made[len(word)] || len(word) > 1 && word[len(word)-1] == 's' && made[len(word)-1]
}

// bare is a word without the number behind it.
func bare(word string) string { return strings.TrimRight(word, "0123456789") }

func letters(s string) bool { return !strings.ContainsAny(s, "0123456789") }
