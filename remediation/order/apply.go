package order

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// subject is what a decision is about, with every name resolved.
type subject struct {
	remediation.Decision
	findings []remediation.Finding // the open ones, by cause
	causes   []string              // theirs, sorted, each once
}

// batch is one Apply.
type batch struct {
	*work
	resolve  func(string) string
	aliases  map[string][]string // canonical device id -> every id that the index knows it by
	controls map[string]string   // device -> control number, as this batch decides
	claimed  map[string]bool     // orders that a decision of this batch already took
}

// Apply makes the orders be what the decisions say, inside the caller's
// transaction: new ones are drafted, held or made ready, those that have not left
// are decided again, and those that have left change their start gate and tell
// what is new. The same decisions again change nothing.
//
// findings holds every finding that a decision names. resolve returns the id that
// a device has now, itself for an id that is current, and "" for one that no
// longer exists under any id.
func (d *Desk) Apply(tx inventory.Tx, decisions []remediation.Decision, findings map[string]remediation.Finding,
	resolve func(id string) string, now time.Time) ([]Change, error) {
	b := &batch{work: d.begin(tx, now), resolve: resolve, controls: map[string]string{}, claimed: map[string]bool{}}
	subjects, err := b.subjects(decisions, findings)
	if err != nil {
		return nil, err
	}
	if err := b.indexAliases(); err != nil {
		return nil, err
	}
	for _, s := range subjects {
		if err := b.one(s); err != nil {
			return nil, err
		}
	}
	return b.finish()
}

// subjects resolves and sorts the decisions: the most urgent first, since the
// budget may not last for all, then by device and cause, so that the order of the
// caller's list means nothing.
func (b *batch) subjects(decisions []remediation.Decision, findings map[string]remediation.Finding) ([]subject, error) {
	var out []subject
	for _, dec := range decisions {
		s := subject{Decision: dec}
		if id := b.resolve(dec.Device); id != "" {
			s.Device = id
		}
		for _, id := range dec.Findings {
			f, ok := findings[id]
			if !ok {
				return nil, fmt.Errorf("decision for device %s names finding %s, which was not given; decide again", dec.Device, id)
			}
			if f.Open() {
				s.findings = append(s.findings, f)
				s.causes = append(s.causes, f.Cause)
			}
		}
		b.controls[s.Device] = s.ControlNumber
		if len(s.findings) == 0 {
			continue
		}
		sort.Slice(s.findings, func(i, j int) bool { return lessFinding(s.findings[i], s.findings[j]) })
		sort.Strings(s.causes)
		s.causes = slices.Compact(s.causes)
		out = append(out, s)
	}
	sort.SliceStable(out, func(i, j int) bool { return lessSubject(out[i], out[j]) })
	return out, nil
}

func lessFinding(a, b remediation.Finding) bool {
	if a.Cause != b.Cause {
		return a.Cause < b.Cause
	}
	return a.ID < b.ID
}

func lessSubject(a, b subject) bool {
	if a.Priority != b.Priority {
		return a.Priority < b.Priority
	}
	if a.Device != b.Device {
		return a.Device < b.Device
	}
	return a.causes[0] < b.causes[0]
}

// indexAliases learns by which old ids the index still knows each device.
func (b *batch) indexAliases() error {
	b.aliases = map[string][]string{}
	last := ""
	return b.tx.Bucket(bucketIndex).Scan([]byte(byDevice+"\x00"), func(k, _ []byte) error {
		id := indexSubject(k)
		if id == last {
			return nil
		}
		last = id
		if now := b.resolve(id); now != "" && now != id {
			b.aliases[now] = append(b.aliases[now], id)
		}
		return nil
	})
}

func indexSubject(key []byte) string {
	rest := string(key[len(byDevice)+1:])
	for i := range len(rest) {
		if rest[i] == 0 {
			return rest[:i]
		}
	}
	return rest
}

// one applies one decision.
func (b *batch) one(s subject) error {
	found, err := b.existing(s)
	if err != nil {
		return err
	}
	var open, over []*record
	for _, r := range found {
		if r.State.Final() {
			over = append(over, r)
		} else {
			open = append(open, r)
		}
	}
	if len(open) == 0 {
		return b.fresh(s, over)
	}
	r, err := b.collapse(open)
	if err != nil {
		return err
	}
	return b.again(r, s)
}

// existing finds every order that is about the subject: by each id of the device,
// then by control number.
func (b *batch) existing(s subject) ([]*record, error) {
	var found []*record
	add := func(key []byte, mine func(*record) bool) error {
		id := b.tx.Bucket(bucketIndex).Get(key)
		if id == nil {
			return nil
		}
		r, err := b.current(string(id))
		if err != nil {
			return err
		}
		if mine(r) && !slices.Contains(found, r) {
			found = append(found, r)
		}
		return nil
	}
	for _, cause := range s.causes {
		for _, id := range append([]string{s.Device}, b.aliases[s.Device]...) {
			if err := add(indexKey(byDevice, id, cause), func(r *record) bool { return !b.anothers(r, s) }); err != nil {
				return nil, err
			}
		}
		if s.ControlNumber == "" {
			continue
		}
		if err := add(indexKey(byControl, s.ControlNumber, cause), func(r *record) bool { return b.orphan(r, s) }); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// current loads an order, or what took its place.
func (w *work) current(id string) (*record, error) {
	seen := map[string]bool{}
	for {
		r, err := w.load(id)
		if err != nil {
			return nil, err
		}
		if r.Successor == "" || seen[r.Successor] {
			return r, nil
		}
		seen[id], id = true, r.Successor
	}
}

// anothers reports whether an order that was made for this device belongs to
// another one now: its control number was matched elsewhere since.
func (b *batch) anothers(r *record, s subject) bool {
	if b.resolve(r.Device) != s.Device && r.Device != s.Device {
		return true // an old index entry: the order went to another device
	}
	if r.ControlNumber == "" || r.ControlNumber == s.ControlNumber || !r.KeyFinal {
		return false
	}
	for device, control := range b.controls {
		if device != s.Device && control == r.ControlNumber {
			return true
		}
	}
	return false
}

// orphan reports whether an order for this control number is this device's: the
// device that it was made for is gone, or has another control number by now.
func (b *batch) orphan(r *record, s subject) bool {
	if r.ControlNumber != s.ControlNumber {
		return false // an old index entry
	}
	owner := b.resolve(r.Device)
	if owner == "" || owner == s.Device {
		return true
	}
	control, decided := b.controls[owner]
	return decided && control != s.ControlNumber
}
