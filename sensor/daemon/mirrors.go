package daemon

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/sensor/mirror"
)

// mirrorBucket keeps what each tap's mirror has learnt, by the tap's name: what is
// usual there must not be forgotten with every restart.
const mirrorBucket = "mirror"

// keepMirrorsEvery is how often it is written down: what is lost with the power is
// a minute of a rhythm that is learnt over days.
const keepMirrorsEvery = time.Minute

// keepMirrors writes down what the mirrors have learnt. What was written of a tap that
// is declared no longer stays: it may come back.
func (h *House) keepMirrors() error {
	h.keeping.Lock()
	defer h.keeping.Unlock()
	states := h.taps.learnt()
	err := h.store.Update(func(tx inventory.Tx) error {
		b := tx.Bucket(mirrorBucket)
		for name, s := range states {
			raw, err := json.Marshal(s)
			if err != nil {
				return fmt.Errorf("encode what is usual on %s: %w", name, err)
			}
			if err := b.Put([]byte(name), raw); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep what is usual on the mirrors: %w; free space on the disk", err)
	}
	return nil
}

// recallMirrors gives the mirrors what they had learnt.
func (h *House) recallMirrors() error {
	for _, x := range h.taps.list() {
		if err := h.recallMirror(x); err != nil {
			return err
		}
	}
	return nil
}

// recallMirror gives one what was learnt under its tap's name. What cannot be read is
// told and learnt anew: a baseline is no record.
func (h *House) recallMirror(x *tap) error {
	return h.store.View(func(tx inventory.Tx) error {
		raw := tx.Bucket(mirrorBucket).Get([]byte(x.declared.Name))
		if raw == nil {
			return nil
		}
		var s mirror.Memory
		err := json.Unmarshal(raw, &s)
		if err == nil {
			h.taps.update(x, func(x *tap) { err = x.mirror.Import(s, h.now()) })
		}
		if err != nil {
			h.log.Warn("what is usual on a mirror is learnt anew", "tap", x.declared.Name, "error", err)
		}
		return nil
	})
}

// learnt is what each mirror knows, by the tap's name.
func (t *taps) learnt() map[string]mirror.Memory {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := map[string]mirror.Memory{}
	for _, x := range t.all {
		all[x.declared.Name] = x.mirror.Export()
	}
	return all
}
