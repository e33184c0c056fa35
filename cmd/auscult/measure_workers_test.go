package main_test

import (
	"bytes"
	"fmt"
	"testing"
)

// workerCounts are what DESIGN.md, invariant 6, is measured with.
var workerCounts = []int{1, 2, 4}

// workers replays with several numbers of workers: the inventory must be the same to
// the last byte.
func (b *bench) workers(t *testing.T) {
	tab := newTable(2, "capture", "workers", "CPU s", "wall s", "peak MB", "inventory")
	for _, r := range []recording{b.dicom, b.everyday, b.hospital} {
		if r.path != "" {
			byWorkers(t, tab, r)
		}
	}
	if b.lacking != "" {
		tab.add("DICOM-heavy, everyday mix", "skipped: "+b.lacking)
	}
	b.say("### Workers")
	b.say("%s", tab)
}

func byWorkers(t *testing.T, tab *table, r recording) {
	t.Helper()
	costs := map[int]series{}
	for range often(3) {
		for _, n := range workerCounts {
			costs[n] = append(costs[n], once(t, *program, "replay", "--format", "json", "--workers", fmt.Sprint(n), r.path))
		}
	}
	var first []byte
	title := r.name
	for _, n := range workerCounts {
		_, raw, err := asked("replay", "--format", "json", "--workers", fmt.Sprint(n), r.path)
		if err != nil {
			t.Error(err)
			continue
		}
		verdict := "the same"
		if first == nil {
			first, verdict = raw, fmt.Sprintf("%d bytes", len(raw))
		} else if !bytes.Equal(raw, first) {
			verdict = "DIFFERENT"
			t.Errorf("%s: with %d workers the inventory differs from that of %d", r.name, n, workerCounts[0])
		}
		s := costs[n]
		tab.add(title, n, both(s, cpu), both(s, wall), megabytes(middle(s, memory)), verdict)
		title = ""
	}
}
