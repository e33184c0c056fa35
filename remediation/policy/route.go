package policy

import (
	"fmt"
	"strings"

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
	until, read := warrantyEnd(a)
	switch {
	case a.Coverage == inventory.OEMExclusive:
		d.toProvider(d.provider(a), fmt.Sprintf("an exclusive contract%s", contractOf(a)))
	case a.Coverage == inventory.OEMFullService:
		d.toProvider(d.provider(a), fmt.Sprintf("a full-service contract%s", contractOf(a)))
	case a.Coverage == inventory.Leased:
		d.toLessor(a)
	case !read:
		d.unrouted("The warranty cannot be read in the register, and counts as running until a person corrects it there.")
	case until >= d.in.today():
		d.toProvider(firstOf(d.makerName(), d.outside(a)), fmt.Sprintf("the warranty until %s%s, which unauthorised work would void", until, twoReadings(a, until)))
	case a.Coverage == inventory.InHouse || a.Coverage == inventory.TimeAndMaterial:
		d.byGrants(a)
	default:
		d.unrouted("The register does not say under which coverage the device is; nobody is named until it does.")
	}
}

// warrantyEnd is the last day that the warranty may have, "" without one; read
// is false when something stands there that is no day.
func warrantyEnd(a *inventory.AssetView) (until inventory.Date, read bool) {
	for _, day := range []inventory.Date{a.WarrantyExpires, a.WarrantyLatest} {
		if day != "" && !valid(day) {
			return "", false
		}
		until = max(until, day)
	}
	return until, a.WarrantyText == ""
}

func twoReadings(a *inventory.AssetView, until inventory.Date) string {
	if until == a.WarrantyExpires {
		return ""
	}
	return fmt.Sprintf(" (or %s, as the register can be read)", a.WarrantyExpires)
}

// outside is the service provider, "" when it is a shop of the hospital: a shop
// holds no contract, and its people do not work under one.
func (d *decision) outside(a *inventory.AssetView) string {
	name := a.ServiceProvider
	switch {
	case name == "" || d.knownMaker(name):
		return name
	case a.Coverage == inventory.InHouse:
		return ""
	case a.ProviderInHouse, inventory.ShopName(name), sameText(name, a.Department), sameText(name, firstOf(d.in.Coordinator, Coordinator)):
		d.say("The register names %s as provider, which is a shop of the hospital and cannot be who does this work by contract; name who does.", name)
		return ""
	}
	return name
}

// toLessor sends work on a leased device to whom it belongs. The owner of a
// record is mostly a department, so it counts only when it is a manufacturer.
func (d *decision) toLessor(a *inventory.AssetView) {
	lessor := d.outside(a)
	if lessor == "" && d.knownMaker(a.Owner) {
		lessor = a.Owner
	}
	if lessor == "" {
		d.unrouted("The device is leased" + contractOf(a) + ", and the register does not name the lessor; nobody is named until it does.")
		return
	}
	d.toProvider(lessor, "a lease"+contractOf(a))
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
	return firstOf(d.outside(a), d.makerName())
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
	d.refuseAll("nobody is named: " + strings.TrimSuffix(lowerFirst(why), "."))
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
