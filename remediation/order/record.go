package order

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// maxHistory bounds the events that an order shows; the audit has them all. An
// order with a flapping start gate would grow without it.
const maxHistory = 100

// record is an order with what only this package needs to know.
type record struct {
	remediation.WorkOrder
	Causes    []string            `json:"causes"`
	Mode      remediation.Mode    `json:"mode,omitempty"`
	Policy    policyWord          `json:"policy"`
	Evidence  map[string]evidence `json:"evidence,omitempty"` // by cause, as of the last decision
	KeyFinal  bool                `json:"key_final,omitempty"`
	SentBy    string              `json:"sent_by,omitempty"` // who sent the draft
	Held      *personHold         `json:"held,omitempty"`
	Bedside   *bedside            `json:"bedside,omitempty"`
	Remote    remoteWord          `json:"remote"`
	WaitsFrom time.Time           `json:"waits_from,omitzero"` // since when the budget holds it
	BudgetTo  time.Time           `json:"budget_to,omitzero"`  // when the budget may have room again
	GateOpen  bool                `json:"gate_open,omitempty"` // what the CMMS was last told of the start gate
	GateAt    time.Time           `json:"gate_at,omitzero"`    // when it was last told that work may begin
	DoneAt    time.Time           `json:"done_at,omitzero"`    // when we learnt that the work is done
	ShownAt   time.Time           `json:"shown_at,omitzero"`   // when the wire first showed the cause gone, before any report
	Follows   string              `json:"follows,omitempty"`   // the order before this one
	Successor string              `json:"successor,omitempty"` // the order after this one

	stored []byte // as read; nil for a new one
}

// policyWord is what policy last said, before modes, budgets and people.
type policyWord struct {
	Tell  remediation.Gate      `json:"tell"`
	Start remediation.StartGate `json:"start"`
}

// personHold is a hold that a person placed.
type personHold struct {
	By   string    `json:"by"`
	Says string    `json:"says"`
	At   time.Time `json:"at"`
}

// remoteWord is what the CMMS last said.
type remoteWord struct {
	State    remediation.OrderState `json:"state,omitempty"` // canonical; "" before it was told
	Raw      string                 `json:"raw,omitempty"`
	Assignee string                 `json:"assignee,omitempty"`
	Checked  string                 `json:"checked,omitempty"` // the assignee that was last found wanting
	Gone     int                    `json:"gone,omitempty"`    // times in a row that it was not there
}

// unsent reports whether nothing has left yet and nothing is leaving now.
func (r *record) unsent() bool {
	return r.State == remediation.StateDraft || r.State == remediation.StateHeld || r.State == remediation.StateReady
}

// told reports whether the CMMS has the order and work on it is not over.
func (r *record) told() bool {
	switch r.State {
	case remediation.StateSubmitted, remediation.StateAcknowledged, remediation.StateScheduled,
		remediation.StateWaiting, remediation.StateInProgress:
		return true
	}
	return false
}

// done reports whether the work is said to be done and is not verified.
func (r *record) done() bool {
	return r.State == remediation.StateWorkDone || r.State == remediation.StateVerifying
}

func readRecord(tx inventory.Tx, id string) (*record, error) {
	v := tx.Bucket(bucketOrders).Get([]byte(id))
	if v == nil {
		return nil, fmt.Errorf("order %s: %w", id, inventory.ErrNotFound)
	}
	return decodeRecord(id, v)
}

func decodeRecord(id string, v []byte) (*record, error) {
	r := &record{stored: bytes.Clone(v)}
	if err := json.Unmarshal(v, r); err != nil {
		return nil, fmt.Errorf("order %s in the state file: %w; restore the last backup", id, err)
	}
	return r, nil
}

func scanRecords(tx inventory.Tx, fn func(*record) error) error {
	return tx.Bucket(bucketOrders).Scan(nil, func(k, v []byte) error {
		r, err := decodeRecord(string(k), v)
		if err != nil {
			return err
		}
		return fn(r)
	})
}

// write stores r and its index entries when anything of it changed.
func (r *record) write(tx inventory.Tx, now time.Time) error {
	v, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("order %s: %w", r.ID, err)
	}
	if bytes.Equal(v, r.stored) {
		return nil
	}
	r.UpdatedAt = now.UTC()
	if v, err = json.Marshal(r); err != nil {
		return fmt.Errorf("order %s: %w", r.ID, err)
	}
	r.stored = v
	if err := r.keepBedside(tx); err != nil {
		return err
	}
	if err := tx.Bucket(bucketOrders).Put([]byte(r.ID), v); err != nil {
		return fmt.Errorf("order %s: %w", r.ID, err)
	}
	return r.writeIndex(tx)
}

func (r *record) writeIndex(tx inventory.Tx) error {
	if err := tx.Bucket(bucketKeys).Put([]byte(r.Key), []byte(r.ID)); err != nil {
		return fmt.Errorf("order %s: %w", r.ID, err)
	}
	index := tx.Bucket(bucketIndex)
	for _, k := range r.indexKeys() {
		if bytes.Equal(index.Get(k), []byte(r.ID)) {
			continue
		}
		if err := index.Put(k, []byte(r.ID)); err != nil {
			return fmt.Errorf("order %s: %w", r.ID, err)
		}
	}
	return nil
}

func (r *record) indexKeys() [][]byte {
	var keys [][]byte
	for _, c := range r.Causes {
		keys = append(keys, indexKey(byDevice, r.Device, c))
		if r.ControlNumber != "" {
			keys = append(keys, indexKey(byControl, r.ControlNumber, c))
		}
	}
	return keys
}

// The two ways into the index.
const (
	byDevice  = "d"
	byControl = "c"
)

func indexKey(way, subject, cause string) []byte {
	return []byte(way + "\x00" + subject + "\x00" + cause)
}

// event appends to the history, dropping the second oldest when it is full: how
// an order began stays visible.
func (r *record) event(e remediation.OrderEvent) {
	r.History = append(r.History, e)
	if len(r.History) > maxHistory {
		r.History = slices.Delete(r.History, 1, 2)
	}
}
