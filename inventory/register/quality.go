package register

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// DataQuality returns everything that is wrong with the records: the defects of
// the last file of each kind, and what only shows across records. It is sorted by
// kind in the order of Kinds; inside a kind by row, then code.
func (r *Register) DataQuality() []Defect {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var list []Defect
	for _, kind := range Kinds() {
		defects := slices.Clone(r.imports[kind].Defects)
		if kind == History {
			// Work that waited for its asset may have found it since.
			resolve := controlResolver(r.assets)
			defects = without(defects, func(d Defect) bool {
				_, known := resolve(d.ControlNumber)
				return d.Code == ControlUnknown && known
			})
		}
		if kind == Assets {
			defects = append(defects, r.acrossRecords()...)
		}
		sortDefects(defects)
		list = append(list, defects...)
	}
	return list
}

func (r *Register) acrossRecords() []Defect {
	list := r.twins()
	x := r.index
	list = append(list, claims("MAC address", x.mac)...)
	list = append(list, claims("AE title", x.ae)...)
	list = append(list, claims("host name", x.host)...)
	for _, d := range r.decisions {
		for _, control := range append(nonEmpty(d.Control), nonEmpty(d.Other)...) {
			if _, ok := r.assets[control]; !ok {
				list = append(list, Defect{Code: DecisionDangling, Kind: Assets, ControlNumber: control, Says: fmt.Sprintf("%s decided about this asset, which is not in the register", d.By)})
			}
		}
	}
	return list
}

func (r *Register) twins() []Defect {
	var list []Defect
	for _, rec := range r.index.records {
		if len(rec.twins) == 0 {
			continue
		}
		a := rec.asset
		list = append(list, Defect{Code: AssetTwice, Kind: Assets, File: a.File, Row: a.Row, ControlNumber: a.ControlNumber, Value: cut(a.SerialNumber, MaxShown),
			Says: fmt.Sprintf("has the maker and serial number of asset %s too: merge them, or split them if they are two devices", strings.Join(rec.twins, ", "))})
	}
	return list
}

// claims lists addresses and names that several records claim. A retired record
// may have left its name to its successor.
func claims(what string, byKey map[string][]*record) []Defect {
	var list []Defect
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		var numbers []string
		for _, rec := range byKey[key] {
			if rec.asset.Status != inventory.Retired {
				numbers = append(numbers, rec.asset.ControlNumber)
			}
		}
		if len(numbers) < 2 {
			continue
		}
		for _, rec := range byKey[key] {
			others := without(numbers, func(n string) bool { return n == rec.asset.ControlNumber })
			if len(others) == len(numbers) {
				continue
			}
			list = append(list, Defect{Code: ClaimedTwice, Kind: Assets, File: rec.asset.File, Row: rec.asset.Row, ControlNumber: rec.asset.ControlNumber, Value: cut(key, MaxShown),
				Says: fmt.Sprintf("the %s is claimed by asset %s too", what, strings.Join(others[:min(len(others), MaxOthers)], ", "))})
		}
	}
	return list
}

// opens counts the assets that a grant reaches.
func (r *Register) opens(g inventory.Grant) int {
	maker, _ := r.o.Lexicon.Manufacturer(g.Manufacturer)
	stem, begins := strings.CutSuffix(g.Model, "*")
	n := 0
	for _, rec := range r.index.records {
		model := normal(rec.asset.Model)
		byModel := begins && strings.HasPrefix(model, normal(stem)) || !begins && sameModel(g.Model, rec.asset.Model)
		if byModel && (g.Manufacturer == "*" || normal(maker) == normal(rec.maker)) {
			n++
		}
	}
	return n
}
