package policy

import (
	"fmt"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// route decides whose work it is: contract and warranty first, then grants.
func (d *decision) route() {
	a := d.in.Device.Asset
	if a == nil {
		d.unrouted("Without a record in the register nobody knows who services the device.")
		return
	}
	today := inventory.On(d.in.Now)
	switch {
	case a.Coverage == inventory.OEMExclusive:
		d.toProvider(d.provider(a), fmt.Sprintf("an exclusive contract%s", contractOf(a)))
	case a.Coverage == inventory.OEMFullService:
		d.toProvider(d.provider(a), fmt.Sprintf("a full-service contract%s", contractOf(a)))
	case a.Coverage == inventory.Leased:
		d.toProvider(firstOf(a.ServiceProvider, a.Owner), fmt.Sprintf("a lease%s", contractOf(a)))
	case valid(a.WarrantyExpires) && a.WarrantyExpires >= today:
		d.toProvider(firstOf(d.makerName(), a.ServiceProvider), fmt.Sprintf("the warranty until %s, which unauthorised work would void", a.WarrantyExpires))
	case a.Coverage == inventory.InHouse || a.Coverage == inventory.TimeAndMaterial:
		d.byGrants(a)
	default:
		d.unrouted("The register does not say under which coverage the device is; nobody is named until it does.")
	}
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// provider is who holds the contract: as the register names them, else the
// manufacturer.
func (d *decision) provider(a *inventory.AssetView) string {
	return firstOf(a.ServiceProvider, d.makerName())
}

func contractOf(a *inventory.AssetView) string {
	if a.Contract == "" {
		return ""
	}
	return " (" + a.Contract + ")"
}

// shop is the in-house queue of an asset.
func (d *decision) shop() string {
	if a := d.in.Device.Asset; a != nil && a.ServiceProvider != "" {
		return a.ServiceProvider
	}
	return firstOf(d.in.Coordinator, Coordinator)
}

// unrouted leaves the decision without anybody.
func (d *decision) unrouted(why string) {
	d.out.Assignee = remediation.Assignee{Queue: firstOf(d.in.Coordinator, Coordinator), Why: why}
	d.refuseAll("nobody is named: " + lowerFirst(why))
	d.say("Route: %s", why)
}

// toProvider sends the work to whoever the contract or warranty names, and
// refuses everybody in house.
func (d *decision) toProvider(provider, because string) {
	if provider == "" {
		d.unrouted("The device is under " + because + ", and the register names no provider.")
		return
	}
	d.named = true
	d.out.Assignee = remediation.Assignee{Queue: provider, Why: fmt.Sprintf("%s does the work under %s.", provider, because)}
	d.say("Route: %s", d.out.Assignee.Why)
	for _, p := range d.people() {
		theirs := d.maker(p.team) != "" && d.maker(p.team) == d.maker(provider)
		switch {
		case theirs && p.best != nil:
			d.out.Eligible = append(d.out.Eligible, p.name)
		case theirs && p.concerned:
			d.refuse(p, p.why)
		case p.concerned:
			d.refuse(p, fmt.Sprintf("the work is %s's under %s", provider, because))
		}
	}
}

// byGrants names the person whose grant fits the work most closely.
func (d *decision) byGrants(a *inventory.AssetView) {
	if d.out.Activity == inventory.ContactVendor {
		d.toCoordinator()
		return
	}
	var best *person
	for _, p := range d.people() {
		if p.best == nil {
			if p.concerned {
				d.refuse(p, p.why)
			}
			continue
		}
		if best == nil {
			best = p
		}
		d.out.Eligible = append(d.out.Eligible, p.name)
	}
	switch {
	case best != nil:
		d.named = true
		g := best.best
		d.out.Assignee = remediation.Assignee{Queue: d.shop(), Team: g.Team, Person: g.Person,
			Why: fmt.Sprintf("%s holds %s for %s on %s %s, valid until %s, and no closer grant is valid today.", g.Person, g.Certificate, g.Activity, g.Manufacturer, g.Model, g.ValidTo)}
	case a.Coverage == inventory.TimeAndMaterial && d.knownMaker(a.ServiceProvider):
		d.named = true
		d.out.Assignee = remediation.Assignee{Queue: a.ServiceProvider, Why: fmt.Sprintf("Nobody in house may do it; %s works by time and materials.", a.ServiceProvider)}
	default:
		d.out.Assignee = remediation.Assignee{Queue: d.shop(), Why: fmt.Sprintf("Nobody holds a grant for %s on this device that is valid today; the coordinator decides.", d.out.Activity)}
	}
	d.say("Route: %s", d.out.Assignee.Why)
}

// toCoordinator hands on work that needs no certificate: somebody has to ask the
// manufacturer. Who may do the technical work that follows is listed.
func (d *decision) toCoordinator() {
	d.named = true
	d.out.Assignee = remediation.Assignee{Queue: d.shop(), Why: "Asking the manufacturer needs no certificate; the coordinator does it."}
	d.say("Route: %s", d.out.Assignee.Why)
	for _, p := range d.people() {
		if p.best != nil {
			d.out.Eligible = append(d.out.Eligible, p.name)
		}
	}
}

// refuseAll records everybody who is concerned, for one reason.
func (d *decision) refuseAll(why string) {
	for _, p := range d.people() {
		if p.concerned {
			d.refuse(p, why)
		}
	}
}

func (d *decision) refuse(p *person, why string) {
	d.out.Refused = append(d.out.Refused, remediation.Refusal{Person: p.name, Why: why})
	d.say("%s is refused: %s.", p.name, why)
}
