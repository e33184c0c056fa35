package order

import (
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// maxNotes bounds the notes that wait for one order; the oldest goes first when
// there are more. A CMMS that is away for days must not make a flood when it is
// back.
const maxNotes = 20

// maxPause is longer than any row is ever put off: one that claims more was
// written by a clock that has been set back since, and is due.
const maxPause = 2 * maxAsked

// row is what is still to be told of one order. There is one row an order, so
// that its parts go in order.
type row struct {
	Create bool      `json:"create,omitempty"`
	Notes  []string  `json:"notes,omitempty"`
	Since  time.Time `json:"since"`
	// Priority is the order's, so that the urgent go first.
	Priority string    `json:"priority,omitempty"`
	Attempts int       `json:"attempts,omitempty"`
	NextAt   time.Time `json:"next_at,omitzero"`
	// Lease and LeaseTo say who works on it and for how long nobody else may.
	Lease   uint64    `json:"lease,omitempty"`
	LeaseTo time.Time `json:"lease_to,omitzero"`
	// UnseenTo is set before every create: until then a search that finds nothing
	// does not show that nothing was made.
	UnseenTo  time.Time `json:"unseen_to,omitzero"`
	LastError string    `json:"last_error,omitempty"`
}

func readRow(tx inventory.Tx, id string) (*row, error) {
	v := tx.Bucket(bucketOutbox).Get([]byte(id))
	if v == nil {
		return nil, nil
	}
	r := &row{}
	if err := json.Unmarshal(v, r); err != nil {
		return nil, fmt.Errorf("outbox row of order %s: %w; restore the last backup", id, err)
	}
	return r, nil
}

// writeRow stores the row, or forgets it when nothing is left to tell.
func (w *work) writeRow(id string, r *row) error {
	if !r.Create && len(r.Notes) == 0 {
		return w.tx.Bucket(bucketOutbox).Delete([]byte(id))
	}
	v, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("outbox row of order %s: %w", id, err)
	}
	return w.tx.Bucket(bucketOutbox).Put([]byte(id), v)
}

// enqueue adds the creation of the order, or a note when there is one.
func (w *work) enqueue(r *record, note string) error {
	q, err := readRow(w.tx, r.ID)
	if err != nil {
		return err
	}
	if q == nil {
		q = &row{Since: w.now}
	}
	q.Priority = r.Priority
	if note == "" {
		q.Create = true
	} else {
		q.Notes = append(q.Notes, cut(note, maxNote))
		q.Notes = q.Notes[max(0, len(q.Notes)-maxNotes):]
	}
	return w.writeRow(r.ID, q)
}

// dequeue takes the creation of the order back. Notes without an order go too.
func (w *work) dequeue(id string) error {
	return w.tx.Bucket(bucketOutbox).Delete([]byte(id))
}

// releaseLeases frees every row.
func (w *work) releaseLeases() error {
	leased := map[string]*row{}
	err := w.tx.Bucket(bucketOutbox).Scan(nil, func(k, v []byte) error {
		r := &row{}
		if err := json.Unmarshal(v, r); err != nil {
			return fmt.Errorf("outbox row of order %s: %w; restore the last backup", k, err)
		}
		if !r.LeaseTo.IsZero() {
			leased[string(k)] = r
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, r := range leased {
		r.LeaseTo = time.Time{}
		if err := w.writeRow(id, r); err != nil {
			return err
		}
	}
	return nil
}

// due is one row that may be worked on, or the time when the next one may.
type due struct {
	id string
	row
}

// dueRow returns the first row to work on now.
// next is when the earliest of the others becomes due, zero when there is none.
// Rows of orders that may not be told are left out.
func dueRow(tx inventory.Tx, now time.Time, mayLeave func(id string) (bool, error)) (first *due, next time.Time, err error) {
	var ready []due
	err = tx.Bucket(bucketOutbox).Scan(nil, func(k, v []byte) error {
		d := due{id: string(k)}
		if err := json.Unmarshal(v, &d.row); err != nil {
			return fmt.Errorf("outbox row of order %s: %w; restore the last backup", k, err)
		}
		at := later(d.NextAt, d.LeaseTo)
		if !at.After(now) || at.Sub(now) > maxPause {
			ready = append(ready, d)
		} else if next.IsZero() || at.Before(next) {
			next = at
		}
		return nil
	})
	if err != nil || len(ready) == 0 {
		return nil, next, err
	}
	sort.Slice(ready, func(i, j int) bool { return ready[i].before(ready[j]) })
	for i := range ready {
		ok, err := mayLeave(ready[i].id)
		if err != nil {
			return nil, next, err
		}
		if ok {
			return &ready[i], next, nil
		}
	}
	return nil, next, nil
}

// before puts what has failed less often first, so that one order that cannot be
// delivered holds up none of the others, then the urgent, then the older.
func (d due) before(o due) bool {
	if d.Attempts != o.Attempts {
		return d.Attempts < o.Attempts
	}
	if d.Priority != o.Priority {
		return d.Priority < o.Priority
	}
	if !d.Since.Equal(o.Since) {
		return d.Since.Before(o.Since)
	}
	return d.id < o.id
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// stamp and unstamp keep a time as a bucket value.
func stamp(t time.Time) []byte { return []byte(t.UTC().Format(time.RFC3339Nano)) }

func unstamp(v []byte) time.Time {
	t, err := time.Parse(time.RFC3339Nano, string(v))
	if err != nil {
		return time.Time{} // unreadable means due now: reading an order back harms nobody
	}
	return t
}

// poll asks for the order to be read back at that time.
func (w *work) poll(id string, at time.Time) error {
	return w.tx.Bucket(bucketPoll).Put([]byte(id), stamp(at))
}

func (w *work) unpoll(id string) error {
	return w.tx.Bucket(bucketPoll).Delete([]byte(id))
}

// duePoll returns the order that has waited longest to be read back, and when the
// next one is due.
func duePoll(tx inventory.Tx, now time.Time) (id string, next time.Time, err error) {
	var oldest time.Time
	err = tx.Bucket(bucketPoll).Scan(nil, func(k, v []byte) error {
		at := unstamp(v)
		switch {
		case at.After(now):
			if next.IsZero() || at.Before(next) {
				next = at
			}
		case id == "" || at.Before(oldest):
			id, oldest = string(k), at
		}
		return nil
	})
	return id, next, err
}

// wait and unwait keep the list of orders that wait for the site's budget.
func (w *work) wait(r *record) error {
	if r.WaitsFrom.IsZero() {
		r.WaitsFrom = w.now
	}
	return w.tx.Bucket(bucketBudget).Put([]byte(r.ID), []byte(r.Priority+"\x00"+string(stamp(r.WaitsFrom))))
}

func (w *work) unwait(r *record) error {
	r.WaitsFrom = time.Time{}
	return w.tx.Bucket(bucketBudget).Delete([]byte(r.ID))
}

// releaseWaiting lets orders go that wait for the budget, the most urgent first,
// as far as it has room.
func (w *work) releaseWaiting() error {
	type waiting struct{ key, id string }
	var all []waiting
	err := w.tx.Bucket(bucketBudget).Scan(nil, func(k, v []byte) error {
		all = append(all, waiting{string(v), string(k)})
		return nil
	})
	if err != nil {
		return err
	}
	sort.Slice(all, func(i, j int) bool {
		return all[i].key < all[j].key || all[i].key == all[j].key && all[i].id < all[j].id
	})
	for _, x := range all {
		room, _, err := w.room()
		if err != nil || !room {
			return err
		}
		r, err := w.load(x.id)
		if err != nil {
			return err
		}
		if r.State != remediation.StateHeld {
			if err := w.unwait(r); err != nil {
				return err
			}
			continue
		}
		if err := w.settle(r, Decided, byUs, ""); err != nil {
			return err
		}
	}
	return nil
}
