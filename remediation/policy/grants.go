package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/auscult/auscult/inventory"
)

// person is one holder of grants as this work sees them.
type person struct {
	name, team string
	best       *inventory.Grant // the closest grant that is valid today for this work; nil without one
	fit        int              // of best
	concerned  bool             // some grant of theirs comes near this work
	why        string           // without best: why not
	weight     int              // of why
}

// The weights of reasons: of several the nearest miss is told.
const (
	otherModel = iota + 1
	otherActivity
	badEvidence
	notYet
	expired
)

// people judges every holder of a grant at this site, those who may first, by
// closeness, then the asset's own shop, then the longest validity, then name.
// The order of the grants does not matter.
func (d *decision) people() []*person {
	grants := slices.Clone(d.in.Grants)
	slices.SortFunc(grants, compareGrants)
	byName := map[string]*person{}
	var all []*person
	makers, models := d.makers(), d.models()
	for i := range grants {
		g := &grants[i]
		if !d.onePerson(g) || (g.Site != "" && g.Site != d.in.Device.Site) {
			continue
		}
		p := byName[g.Person]
		if p == nil {
			p = &person{name: g.Person, team: g.Team}
			byName[g.Person] = p
			all = append(all, p)
		}
		d.judge(p, g, makers, models)
	}
	slices.SortStableFunc(all, d.comparePeople)
	return all
}

// onePerson reports whether a grant names somebody: not nobody, not a team or a
// queue, and nothing that looks like another name because of what cannot be seen
// in it.
func (d *decision) onePerson(g *inventory.Grant) bool {
	unseen := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }
	switch {
	case fold(g.Person) == "", strings.ContainsFunc(g.Person, unseen):
		return false
	case sameText(g.Person, g.Team), sameText(g.Person, d.shop()), inventory.ShopName(g.Person):
		return false
	}
	return true
}

func compareGrants(a, b inventory.Grant) int {
	return cmp.Or(strings.Compare(a.Person, b.Person), strings.Compare(a.Manufacturer, b.Manufacturer), strings.Compare(a.Model, b.Model),
		strings.Compare(string(a.Activity), string(b.Activity)), strings.Compare(string(b.ValidTo), string(a.ValidTo)),
		strings.Compare(string(a.ValidFrom), string(b.ValidFrom)), strings.Compare(a.Certificate, b.Certificate), strings.Compare(a.Team, b.Team),
		strings.Compare(a.Site, b.Site))
}

func (d *decision) comparePeople(a, b *person) int {
	switch {
	case a.best == nil && b.best == nil:
		return strings.Compare(a.name, b.name)
	case a.best == nil:
		return 1
	case b.best == nil:
		return -1
	}
	shop := d.shop()
	own := func(p *person) int {
		if sameText(p.best.Team, shop) {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(b.fit, a.fit), cmp.Compare(own(a), own(b)), strings.Compare(string(b.best.ValidTo), string(a.best.ValidTo)), strings.Compare(a.name, b.name))
}

// activity is what the work needs a grant for. Asking the manufacturer needs
// none; what follows from the answer is a patch.
func (d *decision) activity() inventory.Activity {
	if d.out.Activity == inventory.ContactVendor {
		return inventory.ApplyVendorPatch
	}
	return d.out.Activity
}

// judge weighs one grant for its holder.
func (d *decision) judge(p *person, g *inventory.Grant, makers, models []string) {
	anyMaker := strings.TrimSpace(g.Manufacturer) == "*"
	if !anyMaker && !slices.Contains(makers, d.maker(g.Manufacturer)) {
		return
	}
	fit, wanted := d.fit(*g, models), g.Activity == d.activity()
	switch {
	case fit == 0 && anyMaker:
		return
	case fit == 0:
		if wanted {
			p.miss(otherModel, fmt.Sprintf("the grant is for %s %s, another model", g.Manufacturer, g.Model))
		}
		return
	case !wanted:
		if !anyMaker && fit > 1 {
			p.miss(otherActivity, fmt.Sprintf("no grant for %s on this model, only others such as %s", d.activity(), g.Activity))
		}
		return
	}
	if weight, why := d.invalid(g); why != "" {
		p.miss(weight, why)
		return
	}
	if !anyMaker {
		fit += exactModel
	}
	p.concerned = true
	if p.best == nil || fit > p.fit || (fit == p.fit && g.ValidTo > p.best.ValidTo) {
		p.best, p.fit, p.team = g, fit, g.Team
	}
}

func (p *person) miss(weight int, why string) {
	p.concerned = true
	if weight > p.weight {
		p.weight, p.why = weight, why
	}
}

// invalid says why a grant does not count today, or "".
func (d *decision) invalid(g *inventory.Grant) (weight int, why string) {
	today := d.in.today()
	switch {
	case strings.TrimSpace(g.Certificate) == "":
		return badEvidence, "the grant has no evidence"
	case !valid(g.ValidFrom) || !valid(g.ValidTo):
		return badEvidence, "the grant has no dates"
	case g.ValidTo < today:
		return expired, fmt.Sprintf("certificate %s for %s expired on %s", g.Certificate, g.Activity, g.ValidTo)
	case g.ValidFrom > today:
		return notYet, fmt.Sprintf("certificate %s for %s is valid only from %s", g.Certificate, g.Activity, g.ValidFrom)
	}
	return 0, ""
}

// valid reports whether a date is a day of the calendar.
func valid(d inventory.Date) bool { return !d.Time().IsZero() }

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
