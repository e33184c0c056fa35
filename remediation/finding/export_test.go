package finding

// The grammar and the classification are tested by table through these.

// Verdict returns "inside", "outside" or "unclear" for a version against a
// version text.
func Verdict(text, running string) string {
	v, ok := parseVersion(running)
	if !ok {
		return "unreadable"
	}
	got, _ := parseRanges(text).test(v)
	return [...]string{outside: "outside", unclear: "unclear", inside: "inside"}[got]
}

// Relation returns how one version stands to another.
func Relation(a, b string) string {
	x, ok1 := parseVersion(a)
	y, ok2 := parseVersion(b)
	if !ok1 || !ok2 {
		return "unreadable"
	}
	return [...]string{"less", "equal", "greater", "extends", "shortens", "incomparable"}[x.against(y)]
}

// Classify returns the kind of remedy that a remediation offers, or "".
func Classify(category, text string) string {
	kind, _, _ := classify(category, text)
	return string(kind)
}

// ProductTexts returns every product text, version text and full name of the
// advisories in the book with what is made of the version.
func (b *Book) ProductTexts(visit func(id, product, versions, full string, readable bool, variant string, nameSays bool)) {
	x := b.index()
	for _, a := range x.advisories {
		for _, p := range a.products {
			l := &listing{adv: a, p: p}
			l.readVersions(nil)
			visit(a.ID, p.name(), p.rangeText(), p.full, l.affects.readable(), l.variant, l.name != nil)
		}
	}
}
