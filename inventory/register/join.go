package register

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// registerProtocol is the protocol of evidence that comes from the register.
const registerProtocol = "register"

// registerConfidence is below every confidence that the wire gives: a record is
// typed by people and ages.
const registerConfidence = 0.3

// Join returns the devices as wire and register together know them, sorted by
// id: each heard device with its asset, match, drift and the register's evidence,
// and one device for every record that no heard device is decisively matched to.
// The same input and register give the same output; joining a joined list again
// changes nothing. The input is not changed. Call it before findings, orders and
// risk are put on devices: a device known from the register alone is made anew.
func (r *Register) Join(devices []inventory.Device) []inventory.Device {
	r.mu.RLock()
	x := r.index
	r.mu.RUnlock()
	list, foreign := r.heardOnly(x, devices)
	refs := make([]*inventory.Device, len(list))
	for i := range list {
		refs[i] = &list[i]
	}
	taken := map[*record]bool{}
	fits := map[*record][]*verdict{}
	for i, v := range r.assign(x, refs) {
		r.dress(&list[i], v)
		if v.best == nil {
			continue
		}
		if v.match.Decisive() {
			taken[v.best.rec] = true
		} else {
			fits[v.best.rec] = append(fits[v.best.rec], v)
		}
	}
	for _, rec := range x.records {
		if !taken[rec] {
			list = append(list, r.registered(rec, fits[rec]))
		}
	}
	list = append(list, foreign...)
	slices.SortStableFunc(list, func(a, b inventory.Device) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// heardOnly copies what was heard at this site, without what an earlier Join
// added, and tells the devices of other sites apart: this register says nothing
// of them.
func (r *Register) heardOnly(x *index, devices []inventory.Device) (list, foreign []inventory.Device) {
	own := make(map[string]bool, len(x.byControl))
	for control := range x.byControl {
		own[DeviceID(r.o.Site, control)] = true
	}
	list = make([]inventory.Device, 0, len(devices)+len(x.records))
	for _, d := range devices {
		if d.Site != r.o.Site && d.Site != "" {
			foreign = append(foreign, d)
			continue
		}
		if d.Presence == inventory.RegisterOnly && own[d.ID] {
			continue
		}
		undress(&d, own)
		list = append(list, d)
	}
	slices.SortStableFunc(list, func(a, b inventory.Device) int { return strings.Compare(a.ID, b.ID) })
	return list, foreign
}

// undress takes off what dress puts on.
func undress(d *inventory.Device, own map[string]bool) {
	reclaim(d)
	d.Asset, d.Ownership, d.Connectivity = nil, "", ""
	d.Aliases = without(d.Aliases, func(id string) bool { return own[id] })
	d.Conflicts = without(d.Conflicts, func(c inventory.Conflict) bool { return slices.Contains(Codes(), c.Code) })
}

// without returns a copy of list that lacks what drop chooses; nil for none.
func without[T any](list []T, drop func(T) bool) []T {
	var kept []T
	for _, item := range list {
		if !drop(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

// dress puts the register's knowledge on a heard device.
func (r *Register) dress(d *inventory.Device, v *verdict) {
	d.Connectivity = inventory.Heard
	d.Conflicts = append(d.Conflicts, v.stale...)
	if v.best == nil {
		return
	}
	rec := v.best.rec
	d.Asset = rec.asset.View(v.match)
	d.Conflicts = append(d.Conflicts, v.drift()...)
	slices.SortStableFunc(d.Conflicts, func(a, b inventory.Conflict) int {
		return strings.Compare(a.Code+separator+a.Attribute, b.Code+separator+b.Attribute)
	})
	if !v.match.Decisive() {
		return
	}
	d.Ownership = ownershipOf(rec.asset)
	d.Aliases = append(d.Aliases, r.idsOf(rec)...)
	slices.Sort(d.Aliases)
	d.Aliases = slices.Compact(d.Aliases)
	r.lend(d, rec)
}

// idsOf are the ids that a record and those merged into it had by themselves.
func (r *Register) idsOf(rec *record) []string {
	ids := []string{rec.id}
	for _, control := range rec.folded {
		ids = append(ids, DeviceID(r.o.Site, control))
	}
	return ids
}

// registered is the device that a record is while nothing that is heard is
// decisively it.
func (r *Register) registered(rec *record, fits []*verdict) inventory.Device {
	a := rec.asset
	d := inventory.Device{
		ID: rec.id, Site: a.Site, Presence: inventory.RegisterOnly, Connectivity: inventory.NeverConnected, Ownership: ownershipOf(a),
		Type: inventory.UnknownType, Use: inventory.Use{State: protocols.UnknownUse}, Conflicts: recordConflicts(rec), Aliases: r.idsOf(rec)[1:],
	}
	if len(d.Aliases) == 0 {
		d.Aliases = nil
	}
	if a.IP != "" || len(a.MACs) > 0 || a.AETitle != "" || a.Hostname != "" {
		d.Connectivity = inventory.Expected
	}
	match := inventory.Match{Others: rec.twins}
	for _, v := range fits {
		match.Why = append(match.Why, "device "+v.h.d.ID+" may be this one; a person must say")
	}
	d.Asset = a.View(match)
	r.lend(&d, rec)
	return d
}

// Proposal is one join of a device and an asset, with its reasons.
type Proposal struct {
	Device        string          `json:"device"`
	ControlNumber string          `json:"control_number"`
	Match         inventory.Match `json:"match"`
}

// Matches returns every join of the devices, what a person must decide first:
// conflicts, then ambiguous ones, then those that are matched, then those that a
// person confirmed; by score inside each.
func (r *Register) Matches(devices []inventory.Device) []Proposal {
	var list []Proposal
	for _, d := range r.Join(devices) {
		if d.Asset != nil && d.Asset.Match.State != inventory.Unmatched {
			list = append(list, Proposal{d.ID, d.Asset.ControlNumber, d.Asset.Match})
		}
	}
	order := []inventory.MatchState{inventory.Conflicts, inventory.Ambiguous, inventory.Matched, inventory.Confirmed}
	slices.SortStableFunc(list, func(a, b Proposal) int {
		if c := slices.Index(order, a.Match.State) - slices.Index(order, b.Match.State); c != 0 {
			return c
		}
		switch {
		case a.Match.Score > b.Match.Score:
			return -1
		case a.Match.Score < b.Match.Score:
			return 1
		}
		return strings.Compare(a.ControlNumber+separator+a.Device, b.ControlNumber+separator+b.Device)
	})
	return list
}
