package finding

import (
	"regexp"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// index is the book as it is asked: immutable once built, swapped whole.
type index struct {
	lex        inventory.Lexicon
	aliases    aliases
	advisories map[string]*advisory
	kev        *catalogue // nil without one
	byMaker    map[string][]*listing
	byGroup    map[string][]*listing // by who owns the maker today
	offers     *offers
}

// listing is one product of one advisory, prepared for comparison.
type listing struct {
	adv     *advisory
	p       *product
	makers  []string
	whole   phrase
	phrases []phrase
	leaf    []phrase // readings of a version leaf that is no version but a model
	canon   []string // canonical model names, folded
	affects ranges
	name    *ranges // what the product's full name says of versions, when it says anything
	variant string  // a condition in the product's full name that no version shows
}

func newIndex(lex inventory.Lexicon) (*index, error) {
	if lex == nil {
		lex = plain{}
	}
	x := &index{lex: lex, advisories: map[string]*advisory{}, byMaker: map[string][]*listing{}, byGroup: map[string][]*listing{}, offers: &offers{}}
	var err error
	x.aliases, err = loadAliases(x)
	return x, err
}

// build prepares every product of the advisories, in a stable order.
func (x *index) build() {
	ids := make([]string, 0, len(x.advisories))
	for id := range x.advisories {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		a := x.advisories[id]
		for _, pid := range a.order {
			x.list(a, a.products[pid])
		}
	}
}

func (x *index) list(a *advisory, p *product) {
	vendors := x.vendorsOf(a, p)
	makers, words := x.makersOf(vendors)
	name := p.name()
	l := &listing{adv: a, p: p, whole: newPhrase(inParens.ReplaceAllString(name, " "), words), phrases: alternatives(name, words)}
	if _, cpe := cpeNames(p.helper.CPE); cpe != "" {
		l.phrases = append(l.phrases, newPhrase(cpe, words))
	}
	for _, v := range vendors {
		if c, known := x.lex.Model(v, name); known {
			l.canon = append(l.canon, foldText(c))
		}
	}
	l.canon = sorted(l.canon)
	l.readVersions(words)
	l.makers = makers
	for _, m := range makers {
		x.byMaker[m] = append(x.byMaker[m], l)
	}
	for _, g := range x.groupsOf(vendors) {
		x.byGroup[g] = append(x.byGroup[g], l)
	}
}

// owners is what a lexicon may also know: to whom a maker belongs today. An
// advisory of the owner may mean a device of the maker; a person must say.
type owners interface {
	Owner(manufacturer string) string
}

// groupsOf returns the keys of the groups that makers belong to; a maker is its
// own group where nobody owns it.
func (x *index) groupsOf(makers []string) []string {
	own, ok := x.lex.(owners)
	if !ok {
		return nil
	}
	var keys []string
	for _, m := range makers {
		for _, name := range x.makerNames(m) {
			keys = append(keys, makerKey(firstOf([]string{own.Owner(name), name})))
		}
	}
	return sorted(keys)
}

// leadingWords is how many words at the front of a product's name may be its
// maker's, where the tree names no vendor.
const leadingWords = 3

// vendorsOf names the makers of a product: its branches', its CPE's, the
// publisher where that is the maker, or the beginning of its name.
func (x *index) vendorsOf(a *advisory, p *product) []string {
	if len(p.vendors) > 0 {
		return p.vendors
	}
	if vendor, _ := cpeNames(p.helper.CPE); vendor != "" {
		return []string{vendor}
	}
	head := strings.Fields(p.full)
	for n := min(leadingWords, len(head)); n > 0; n-- {
		if name := strings.Join(head[:n], " "); x.known(name) {
			return []string{name}
		}
	}
	if a.byMaker {
		return []string{a.Publisher}
	}
	return nil
}

func (x *index) known(maker string) bool {
	_, known := x.lex.Manufacturer(maker)
	return known
}

// cpeNames takes vendor and product from a CPE name, 2.3 or 2.2 (NISTIR 7695).
func cpeNames(cpe string) (vendor, product string) {
	rest, ok := strings.CutPrefix(cpe, "cpe:2.3:")
	if !ok {
		if rest, ok = strings.CutPrefix(cpe, "cpe:/"); !ok {
			return "", ""
		}
	}
	parts := strings.Split(rest, ":")
	if len(parts) < 3 {
		return "", ""
	}
	plain := strings.NewReplacer("_", " ", `\`, "")
	return plain.Replace(parts[1]), plain.Replace(parts[2])
}

// makersOf returns the keys of the makers that vendor texts mean, and the words
// that a product name may repeat of them. The words of a joint name are kept:
// "Hillrom and ELI, Baxter" must not take the ELI out of "ELI 250c".
func (x *index) makersOf(vendors []string) (keys, words []string) {
	for _, v := range vendors {
		names := x.makerNames(v)
		for _, name := range names {
			key := makerKey(name)
			keys = append(keys, key)
			if x.known(name) || len(names) == 1 {
				words = append(words, strings.Fields(key)...)
			}
		}
	}
	return sorted(keys), words
}

// readVersions reads the version leaf, and what the product's name says besides.
func (l *listing) readVersions(words []string) {
	text := l.p.rangeText()
	if text == "" {
		text = "*"
	}
	l.affects = parseRanges(text)
	if l.affects.opaque() {
		l.leaf = alternatives(text, words)
	}
	rest := nameRest(l.p)
	if rest == "" || l.p.part != "" {
		return
	}
	named := parseRanges(rest)
	switch {
	case l.affects.all && (variantWords.MatchString(rest) || anyDigit.MatchString(rest)):
		l.variant = rest
	case !l.affects.all && !named.all && named.readable() && anyDigit.MatchString(rest):
		l.name = &named
	}
}

// variantWords in a name beside "all versions" say that not all are meant.
var variantWords = regexp.MustCompile(`(?i)based|with|running|shipped|released|manufactured|sold|prior|option|certain`)

// nameRest is what the product's full name says beyond vendor, product and
// version leaf.
func nameRest(p *product) string {
	rest := inParens.ReplaceAllStringFunc(p.full, func(in string) string {
		if remark.MatchString(in) {
			return " "
		}
		return in
	})
	for _, known := range slices.Concat(p.vendors, p.names, []string{p.name()}, p.versions) {
		if at := strings.Index(strings.ToLower(rest), strings.ToLower(known)); known != "" && at >= 0 && len(rest) >= at+len(known) {
			rest = rest[:at] + " " + rest[at+len(known):]
		}
	}
	rest = strings.Trim(strings.Join(strings.Fields(rest), " "), " :,-*")
	if !strings.Contains(p.full, ":") && !anyDigit.MatchString(rest) {
		return "" // only another wording of the product
	}
	return rest
}

// makerNames are the makers that a text may mean: itself, without its
// parentheses, and each part of a joint name that the lexicon knows.
func (x *index) makerNames(text string) []string {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	canon, known := x.lex.Manufacturer(text)
	names := []string{canon}
	if known {
		return names
	}
	bare := strings.TrimSpace(inParens.ReplaceAllString(text, " "))
	parts := append([]string{bare}, listMark.Split(bare, -1)...)
	for _, in := range inParens.FindAllStringSubmatch(text, -1) {
		parts = append(parts, in[1])
	}
	for _, part := range parts {
		if c, ok := x.lex.Manufacturer(strings.TrimSpace(part)); ok {
			names = append(names, c)
		}
	}
	return sorted(names)
}

// legalWords say what kind of company a maker is.
var legalWords = fields("inc corp corporation co company ltd limited llc gmbh ag kg sa plc bv nv oy ab as spa srl the and")

// makerKey folds a maker's name for comparison.
func makerKey(name string) string {
	var kept []string
	for _, w := range strings.Fields(notWord.ReplaceAllString(foldText(name), " ")) {
		if !among(legalWords, w) {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}
