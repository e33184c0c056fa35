package daemon

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/boltstore"
	"github.com/auscult/auscult/inventory/fingerprint"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/inventory/usage"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/banner"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
	"github.com/auscult/auscult/sensor/mirror"
	"github.com/auscult/auscult/sensor/web"
)

// Carry lets the courier carry what waits in a state file to a CMMS, and read back
// what its people did, as of a moment: a replay has no courier, and the running
// daemon has today's clock.
func Carry(ctx context.Context, path string, c configs.Config, connector remediation.Connector, now time.Time) (err error) {
	store, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	h, err := openHouse(store, houseOptions{config: c, now: func() time.Time { return now }})
	if err != nil {
		return err
	}
	courier, err := h.courier(connector, order.CourierOptions{Seed: 1, PollEvery: time.Second})
	if err != nil {
		return err
	}
	for range 200 {
		did, _, err := courier.Step(ctx, now)
		if err != nil {
			return err
		}
		if !did {
			return nil
		}
	}
	return errors.New("the courier does not come to rest")
}

// Kept is what the daemon knows of a tap, for Shown.
type Kept struct {
	Declared             configs.Tap
	Up                   bool
	Trouble              string
	Opened, Since, Heard time.Time
	Counters             flow.Counters
	Mirror               mirror.Report
}

// Shown is what the page shows of a tap at a moment, and what cannot be heard there.
func Shown(k Kept, now time.Time) (web.Tap, []string) {
	x := heardTap{tap{declared: k.Declared, kernelState: kernelState{up: k.Up, trouble: k.Trouble, speed: 1e9}, opened: k.Opened, since: k.Since, heard: k.Heard, counters: k.Counters}, k.Mirror}
	return x.coverage(now), x.holes()
}

// Told is what is logged of a tap that stands so at one look after another.
func Told(looks []Kept, at []time.Time) string {
	var out strings.Builder
	d := &daemon{log: slog.New(slog.NewTextHandler(&out, nil)), export: &export{}}
	var w watched
	for i, k := range looks {
		x := heardTap{tap{declared: k.Declared, kernelState: kernelState{up: k.Up, trouble: k.Trouble}, opened: k.Opened, since: k.Since, heard: k.Heard, stats: sensor.SourceStats{Frames: k.Mirror.Frames}}, k.Mirror}
		w = d.tellTap(x, w, at[i])
	}
	return out.String()
}

// Knowledge is the rules that ship inside the program.
func Knowledge() (*fingerprint.Base, error) { return loadKnowledge() }

// Inventory puts frames through the pipeline of a replay, from frames to devices,
// without a state file, a register and findings: thousands of times a minute.
func Inventory(c configs.Config, knowledge *fingerprint.Base, frames []sensor.Frame) []inventory.Device {
	h := &House{knowledge: knowledge, uses: usage.New(usage.Options{Hazard: knowledge.Hazard})}
	h.ledger = identity.New(identity.Options{Use: h.uses}, knowledge)
	return h.ledger.Snapshot(through(c, knowledge, frames, h))
}

// Statements are what the dissectors state of frames.
func Statements(c configs.Config, frames []sensor.Frame) []protocols.Observation {
	var out statements
	through(c, nil, frames, &out)
	return out.all
}

type statements struct{ all []protocols.Observation }

func (s *statements) Observe(o protocols.Observation) { s.all = append(s.all, o) }
func (s *statements) Converse(protocols.Conversation) {}

// through gives frames to a replay's fan, and returns when the last one was heard.
func through(c configs.Config, g banner.Greetings, frames []sensor.Frame, out flow.Output) (last time.Time) {
	tap, fan := &sensor.Tap{Site: c.Site, Name: replayTap}, newFan(c, nil, g, out, nil)
	for i := range frames {
		frames[i].Tap, last = tap, frames[i].When
		fan.Frame(&frames[i])
	}
	fan.Close()
	return last
}

// hearsay keeps what is reported of conversations.
type hearsay struct{ all []protocols.Conversation }

func (h *hearsay) Observe(protocols.Observation)     {}
func (h *hearsay) Converse(c protocols.Conversation) { h.all = append(h.all, c) }

// reel gives frames, and ends when there are no more.
type reel struct {
	tap    *sensor.Tap
	frames []sensor.Frame
	end    func()
}

func (r *reel) Next(f *sensor.Frame) error {
	if len(r.frames) == 0 {
		r.end()
		return sensor.ErrIdle
	}
	*f, r.frames = r.frames[0], r.frames[1:]
	f.Tap = r.tap
	return nil
}
func (r *reel) Stats() sensor.SourceStats { return sensor.SourceStats{} }
func (r *reel) Close() error              { return nil }
func (r *reel) Link() bool                { return true }
func (r *reel) Notes() []string           { return nil }

// Listened is what the listener of a declared tap reports of frames.
func Listened(declared configs.Tap, frames []sensor.Frame) []protocols.Conversation {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	now := func() time.Time { return frames[0].When }
	taps, out := newTaps("north", []configs.Tap{declared}, now), &hearsay{}
	l := &listener{taps: taps, tap: taps.list()[0], declared: declared, config: configs.Config{Workers: 1}, out: out, log: slog.New(slog.DiscardHandler), now: now,
		open: func(_ configs.Tap, tap *sensor.Tap) (TapSource, error) { return &reel{tap, frames, end}, nil }}
	l.run(ctx)
	return out.all
}

// MemoryBound is the most that a configuration lets the heap hold.
var MemoryBound = memoryBound
