package main_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
	"testing"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory/fingerprint"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/inventory/usage"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/all"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

// identityBudget is how much the CPU time of a replay may grow by knowing who speaks.
const identityBudget = 1.5

// cost measures what it costs to know who speaks: the same frames through the same
// pipeline with every dissector and the inventory, and with none. It is measured
// inside this process, because no program of ours leaves the dissectors out.
func (b *bench) cost(t *testing.T) {
	tab := newTable(1, "capture", "nobody reads, CPU s", "all dissectors and the inventory, CPU s", "ratio")
	base := knowledgeBase(t)
	for _, r := range []recording{b.dicom, b.everyday, b.hospital} {
		if r.path == "" {
			continue
		}
		var none, read series
		for range often(rounds) {
			none = append(none, passed(t, r.path, nil, deaf{}))
			ledger := identity.New(identity.Options{Use: usage.New(usage.Options{Hazard: base.Hazard})}, base)
			read = append(read, passed(t, r.path, all.All(), ledger))
		}
		tab.add(r.name, both(none, cpu), both(read, cpu), over(read, none))
	}
	b.say("### What identity costs")
	b.say("%s", tab)
	b.say("One worker, the knowledge base loaded before; frames are read from the file, decoded and followed in both. Least of %d runs (median), in turns; the aim for the DICOM-heavy capture is at most %.1f.",
		often(rounds), identityBudget)
}

func knowledgeBase(t *testing.T) *fingerprint.Base {
	t.Helper()
	rules, err := fs.Sub(configs.Fingerprints, "fingerprints")
	if err != nil {
		t.Fatal(err)
	}
	base, err := fingerprint.Load(rules)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// deaf hears nothing.
type deaf struct{}

func (deaf) Observe(protocols.Observation)   {}
func (deaf) Converse(protocols.Conversation) {}

// passed reads a capture through a pipeline, and says what that took.
func passed(t *testing.T, path string, ps []protocols.Protocol, out flow.Output) cost {
	t.Helper()
	before, began := spent(t), time.Now()
	file, err := capture.OpenFile(path, &sensor.Tap{Site: "main", Name: "bench"})
	if err != nil {
		t.Fatal(err)
	}
	fan := flow.NewFan(1, flow.Decoding{New: func() flow.Decoder { return decode.New() }, Spread: decode.Spread}, flow.DefaultOptions(), ps, out)
	var f sensor.Frame
	for err = file.Next(&f); err == nil; err = file.Next(&f) {
		fan.Frame(&f)
	}
	fan.Close()
	if !errors.Is(err, io.EOF) {
		t.Error(fmt.Errorf("%s: %w", path, err))
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	return cost{cpu: spent(t) - before, wall: time.Since(began)}
}

// spent is the processor time of this process so far.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
