package register

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// MaxHistory bounds the work that an asset shows: twenty years of quarterly PM
// and as many repairs.
const MaxHistory = 200

// record is one asset as matching sees it: merged records folded in, history
// attached, keys in normal form.
type record struct {
	asset       inventory.Asset
	id          string   // of the device that it is while nothing else is
	folded      []string // control numbers of the records merged into it
	twins       []string // other records with its serial number and maker
	maker       string   // canonical
	makerKnown  bool
	model       string // canonical
	modelKnown  bool
	serial      string // "" when it may not be matched
	host        string
	ae          string
	kind        inventory.Type // by the description
	macsClaimed []string       // its MACs that another record claims too
}

// index is the register prepared for matching. It is derived whole and never
// changed.
type index struct {
	records   []*record // sorted by control number
	byControl map[string]*record
	histories map[string][]inventory.Work // by control number, of each record by itself
	rulings   rulings
	serial    map[string][]*record // by each of the three keys
	mac       map[string][]*record
	ae        map[string][]*record
	host      map[string][]*record
	ip        map[netip.Addr][]*record
	control   map[string]*record // by normal control number of at least minToken characters
	shapes    serialShapes
}

// derive prepares assets, work and decisions for matching.
func (r *Register) derive(assets map[string]inventory.Asset, works map[string]work) *index {
	x := &index{
		byControl: make(map[string]*record, len(assets)), rulings: rulingsOf(r.decisions), serial: map[string][]*record{}, mac: map[string][]*record{},
		ae: map[string][]*record{}, host: map[string][]*record{}, ip: map[netip.Addr][]*record{}, control: map[string]*record{},
		shapes: newSerialShapes(),
	}
	table, kinds := typeWords(), map[string]inventory.Type{}
	x.histories = historiesOf(assets, works)
	for _, control := range slices.Sorted(maps.Keys(assets)) {
		a := assets[control]
		a.History = x.histories[control]
		rec := r.prepare(a)
		kind, read := kinds[a.Description]
		if !read {
			kind = typeOf(table, a.Description)
			kinds[a.Description] = kind
		}
		rec.kind = kind
		x.byControl[control] = rec
		if x.rulings.stands(control) == control {
			x.records = append(x.records, rec)
		}
	}
	x.fold()
	for _, rec := range x.records {
		x.enter(rec)
	}
	x.findTwins()
	return x
}

func (r *Register) prepare(a inventory.Asset) *record {
	rec := &record{asset: a, id: DeviceID(a.Site, a.ControlNumber)}
	if a.Manufacturer != "" {
		rec.maker, rec.makerKnown = r.o.Lexicon.Manufacturer(a.Manufacturer)
	}
	if a.Model != "" {
		rec.model, rec.modelKnown = r.o.Lexicon.Model(rec.maker, a.Model)
	}
	if a.SerialDefect == "" {
		rec.serial = a.SerialNumber
	}
	rec.host, rec.ae = hostLabel(a.Hostname), titleKey(a.AETitle)
	return rec
}

// fold fills what a record leaves empty from the records merged into it.
func (x *index) fold() {
	for _, control := range slices.Sorted(maps.Keys(x.rulings.merged)) {
		other, keep := x.byControl[control], x.byControl[x.rulings.stands(control)]
		if other == nil || keep == nil || other == keep {
			continue
		}
		keep.folded = append(keep.folded, control)
		if keep.serial == "" {
			keep.serial = other.serial
		}
		if keep.host == "" {
			keep.host = other.host
		}
		if keep.ae == "" {
			keep.ae = other.ae
		}
		macs := slices.Clone(keep.asset.MACs)
		for _, mac := range other.asset.MACs {
			if !slices.Contains(macs, mac) {
				macs = append(macs, mac)
			}
		}
		keep.asset.MACs = macs
		keep.asset.History = newestFirst(slices.Concat(keep.asset.History, other.asset.History))
	}
	for control, rec := range x.byControl {
		if keep := x.byControl[x.rulings.stands(control)]; keep != nil && keep != rec {
			x.byControl[control] = keep
		}
	}
}

// enter puts a record's keys into the maps.
func (x *index) enter(rec *record) {
	if rec.serial != "" {
		keys := []string{normal(rec.serial), withoutZeros(rec.serial), folded(rec.serial)}
		slices.Sort(keys)
		for _, key := range slices.Compact(keys) {
			if key != "" {
				x.serial[key] = append(x.serial[key], rec)
			}
		}
	}
	for _, mac := range rec.asset.MACs {
		x.mac[mac] = append(x.mac[mac], rec)
	}
	if rec.ae != "" {
		x.ae[rec.ae] = append(x.ae[rec.ae], rec)
	}
	if rec.host != "" {
		x.host[rec.host] = append(x.host[rec.host], rec)
	}
	if addr, err := netip.ParseAddr(rec.asset.IP); err == nil {
		x.ip[addr] = append(x.ip[addr], rec)
	}
	for _, control := range append([]string{rec.asset.ControlNumber}, rec.folded...) {
		if key := normal(control); len(key) >= minToken {
			x.control[key] = rec
		}
	}
}

// findTwins finds records of one serial number and maker, which a person has not
// split, and MAC addresses that two records claim.
func (x *index) findTwins() {
	for _, rec := range x.records {
		for _, other := range x.serial[normal(rec.serial)] {
			if other != rec && rec.serial != "" && !weakSerial(rec.serial) && normal(other.serial) == normal(rec.serial) && sameMaker(rec, other) &&
				!x.rulings.split[sortedPair(rec.asset.ControlNumber, other.asset.ControlNumber)] {
				rec.twins = append(rec.twins, other.asset.ControlNumber)
			}
		}
		for _, mac := range rec.asset.MACs {
			if len(x.mac[mac]) > 1 {
				rec.macsClaimed = append(rec.macsClaimed, mac)
			}
		}
	}
}

func sameMaker(a, b *record) bool {
	return a.maker == "" || b.maker == "" || a.maker == b.maker || normal(a.maker) == normal(b.maker)
}

// controlResolver finds the asset that a control number means: the one written
// so, or the only one that fits without leading zeros.
func controlResolver(assets map[string]inventory.Asset) func(string) (string, bool) {
	stripped := map[string][]string{}
	for control := range assets {
		key := strings.TrimLeft(strings.ToUpper(control), "0")
		stripped[key] = append(stripped[key], control)
	}
	return func(control string) (string, bool) {
		if _, ok := assets[control]; ok {
			return control, true
		}
		if fits := stripped[strings.TrimLeft(strings.ToUpper(control), "0")]; len(fits) == 1 {
			return fits[0], true
		}
		return "", false
	}
}

func historiesOf(assets map[string]inventory.Asset, works map[string]work) map[string][]inventory.Work {
	resolve := controlResolver(assets)
	list := map[string][]inventory.Work{}
	for _, key := range slices.Sorted(maps.Keys(works)) {
		if control, ok := resolve(works[key].Control); ok {
			list[control] = append(list[control], works[key].Work)
		}
	}
	for control, history := range list {
		list[control] = newestFirst(history)
	}
	return list
}

// newestFirst sorts by the day that the work ended, or began while it is open.
func newestFirst(list []inventory.Work) []inventory.Work {
	slices.SortFunc(list, func(a, b inventory.Work) int {
		if c := strings.Compare(string(lastDay(b)), string(lastDay(a))); c != 0 {
			return c
		}
		return strings.Compare(b.Order, a.Order)
	})
	return slices.Clip(list[:min(len(list), MaxHistory)])
}

func lastDay(w inventory.Work) inventory.Date { return max(w.Opened, w.Completed) }
