package register

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// MaxOthers bounds the runners-up that a match names.
const MaxOthers = 5

// verdict is what matching says of one device.
type verdict struct {
	h      *heard
	best   *pair // nil when nothing fits
	others []*pair
	match  inventory.Match
	keys   []inventory.Conflict // keys that point to another record
	stale  []inventory.Conflict // human decisions whose facts changed
}

// assign matches all devices to the records, sorted by device id on entry.
func (r *Register) assign(x *index, devices []*inventory.Device) []*verdict {
	ids := map[string]string{} // every id and alias -> id
	for _, d := range devices {
		for _, alias := range d.Aliases {
			ids[alias] = d.ID
		}
	}
	for _, d := range devices {
		ids[d.ID] = d.ID
	}
	confirmed, rejected := x.rulings.resolve(ids)
	list := make([]*verdict, len(devices))
	for i, d := range devices {
		v := &verdict{h: r.hear(d, x.shapes)}
		v.candidates(x, rejected[d.ID])
		if ruling, ok := confirmed[d.ID]; ok && x.byControl[ruling.Control] != nil {
			v.confirm(x.byControl[ruling.Control], ruling)
		} else {
			v.judge(x)
		}
		list[i] = v
	}
	settleClaims(list)
	return list
}

// resolve turns decisions about ids into decisions about today's devices. Where
// two merged devices were both decided on, the later decision counts.
func (u rulings) resolve(ids map[string]string) (confirmed map[string]Decision, rejected map[string][]Decision) {
	confirmed, rejected = map[string]Decision{}, map[string][]Decision{}
	for was, d := range u.confirmed {
		now, ok := ids[was]
		if !ok {
			continue
		}
		if other, taken := confirmed[now]; !taken || d.At.After(other.At) || d.At.Equal(other.At) && was == now {
			confirmed[now] = d
		}
	}
	for was, d := range u.rejected {
		if now, ok := ids[was[0]]; ok {
			rejected[now] = append(rejected[now], d)
		}
	}
	for _, list := range rejected {
		slices.SortFunc(list, func(a, b Decision) int { return strings.Compare(a.Control, b.Control) })
	}
	return confirmed, rejected
}

// candidates weighs every record that shares a key with the device.
func (v *verdict) candidates(x *index, rejected []Decision) {
	var list []*record
	take := func(found []*record) { list = append(list, found...) }
	for _, s := range append(slices.Clone(v.h.serials), nonEmpty(v.h.udi)...) {
		take(x.serial[normal(s)])
		take(x.serial[withoutZeros(s)])
		take(x.serial[folded(s)])
	}
	for _, mac := range v.h.macs {
		take(x.mac[mac])
	}
	for _, ae := range v.h.aes {
		take(x.ae[ae])
	}
	for _, host := range v.h.hosts {
		take(x.host[host])
	}
	for _, token := range v.h.tokens {
		take(x.serial[token])
	}
	for _, key := range slices.Concat(v.h.tokens, v.h.labels) {
		if rec := x.control[key]; rec != nil {
			take([]*record{rec})
		}
	}
	for _, text := range v.h.d.IPs {
		if addr, err := netip.ParseAddr(text); err == nil {
			take(x.ip[addr])
		}
	}
	byControl := func(a, b *record) int { return strings.Compare(a.asset.ControlNumber, b.asset.ControlNumber) }
	slices.SortFunc(list, byControl)
	for _, rec := range slices.Compact(list) {
		p := weigh(v.h, rec)
		if i := slices.IndexFunc(rejected, func(d Decision) bool { return x.byControl[d.Control] == rec }); i >= 0 {
			v.rejected(p, rejected[i])
			continue
		}
		v.others = append(v.others, p)
	}
	slices.SortStableFunc(v.others, func(a, b *pair) int {
		switch {
		case a.total > b.total:
			return -1
		case a.total < b.total:
			return 1
		}
		return 0
	})
}

// rejected keeps a rejected pair apart, and says when its facts changed.
func (v *verdict) rejected(p *pair, d Decision) {
	if says := d.changed(v.h.d, p.rec.asset); says != "" && p.support() >= decisive {
		v.stale = append(v.stale, staleConflict(d, "rejected", says))
	}
}

func staleConflict(d Decision, done, says string) inventory.Conflict {
	return inventory.Conflict{Code: CodeDecisionStale, Attribute: "asset", Values: []string{d.Control}, Says: fmt.Sprintf(
		"%s %s asset %s on %s; since then %s: look again", d.By, done, d.Control, inventory.On(d.At), says)}
}

// confirm takes a person's word, whatever the facts; they stand beside it.
func (v *verdict) confirm(rec *record, d Decision) {
	v.best = weigh(v.h, rec)
	v.match = inventory.Match{State: inventory.Confirmed, Score: 1, On: v.best.on, By: d.By, Why: append([]string{
		fmt.Sprintf("%s confirmed it on %s", d.By, inventory.On(d.At))}, v.best.why...)}
	if says := d.changed(v.h.d, rec.asset); says != "" {
		v.stale = append(v.stale, staleConflict(d, "confirmed", says))
	}
}

// judge decides by evidence alone.
func (v *verdict) judge(x *index) {
	v.pick()
	if v.best == nil {
		return
	}
	state := inventory.Ambiguous
	why := slices.Clone(v.best.why)
	v.keys = v.elsewhere(x)
	rivals := v.rivals()
	switch {
	case v.best.support() < decisive:
		why = append(why, "against: this is not enough evidence; a person must say")
	case v.best.contradicted() || len(v.keys) > 0:
		state = inventory.Conflicts
		for _, c := range v.keys {
			why = append(why, "against: "+c.Says)
		}
	case len(v.best.rec.twins) > 0 && slices.Contains(v.best.on, "serial_number"):
		why = append(why, "against: the register holds this serial number and maker "+fmt.Sprint(1+len(v.best.rec.twins))+" times; merge the records, or split them")
	case len(rivals) > 0:
		why = append(why, "against: asset "+rivals[0].rec.asset.ControlNumber+" fits nearly as well")
		if v.best.strong && slices.Contains(v.best.on, "mac") && slices.Contains(rivals[0].on, "mac") {
			state = inventory.Conflicts
			why = append(why, "against: both records claim the MAC address")
		}
	case v.h.contested() && v.best.total-v.best.lent < decisive:
		why = append(why, "against: another host uses its address or AE title, so that these say nothing; a person must say")
	case v.best.total < decisive:
		why = append(why, "against: what speaks against it outweighs the rest; a person must say")
	default:
		state = inventory.Matched
	}
	if state != inventory.Conflicts {
		v.keys = nil
	}
	v.match = inventory.Match{State: state, Score: v.best.score(), On: v.best.on, By: "register", Why: why, Others: v.otherNumbers(rivals)}
}

// pick chooses the record to judge: the best one; or, where nothing is decisive,
// one that would be but for a contradiction, because that must be seen.
func (v *verdict) pick() {
	for _, p := range v.others {
		if v.best == nil || v.best.total < decisive && p.support() >= decisive && p.support() > v.best.support() {
			v.best = p
		}
	}
	if v.best != nil && v.best.total < worth && v.best.support() < decisive {
		v.best = nil
	}
}

// rivals are the records within the margin of the best.
func (v *verdict) rivals() []*pair {
	var list []*pair
	for _, p := range v.others {
		if p != v.best && v.best.total-p.total < margin {
			list = append(list, p)
		}
	}
	return list
}

func (v *verdict) otherNumbers(rivals []*pair) []string {
	list := slices.Clone(v.best.rec.twins)
	for _, p := range rivals {
		if control := p.rec.asset.ControlNumber; !slices.Contains(list, control) {
			list = append(list, control)
		}
	}
	slices.Sort(list)
	return slices.Clip(list[:min(len(list), MaxOthers)])
}

// elsewhere finds exact keys of the device that belong to other records and not
// to the best one. A contradiction is a state, never a tie-break. The names of
// retired devices are left out: they are given to their successors.
func (v *verdict) elsewhere(x *index) []inventory.Conflict {
	var list []inventory.Conflict
	point := func(attribute, value string, found []*record) {
		var others []string
		for _, rec := range found {
			if rec == v.best.rec || slices.Contains(rec.twins, v.best.rec.asset.ControlNumber) {
				return
			}
			if rec.asset.Status != inventory.Retired && v.weighs(rec) {
				others = append(others, rec.asset.ControlNumber)
			}
		}
		if len(others) > 0 {
			list = append(list, inventory.Conflict{Code: CodeKeysDisagree, Attribute: attribute, Values: []string{v.best.rec.asset.ControlNumber, others[0]}, Says: fmt.Sprintf(
				"the %s %s belongs to asset %s in the register", strings.ReplaceAll(attribute, "_", " "), value, strings.Join(others[:min(len(others), MaxOthers)], ", "))})
		}
	}
	for _, s := range v.h.serials {
		if !weakSerial(s) {
			point("serial_number", s, v.ofMaker(x.serial[normal(s)], s))
		}
	}
	for _, mac := range v.h.macs {
		point("mac", mac, x.mac[mac])
	}
	for _, ae := range v.h.aes {
		point("ae_title", ae, x.ae[ae])
	}
	for _, host := range v.h.hosts {
		point("hostname", host, x.host[host])
	}
	return list
}

// weighs reports whether the record is a candidate: a rejected one is not.
func (v *verdict) weighs(rec *record) bool {
	return slices.ContainsFunc(v.others, func(p *pair) bool { return p.rec == rec })
}

// ofMaker keeps the records whose serial number is s exactly and whose maker
// does not differ: serial numbers are not unique across makers.
func (v *verdict) ofMaker(found []*record, s string) []*record {
	var list []*record
	for _, p := range v.others {
		if slices.Contains(found, p.rec) && !p.maker && normal(p.rec.serial) == normal(s) {
			list = append(list, p.rec)
		}
	}
	return list
}

// settleClaims sees to it that one record has one device, unless a person said
// otherwise: the clear best keeps it, equals all wait for a person.
func settleClaims(list []*verdict) {
	claims := map[*record][]*verdict{}
	for _, v := range list {
		if v.best != nil && v.match.Decisive() {
			claims[v.best.rec] = append(claims[v.best.rec], v)
		}
	}
	for rec, claimants := range claims {
		if len(claimants) > 1 {
			settle(rec, claimants)
		}
	}
}

func settle(rec *record, claimants []*verdict) {
	confirmed := slices.ContainsFunc(claimants, func(v *verdict) bool { return v.match.State == inventory.Confirmed })
	slices.SortStableFunc(claimants, func(a, b *verdict) int {
		switch {
		case a.best.total > b.best.total:
			return -1
		case a.best.total < b.best.total:
			return 1
		}
		return strings.Compare(a.h.d.ID, b.h.d.ID)
	})
	clear := claimants[0].best.total-claimants[1].best.total >= margin
	for i, v := range claimants {
		if v.match.State == inventory.Confirmed || !confirmed && clear && i == 0 {
			continue
		}
		v.match.State = inventory.Ambiguous
		says := "another device fits asset " + rec.asset.ControlNumber + " better"
		switch {
		case confirmed:
			says = "a person confirmed asset " + rec.asset.ControlNumber + " for another device"
		case !clear:
			says = "another device fits asset " + rec.asset.ControlNumber + " nearly as well"
			if v.best.strong {
				v.match.State = inventory.Conflicts
			}
		}
		v.match.Why = append(v.match.Why, "against: "+says)
	}
}
