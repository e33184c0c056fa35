package identity

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// The codes of contradictions. They are part of what scripts build on.
const (
	ManufacturerDiffers = "manufacturer_differs" // two makers are stated
	ModelDiffers        = "model_differs"        // two models are stated
	SerialDiffers       = "serial_differs"       // two serial numbers are stated
	SerialPlaceholder   = "serial_placeholder"   // the stated serial number says nothing
	SerialOnTwo         = "serial_on_two"        // another device states the same serial number, or is told to have it
	EUIOnTwo            = "eui64_on_two"         // another device is stated to have the same EUI-64
	SpeaksAsGateway     = "speaks_as_gateway"    // other devices are described from its address
	ImagesOfAnother     = "images_of_another"    // images of another machine come from its address
	TitleOnTwo          = "ae_title_on_two"      // another host has the same AE title
	AddressMoved        = "address_moved"        // an address went from or to another device
	ViaDiffers          = "via_differs"          // another host speaks for it than its gateway
	AddressDisputed     = "address_disputed"     // DHCP gave its address to another interface
	MACVendorDiffers    = "mac_vendor_differs"   // the interface is another maker's
)

// conflicts lists what is contradictory about a device, by code and attribute.
func (l *Ledger) conflicts(g *group, e evidence) []inventory.Conflict {
	stated := e.best(protocols.Manufacturer)
	maker := func(v string) string { c, _ := l.knowledge.Manufacturer(v); return fold(c) }
	model := func(v string) string { c, _ := l.knowledge.Model(stated, v); return fold(c) }
	serial := func(filler bool) func(string) string {
		return func(v string) string {
			if l.knowledge.PlaceholderSerial(v) != filler {
				return ""
			}
			return fold(v)
		}
	}
	kind := func(k kind) func(*atom) bool { return func(a *atom) bool { return a.Key.Kind == k } }
	var out []inventory.Conflict
	for _, c := range []struct {
		code      string
		attribute protocols.Attribute
		values    []string
		least     int // how many values make the contradiction
		says      string
	}{
		{AddressMoved, protocols.IPAddress, g.moved(l), 1, "the address went from one device to another"},
		{AddressDisputed, protocols.IPAddress, g.noted(disputed), 1, "DHCP gave its address to another network interface, and it still uses it"},
		{TitleOnTwo, protocols.AETitle, l.contested(g, kind(kindTitle)), 1, "another device uses the same AE title"},
		{MACVendorDiffers, protocols.HardwareAddress, l.vendorConflict(g, e), 1, "its network interface is another maker's: a built-in computer, or a converter in front of it"},
		{ViaDiffers, "via", l.otherSpeakers(g), 1, "a host that is not its gateway speaks for it: the worse of what they say of its use counts, and its gateway's word on its software"},
		{ManufacturerDiffers, protocols.Manufacturer, e.distinct(protocols.Manufacturer, named, maker), 2, "it is stated to come from different manufacturers"},
		{ModelDiffers, protocols.Model, e.distinct(protocols.Model, named, model), 2, "it is stated to be different models"},
		{SerialDiffers, protocols.SerialNumber, e.distinct(protocols.SerialNumber, named, serial(false)), 2, "different serial numbers are stated for it"},
		{EUIOnTwo, protocols.EUI64, l.euisOnTwo(g), 1, "another device is stated to have the same EUI-64"},
		{SpeaksAsGateway, "via", l.describedBy(g), 1, "other devices are described from its address, and it says itself to be a device and no gateway"},
		{ImagesOfAnother, protocols.Model, l.imagesOfAnother(g), 1, "images of another machine come from its address, and it says itself to be something else"},
		{SerialOnTwo, protocols.SerialNumber, l.withTwins(g, l.contested(g, kind(kindSerial))), 1, "another device states the same serial number"},
		{SerialPlaceholder, protocols.SerialNumber, e.distinct(protocols.SerialNumber, 0, serial(true)), 1, "its serial number was never filled in, and identifies nothing"},
	} {
		if len(c.values) >= c.least {
			out = append(out, inventory.Conflict{Code: c.code, Attribute: string(c.attribute), Values: c.values, Says: c.says})
		}
	}
	slices.SortStableFunc(out, func(x, y inventory.Conflict) int { return strings.Compare(x.Code, y.Code) })
	return out
}

// vendorConflict compares the stated maker with who registered the interface.
// What only the interface tells cannot contradict it.
func (l *Ledger) vendorConflict(g *group, e evidence) []string {
	stated := e.bestOf(protocols.Manufacturer, func(string) bool { return true })
	canonical, known := l.knowledge.Manufacturer(stated)
	if !known || !e.states(protocols.Manufacturer, stated) {
		return nil
	}
	for _, a := range g.atoms {
		if a.Key.Kind != kindMAC {
			continue
		}
		if vendor := l.knowledge.Vendor(a.Key.Value); vendor != "" && vendor != canonical {
			return []string{stated, vendor}
		}
	}
	return nil
}

// states reports whether a value was said, not only concluded from an interface.
func (e evidence) states(a protocols.Attribute, v string) bool {
	return slices.ContainsFunc(e, func(f fact) bool { return f.Attribute == a && f.Value == v && f.Confidence > byPrefix })
}

// contested lists names of the device that hosts which are not part of it claim
// as well. Who only passes images on does not claim to be the machine.
func (l *Ledger) contested(g *group, of func(*atom) bool) []string {
	var out []string
	look := func(on *atom) {
		if !of(on) {
			return
		}
		rivals := l.candidates(on, func(c claim) bool { return c.How != claimPart })
		rivals = slices.DeleteFunc(rivals, func(c candidate) bool {
			return on.machine() && (passesOn(c.atoms) || !l.oneMachine(c.atoms, claimImage) || l.isAnother(c.atoms, on))
		})
		inside := slices.ContainsFunc(rivals, func(c candidate) bool { return slices.Contains(g.atoms, c.by[0]) })
		outside := slices.ContainsFunc(rivals, func(c candidate) bool { return !slices.Contains(g.atoms, c.by[0]) })
		if inside && outside || outside && slices.Contains(g.atoms, on) {
			name := on.Key.Value
			if on.machine() {
				name = on.Told.Serial
			}
			out, _ = include(out, name, MaxConflictValues)
		}
	}
	for _, a := range g.atoms {
		look(a)
		for _, id := range a.Claiming {
			if on := l.atoms[id]; on != nil && !slices.Contains(g.atoms, on) {
				look(on)
			}
		}
	}
	return out
}

// moved lists the addresses that went from or to the device.
func (g *group) moved(l *Ledger) []string {
	var out []string
	for _, a := range g.atoms {
		if a.Key.Kind != kindIP {
			continue
		}
		base := a.Key
		base.Value = baseOf(base.Value)
		now := l.current[base]
		gone := a.Retired && now != nil && now != a && l.group(now) != g
		came := slices.ContainsFunc(a.Facts, func(f fact) bool { return f.Attribute == movedFrom })
		if gone || came {
			out, _ = include(out, a.address(), MaxConflictValues)
		}
	}
	return out
}

// noted lists the addresses of the device of which something was marked.
func (g *group) noted(mark protocols.Attribute) []string {
	var out []string
	for _, a := range g.atoms {
		if slices.ContainsFunc(a.Facts, func(f fact) bool { return f.Attribute == mark }) {
			out, _ = include(out, a.address(), MaxConflictValues)
		}
	}
	return out
}
