package order

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/auscult/auscult/inventory"
)

// target is what stands between the outbox and the CMMS: a person's switch, and a
// circuit that opens when the CMMS refuses our credentials.
type target struct {
	StoppedBy string    `json:"stopped_by,omitempty"`
	Why       string    `json:"why,omitempty"`
	StoppedAt time.Time `json:"stopped_at,omitzero"`
	// PausedAt is set while the circuit is open; ProbeAt is when one request may
	// try again.
	PausedAt time.Time `json:"paused_at,omitzero"`
	ProbeAt  time.Time `json:"probe_at,omitzero"`
	Trouble  string    `json:"trouble,omitempty"`
}

var keyTarget = []byte("target")

func readTarget(tx inventory.Tx) (target, error) {
	var t target
	v := tx.Bucket(bucketMeta).Get(keyTarget)
	if v == nil {
		return t, nil
	}
	if err := json.Unmarshal(v, &t); err != nil {
		return t, fmt.Errorf("the outbox's switch in the state file: %w; restore the last backup", err)
	}
	return t, nil
}

func writeTarget(tx inventory.Tx, t target) error {
	v, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("the outbox's switch: %w", err)
	}
	return tx.Bucket(bucketMeta).Put(keyTarget, v)
}

// Flow says whether orders can leave.
type Flow struct {
	Stopped  bool      // a person switched all writing off
	By       string    // who
	Why      string    // the person's reason
	At       time.Time // when
	Paused   bool      // the CMMS refused our credentials or our way of asking
	PausedAt time.Time
	ProbeAt  time.Time // when it is tried once more by itself
	Trouble  string    // what the CMMS said, and what to do
	Waiting  int       // orders and notes that wait
	Oldest   time.Time // since when the oldest waits; zero when none does
}

// Flow reads whether orders can leave, and what waits.
func (d *Desk) Flow() (Flow, error) {
	var f Flow
	err := d.store.View(func(tx inventory.Tx) error {
		t, err := readTarget(tx)
		if err != nil {
			return err
		}
		f = Flow{Stopped: t.StoppedBy != "", By: t.StoppedBy, Why: t.Why, At: t.StoppedAt,
			Paused: !t.PausedAt.IsZero(), PausedAt: t.PausedAt, ProbeAt: t.ProbeAt, Trouble: t.Trouble}
		return tx.Bucket(bucketOutbox).Scan(nil, func(k, v []byte) error {
			var r row
			if err := json.Unmarshal(v, &r); err != nil {
				return fmt.Errorf("outbox row of order %s: %w; restore the last backup", k, err)
			}
			f.Waiting++
			if f.Oldest.IsZero() || r.Since.Before(f.Oldest) {
				f.Oldest = r.Since
			}
			return nil
		})
	})
	if err != nil {
		return Flow{}, fmt.Errorf("outbox: %w", err)
	}
	return f, nil
}

// Stop switches all writing to the CMMS off, through restarts, until Resume. A
// request that is under way ends; reading back goes on.
func (d *Desk) Stop(tx inventory.Tx, by, reason string, now time.Time) error {
	if by == "" || reason == "" {
		return fmt.Errorf("stop all orders: who and why are needed; give both")
	}
	t, err := readTarget(tx)
	if err != nil {
		return err
	}
	t.StoppedBy, t.Why, t.StoppedAt = by, cut(reason, maxSentence), now.UTC()
	return writeTarget(tx, t)
}

// Resume ends Stop, and closes the circuit that refused credentials opened.
func (d *Desk) Resume(tx inventory.Tx, by string, now time.Time) error {
	if by == "" {
		return fmt.Errorf("resume orders: who is needed; give a name")
	}
	return writeTarget(tx, target{})
}
