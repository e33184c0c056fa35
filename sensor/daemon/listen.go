package daemon

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
	"github.com/auscult/auscult/sensor/flow"
)

// intake carries what flow learns to the inventory. The hot path never waits for
// it: when it is full, what does not fit is dropped and counted.
type intake struct {
	queue   chan learnt
	dropped atomic.Uint64
}

// learnt is one of the two.
type learnt struct {
	observation  *protocols.Observation
	conversation *protocols.Conversation
}

// intakeLength is how many statements wait at most while the inventory writes to
// its disk: a busy hospital makes a few thousand a second, a write takes tens of
// milliseconds.
const intakeLength = 1 << 15

func newIntake() *intake { return &intake{queue: make(chan learnt, intakeLength)} }

var _ flow.Output = (*intake)(nil)

// Observe implements flow.Output.
func (i *intake) Observe(o protocols.Observation) { i.put(learnt{observation: &o}) }

// Converse implements flow.Output.
func (i *intake) Converse(c protocols.Conversation) { i.put(learnt{conversation: &c}) }

func (i *intake) put(l learnt) {
	select {
	case i.queue <- l:
	default:
		i.dropped.Add(1)
	}
}

// take hands everything to the house until ctx ends, and then what is left.
func (i *intake) take(ctx context.Context, h *House) error {
	for {
		select {
		case l := <-i.queue:
			h.learn(l)
		case <-ctx.Done():
			for {
				select {
				case l := <-i.queue:
					h.learn(l)
				default:
					return nil
				}
			}
		}
	}
}

func (h *House) learn(l learnt) {
	if l.observation != nil {
		h.Observe(*l.observation)
		return
	}
	h.taps.conversed(*l.conversation)
	h.Converse(*l.conversation)
}

// listener is one tap's capture and pipeline: one goroutine.
type listener struct {
	taps   *taps
	tap    *tap
	config configs.Config
	out    flow.Output
	log    *slog.Logger
	now    func() time.Time
	open   func(configs.Tap, *sensor.Tap) (TapSource, error) // nil: openLive
}

// TapSource is an open tap: its frames, and how its interface does.
type TapSource interface {
	sensor.Source
	Link() bool      // up, with a carrier
	Notes() []string // what is less mute than planned, one sentence each
}

// openLive opens a tap as a mute live interface.
func (l *listener) openLive(declared configs.Tap, tap *sensor.Tap) (TapSource, error) {
	return capture.OpenLive(capture.LiveOptions{Interface: declared.Interface, AllowAddress: declared.AllowAddress, RingBytes: l.config.Limits.RingMiB << 20}, tap)
}

// reopenAfter is how long a tap whose interface went away rests.
const reopenAfter = 2 * time.Second

// publishEvery is how often a tap's counters are renewed for readers.
const publishEvery = time.Second

// run listens until ctx ends. An interface that cannot be opened, or goes away,
// is shown on the page and tried again: one dead tap must not stop the others.
func (l *listener) run(ctx context.Context) error {
	fan := newFan(l.config, l.out)
	defer fan.Close()
	said := ""
	for ctx.Err() == nil {
		err := l.listen(ctx, fan)
		if err == nil {
			break
		}
		if err.Error() != said {
			said = err.Error()
			l.log.Error("a tap does not listen", "tap", l.tap.declared.Name, "error", err)
		}
		l.taps.update(l.tap, func(t *tap) { t.up, t.trouble = false, err.Error() })
		select {
		case <-ctx.Done():
		case <-time.After(reopenAfter):
			fan.Tick(l.now())
		}
	}
	return nil
}

// listen opens the interface and reads it until it fails or ctx ends.
func (l *listener) listen(ctx context.Context, fan *flow.Fan) (err error) {
	d := l.tap.declared
	open := l.open
	if open == nil {
		open = l.openLive
	}
	live, err := open(d, &sensor.Tap{Site: l.config.Site, Name: d.Name})
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, live.Close())
		l.taps.update(l.tap, func(t *tap) { t.closed, t.stats = addStats(t.closed, live.Stats()), sensor.SourceStats{} })
	}()
	for _, n := range live.Notes() {
		l.log.Warn("the interface is less mute than planned", "tap", d.Name, "note", n)
	}
	l.taps.update(l.tap, func(t *tap) { t.up, t.trouble = true, "" })
	l.log.Info("listening", "tap", d.Name, "interface", d.Interface)
	return l.read(ctx, live, fan)
}

// read hands every frame on. It looks at the clock of the frames, which costs no
// system call, to know when to look at everything else.
func (l *listener) read(ctx context.Context, live TapSource, fan *flow.Fan) error {
	var f sensor.Frame
	var due time.Time // by wire time
	heard := false
	for {
		err := live.Next(&f)
		switch {
		case err == nil:
			fan.Frame(&f)
			heard = true
			if d := due.Sub(f.When); d > 0 && d <= publishEvery {
				continue
			}
			due = f.When.Add(publishEvery)
			fan.Flush()
		case errors.Is(err, sensor.ErrIdle):
			fan.Tick(l.now())
		default:
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		l.publish(live, fan, heard, l.now())
		heard = false
	}
}

func (l *listener) publish(live TapSource, fan *flow.Fan, heard bool, now time.Time) {
	stats, counters, up := live.Stats(), fan.Counters(), live.Link()
	l.taps.update(l.tap, func(t *tap) {
		t.stats, t.counters, t.up = stats, counters, up
		if heard {
			t.heard = now
		}
		t.trouble = ""
		if !up {
			t.trouble = "the link is down; check the cable and the mirror port"
		}
	})
}
