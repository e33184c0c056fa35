package order

import (
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// DefaultSiteBudget is how many new orders a site is told in any hour when the
// configuration names no number: more than a shop of ten can read, and far fewer
// than one advisory on every pump of a hospital would make.
const DefaultSiteBudget = 30

// maxSiteBudget bounds the list of release times that the budget keeps.
const maxSiteBudget = 1000

// Names of this package's buckets.
const (
	bucketOrders  = "order"         // order id -> record
	bucketIndex   = "order.index"   // device or control number, and cause -> order id
	bucketKeys    = "order.key"     // key -> order id
	bucketOutbox  = "order.outbox"  // order id -> row
	bucketPoll    = "order.poll"    // order id -> when to read it back
	bucketBudget  = "order.budget"  // order id of what waits for the budget
	bucketBedside = "order.bedside" // order id -> words at the bedside
	bucketMeta    = "order.meta"    // the switch, the circuit, the budget's memory
)

// Recorder keeps a change for ever; the daemon gives the audit's. It writes into
// the caller's transaction, so that a change and its record are one.
type Recorder func(tx inventory.Tx, c Change) error

// Options are the desk's settings.
type Options struct {
	Site string
	// SiteBudget is the most new orders that go out in any hour without a person;
	// 0 means DefaultSiteBudget, above 1000 is cut to 1000.
	SiteBudget int
	// System names the CMMS in orders, as the connector's System does.
	System string
	// FollowUp makes a linked order when work that was reported done is still seen,
	// for a site whose CMMS does not reopen orders.
	FollowUp bool
	// Record is called for every change, in its transaction; nil records nothing.
	Record Recorder
}

// Desk keeps the orders of one site. Safe for concurrent use: the store has one
// writer at a time, and the desk holds no state of its own.
type Desk struct {
	store inventory.Store
	o     Options
}

// Open returns the desk over the orders in the store.
func Open(store inventory.Store, o Options) (*Desk, error) {
	if store == nil {
		return nil, errors.New("orders: no store was given; open the state file first")
	}
	if o.Site == "" {
		return nil, errors.New("orders: the site has no name; set site in the configuration")
	}
	if o.SiteBudget < 0 {
		return nil, fmt.Errorf("orders: a budget of %d new orders an hour makes no sense; set 1 or more", o.SiteBudget)
	}
	if o.SiteBudget == 0 {
		o.SiteBudget = DefaultSiteBudget
	}
	o.SiteBudget = min(o.SiteBudget, maxSiteBudget)
	return &Desk{store: store, o: o}, nil
}

// Filter chooses orders; an empty field chooses all.
type Filter struct {
	Device        string // as stored: resolve aliases first
	ControlNumber string
	States        []remediation.OrderState
	Open          bool // only those that are not final
}

func (f Filter) fits(o *remediation.WorkOrder) bool {
	if f.Device != "" && f.Device != o.Device || f.ControlNumber != "" && f.ControlNumber != o.ControlNumber {
		return false
	}
	if f.Open && o.State.Final() {
		return false
	}
	if len(f.States) == 0 {
		return true
	}
	for _, s := range f.States {
		if s == o.State {
			return true
		}
	}
	return false
}

// Orders returns the orders that fit, most urgent first (priority, then the
// older, then the id). It opens its own read transaction: do not call it inside
// one.
func (d *Desk) Orders(f Filter) ([]remediation.WorkOrder, error) {
	var out []remediation.WorkOrder
	err := d.store.View(func(tx inventory.Tx) error {
		return scanRecords(tx, func(r *record) error {
			if f.fits(&r.WorkOrder) {
				out = append(out, r.WorkOrder)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	sort.Slice(out, func(i, j int) bool { return before(&out[i], &out[j]) })
	return out, nil
}

func before(a, b *remediation.WorkOrder) bool {
	if a.Priority != b.Priority {
		return a.Priority < b.Priority
	}
	if !a.OpenedAt.Equal(b.OpenedAt) {
		return a.OpenedAt.Before(b.OpenedAt)
	}
	return a.ID < b.ID
}

// Order returns the order with that id, key, or number in the CMMS, or
// inventory.ErrNotFound. It opens its own read transaction.
func (d *Desk) Order(name string) (remediation.WorkOrder, error) {
	var found *record
	err := d.store.View(func(tx inventory.Tx) error {
		id := name
		if k := tx.Bucket(bucketKeys).Get([]byte(name)); k != nil {
			id = string(k)
		}
		r, err := readRecord(tx, id)
		if err == nil || !errors.Is(err, inventory.ErrNotFound) {
			found = r
			return err
		}
		return scanRecords(tx, func(r *record) error {
			if r.CMMS.Number == name && (found == nil || found.State.Final()) {
				found = r
			}
			return nil
		})
	})
	if err != nil {
		return remediation.WorkOrder{}, fmt.Errorf("order %q: %w", name, err)
	}
	if found == nil {
		return remediation.WorkOrder{}, fmt.Errorf("order %q: %w; list the orders to see their ids and numbers", name, inventory.ErrNotFound)
	}
	return found.WorkOrder, nil
}

// Code says what happened to an order. The set is closed.
type Code string

const (
	Created             Code = "created"
	Decided             Code = "decided"      // policy's word changed: state, holds, assignee
	StartGate           Code = "start_gate"   // work may or may not begin now
	Escalated           Code = "escalated"    // more urgent, or more is known to be wrong
	NoLongerAuthorised  Code = "unauthorised" // who it was sent to may not do it any more
	AssignmentViolation Code = "assignment_violation"
	Submitted           Code = "submitted"    // the CMMS has it
	RemoteState         Code = "remote_state" // the CMMS says so
	StateUnmapped       Code = "state_unmapped"
	Duplicate           Code = "duplicate"   // more than one remote order carries the key
	DeadLetter          Code = "dead_letter" // the CMMS refuses it; a person decides
	NoteRefused         Code = "note_refused"
	Missing             Code = "lost" // deleted in the CMMS; a person decides
	Verifying           Code = "verifying"
	Verified            Code = "verified"
	VerifyFailed        Code = "verify_failed"
	NotObservable       Code = "not_observable"
	Superseded          Code = "superseded"
	NoAction            Code = "no_action"
	HumanSend           Code = "send"
	HumanAttest         Code = "attest"
	HumanHold           Code = "hold"
	HumanRelease        Code = "release"
	HumanCancel         Code = "cancel"
	HumanRetry          Code = "retry"
)

// Change is one thing that happened to one order.
type Change struct {
	At    time.Time
	Code  Code
	By    string // a person's account, "auscult" or "cmms"
	From  remediation.OrderState
	To    remediation.OrderState // equal to From when only something else changed
	Says  string                 // a sentence for people; no drug, no bed, no patient
	Order remediation.WorkOrder  // as it stands after the transaction's changes
}

// Who acts when no person does.
const (
	byUs   = "auscult"
	byCMMS = "cmms"
)
