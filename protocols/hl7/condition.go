package hl7

import (
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// state notes what a device says of its power: how it is now, so that it is stated
// only where the message speaks of now.
func (d *device) power(c concept, r reader) {
	word := numbered(normal(coded(r.text(5).first())))
	switch word {
	case "onmains", "on-mains", "mains", "ac":
		d.condition.add(protocols.PowerSource, "mains", c.entry.name, statedFact)
	case "onbattery", "on-battery", "battery", "chargingoff":
		d.condition.add(protocols.PowerSource, "battery", c.entry.name, statedFact)
	case "chargingfull", "chargingtrickle":
		d.condition.add(protocols.PowerSource, "mains", c.entry.name, statedFact)
	}
}

// numbered takes the number off that senders write behind a word of ASN.1:
// "onMains(0)".
func numbered(word string) string {
	if before, number, found := strings.Cut(word, "("); found && strings.Trim(number, "0123456789)") == "" {
		return before
	}
	return word
}

// battery notes a charge in per cent, to the nearest ten, and says so: one that changes
// with every message would fill the evidence.
func (d *device) battery(c concept, r reader) {
	const step = 10
	charge, err := strconv.ParseFloat(r.text(5).component(1), 64)
	unit := r.text(6)
	if err != nil || !(charge >= 0 && charge <= 100) || unit.s != "" && !percent(unit) {
		return
	}
	about := "under 10 %" // which is nearly empty, and not nearly 10
	if charge >= step {
		about = "about " + strconv.Itoa(int(math.Round(charge/step))*step) + " %"
	}
	d.condition.add(protocols.Battery, about, c.entry.name, statedFact)
}

// percent reports the unit of a hundredth (MDC_DIM_PERCENT).
func percent(unit text) bool {
	for n := 1; n <= 5; n++ {
		if v := unit.component(n); v == "%" || v == "262688" || v == "MDC_DIM_PERCENT" {
			return true
		}
	}
	return false
}

// address notes the address that a device's radio has.
func (d *device) address(c concept, word string) {
	if a, err := netip.ParseAddr(word); err == nil && a.Is4() && a.IsValid() && !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast() {
		d.add(protocols.IPAddress, a.String(), c.entry.name, instanceFact)
	}
}

// simulated reports a value that no patient has (IHE PCD TF-2, appendix B.8: OBX-8
// carries the state of a measurement): a demonstration, a test, a calibration, or one
// that is not there or not valid.
func (r reader) simulated() bool {
	var room [maxRepetitions]text
	for _, flag := range r.text(8).repetitions(room[:0]) {
		switch strings.ToUpper(flag.component(1)) {
		case "DEMO", "TEST", "CAL", "CALIB", "NAV", "INV":
			return true
		}
	}
	return false
}

// measurement reports a row whose number is measured: codes of the partition of
// attributes, and of what else is about the device, are not.
func (c concept) measurement() bool {
	const partition = 1 << 16
	if c.code/partition == 1 || c.code/partition == 8 {
		return false
	}
	for _, about := range [...]string{"MDC_ATTR_", "MDC_NCC_", "MDC_MOC_", "MDCX_DMC_", "MDCX_ATTR_", "MDC_EVT_", "MDCX_EVT_", "MDC_BATT"} {
		if strings.HasPrefix(c.name, about) {
			return false
		}
	}
	return true
}
