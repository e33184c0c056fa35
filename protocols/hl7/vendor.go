package hl7

import (
	"net/netip"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// What makers do in their own way. Each was seen in messages of theirs.

// makerOfPumps is a EUI-64 that names a maker of pumps and no device, which stands in
// OBX-18 of all of them.
const makerOfPumps = "0012210000000000"

// pumpLabel writes the number of a pump of that maker as its status reports do: its
// alarms leave the letter of the kind of pump out.
func pumpLabel(entity, universal string, c concept) string {
	if universal != makerOfPumps || entity == "" || strings.Trim(entity, "0123456789") != "" {
		return entity
	}
	switch {
	case strings.Contains(c.name, "INFUS_SYRINGE"):
		return "P" + entity
	case strings.Contains(c.name, "INFUS_LVP"):
		return "I" + entity
	}
	return entity
}

// place notes where a station of that maker stands: its ward is the third of the
// parts that it writes into OBX-18.
func (d *device) place(id text) {
	var room [maxRepetitions]text
	if all := id.repetitions(room[:0]); len(all) > 2 && d.location == "" {
		d.add(protocols.Location, all[2].component(1), "MDC_ATTR_PUMP_PILLAR_DETAILS", looseFact)
	}
}

// behind reads an identifier that a gateway makes of its own EUI-64 and the address
// of the monitor behind it. What stands beside it names the gateway.
func (id *identity) behind(entity, field string) bool {
	const digits = 16
	if len(entity) <= digits || euiOf(entity[:digits]) == "" {
		return false
	}
	a, err := netip.ParseAddr(entity[digits:])
	if err != nil || !a.Is4() {
		return false
	}
	id.add(protocols.DeviceUID, entity, field, looseFact)
	id.add(protocols.IPAddress, a.String(), field, guessedFact)
	return true
}

// order divides "IntelliVue X - 123456", a product's name and its order number.
func (id *identity) order(product, field string) {
	name, number, found := cutLast(product, " - ")
	if !found || len(number) < 5 || strings.Trim(number, "0123456789") != "" {
		name, number = product, ""
	}
	id.add(protocols.Model, name, field, looseFact)
	id.add(protocols.PartNumber, number, field, looseFact)
}

func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}

// product reads the model that one maker's monitors write behind the maker's name
// into MSH-3. Its gateway does so too, and is none.
func (h header) product() (maker, model string) {
	model, found := strings.CutPrefix(strings.ToUpper(h.application), "MINDRAY_")
	if !found || model == "" || strings.Contains(model, "GATEWAY") {
		return "", ""
	}
	return "Mindray", model
}

// makerAsFacility returns the maker that writes its own name into MSH-4, where the
// hospital's belongs.
func makerAsFacility(facility string) string {
	switch bare(facility) {
	case "BBRAUN", "GEHEALTHCARE", "PHILIPS", "MINDRAY", "DRAEGER", "DRGER": // the last without its umlaut
		return facility
	}
	return ""
}

// modelOf takes a maker's mark off a model: "B1_GE".
func modelOf(name string) (model, maker string) {
	if model, found := strings.CutSuffix(name, "_GE"); found && model != "" {
		return model, "GE"
	}
	return name, ""
}

// selfNamed lets a device that sends rows without any identifier, under the name of a
// product and with a EUI-64 in the header, be that product.
func (st *statement) selfNamed(d *device) {
	maker, model := st.message.header.product()
	if model == "" || len(st.message.devices) != 1 || st.message.header.eui == "" {
		return
	}
	own := d.get(protocols.EUI64)
	if d.key() == "" {
		d.add(protocols.EUI64, st.message.header.eui, "MSH-3", looseFact)
		own = st.message.header.eui
	}
	if own == st.message.header.eui {
		d.add(protocols.Manufacturer, maker, "MSH-3", guessedFact)
		d.add(protocols.Model, model, "MSH-3", guessedFact)
	}
}
