package order

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// Times and numbers of the courier.
const (
	// ReplicationLag is how long after a create whose answer was lost a search may
	// still not find what was made: a CMMS with several nodes shows a new record on
	// all of them within 30 to 60 s.
	ReplicationLag = 45 * time.Second
	// CallTimeout bounds one request; a CMMS that takes longer is not well.
	CallTimeout = 30 * time.Second
	// leaseTime outlives the requests of one step, so that a row is never worked on
	// twice at a time.
	leaseTime = 4 * CallTimeout
	// backoffBase and BackoffCap bound the waiting after a failure.
	backoffBase = 2 * time.Second
	BackoffCap  = 15 * time.Minute
	// An order that cannot be delivered goes to a person after both: many attempts,
	// and longer than a CMMS is away over a long weekend.
	poisonAttempts = 100
	poisonAge      = 96 * time.Hour
	// probeEvery is how often one request may try again while the circuit is open.
	// Account lock-outs count attempts in minutes; one an hour stays far below.
	probeEvery = time.Hour
	// DefaultPollEvery is how often each open order is read back.
	DefaultPollEvery = 5 * time.Minute
	// DefaultRequests is how many requests an hour the CMMS gets at most: below the
	// limits that administrators usually set for one account.
	DefaultRequests = 900
	// requestBurst is how many of them may come at once.
	requestBurst = 40
	// pollReserve is what reading back leaves for creating.
	pollReserve = 10
	// idle is the longest that the courier sleeps without looking.
	idle = time.Minute
)

// Subject is what a ticket says of the device and what is wrong with it.
type Subject struct {
	Device   inventory.Device
	Findings []remediation.Finding
}

// Alarm is something about the way to the CMMS as a whole that a person must see.
type Alarm struct {
	At   time.Time
	Code string // target_paused | target_resumed | store_failed
	Says string
}

// CourierOptions are a courier's settings. Describe is needed.
type CourierOptions struct {
	// Describe returns what the ticket says. It is called outside transactions.
	Describe func(o remediation.WorkOrder) (Subject, error)
	// MayPerform says whether a person, as the CMMS names them, may do the order's
	// work today, and why not. It is called outside transactions. nil asks the
	// order's own list of eligible people.
	MayPerform func(o remediation.WorkOrder, person string) (bool, string)
	// OnChange and OnAlarm are told after the change has reached the disk.
	OnChange func(Change)
	OnAlarm  func(Alarm)
	// Clock is read after each request; nil counts a request as instantaneous,
	// which is right for tests only.
	Clock func() time.Time
	// Seed makes the waiting times repeatable.
	Seed uint64
	// RequestsPerHour and PollEvery: 0 means the default.
	RequestsPerHour int
	PollEvery       time.Duration
	// Registerer takes the courier's metrics; nil keeps them unregistered.
	Registerer prometheus.Registerer
}

// Courier carries what the desk has to tell to one CMMS, and reads back what its
// people do. One goroutine drives it: Run, or Step.
type Courier struct {
	d         *Desk
	connector remediation.Connector
	o         CourierOptions
	random    *rand.Rand
	requests  bucket
	failures  int       // in a row, of the target
	probing   bool      // the circuit is open, and this request tries it
	notBefore time.Time // nothing is asked of the target before
	begun     bool      // leases of the process before this one are released
	wake      chan struct{}
	metrics   *metrics
}

// Courier returns the courier from the desk to a CMMS. There is one a desk.
func (d *Desk) Courier(c remediation.Connector, o CourierOptions) (*Courier, error) {
	if c == nil || o.Describe == nil {
		return nil, errors.New("courier: a connector and Describe are needed; give both")
	}
	if o.RequestsPerHour <= 0 {
		o.RequestsPerHour = DefaultRequests
	}
	if o.PollEvery <= 0 {
		o.PollEvery = DefaultPollEvery
	}
	m, err := newMetrics(d, c.System(), o.Clock, o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("courier: %w", err)
	}
	return &Courier{d: d, connector: c, o: o, random: rand.New(rand.NewPCG(o.Seed, 0x6f72646572)),
		requests: newBucket(o.RequestsPerHour), wake: make(chan struct{}, 1), metrics: m}, nil
}

// Wake makes Run look at once. It never blocks.
func (c *Courier) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run works until the context ends, and returns then. Trouble with the CMMS is
// kept with the orders. When the store fails (a full disk), nothing was lost: Run
// raises one alarm, and tries again every minute.
func (c *Courier) Run(ctx context.Context) {
	clock := c.o.Clock
	if clock == nil {
		clock = time.Now
	}
	failing := false
	for ctx.Err() == nil {
		did, wait, err := c.Step(ctx, clock())
		if err != nil && ctx.Err() == nil {
			if !failing {
				c.alarm(Alarm{At: clock(), Code: "store_failed", Says: "orders cannot be stored: " + cut(err.Error(), maxSentence) + "; free space, or restore a backup"})
			}
			failing, did, wait = true, false, idle
		}
		failing = failing && err != nil
		if !did {
			c.sleep(ctx, wait)
		}
	}
}

// sleep waits, until somebody wakes the courier or the context ends.
func (c *Courier) sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-c.wake:
	}
}

// Step does at most one thing: deliver one order or its first note, or read one
// order back. It reports whether it did, and otherwise after how long there may
// be something to do. The error is the store's: nothing was lost, and the step may
// be tried again.
func (c *Courier) Step(ctx context.Context, now time.Time) (did bool, next time.Duration, err error) {
	now = now.UTC()
	plan, err := c.plan(now)
	if err != nil {
		return false, idle, err
	}
	switch {
	case plan.row != nil:
		return true, 0, c.deliver(ctx, plan.row.id, now)
	case plan.poll != "":
		return true, 0, c.readBack(ctx, plan.poll, now)
	}
	return false, max(time.Millisecond, min(idle, plan.next.Sub(now))), nil
}

// plan is what there is to do.
type plan struct {
	row  *due
	poll string
	next time.Time
}

func (c *Courier) plan(now time.Time) (plan, error) {
	p := plan{next: now.Add(idle)}
	if err := c.begin(now); err != nil {
		return p, err
	}
	if err := c.letGo(now); err != nil {
		return p, err
	}
	if c.notBefore.After(now) {
		p.next = c.notBefore
		return p, nil
	}
	err := c.d.store.View(func(tx inventory.Tx) error {
		t, err := readTarget(tx)
		if err != nil {
			return err
		}
		if !t.PausedAt.IsZero() && now.Before(t.ProbeAt) {
			p.next = t.ProbeAt
			return nil
		}
		c.probing = !t.PausedAt.IsZero()
		return c.choose(tx, t, now, &p)
	})
	return p, err
}

// begin releases, once, the leases of the process before this one: only one
// process has the store, so nobody works on those rows any more. What that one may
// have made and not written down is kept from being made twice by UnseenTo.
func (c *Courier) begin(now time.Time) error {
	if c.begun {
		return nil
	}
	err := c.update(now, func(w *work) error { return w.releaseLeases() })
	c.begun = err == nil
	return err
}

// choose prefers telling to reading back.
func (c *Courier) choose(tx inventory.Tx, t target, now time.Time, p *plan) error {
	soon := func(at time.Time) {
		if !at.IsZero() && at.Before(p.next) {
			p.next = at
		}
	}
	if t.StoppedBy == "" {
		row, next, err := dueRow(tx, now, c.mayLeave(tx))
		if err != nil {
			return err
		}
		soon(next)
		if row != nil {
			if c.requests.has(now, callsPerCreate) {
				p.row = row
				return nil
			}
			soon(c.requests.when(now, callsPerCreate))
			return nil
		}
	}
	id, next, err := duePoll(tx, now)
	if err != nil {
		return err
	}
	soon(next)
	if id != "" {
		if c.requests.has(now, pollReserve+callsPerPoll) {
			p.poll = id
			return nil
		}
		soon(c.requests.when(now, pollReserve+callsPerPoll))
	}
	return nil
}

// mayLeave reports whether a row's order may be told at all: nothing leaves for
// what is only observed.
func (c *Courier) mayLeave(tx inventory.Tx) func(id string) (bool, error) {
	return func(id string) (bool, error) {
		r, err := readRecord(tx, id)
		if err != nil {
			return false, err
		}
		return r.Mode == remediation.Auto || r.Mode == remediation.Draft, nil
	}
}

// letGo releases orders that waited for the budget, when it has room again.
func (c *Courier) letGo(now time.Time) error {
	waiting := false
	err := c.d.store.View(func(tx inventory.Tx) error {
		w := c.d.begin(tx, now)
		room, _, err := w.room()
		if err != nil || !room {
			return err
		}
		return tx.Bucket(bucketBudget).Scan(nil, func(_, _ []byte) error {
			waiting = true
			return nil
		})
	})
	if err != nil || !waiting {
		return err
	}
	return c.update(now, func(w *work) error { return w.releaseWaiting() })
}

// update runs one transaction and tells the listener what it changed.
func (c *Courier) update(now time.Time, fn func(*work) error) error {
	var changes []Change
	err := c.d.store.Update(func(tx inventory.Tx) error {
		w := c.d.begin(tx, now)
		if err := fn(w); err != nil {
			return err
		}
		var err error
		changes, err = w.finish()
		return err
	})
	if err != nil {
		return err
	}
	if c.o.OnChange != nil {
		for _, ch := range changes {
			c.o.OnChange(ch)
		}
	}
	return nil
}

// clock is the time after a request that began at now.
func (c *Courier) clock(now time.Time) time.Time {
	if c.o.Clock == nil {
		return now
	}
	return later(now, c.o.Clock().UTC())
}
