package daemon

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/auscult/auscult/configs"
)

// changedKeys names what of a tap's declaration differs, as the configuration names
// it. An empty list is the same as none.
func changedKeys(old, next configs.Tap) (keys []string) {
	a, b := reflect.ValueOf(old), reflect.ValueOf(next)
	for i := range a.NumField() {
		x, y := a.Field(i), b.Field(i)
		if x.Kind() == reflect.Slice && x.Len()+y.Len() == 0 || reflect.DeepEqual(x.Interface(), y.Interface()) {
			continue
		}
		keys = append(keys, a.Type().Field(i).Tag.Get("yaml"))
	}
	return keys
}

// reopens reports whether a tap must be opened anew for what has changed: the kernel
// is asked for another interface or in another way, or the pipeline behind it is made
// otherwise. All else is only what it should carry.
func reopens(keys []string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		switch key {
		case "interface", "allow_address", "shunt", "sessions":
			return true
		}
		return false
	})
}

// redeclared is what a reload did to the taps.
type redeclared struct {
	added, removed, changed int
	keys                    []string // that changed, of all taps
}

func (r *redeclared) change(keys []string) {
	r.changed++
	for _, key := range keys {
		if !slices.Contains(r.keys, key) {
			r.keys = append(r.keys, key)
		}
	}
}

func (r *redeclared) any() bool { return r.added+r.removed+r.changed > 0 }

func (r *redeclared) String() string {
	s := fmt.Sprintf("taps: %d added, %d removed, %d changed", r.added, r.removed, r.changed)
	if len(r.keys) > 0 {
		s += " (" + strings.Join(r.keys, ", ") + ")"
	}
	return s
}
