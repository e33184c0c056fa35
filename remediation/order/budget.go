package order

import (
	"encoding/json"
	"fmt"
	"time"
)

// budgetSpan is the time in which at most SiteBudget orders go out.
const budgetSpan = time.Hour

var keySpent = []byte("spent")

// spentTimes returns when orders were let go within the span, oldest first.
func (w *work) spentTimes() ([]time.Time, error) {
	v := w.tx.Bucket(bucketMeta).Get(keySpent)
	if v == nil {
		return nil, nil
	}
	var all []time.Time
	if err := json.Unmarshal(v, &all); err != nil {
		return nil, fmt.Errorf("the budget's memory in the state file: %w; restore the last backup", err)
	}
	for len(all) > 0 && !w.now.Before(all[0].Add(budgetSpan)) {
		all = all[1:]
	}
	return all, nil
}

// room reports whether one more order may go out now, and when one may otherwise.
func (w *work) room() (bool, time.Time, error) {
	all, err := w.spentTimes()
	if err != nil || len(all) < w.d.o.SiteBudget {
		return err == nil, time.Time{}, err
	}
	return false, all[len(all)-w.d.o.SiteBudget].Add(budgetSpan), nil
}

// spend takes one from the budget. What a person sends always goes, and counts.
// An order spends once, however often it goes back and forth before it leaves.
func (w *work) spend(r *record, person bool) (bool, time.Time, error) {
	if r.KeyFinal {
		return true, time.Time{}, nil
	}
	ok, until, err := w.room()
	if err != nil || !ok && !person {
		return false, until, err
	}
	all, err := w.spentTimes()
	if err != nil {
		return false, time.Time{}, err
	}
	all = append(all, w.now)
	all = all[max(0, len(all)-maxSiteBudget):]
	v, err := json.Marshal(all)
	if err != nil {
		return false, time.Time{}, fmt.Errorf("the budget's memory: %w", err)
	}
	return true, time.Time{}, w.tx.Bucket(bucketMeta).Put(keySpent, v)
}
