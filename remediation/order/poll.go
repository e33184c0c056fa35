package order

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

const (
	// goneRecheck is when an order that was not there is looked for again: a node
	// that lags, or rights that are being changed, mend themselves in minutes.
	goneRecheck = 5 * time.Minute
	// staleAfter is when an order that could not be read back is called stale.
	staleAfter = time.Hour
)

// readBack reads one order in the CMMS and takes in what its people did.
func (c *Courier) readBack(ctx context.Context, id string, now time.Time) error {
	r, err := readOrder(c.d, id)
	if errors.Is(err, inventory.ErrNotFound) || err == nil && (r.State.Final() || r.CMMS.RemoteID == "") {
		return c.update(now, func(w *work) error { return w.unpoll(id) })
	}
	if err != nil {
		return err
	}
	var remote remediation.RemoteOrder
	err = c.call("read", func(ctx context.Context) error {
		var err error
		remote, err = c.connector.Read(ctx, r.CMMS.RemoteID)
		return err
	}, ctx)
	after := c.clock(now)
	if err != nil {
		return c.unread(ctx, r, err, after)
	}
	if err := c.resume(after); err != nil {
		return err
	}
	may, why := c.mayPerform(r.WorkOrder, remote.Assignee)
	return c.update(after, func(w *work) error {
		r, err := w.load(id)
		if err != nil || r.State.Final() {
			return err
		}
		if err := w.takeIn(r, remote, may, why); err != nil || r.State.Final() {
			return err
		}
		return w.poll(id, after.Add(c.o.PollEvery))
	})
}

func (c *Courier) mayPerform(o remediation.WorkOrder, person string) (bool, string) {
	switch {
	case person == "":
		return true, ""
	case c.o.MayPerform != nil:
		return c.o.MayPerform(o, person)
	case slices.Contains(o.Eligible, person):
		return true, ""
	}
	return false, "not among those who may do this work on this device"
}

// unread handles an order that could not be read back.
func (c *Courier) unread(ctx context.Context, r *record, err error, now time.Time) error {
	switch kindOf(err) {
	case remediation.Gone:
		return c.gone(ctx, r, now)
	case remediation.Unauthorised:
		return c.pause(now, reason(err))
	case remediation.Transient, remediation.Lost:
		c.slow(now, err)
	}
	return c.update(now, func(w *work) error {
		r, loadErr := w.load(r.ID)
		if loadErr != nil {
			return loadErr
		}
		r.CMMS.Trouble = reason(err)
		if kindOf(err) == remediation.Refused {
			r.CMMS.Sync = "error"
		} else if now.Sub(r.CMMS.SyncedAt) > staleAfter {
			r.CMMS.Sync = "stale"
		}
		return w.poll(r.ID, now.Add(c.o.PollEvery))
	})
}

// gone handles an order that is not there: twice in a row, and a search by the key
// that finds nothing, make it lost. It could be our rights; a person decides.
func (c *Courier) gone(ctx context.Context, r *record, now time.Time) error {
	var found []remediation.RemoteOrder
	if r.Remote.Gone > 0 {
		var err error
		if found, err = c.find(ctx, r.Key); err != nil {
			if kindOf(err) == remediation.Unauthorised {
				return c.pause(now, reason(err))
			}
			c.slow(now, err)
			return c.update(now, func(w *work) error { return w.poll(r.ID, now.Add(goneRecheck)) })
		}
	}
	return c.update(now, func(w *work) error {
		r, err := w.load(r.ID)
		if err != nil || r.State.Final() {
			return err
		}
		r.Remote.Gone++
		r.CMMS.Sync, r.CMMS.Trouble = "stale", "not found in the CMMS; looking again"
		switch {
		case r.Remote.Gone < 2:
			return w.poll(r.ID, now.Add(goneRecheck))
		case len(found) > 0:
			return w.submitted(r, found[0], "found again in the CMMS as "+orElse(found[0].Number, found[0].ID), c.o.PollEvery)
		}
		return w.lose(r)
	})
}

// lose gives up following an order that was deleted in the CMMS. Work that was
// reported done is still verified on the wire.
func (w *work) lose(r *record) error {
	r.CMMS.Sync, r.CMMS.Trouble = "error", "no longer in the CMMS, or hidden from this account"
	if !r.done() {
		says := fmt.Sprintf("%s is no longer in the CMMS, or hidden from this account; retry makes it again, cancel ends it", orElse(r.CMMS.Number, r.CMMS.RemoteID))
		w.change(r, Missing, byCMMS, remediation.StateLost, says)
	}
	return w.unpoll(r.ID)
}

// takeIn takes in what the CMMS says: its people's edits win.
func (w *work) takeIn(r *record, remote remediation.RemoteOrder, may bool, why string) error {
	r.Remote.Gone = 0
	r.CMMS.State, r.CMMS.SyncedAt, r.CMMS.Sync, r.CMMS.Trouble = remote.RawState, w.now, "ok", ""
	r.CMMS.Number, r.CMMS.URL = orElse(remote.Number, r.CMMS.Number), orElse(remote.URL, r.CMMS.URL)
	if remote.Key != r.Key {
		r.CMMS.Trouble = "the CMMS does not show our key on this order; it is followed by its number"
	}
	if err := w.checkAssignee(r, remote.Assignee, may, why); err != nil {
		return err
	}
	if err := w.takeState(r, remote); err != nil || r.State.Final() {
		return err
	}
	r.dropBedside(w.now, time.Time{})
	if err := w.regate(r, byUs, ""); err != nil {
		return err
	}
	if r.told() {
		return w.tellGate(r) // an opening that was withheld may be told by now
	}
	return nil
}

// checkAssignee compares who really has the order with who may. The assignment is
// the hospital's to change; nothing is taken back.
func (w *work) checkAssignee(r *record, person string, may bool, why string) error {
	r.Remote.Assignee = person
	if may {
		r.Remote.Checked = ""
		return nil
	}
	if r.Remote.Checked == person {
		return nil
	}
	r.Remote.Checked = person
	w.change(r, AssignmentViolation, byCMMS, r.State, fmt.Sprintf("assigned to %s, who may not do this work: %s", person, why))
	return w.tell(r, fmt.Sprintf("%s may not do this work on this device: %s. %s Please reassign.", person, why, whoMay(&r.WorkOrder)))
}

// takeState follows the CMMS's state. A word that is not known changes nothing.
func (w *work) takeState(r *record, remote remediation.RemoteOrder) error {
	same := r.Remote.Raw == remote.RawState
	r.Remote.Raw = remote.RawState
	if !followed(remote.State) {
		r.CMMS.Trouble = fmt.Sprintf("the state %q of the CMMS is not known; add it to the state map", cut(remote.RawState, 60))
		if !same {
			w.change(r, StateUnmapped, byCMMS, r.State, r.CMMS.Trouble)
		}
		return nil
	}
	if remote.State == r.Remote.State {
		return nil
	}
	r.Remote.State = remote.State
	switch remote.State {
	case remediation.StateWorkDone:
		return w.workDone(r)
	case remediation.StateCancelled:
		return w.end(r, RemoteState, byCMMS, remediation.StateCancelled, join("cancelled in the CMMS", cut(remote.Note, 200)))
	case remediation.StateRejected:
		w.change(r, RemoteState, byCMMS, remediation.StateRejected, join("rejected in the CMMS", cut(remote.Note, 200)))
		return nil
	}
	return w.atWork(r)
}

// followed are the states that a CMMS may put an order into.
func followed(s remediation.OrderState) bool {
	switch s {
	case remediation.StateSubmitted, remediation.StateAcknowledged, remediation.StateScheduled, remediation.StateWaiting,
		remediation.StateInProgress, remediation.StateWorkDone, remediation.StateCancelled, remediation.StateRejected:
		return true
	}
	return false
}

func (w *work) workDone(r *record) error {
	if r.done() {
		return nil
	}
	r.DoneAt, r.Verification.State, r.Verification.ObservedAt = w.now, pending, time.Time{}
	w.change(r, RemoteState, byCMMS, remediation.StateWorkDone, "the work is reported done")
	return nil
}

// atWork takes in that the order is open in the CMMS: also again, after it was
// reported done.
func (w *work) atWork(r *record) error {
	text := "the CMMS says: " + string(r.Remote.State)
	if r.reported() {
		text = "reopened in the CMMS: " + string(r.Remote.State)
		r.DoneAt, r.Verification.State, r.Verification.ObservedAt = time.Time{}, "", time.Time{}
	}
	r.Start = r.startGate(w.now)
	begun := r.Remote.State == remediation.StateInProgress && !r.Start.OK
	if begun {
		text += "; but work may not begin: " + says(r.Start.Holds)
	}
	w.change(r, RemoteState, byCMMS, r.effective(), text)
	if !begun {
		return nil
	}
	return w.tell(r, "This work is reported begun, but it should not be: "+startText(r.Start)+".")
}
