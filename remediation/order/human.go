package order

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// ErrNotPossible is wrapped by every StateError.
var ErrNotPossible = errors.New("not possible now")

// StateError says that a person's decision does not fit the order's state.
type StateError struct {
	Order    string
	State    remediation.OrderState
	Action   string
	Why      string
	Possible []string
}

func (e *StateError) Error() string {
	could := "nothing can be done with it here"
	if len(e.Possible) > 0 {
		could = "possible now: " + strings.Join(e.Possible, ", ")
	}
	return fmt.Sprintf("%s order %s: it is %s%s; %s", e.Action, e.Order, e.State, e.Why, could)
}

func (e *StateError) Unwrap() error { return ErrNotPossible }

// possible lists what a person may do with r as it stands.
func (r *record) possible() []string {
	var can []string
	switch {
	case r.State == remediation.StateDraft:
		can = []string{"send", "hold", "cancel"}
	case r.State == remediation.StateHeld:
		can = []string{"hold", "cancel"}
		if r.Held != nil || !r.BudgetTo.IsZero() {
			can = []string{"release", "cancel"}
		}
	case r.State == remediation.StateReady:
		can = []string{"hold", "cancel"}
	case r.told():
		can = []string{"hold", "cancel"}
		if r.Held != nil {
			can = []string{"release", "cancel"}
		}
		if r.attestable() {
			can = append([]string{"attest"}, can...)
		}
	case r.done():
		if r.Verification.By == remediation.ByAttest || r.Verification.State == notObservable {
			can = []string{"attest"}
		}
	case r.State == remediation.StateVerifyFailed:
		can = []string{"retry", "cancel"}
	case r.State == remediation.StateRejected, r.State == remediation.StateLost:
		can = []string{"retry", "cancel"}
	case r.State == remediation.StateCancelled, r.State == remediation.StateNoAction:
		if r.Successor == "" {
			can = []string{"retry"}
		}
	}
	return can
}

// attestable reports whether somebody at the bedside could lift a hold.
func (r *record) attestable() bool {
	return slices.ContainsFunc(r.Start.Holds, func(h remediation.Hold) bool {
		return useHold(h.Code) || h.Code == remediation.SecondRelease
	})
}

// person runs one person's decision on one order.
func (d *Desk) person(tx inventory.Tx, action, id, by, reason string, now time.Time, do func(*work, *record) error) ([]Change, error) {
	if by == "" {
		return nil, fmt.Errorf("%s order %s: nobody is named; say who decides", action, id)
	}
	if strings.TrimSpace(reason) == "" && action != string(HumanSend) {
		return nil, fmt.Errorf("%s order %s: a reason is needed; give one", action, id)
	}
	w := d.begin(tx, now)
	r, err := w.load(id)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", action, err)
	}
	if !slices.Contains(r.possible(), action) {
		return nil, r.refuse(action, "")
	}
	if err := do(w, r); err != nil {
		return nil, err
	}
	return w.finish()
}

func (r *record) refuse(action, why string) error {
	if why == "" && r.State == remediation.StateHeld {
		why = " (" + says(r.Tell.Holds) + ")"
	}
	if why == "" && r.State == remediation.StateSubmitting {
		why = " (it is being sent at this moment; try again in a minute)"
	}
	return &StateError{Order: r.ID, State: r.State, Action: action, Why: why, Possible: r.possible()}
}

// Send lets a draft go to the CMMS. The error is a StateError when the order is
// no draft. All decisions of people run inside the caller's transaction and
// return what they changed.
func (d *Desk) Send(tx inventory.Tx, id, by, reason string, now time.Time) ([]Change, error) {
	return d.person(tx, string(HumanSend), id, by, reason, now, func(w *work, r *record) error {
		r.SentBy = by
		return w.settle(r, HumanSend, by, join("sent", reason))
	})
}

// Attest is a named person's word. On an order that waits because its device is
// or might be in use, it says that the device may be worked on, for BedsideHours;
// where a second release is asked for, a second person must say so too. On an
// order whose work is done, it says that the cause is gone, where the wire cannot
// show it.
func (d *Desk) Attest(tx inventory.Tx, id, by, reason string, now time.Time) ([]Change, error) {
	return d.person(tx, string(HumanAttest), id, by, reason, now, func(w *work, r *record) error {
		if r.done() {
			return w.close(r, HumanAttest, by, remediation.ByAttest, join("attested that the cause is gone", reason))
		}
		return w.attestBedside(r, by, reason)
	})
}

func (w *work) attestBedside(r *record, by, reason string) error {
	r.dropBedside(w.now, time.Time{})
	if r.Bedside == nil {
		r.Bedside = &bedside{}
	}
	b := r.Bedside
	if b.has(by) && len(b.Words) < 2 && holding(r.Policy.Start.Holds, remediation.SecondRelease) {
		return r.refuse(string(HumanAttest), " ("+by+" has attested already; a second person must)")
	}
	b.Words = slices.DeleteFunc(b.Words, func(x Attestation) bool { return x.By == by })
	b.Words = append(b.Words, Attestation{By: by, At: w.now, Until: w.now.Add(BedsideHours)})
	b.Words = b.Words[max(0, len(b.Words)-2):]
	text := join("attested at the device that work may begin until "+w.now.Add(BedsideHours).Format("15:04 MST"), reason)
	w.change(r, HumanAttest, by, r.State, text)
	return w.regate(r, by, "")
}

// Hold keeps an order from being told; on one that was told, it keeps its work
// from being started, and says so in the CMMS.
func (d *Desk) Hold(tx inventory.Tx, id, by, reason string, now time.Time) ([]Change, error) {
	return d.person(tx, string(HumanHold), id, by, reason, now, func(w *work, r *record) error {
		r.Held = &personHold{By: by, Says: cut(reason, maxSentence), At: w.now}
		if r.unsent() {
			return w.settle(r, HumanHold, by, join("held", reason))
		}
		return w.regate(r, by, join("held", reason))
	})
}

// Release ends a person's hold, or lets an order go that waits for the budget.
// What policy holds ends only when its reason does.
func (d *Desk) Release(tx inventory.Tx, id, by, reason string, now time.Time) ([]Change, error) {
	return d.person(tx, string(HumanRelease), id, by, reason, now, func(w *work, r *record) error {
		r.Held = nil
		if r.unsent() {
			return w.settle(r, HumanRelease, by, join("released", reason))
		}
		return w.regate(r, by, join("released", reason))
	})
}

// Cancel ends an order. It is not made again until what is known of the cause
// changes materially, or a person retries. The CMMS is told where the order is
// there; its own people close it.
func (d *Desk) Cancel(tx inventory.Tx, id, by, reason string, now time.Time) ([]Change, error) {
	return d.person(tx, string(HumanCancel), id, by, reason, now, func(w *work, r *record) error {
		if r.CMMS.RemoteID != "" && r.State != remediation.StateLost {
			if err := w.tell(r, join("Cancelled in Auscult by "+by, reason)+". Please close this order."); err != nil {
				return err
			}
		}
		return w.end(r, HumanCancel, by, remediation.StateCancelled, join("cancelled", reason))
	})
}

// Retry tries again: a refused order is sent once more, and the circuit that
// refused credentials opened is closed; a lost, failed or cancelled one is made
// again under a new key, linked to the old one.
func (d *Desk) Retry(tx inventory.Tx, id, by, reason string, now time.Time) ([]Change, error) {
	return d.person(tx, string(HumanRetry), id, by, reason, now, func(w *work, r *record) error {
		if r.State != remediation.StateRejected {
			return w.reissue(r, HumanRetry, by, join("made again", reason))
		}
		t, err := readTarget(w.tx)
		if err != nil {
			return err
		}
		t.PausedAt, t.ProbeAt, t.Trouble = time.Time{}, time.Time{}, ""
		if err := writeTarget(w.tx, t); err != nil {
			return err
		}
		r.SentBy, r.Held = by, nil
		r.CMMS.Sync, r.CMMS.Trouble = "", ""
		return w.settle(r, HumanRetry, by, join("tried again", reason))
	})
}

// reissue makes the next generation of an order.
func (w *work) reissue(old *record, code Code, by, says string) error {
	r := &record{WorkOrder: old.WorkOrder, Causes: slices.Clone(old.Causes), Mode: old.Mode, Policy: old.Policy,
		Evidence: maps.Clone(old.Evidence), Follows: old.ID}
	r.Generation++
	r.State, r.OpenedAt = "", w.now
	r.History = []remediation.OrderEvent{}
	r.CMMS = remediation.CMMSLink{System: w.d.o.System}
	r.Verification.State, r.Verification.ObservedAt = "", time.Time{}
	r.ID, r.Key = w.mintID(r), ""
	if err := w.mintKey(r); err != nil {
		return err
	}
	if by != byUs {
		r.SentBy = by
	}
	w.records[r.ID] = r
	if old.State.Final() {
		old.Successor = r.ID
	} else if err := w.supersede(old, r, says+" as order "+r.ID); err != nil {
		return err
	}
	return w.settle(r, code, by, says+"; follows order "+old.ID)
}

// end moves an order to a final state that needs no verification.
func (w *work) end(r *record, code Code, by string, to remediation.OrderState, says string) error {
	if r.State == remediation.StateReady {
		if err := w.dequeue(r.ID); err != nil {
			return err
		}
	}
	if err := w.unwait(r); err != nil {
		return err
	}
	w.change(r, code, by, to, says)
	return w.unpoll(r.ID)
}

func join(what, reason string) string {
	if reason = oneLine(reason); reason == "" {
		return what
	}
	return what + ": " + reason
}
