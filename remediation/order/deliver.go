package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// errNotOurs ends a step whose row somebody else works on, or that is gone.
var errNotOurs = errors.New("the row is not ours any more")

// delivery is one attempt to deliver one row.
type delivery struct {
	*Courier
	id    string
	lease uint64
	row   row
	order remediation.WorkOrder
	now   time.Time
}

func (c *Courier) deliver(ctx context.Context, id string, now time.Time) error {
	d := &delivery{Courier: c, id: id, now: now}
	if err := d.claim(); err != nil {
		return ignoreNotOurs(err)
	}
	if d.row.Create {
		return ignoreNotOurs(d.create(ctx))
	}
	return ignoreNotOurs(d.note(ctx))
}

func ignoreNotOurs(err error) error {
	if errors.Is(err, errNotOurs) {
		return nil
	}
	return err
}

// claim takes the row for leaseTime. An order that may not be told any more is
// put back instead.
func (d *delivery) claim() error {
	sendable := true
	err := d.update(d.now, func(w *work) error {
		q, r, err := d.open(w)
		if err != nil {
			return err
		}
		if q.Create && r.State == remediation.StateReady {
			if err := w.settle(r, Decided, byUs, ""); err != nil {
				return err
			}
			if r.State != remediation.StateReady {
				sendable = false
				return nil
			}
			if q.Attempts == 0 {
				w.change(r, Decided, byUs, remediation.StateSubmitting, "being sent")
			}
			r.State = remediation.StateSubmitting
		}
		if q.Lease, err = w.tx.Bucket(bucketOutbox).NextSequence(); err != nil {
			return fmt.Errorf("outbox row of order %s: %w", d.id, err)
		}
		q.LeaseTo, q.Attempts = d.now.Add(leaseTime), q.Attempts+1
		d.lease, d.row, d.order = q.Lease, *q, r.WorkOrder
		return w.writeRow(d.id, q)
	})
	if err == nil && !sendable {
		return errNotOurs
	}
	return err
}

// open reads the row and its order.
func (d *delivery) open(w *work) (*row, *record, error) {
	q, err := readRow(w.tx, d.id)
	if err != nil {
		return nil, nil, err
	}
	if q == nil || d.lease != 0 && q.Lease != d.lease {
		return nil, nil, errNotOurs
	}
	r, err := w.load(d.id)
	return q, r, err
}

// create searches by the key, and makes the order when it is not there.
func (d *delivery) create(ctx context.Context) error {
	found, err := d.find(ctx, d.order.Key)
	if err != nil {
		return d.failed("search", err)
	}
	if err := d.resume(d.clock(d.now)); err != nil {
		return err
	}
	if len(found) > 0 {
		return d.adopt(found)
	}
	subject, err := d.o.Describe(d.order)
	if err != nil {
		return d.failed("describe", fmt.Errorf("describe order %s: %w", d.id, err))
	}
	ticket, err := d.announce(subject)
	if err != nil {
		return err
	}
	remote, err := d.make(ctx, ticket)
	if err != nil {
		return d.failed("create", err)
	}
	return d.made(remote)
}

// announce writes down that the order is about to be made, after which only a
// search that comes late enough can show that it was not. It returns the ticket
// as the order stands in that transaction.
func (d *delivery) announce(s Subject) (remediation.Ticket, error) {
	var ticket remediation.Ticket
	ready := false
	now := d.clock(d.now)
	err := d.update(now, func(w *work) error {
		q, r, err := d.open(w)
		if err != nil {
			return err
		}
		if now.Before(q.UnseenTo) {
			// Never longer than from now: the clock may have been set back.
			if most := now.Add(CallTimeout + ReplicationLag); q.UnseenTo.After(most) {
				q.UnseenTo = most
			}
			q.NextAt, q.LeaseTo = q.UnseenTo, time.Time{}
			return w.writeRow(d.id, q)
		}
		if ok, err := d.takeBack(w, q, r); err != nil || ok {
			return err
		}
		q.UnseenTo = now.Add(CallTimeout + ReplicationLag)
		r.Start = r.startGate(now)
		r.GateOpen = r.Start.OK
		if r.GateOpen {
			r.GateAt = now
		}
		ticket, ready = writeTicket(r, s), true
		return w.writeRow(d.id, q)
	})
	if err == nil && !ready {
		return ticket, errNotOurs
	}
	return ticket, err
}

// takeBack keeps an order from leaving when, since it was claimed, a person
// stopped everything or it may not be told any more. It was searched for, so it
// is certain that nothing was made.
func (d *delivery) takeBack(w *work, q *row, r *record) (bool, error) {
	t, err := readTarget(w.tx)
	if err != nil {
		return false, err
	}
	r.BudgetTo = time.Time{}
	if t.StoppedBy == "" && r.tellGate().OK {
		return false, nil
	}
	q.LeaseTo, q.UnseenTo = time.Time{}, time.Time{}
	if err := w.writeRow(d.id, q); err != nil {
		return false, err
	}
	r.State = remediation.StateReady
	return true, w.settle(r, Decided, byUs, "")
}

// made stores what the CMMS answered, with the submission.
func (d *delivery) made(remote remediation.RemoteOrder) error {
	if remote.Key != d.order.Key {
		return d.keyless(remote)
	}
	return d.update(d.clock(d.now), func(w *work) error {
		r, err := w.load(d.id)
		if err != nil {
			return err
		}
		return w.submitted(r, remote, "sent as "+orElse(remote.Number, remote.ID), d.pollEvery())
	})
}

// keyless handles a CMMS that made the order and does not carry our key: it would
// be made again and again, so everything stops until a person has looked.
func (d *delivery) keyless(remote remediation.RemoteOrder) error {
	trouble := fmt.Sprintf("made order %s without our key; choose a table and a column that keep it", orElse(remote.Number, remote.ID))
	err := d.update(d.clock(d.now), func(w *work) error {
		r, err := w.load(d.id)
		if err != nil {
			return err
		}
		return w.submitted(r, remote, "sent as "+orElse(remote.Number, remote.ID)+"; the system does not keep our key", d.pollEvery())
	})
	if err != nil {
		return err
	}
	return d.pause(d.clock(d.now), trouble)
}

func (c *Courier) pollEvery() time.Duration { return c.o.PollEvery }

// adopt takes what the search found: the oldest that is still open, and says so
// when there are more.
func (d *delivery) adopt(found []remediation.RemoteOrder) error {
	chosen := found[0]
	for _, f := range found {
		if f.State != remediation.StateCancelled && f.State != remediation.StateRejected && f.State != remediation.StateWorkDone {
			chosen = f
			break
		}
	}
	return d.update(d.clock(d.now), func(w *work) error {
		r, err := w.load(d.id)
		if err != nil {
			return err
		}
		name := orElse(chosen.Number, chosen.ID)
		if err := w.submitted(r, chosen, "found in the CMMS as "+name, d.pollEvery()); err != nil {
			return err
		}
		if len(found) > 1 {
			w.change(r, Duplicate, byUs, r.State, fmt.Sprintf("%d orders in the CMMS carry this key; %s is followed, close the others", len(found), name))
		}
		return nil
	})
}

// submitted stores the remote id and everything that comes with it.
func (w *work) submitted(r *record, remote remediation.RemoteOrder, says string, pollEvery time.Duration) error {
	q, err := readRow(w.tx, r.ID)
	if err != nil {
		return err
	}
	if q != nil {
		*q = row{Notes: q.Notes, Since: w.now, Priority: q.Priority}
		if err := w.writeRow(r.ID, q); err != nil {
			return err
		}
	}
	r.CMMS = remediation.CMMSLink{System: w.d.o.System, Number: remote.Number, RemoteID: remote.ID, URL: remote.URL,
		State: remote.RawState, SyncedAt: w.now, Sync: "ok"}
	r.Remote = remoteWord{State: remediation.StateSubmitted, Raw: remote.RawState}
	r.Start = r.startGate(w.now)
	w.change(r, Submitted, byUs, r.effective(), says)
	if err := w.tellGate(r); err != nil {
		return err
	}
	// What the CMMS already says of it is taken in at the next reading, at once for
	// one that was there before.
	at := w.now.Add(pollEvery)
	if remote.State != "" && remote.State != remediation.StateSubmitted {
		at = w.now
	}
	return w.poll(r.ID, at)
}

// note delivers the first note of the row.
func (d *delivery) note(ctx context.Context) error {
	text := d.row.Notes[0]
	err := d.call("note", func(ctx context.Context) error {
		return d.connector.Note(ctx, d.order.CMMS.RemoteID, text)
	}, ctx)
	if err != nil && kindOf(err) != remediation.Refused && kindOf(err) != remediation.Gone {
		return d.failed("note", err)
	}
	return d.update(d.clock(d.now), func(w *work) error {
		q, r, openErr := d.open(w)
		if openErr != nil {
			return openErr
		}
		if err != nil {
			w.change(r, NoteRefused, byUs, r.State, "the CMMS did not take a note: "+reason(err))
			if kindOf(err) == remediation.Gone && !r.State.Final() {
				if err := w.poll(r.ID, w.now); err != nil {
					return err
				}
			}
		}
		// Only the first note was delivered: more may have come meanwhile.
		if len(q.Notes) > 0 && q.Notes[0] == text {
			q.Notes = q.Notes[1:]
		}
		q.LeaseTo, q.Attempts, q.LastError, q.Since = time.Time{}, 0, "", w.now
		return w.writeRow(d.id, q)
	})
}

func kindOf(err error) remediation.TroubleKind { return remediation.KindOf(err) }

func readOrder(d *Desk, id string) (*record, error) {
	var r *record
	err := d.store.View(func(tx inventory.Tx) error {
		var err error
		r, err = readRecord(tx, id)
		return err
	})
	return r, err
}
