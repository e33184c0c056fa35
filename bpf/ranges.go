package bpf

import (
	"errors"
	"fmt"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// batch is how many entries one system call writes or reads. It bounds how long
// Skip waits for a sweep, and is more than any bucket of the kernel's hash holds.
const batch = 256

// Refused counts ranges that were not taken.
type Refused struct {
	Full    uint64 // the map had no room for another way, or was busy at that place
	Invalid uint64 // they broke a bound of Range, or named a way that no frame can have
}

// Refused says what Skip did not take since the tap was loaded.
func (t *Tap) Refused() Refused {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refused
}

// Skip hands ranges to the kernel, in any order, and says how many it took. A range
// for a way takes the place of the one before. What has no room, and what breaks a
// bound, is counted (Refused) and is no error: a range that is not there only costs
// work. It allocates nothing that grows with the number of ranges.
func (t *Tap) Skip(ranges []Range) (taken int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := Now()
	for len(ranges) > 0 {
		n := min(len(ranges), batch)
		t.stage(ranges[:n], now)
		put, err := t.put()
		taken += put
		if err != nil {
			return taken, fmt.Errorf("kernel tap: write skip ranges: %w; restart the sensor", err)
		}
		ranges = ranges[n:]
	}
	return taken, nil
}

// stage writes ranges into the buffers.
func (t *Tap) stage(ranges []Range, now time.Duration) {
	t.keys, t.values = t.keys[:0], t.values[:0]
	for i := range ranges {
		key, ok := ranges[i].Way.key()
		value, fits := ranges[i].value(now)
		if !ok || !fits {
			t.refused.Invalid++
			continue
		}
		t.keys, t.values = append(t.keys, key), append(t.values, value)
	}
}

// put gives the buffers to the kernel. A batch ends at the first entry that is
// refused; the others are tried all the same, for they may replace what is there.
func (t *Tap) put() (taken int, err error) {
	for at := 0; at < len(t.keys); {
		n, err := t.putSome(at)
		taken += n
		at += n
		switch {
		case err == nil:
		case errors.Is(err, unix.E2BIG), errors.Is(err, unix.EBUSY):
			t.refused.Full++
			at++
		default:
			return taken, err
		}
	}
	return taken, nil
}

// putSome writes entries from one on, and says how many went in before the error.
func (t *Tap) putSome(from int) (int, error) {
	if !t.single {
		n, err := t.maps.Ranges.BatchUpdate(t.keys[from:], t.values[from:], nil)
		if !errors.Is(err, ebpf.ErrNotSupported) {
			return n, err
		}
		t.single = true
	}
	if err := t.maps.Ranges.Put(&t.keys[from], &t.values[from]); err != nil {
		return 0, err
	}
	return 1, nil
}

// Forget removes the ranges of ways. One that has none is no error.
func (t *Tap) Forget(ways []Way) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range ways {
		key, ok := w.key()
		if !ok {
			continue
		}
		if _, err := t.remove(&key); err != nil {
			return fmt.Errorf("kernel tap: remove a skip range: %w; it ends by itself within %v", err, MaxFor)
		}
	}
	return nil
}

// remove reports whether there was a range to remove; the kernel may have been
// first, at a SYN.
func (t *Tap) remove(key *kernelConversationWay) (bool, error) {
	err := t.maps.Ranges.Delete(key)
	if errors.Is(err, ebpf.ErrKeyNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Sweep removes the ranges that no longer apply at a moment on the clock of Now, so
// that others have room, and says how many. Skip does not wait for more than one
// batch of it.
func (t *Tap) Sweep(now time.Duration) (removed int, err error) {
	var cursor ebpf.MapBatchCursor
	keys := make([]kernelConversationWay, batch)
	values := make([]kernelSkipRange, batch)
	for {
		n, last, err := t.sweepSome(&cursor, keys, values, now)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("kernel tap: sweep skip ranges: %w; they no longer apply all the same", err)
		}
		if last {
			return removed, nil
		}
	}
}

func (t *Tap) sweepSome(cursor *ebpf.MapBatchCursor, keys []kernelConversationWay, values []kernelSkipRange, now time.Duration) (removed int, last bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, err := t.maps.Ranges.BatchLookup(cursor, keys, values, nil)
	last = errors.Is(err, ebpf.ErrKeyNotExist)
	if err != nil && !last {
		return 0, false, err
	}
	for i := range n {
		if time.Duration(values[i].UntilNs) > now {
			continue
		}
		gone, err := t.remove(&keys[i])
		if err != nil {
			return removed, last, err
		}
		if gone {
			removed++
		}
	}
	return removed, last, nil
}
