package register

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
)

// Action is what a person decided.
type Action string

// The decisions. The last one about the same things counts; none is forgotten.
const (
	Confirming Action = "confirm" // this device is this asset
	Rejecting  Action = "reject"  // this device is not this asset
	Merging    Action = "merge"   // two records are one device
	Splitting  Action = "split"   // two records are two devices, whatever they share
)

// Decision is one human decision, with the facts that it was taken on.
type Decision struct {
	Action  Action    `json:"action"`
	Control string    `json:"control"`          // for Merging: the record that stays
	Device  string    `json:"device,omitempty"` // for Confirming and Rejecting
	Other   string    `json:"other,omitempty"`  // for Merging and Splitting: the second record
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	// The facts of that moment; when they change the decision stays, with a flag.
	AssetSerial  string   `json:"asset_serial,omitempty"`
	AssetMACs    []string `json:"asset_macs,omitempty"`
	DeviceSerial string   `json:"device_serial,omitempty"`
	DeviceMACs   []string `json:"device_macs,omitempty"`
}

// Confirm remembers that the device is the asset. One device is one asset: an
// earlier confirmation of the same device ends. One asset may be confirmed for
// several devices (the nodes of a system). It returns an error that wraps
// inventory.ErrNotFound when there is no such asset.
func (r *Register) Confirm(control string, d inventory.Device, by string, at time.Time) error {
	return r.decidePair(Confirming, control, d, by, at)
}

// Reject remembers that the device is not the asset; an earlier confirmation of
// the pair ends. Errors are those of Confirm.
func (r *Register) Reject(control string, d inventory.Device, by string, at time.Time) error {
	return r.decidePair(Rejecting, control, d, by, at)
}

// Merge remembers that two records are one device: other stands for control from
// now on, and fills what control leaves empty. Errors are those of Confirm.
func (r *Register) Merge(control, other, by string, at time.Time) error {
	return r.decideRecords(Merging, control, other, by, at)
}

// Split remembers that two records are two devices, and ends an earlier merge of
// them. Errors are those of Confirm.
func (r *Register) Split(control, other, by string, at time.Time) error {
	return r.decideRecords(Splitting, control, other, by, at)
}

// Decisions returns every decision, the oldest first.
func (r *Register) Decisions() []Decision {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.decisions)
}

func (r *Register) decidePair(action Action, control string, d inventory.Device, by string, at time.Time) error {
	if d.ID == "" || d.Presence == inventory.RegisterOnly {
		return fmt.Errorf("%s asset %s: name a device that was heard; a record alone has nothing to be joined to", action, cut(control, MaxShown))
	}
	return r.decide(Decision{
		Action: action, Control: control, Device: d.ID, By: by, At: at.UTC(), DeviceSerial: d.SerialNumber, DeviceMACs: slices.Clone(d.MACs),
	})
}

func (r *Register) decideRecords(action Action, control, other, by string, at time.Time) error {
	if control == other {
		return fmt.Errorf("%s: %s is one record; name two", action, cut(control, MaxShown))
	}
	return r.decide(Decision{Action: action, Control: control, Other: other, By: by, At: at.UTC()})
}

func (r *Register) decide(d Decision) error {
	d.By = strings.TrimSpace(d.By)
	if d.By == "" || d.At.IsZero() {
		return errors.New("a decision needs the name of a person and a time")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, control := range []string{d.Control, d.Other} {
		if _, ok := r.assets[control]; !ok && (control != "" || control == d.Control) {
			return fmt.Errorf("%s: asset %s: %w; give the control number as the register writes it, leading zeros too", d.Action, cut(control, MaxShown), inventory.ErrNotFound)
		}
	}
	a := r.assets[d.Control]
	d.AssetSerial, d.AssetMACs = a.SerialNumber, slices.Clone(a.MACs)
	if err := r.appendDecision(d); err != nil {
		return fmt.Errorf("%s asset %s: %w; nothing was changed", d.Action, d.Control, err)
	}
	r.decisions = append(r.decisions, d)
	r.index = r.derive(r.assets, r.work)
	return nil
}

// rulings is what the decisions come to, taken in order.
type rulings struct {
	confirmed map[string]Decision    // by device id as it was then
	rejected  map[[2]string]Decision // by device id and control number
	merged    map[string]string      // other -> the record that stays
	split     map[[2]string]bool     // pairs of control numbers, sorted
}

func rulingsOf(list []Decision) rulings {
	u := rulings{confirmed: map[string]Decision{}, rejected: map[[2]string]Decision{}, merged: map[string]string{}, split: map[[2]string]bool{}}
	for _, d := range list {
		pair := [2]string{d.Device, d.Control}
		switch d.Action {
		case Confirming:
			u.confirmed[d.Device] = d
			delete(u.rejected, pair)
		case Rejecting:
			if u.confirmed[d.Device].Control == d.Control {
				delete(u.confirmed, d.Device)
			}
			u.rejected[pair] = d
		case Merging:
			delete(u.split, sortedPair(d.Control, d.Other))
			delete(u.merged, d.Control) // what stays does not stand for another
			u.merged[d.Other] = d.Control
		case Splitting:
			u.split[sortedPair(d.Control, d.Other)] = true
			for _, p := range [][2]string{{d.Control, d.Other}, {d.Other, d.Control}} {
				if u.merged[p[0]] == p[1] {
					delete(u.merged, p[0])
				}
			}
		}
	}
	return u
}

func sortedPair(a, b string) [2]string {
	if b < a {
		a, b = b, a
	}
	return [2]string{a, b}
}

// stands follows merges to the record that stays. A merge of A into B after B
// into A has ended the first, so there is no circle of two; longer ones end at
// the bound.
func (u rulings) stands(control string) string {
	for range len(u.merged) {
		next, ok := u.merged[control]
		if !ok {
			break
		}
		control = next
	}
	return control
}

// changed says what differs from the facts that a decision was taken on, "" for
// nothing. A fact that is not known now does not differ.
func (d Decision) changed(dev *inventory.Device, a inventory.Asset) string {
	differ := func(x, y string) bool { return x != "" && y != "" && withoutZeros(x) != withoutZeros(y) }
	switch {
	case differ(d.DeviceSerial, dev.SerialNumber):
		return fmt.Sprintf("the device then said serial number %s and says %s now", d.DeviceSerial, dev.SerialNumber)
	case differ(d.AssetSerial, a.SerialNumber):
		return fmt.Sprintf("the register then held serial number %s and holds %s now", d.AssetSerial, a.SerialNumber)
	case len(d.DeviceMACs) > 0 && len(dev.MACs) > 0 && !shareAny(d.DeviceMACs, dev.MACs):
		return "the device's MAC addresses changed since"
	}
	return ""
}

func shareAny(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return strings.EqualFold(x, y) })
	})
}
