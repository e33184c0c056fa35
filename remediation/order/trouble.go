package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/auscult/auscult/remediation"
)

// call makes one request, bounded in time, counted and paid from the budget.
func (c *Courier) call(operation string, do func(context.Context) error, ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	c.requests.take(1)
	err := do(ctx)
	c.metrics.count(operation, err)
	if err == nil {
		c.failures = 0
	}
	return err
}

// find searches, and trusts no answer that carries another key.
func (c *Courier) find(ctx context.Context, key string) ([]remediation.RemoteOrder, error) {
	var found []remediation.RemoteOrder
	err := c.call("find", func(ctx context.Context) error {
		var err error
		found, err = c.connector.Find(ctx, key)
		return err
	}, ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if f.Key != key {
			return nil, &remediation.ConnectorError{System: c.connector.System(), Operation: "find", Kind: remediation.Refused,
				Err: errors.New("the search answered with an order of another key; check the column that carries the key")}
		}
	}
	return found, nil
}

// make creates. An error that says nothing of itself may hide a success.
func (c *Courier) make(ctx context.Context, t remediation.Ticket) (remediation.RemoteOrder, error) {
	var remote remediation.RemoteOrder
	err := c.call("create", func(ctx context.Context) error {
		var err error
		remote, err = c.connector.Create(ctx, t)
		return err
	}, ctx)
	var known *remediation.ConnectorError
	if err != nil && !errors.As(err, &known) {
		err = &remediation.ConnectorError{System: c.connector.System(), Operation: "create", Kind: remediation.Lost, Err: err}
	}
	return remote, err
}

// failed puts a delivery back according to what went wrong.
func (d *delivery) failed(operation string, err error) error {
	now := d.clock(d.now)
	kind := kindOf(err)
	switch {
	case operation == "describe":
		// The trouble is ours and this order's alone; the others go on.
		return d.postpone(operation, err, now, now.Add(d.backoff(d.row.Attempts, 0)))
	case kind == remediation.Unauthorised, kind == remediation.Refused && operation == "search":
		// The search is the same for every order but for the key: what refuses one
		// refuses all, and a person must change something.
		if err := d.postpone(operation, err, now, now); err != nil {
			return err
		}
		return d.pause(now, reason(err))
	case operation == "create" && (kind == remediation.Refused || kind == remediation.Gone):
		return d.deadLetter(now, "the CMMS refuses the order: "+reason(err))
	case operation == "create" && kind == remediation.Lost:
		return d.postpone(operation, err, now, now.Add(max(ReplicationLag, d.backoff(d.row.Attempts, 0))))
	}
	next := now.Add(d.slow(now, err))
	return d.postpone(operation, err, now, next)
}

// slow makes the whole target wait after a failure, and returns for how long: what
// fails for one order mostly fails for all.
func (c *Courier) slow(now time.Time, err error) time.Duration {
	var known *remediation.ConnectorError
	asked := time.Duration(0)
	if errors.As(err, &known) {
		asked = known.RetryAfter
	}
	c.failures++
	wait := c.backoff(c.failures, asked)
	c.notBefore = now.Add(wait)
	return wait
}

// postpone gives the row back until next. An order of which it is certain that it
// was not made is ready again, so that policy and people can still hold it.
func (d *delivery) postpone(operation string, err error, now, next time.Time) error {
	poisoned := false
	stored := d.update(now, func(w *work) error {
		q, r, openErr := d.open(w)
		if openErr != nil {
			return openErr
		}
		if operation == "create" {
			q.UnseenTo = time.Time{}
			if kindOf(err) == remediation.Lost {
				q.UnseenTo = next
			}
		}
		q.NextAt, q.LeaseTo, q.LastError = next, time.Time{}, reason(err)
		poisoned = q.Attempts >= poisonAttempts && now.Sub(q.Since) >= poisonAge
		r.CMMS.Sync, r.CMMS.Trouble = "error", reason(err)
		if err := w.writeRow(d.id, q); err != nil {
			return err
		}
		if r.State != remediation.StateSubmitting || q.UnseenTo.After(now) || !q.Create {
			return nil
		}
		r.State = remediation.StateReady
		return w.settle(r, Decided, byUs, "")
	})
	if stored != nil || !poisoned {
		return stored
	}
	return d.deadLetter(now, fmt.Sprintf("given up after %d attempts: %s", d.row.Attempts, reason(err)))
}

// deadLetter hands the order to a person.
func (d *delivery) deadLetter(now time.Time, says string) error {
	return d.update(now, func(w *work) error {
		q, r, err := d.open(w)
		if err != nil {
			return err
		}
		if !q.Create {
			q.Notes = q.Notes[1:]
			q.LeaseTo, q.Attempts = time.Time{}, 0
			w.change(r, NoteRefused, byUs, r.State, says)
			return w.writeRow(d.id, q)
		}
		if err := w.dequeue(d.id); err != nil {
			return err
		}
		r.CMMS.Sync, r.CMMS.Trouble = "dead_letter", cut(says, maxSentence)
		w.change(r, DeadLetter, byUs, remediation.StateRejected, says+"; correct the cause and retry, or cancel")
		return nil
	})
}

// pause opens the circuit: nothing more is asked of the CMMS until a person
// resumes, or one probe an hour finds it open again. There is one alarm.
func (c *Courier) pause(now time.Time, trouble string) error {
	first := false
	err := c.update(now, func(w *work) error {
		t, err := readTarget(w.tx)
		if err != nil {
			return err
		}
		if first = t.PausedAt.IsZero(); first {
			t.PausedAt = now
		}
		t.ProbeAt, t.Trouble = now.Add(probeEvery), cut(trouble, maxSentence)
		return writeTarget(w.tx, t)
	})
	if err == nil && first {
		c.alarm(Alarm{At: now, Code: "target_paused",
			Says: c.connector.System() + ": " + cut(trouble, maxSentence) + "; nothing is sent or read until a person resumes"})
	}
	return err
}

// resume closes the circuit after a request that went through.
func (c *Courier) resume(now time.Time) error {
	if !c.probing {
		return nil
	}
	c.probing = false
	err := c.update(now, func(w *work) error {
		t, err := readTarget(w.tx)
		if err != nil {
			return err
		}
		t.PausedAt, t.ProbeAt, t.Trouble = time.Time{}, time.Time{}, ""
		return writeTarget(w.tx, t)
	})
	if err == nil {
		c.alarm(Alarm{At: now, Code: "target_resumed", Says: c.connector.System() + ": answers again; orders go on"})
	}
	return err
}

func (c *Courier) alarm(a Alarm) {
	if c.o.OnAlarm != nil {
		c.o.OnAlarm(a)
	}
}

// reason is an error for people: without the system's name in front.
func reason(err error) string {
	var known *remediation.ConnectorError
	if errors.As(err, &known) && known.Err != nil {
		return cut(known.Err.Error(), maxSentence)
	}
	return cut(err.Error(), maxSentence)
}
