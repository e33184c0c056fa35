package order

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/auscult/auscult/remediation"
)

// openingEvery is the least time between two notes that work may begin. A pump
// that goes in and out of use all day would fill the order with them; the note
// that work may not begin is never withheld.
const openingEvery = time.Hour

// Bounds of what an order says, in bytes.
const (
	maxTitle    = 160 // of a remediation.Ticket
	maxSentence = 500
)

// fresh makes an order where none is open, unless what was decided about an
// earlier one still stands.
func (b *batch) fresh(s subject, over []*record) error {
	r := &record{WorkOrder: remediation.WorkOrder{Site: b.d.o.Site, Device: s.Device, ControlNumber: s.ControlNumber,
		OpenedAt: b.now, History: []remediation.OrderEvent{}, CMMS: remediation.CMMSLink{System: b.d.o.System}},
		Causes: s.causes}
	why := "found: " + strings.Join(s.causes, ", ")
	for _, old := range over {
		again := old.recurs(s.findings)
		if again == "" {
			return nil
		}
		if old.Generation >= r.Generation {
			r.Generation, r.Follows, why = old.Generation+1, old.ID, "again: "+again
		}
	}
	r.ID = b.mintID(r)
	r.describe(s, b.now)
	if err := b.mintKey(r); err != nil {
		return err
	}
	if r.Follows != "" {
		b.records[r.Follows].Successor = r.ID
	}
	b.records[r.ID], b.claimed[r.ID] = r, true
	return b.settle(r, Created, byUs, why)
}

// recurs says why an order that is over must be made again, or "".
func (r *record) recurs(findings []remediation.Finding) string {
	if r.State == remediation.StateVerified && r.Verification.By == remediation.ByWire {
		for _, f := range findings {
			if !slices.Contains(r.Causes, f.Cause) {
				return f.Cause + " is new"
			}
			if f.LastSeen.After(r.Verification.ObservedAt) {
				return f.Cause + " was seen after it was shown to be gone"
			}
		}
		return ""
	}
	return r.material(findings)
}

// collapse leaves one order where there are several, because devices were merged
// or causes are now decided together: the one that was told, then the older one.
func (b *batch) collapse(open []*record) (*record, error) {
	sort.SliceStable(open, func(i, j int) bool {
		a, c := open[i], open[j]
		if a.unsent() != c.unsent() {
			return !a.unsent()
		}
		if !a.OpenedAt.Equal(c.OpenedAt) {
			return a.OpenedAt.Before(c.OpenedAt)
		}
		return a.ID < c.ID
	})
	keep := open[0]
	for _, r := range open[1:] {
		if r.State == remediation.StateSubmitting {
			continue // on its way; it is joined when the CMMS has answered
		}
		if err := b.supersede(r, keep, "the same work is followed in order "+keep.ID); err != nil {
			return nil, err
		}
		keep.Causes = union(keep.Causes, r.Causes)
	}
	return keep, nil
}

// supersede ends r in favour of keep, and says so in the CMMS where it is there.
func (w *work) supersede(r, keep *record, why string) error {
	if r.State == remediation.StateReady {
		if err := w.dequeue(r.ID); err != nil {
			return err
		}
	}
	if err := w.unwait(r); err != nil {
		return err
	}
	if r.CMMS.RemoteID != "" {
		number := orElse(keep.CMMS.Number, keep.ID)
		if err := w.tell(r, "The same work on the same device is followed in order "+number+". Please close this one as a duplicate."); err != nil {
			return err
		}
	}
	r.Successor = keep.ID
	w.change(r, Superseded, byUs, remediation.StateSuperseded, why)
	return w.unpoll(r.ID)
}

// again decides an open order once more.
func (b *batch) again(r *record, s subject) error {
	if b.claimed[r.ID] {
		// Two decisions of one batch are about one order: the first, more urgent one
		// holds, and this one's findings join it.
		r.Findings = union(r.Findings, ids(s.findings))
		r.Causes = union(r.Causes, s.causes)
		r.remember(s.findings)
		return nil
	}
	b.claimed[r.ID] = true
	if r.Device != s.Device {
		b.change(r, Decided, byUs, r.State, fmt.Sprintf("device %s is now %s", r.Device, s.Device))
		r.Device = s.Device
	}
	if r.unsent() {
		return b.redecide(r, s)
	}
	return b.inform(r, s)
}

// redecide takes the decision whole: nobody was told yet.
func (b *batch) redecide(r *record, s subject) error {
	if !r.KeyFinal || s.ControlNumber != "" {
		r.ControlNumber = s.ControlNumber
	}
	r.describe(s, b.now)
	if !r.KeyFinal {
		if err := b.mintKey(r); err != nil {
			return err
		}
	}
	return b.settle(r, Decided, byUs, "")
}

// describe fills in what the decision and its findings say.
func (r *record) describe(s subject, now time.Time) {
	r.Findings = ids(s.findings)
	r.Causes = union(r.Causes, s.causes)
	r.Type = orderType(s.findings)
	r.Title = title(s.findings)
	r.Verification = verification(s.findings)
	r.Priority = s.Priority
	r.assign(s)
	r.remember(s.findings)
	r.dropBedside(now, s.At)
}

func (r *record) assign(s subject) {
	r.Policy = policyWord{Tell: s.Tell, Start: s.Start}
	r.Mode, r.Activity, r.Assignee = s.Mode, s.Activity, s.Assignee
	r.Eligible, r.Refused = nonNil(slices.Clone(s.Eligible)), nonNil(slices.Clone(s.Refused))
}

// inform brings what policy now says to an order that the CMMS has: the start
// gate, what is new, and who may no longer do it. Fields in the CMMS are its
// people's; only notes are added.
func (b *batch) inform(r *record, s subject) error {
	old, was := r.Assignee, r.Priority
	news := r.material(s.findings)
	r.Findings, r.Causes = union(r.Findings, ids(s.findings)), union(r.Causes, s.causes)
	r.remember(s.findings)
	r.assign(s)
	r.dropBedside(b.now, s.At)
	if err := b.escalate(r, s, was, news); err != nil {
		return err
	}
	if err := b.reassign(r, old); err != nil {
		return err
	}
	return b.regate(r, byUs, "")
}

func (b *batch) escalate(r *record, s subject, was, news string) error {
	if news == "" && s.Priority == was {
		return nil
	}
	var says []string
	if news != "" {
		says = append(says, news)
	}
	if s.Priority != was {
		says = append(says, fmt.Sprintf("the priority is now %s (it was %s)", s.Priority, was))
	}
	r.Priority = s.Priority
	text := strings.Join(says, "; ")
	b.change(r, Escalated, byUs, r.State, text)
	return b.tell(r, "New since this order was made: "+text+". Please review its priority.")
}

// reassign says aloud when who the order was sent to may not do it any more.
func (b *batch) reassign(r *record, old remediation.Assignee) error {
	if old.Person == "" || slices.Contains(r.Eligible, old.Person) {
		return nil
	}
	why := "no longer among those who may do this work on this device"
	for _, x := range r.Refused {
		if x.Person == old.Person {
			why = x.Why
		}
	}
	next := orElse(r.Assignee.Person, orElse(r.Assignee.Queue, orElse(r.Assignee.Team, "nobody; ask the coordinator")))
	b.change(r, NoLongerAuthorised, byUs, r.State, fmt.Sprintf("%s: %s; now %s", old.Person, why, next))
	return b.tell(r, fmt.Sprintf("%s may not do this work: %s. It is now for %s. Please reassign.", old.Person, why, next))
}

// regate computes the start gate again and moves a told order between waiting and
// what the CMMS says of it.
func (w *work) regate(r *record, by, says string) error {
	before := codes(r.Start.Holds)
	r.Start = r.startGate(w.now)
	r.Tell = remediation.Gate{OK: r.Policy.Tell.OK, Holds: nonNil(r.Policy.Tell.Holds)}
	to := r.State
	if r.told() {
		to = r.effective()
	}
	if to == r.State && slices.Equal(before, codes(r.Start.Holds)) {
		return nil
	}
	if says == "" {
		says = gateSays(r.Start)
	}
	w.change(r, StartGate, by, to, says)
	if !r.told() {
		return nil
	}
	return w.tellGate(r)
}

// effective is the state of a told order: what the CMMS says, but waiting as long
// as work may not begin.
func (r *record) effective() remediation.OrderState {
	switch r.Remote.State {
	case remediation.StateSubmitted, remediation.StateAcknowledged, remediation.StateScheduled:
		if !r.Start.OK {
			return remediation.StateWaiting
		}
	}
	return r.Remote.State
}

// tellGate notes in the CMMS that work may or may not begin.
func (w *work) tellGate(r *record) error {
	if r.Start.OK == r.GateOpen {
		return nil
	}
	if !r.Start.OK {
		r.GateOpen = false
		return w.tell(r, "Do not start: "+startText(r.Start)+".")
	}
	if w.now.Sub(r.GateAt) < openingEvery {
		return nil
	}
	r.GateOpen, r.GateAt = true, w.now
	return w.tell(r, "Work may begin now, as far as the network shows. Confirm at the device first.")
}

func gateSays(g remediation.StartGate) string {
	if g.OK {
		return "work may begin"
	}
	return "work may not begin: " + says(g.Holds)
}
