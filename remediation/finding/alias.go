package finding

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/auscult/auscult/inventory"
)

// productsFile lists product names that mean a model without naming its number,
// each with its source. It is reviewed by people: an entry here can confirm a
// finding.
//
//go:embed products.json
var productsFile []byte

// alias says that devices of a maker whose model carries a designator are also
// known by other names.
type alias struct {
	Maker   string   `json:"maker"`
	Model   string   `json:"model"`   // the designator
	AlsoBy  []string `json:"also_by"` // names that advisories use
	Because string   `json:"because"` // source

	makers []string
	desig  string
}

type aliases []alias

func loadAliases(x *index) (aliases, error) {
	var list aliases
	if err := json.Unmarshal(productsFile, &list); err != nil {
		return nil, fmt.Errorf("finding/products.json: %w", err)
	}
	for i := range list {
		for _, name := range x.makerNames(list[i].Maker) {
			list[i].makers = append(list[i].makers, makerKey(name))
		}
		list[i].desig = foldText(list[i].Model)
	}
	return list, nil
}

// namesOf returns the other names of a model of one of the makers.
func (l aliases) namesOf(makers []string, model string) []string {
	p := newPhrase(model, nil)
	var out []string
	for _, a := range l {
		if among(p.desigs, a.desig) && slices.ContainsFunc(a.makers, func(m string) bool { return slices.Contains(makers, m) }) {
			out = append(out, a.AlsoBy...)
		}
	}
	return out
}

// plain is the lexicon of an installation without one: every name stands for
// itself.
type plain struct{}

var _ inventory.Lexicon = plain{}

func (plain) Manufacturer(name string) (string, bool) { return name, false }
func (plain) Model(_, model string) (string, bool)    { return model, false }
func (plain) Vendor(string) string                    { return "" }
func (plain) PlaceholderSerial(string) bool           { return false }
