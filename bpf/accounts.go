package bpf

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
)

// Account says what the kernel has seen of a way; false when nothing is known of it,
// because nothing was heard or because it was forgotten for others.
func (t *Tap) Account(w Way) (Account, bool, error) {
	key, ok := w.key()
	if !ok {
		return Account{}, false, nil
	}
	var a kernelAccount
	err := t.maps.Accounting.Lookup(&key, &a)
	if errors.Is(err, ebpf.ErrKeyNotExist) {
		return Account{}, false, nil
	}
	if err != nil {
		return Account{}, false, fmt.Errorf("kernel tap: read an account: %w; restart the sensor", err)
	}
	return a.account(), true, nil
}

// Accounts calls fn for every account, in no order, until it returns false. While
// packets arrive, an account may change, or be missed, meanwhile.
func (t *Tap) Accounts(fn func(Way, Account) bool) error {
	var cursor ebpf.MapBatchCursor
	keys := make([]kernelConversationWay, batch)
	values := make([]kernelAccount, batch)
	for {
		n, err := t.maps.Accounting.BatchLookup(&cursor, keys, values, nil)
		last := errors.Is(err, ebpf.ErrKeyNotExist)
		if err != nil && !last {
			return fmt.Errorf("kernel tap: read accounts: %w; restart the sensor", err)
		}
		for i := range n {
			if !fn(keys[i].way(), values[i].account()) {
				return nil
			}
		}
		if last {
			return nil
		}
	}
}
