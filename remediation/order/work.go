package order

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// work is what one transaction does: each record is read once, changed in
// memory, and written when everything has been decided.
type work struct {
	d       *Desk
	tx      inventory.Tx
	now     time.Time
	records map[string]*record
	changes []Change
	about   []*record // of each change
}

func (d *Desk) begin(tx inventory.Tx, now time.Time) *work {
	return &work{d: d, tx: tx, now: now.UTC(), records: map[string]*record{}}
}

func (w *work) load(id string) (*record, error) {
	if r := w.records[id]; r != nil {
		return r, nil
	}
	r, err := readRecord(w.tx, id)
	if err != nil {
		return nil, err
	}
	w.records[id] = r
	return r, nil
}

// change notes that something happened to r, and moves it to the state.
func (w *work) change(r *record, code Code, by string, to remediation.OrderState, says string) {
	says = cut(says, maxSentence)
	w.changes = append(w.changes, Change{At: w.now, Code: code, By: by, From: r.State, To: to, Says: says})
	w.about = append(w.about, r)
	r.State = to
	r.event(remediation.OrderEvent{At: w.now, State: to, By: by, Says: says})
}

// finish writes every record that changed and hands every change to the recorder.
func (w *work) finish() ([]Change, error) {
	ids := make([]string, 0, len(w.records))
	for id := range w.records {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		if err := w.records[id].write(w.tx, w.now); err != nil {
			return nil, err
		}
	}
	for i, r := range w.about {
		w.changes[i].Order = r.WorkOrder
		if w.d.o.Record == nil {
			continue
		}
		if err := w.d.o.Record(w.tx, w.changes[i]); err != nil {
			return nil, fmt.Errorf("order %s: record the change: %w", r.ID, err)
		}
	}
	return w.changes, nil
}

// settle puts an order that has not left into the state that policy, mode,
// people and budget ask for together.
func (w *work) settle(r *record, code Code, by, says string) error {
	r.Start = r.startGate(w.now)
	before, was := codes(r.Tell.Holds), r.State
	r.BudgetTo = time.Time{}
	to := r.wants(w.now)
	if to == remediation.StateReady && was != remediation.StateReady {
		ok, until, err := w.spend(r, code == HumanSend || code == HumanRelease || code == HumanRetry)
		if err != nil {
			return err
		}
		if !ok {
			r.BudgetTo, to = until, remediation.StateHeld
		}
	}
	r.Tell = r.tellGate()
	if err := w.queueCreate(r, to); err != nil {
		return err
	}
	if to == was && slices.Equal(before, codes(r.Tell.Holds)) && code == Decided {
		return nil
	}
	if code != Decided {
		says += "; "
	}
	w.change(r, code, by, to, says+r.stands(to))
	return nil
}

// wants is the state that r would have if the budget had room.
func (r *record) wants(now time.Time) remediation.OrderState {
	switch {
	case !r.tellGate().OK:
		return remediation.StateHeld
	case r.Mode == remediation.Auto || r.SentBy != "":
		return remediation.StateReady
	}
	return remediation.StateDraft
}

// stands says where an order stands that has not left.
func (r *record) stands(to remediation.OrderState) string {
	switch to {
	case remediation.StateDraft:
		return "drafted; a person sends it"
	case remediation.StateReady:
		return "ready to be sent to " + orElse(r.Assignee.Queue, orElse(r.Assignee.Person, orElse(r.Assignee.Team, "the CMMS")))
	}
	return "held: " + says(r.Tell.Holds)
}

// queueCreate makes the outbox row of an order that is ready, and takes it back
// from one that is not any more.
func (w *work) queueCreate(r *record, to remediation.OrderState) error {
	if to == remediation.StateReady {
		if !r.KeyFinal {
			if err := w.mintKey(r); err != nil {
				return err
			}
			r.KeyFinal = true
		}
		if err := w.unwait(r); err != nil {
			return err
		}
		return w.enqueue(r, "")
	}
	if r.State == remediation.StateReady {
		if err := w.dequeue(r.ID); err != nil {
			return err
		}
	}
	if !r.BudgetTo.IsZero() {
		return w.wait(r)
	}
	return w.unwait(r)
}

// tell adds an internal note for the CMMS, when the order is there.
func (w *work) tell(r *record, text string) error {
	if r.CMMS.RemoteID == "" && r.State != remediation.StateSubmitting {
		return nil
	}
	return w.enqueue(r, text)
}
