package register

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/auscult/auscult/inventory"
)

// Options is what a register needs besides its store.
type Options struct {
	Site    string            // required: control numbers repeat between sites
	Lexicon inventory.Lexicon // required: the names of makers and models
}

// Register is one site's records. It is safe for concurrent use. What it hands
// out belongs to the caller, except the History of an asset, which is shared and
// must not be changed.
type Register struct {
	o     Options
	store inventory.Store

	mu        sync.RWMutex
	assets    map[string]inventory.Asset // by control number, without History
	work      map[string]work            // by workKey
	grants    map[string]inventory.Grant // by grantKey
	imports   map[Kind]Report            // the last one of each kind
	decisions []Decision                 // in the order in which they were taken
	index     *index                     // derived from assets, work and decisions; replaced, never changed
}

// Open loads what the store holds. It returns an error when Site or Lexicon is
// missing or what is stored cannot be read.
func Open(store inventory.Store, o Options) (*Register, error) {
	if o.Site == "" || o.Lexicon == nil || store == nil {
		return nil, errors.New("register: a site, a lexicon and a store are needed; give all three")
	}
	r := &Register{o: o, store: store}
	if err := r.load(); err != nil {
		return nil, fmt.Errorf("register of site %s: %w; restore a backup, or import the files again into a new state file", o.Site, err)
	}
	r.index = r.derive(r.assets, r.work)
	return r, nil
}

// Assets returns all records as the files hold them, with their history, sorted
// by control number; records that a person merged stand each for themselves.
func (r *Register) Assets() []inventory.Asset {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := make([]inventory.Asset, 0, len(r.assets))
	for _, control := range slices.Sorted(maps.Keys(r.assets)) {
		a := r.assets[control]
		a.MACs, a.History = slices.Clone(a.MACs), r.index.histories[control]
		list = append(list, a)
	}
	return list
}

// Grants returns who may do what, sorted by person, activity, maker and model.
func (r *Register) Grants() []inventory.Grant {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := slices.Collect(maps.Values(r.grants))
	slices.SortFunc(list, func(a, b inventory.Grant) int {
		return strings.Compare(grantOrder(a), grantOrder(b))
	})
	return list
}

func grantOrder(g inventory.Grant) string {
	return strings.Join([]string{g.Person, string(g.Activity), g.Manufacturer, g.Model, string(g.ValidFrom), g.Certificate}, "\x00")
}

// AsOf returns how old each kind of record is: the date of its last file.
func (r *Register) AsOf() map[Kind]time.Time {
	r.mu.RLock()
	defer r.mu.RUnlock()
	at := make(map[Kind]time.Time, len(r.imports))
	for kind, report := range r.imports {
		at[kind] = report.AsOf
	}
	return at
}

// LastImports returns the report of the last import of each kind, in the order
// of Kinds.
func (r *Register) LastImports() []Report {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var list []Report
	for _, kind := range Kinds() {
		if report, ok := r.imports[kind]; ok {
			list = append(list, report)
		}
	}
	return list
}
