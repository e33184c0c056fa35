package register_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/inventory"
)

// A host that takes the address and the AE title of a device makes both of them
// doubtful, and neither the record's.
func TestContestedAddressIsNotDecisive(t *testing.T) {
	rows := "1,,Aurik,Torus,T-90001,,10.9.9.1,,TORUS1,torus-1,,,\n"
	open1 := inventory.Device{IPs: []string{"10.9.9.1"}, AETitles: []string{"TORUS1"}, Hostnames: []string{"torus-1"}, Manufacturer: "Aurik", Model: "Torus"}
	numbered := open1
	numbered.SerialNumber = "T-90001"
	for _, c := range []struct {
		name  string
		d     inventory.Device
		code  string
		state inventory.MatchState
	}{
		{"nothing contested", open1, "", matched},
		{"the address moved", open1, "address_moved", ambiguous},
		{"the title is on two", open1, "ae_title_on_two", ambiguous},
		{"another contradiction", open1, "mac_vendor_differs", matched},
		{"its serial number is enough", numbered, "address_moved", matched},
	} {
		r := open(t, newStore())
		importText(t, r, "assets", matchHeader+rows, day0, nil)
		d := named("d-1", c.d)
		if c.code != "" {
			d.Conflicts = []inventory.Conflict{{Code: c.code, Says: "another host"}}
		}
		m := device(t, r.Join([]inventory.Device{d}), "d-1").Asset
		if m == nil || m.Match.State != c.state {
			t.Errorf("%s: %+v, want %s", c.name, m, c.state)
			continue
		}
		says := slices.ContainsFunc(m.Match.Why, func(w string) bool { return strings.Contains(w, "another host uses") })
		if says != (c.state == ambiguous) {
			t.Errorf("%s: %v", c.name, m.Match.Why)
		}
	}
}
