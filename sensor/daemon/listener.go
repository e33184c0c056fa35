package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/protocols/banner"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
	"github.com/auscult/auscult/sensor/flow"
)

// listener is one tap's capture and pipeline: one goroutine.
type listener struct {
	taps *taps
	tap  *tap
	// declared is the tap's declaration as it was when the listener began: a reload
	// that changes what it is opened or counted by ends it.
	declared configs.Tap
	config   configs.Config
	// greetings is what is known of them; nil for nothing.
	greetings banner.Greetings
	out       flow.Output
	log       *slog.Logger
	now       func() time.Time
	open      func(configs.Tap, *sensor.Tap) (TapSource, error) // nil: openLive
	shunt     door
	source    kernelSource // of the opening; nil where nothing stands before the tap

	// What the kernel had forgotten when it was last asked.
	summed         time.Time
	packets, bytes uint64
}

// TapSource is an open tap: its frames, and how its interface does.
type TapSource interface {
	sensor.Source
	Link() bool      // up, with a carrier
	Notes() []string // what is less mute than planned, one sentence each
}

// kernelSource is a tap before which a kernel program may stand.
type kernelSource interface {
	sensor.Shunt
	// Mode says how the program is at work: driver, generic, filter or none.
	Mode() string
	// Speed is the link's, in bit/s; 0 when it is not known.
	Speed() uint64
	// State is Link with words: what is the matter, or what else a person should know
	// of an interface that is up; "" for nothing.
	State() (up bool, says string)
	// Remainder is what the kernel's accounting has forgotten of what it counted.
	Remainder() (packets, bytes uint64, err error)
	// Unplaced is how many ranges found no room in the kernel.
	Unplaced() uint64
}

// door is the Shunt of a tap, which is opened and closed while the fan behind it
// goes on. Without one open, nothing is dropped and all is read.
type door struct {
	open atomic.Pointer[sensor.Shunt]
}

var _ sensor.Shunt = (*door)(nil)

// Skip implements sensor.Shunt.
func (d *door) Skip(ranges []sensor.Skip) {
	if s := d.open.Load(); s != nil {
		(*s).Skip(ranges)
	}
}

// Skipped implements sensor.Shunt.
func (d *door) Skipped(w sensor.Way) (sensor.Skipped, bool) {
	if s := d.open.Load(); s != nil {
		return (*s).Skipped(w)
	}
	return sensor.Skipped{}, false
}

// openLive opens a tap as a mute live interface.
func (l *listener) openLive(declared configs.Tap, tap *sensor.Tap) (TapSource, error) {
	return capture.OpenLive(capture.LiveOptions{Interface: declared.Interface, AllowAddress: declared.AllowAddress, RingBytes: l.config.Limits.RingMiB << 20,
		Journal: filepath.Join(filepath.Dir(l.config.State), "capture"), Shunt: capture.ShuntMode(declared.Shunt), Conversations: l.config.Limits.ShuntConversations, Ranges: l.config.Limits.ShuntRanges}, tap)
}

// reopenAfter is how long a tap whose interface went away rests.
const reopenAfter = 2 * time.Second

// flushEvery is how long, in wire time, frames wait for others before they are
// handed to the workers: they keep a part of the ring from the kernel.
const flushEvery = 20 * time.Millisecond

// remainderEvery is how often the kernel's accounting is summed up.
const remainderEvery = time.Minute

// publishEvery is how often a tap's counters are renewed for readers.
const publishEvery = time.Second

// run listens until ctx ends. An interface that cannot be opened, or goes away,
// is shown on the page and tried again: one dead tap must not stop the others.
func (l *listener) run(ctx context.Context) {
	fan := newFan(l.config, l.declared.Sessions, l.greetings, l.out, &l.shunt)
	defer l.end(fan)
	said := ""
	for ctx.Err() == nil {
		err := l.listen(ctx, fan)
		if err == nil {
			break
		}
		if err.Error() != said {
			said = err.Error()
			l.log.Debug("not open", "tap", l.declared.Name, "error", err) // watchTaps tells of it
		}
		l.taps.update(l.tap, func(t *tap) {
			t.stands(kernelState{trouble: err.Error()}, l.now())
			l.taps.look(t, l.now())
		})
		select {
		case <-ctx.Done():
		case <-time.After(reopenAfter):
			fan.Tick(l.now())
		}
	}
}

// end closes the pipeline and keeps what it counted.
func (l *listener) end(fan *flow.Fan) {
	fan.Close()
	c := fan.Counters()
	l.taps.update(l.tap, func(t *tap) { t.ended(c) })
}

// errNoInterface says that what a tap is to listen to is not there.
var errNoInterface = errors.New("there is no interface")

// absent puts it so, where that is what an opening failed of.
func absent(err error, name string) error {
	var none netlink.LinkNotFoundError
	if errors.As(err, &none) {
		return fmt.Errorf("%w %s; see those that there are: ip link", errNoInterface, name)
	}
	return err
}

// listen opens the interface and reads it until it fails or ctx ends.
func (l *listener) listen(ctx context.Context, fan *flow.Fan) (err error) {
	d := l.declared
	open := l.open
	if open == nil {
		open = l.openLive
	}
	live, err := open(d, &sensor.Tap{Site: l.config.Site, Name: d.Name})
	if err != nil {
		return absent(err, d.Interface)
	}
	defer func() {
		l.shunt.open.Store(nil)
		err = errors.Join(err, live.Close())
		l.taps.update(l.tap, func(t *tap) { t.closed, t.stats = addStats(t.closed, live.Stats()), sensor.SourceStats{} })
	}()
	for _, n := range live.Notes() {
		l.log.Warn("not all is as planned", "tap", d.Name, "note", n)
	}
	l.engage(live)
	return l.read(ctx, live, fan)
}

// engage lets the fan use what stands before the tap.
func (l *listener) engage(live TapSource) {
	l.source = nil
	if k, is := live.(kernelSource); is {
		var s sensor.Shunt = k
		l.source = k
		l.shunt.open.Store(&s)
	}
	k := l.kernel(live)
	l.taps.update(l.tap, func(t *tap) { t.stands(k, l.now()) })
	l.log.Info("listening", "tap", l.declared.Name, "interface", l.declared.Interface, "kernel", k.mode)
}

// read hands every frame on. It looks at the clock of the frames, which costs no
// system call, to know when to look at everything else.
func (l *listener) read(ctx context.Context, live TapSource, fan *flow.Fan) error {
	var f sensor.Frame
	var due time.Time // by wire time
	var block *sensor.Block
	var flush time.Time // by wire time
	heard := false
	for {
		err := live.Next(&f)
		switch {
		case err == nil:
			if f.Block != block && f.When.Sub(flush) >= flushEvery {
				block, flush = f.Block, f.When
				fan.Flush()
			}
			fan.Frame(&f)
			heard = true
			if d := due.Sub(f.When); d > 0 && d <= publishEvery {
				continue
			}
			due = f.When.Add(publishEvery)
			fan.Flush()
		case errors.Is(err, sensor.ErrIdle):
			fan.Flush()
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

// publish renews what readers see. A tap of which all is shunted is heard, too.
func (l *listener) publish(live TapSource, fan *flow.Fan, heard bool, now time.Time) {
	stats, counters, k := live.Stats(), fan.Counters(), l.kernel(live)
	l.taps.update(l.tap, func(t *tap) {
		if heard || stats.ShuntedFrames > t.stats.ShuntedFrames {
			t.heard = now
		}
		t.stats = stats
		t.counted(counters)
		t.stands(k, now)
		l.taps.look(t, now)
	})
}

// remainder is asked for seldom: every conversation in the kernel is looked at.
func (l *listener) remainder(s kernelSource) (packets, bytes uint64) {
	if now := l.now(); now.Sub(l.summed) >= remainderEvery {
		if packets, bytes, err := s.Remainder(); err == nil {
			l.summed, l.packets, l.bytes = now, packets, bytes
		}
	}
	return l.packets, l.bytes
}

// kernel asks how the interface and the program before it do.
func (l *listener) kernel(live TapSource) kernelState {
	k := kernelState{mode: "none", up: live.Link(), notes: live.Notes()}
	if !k.up {
		k.trouble = "the link is down; check the cable and the mirror port"
	}
	s := l.source
	if s == nil {
		return k
	}
	k.mode, k.speed, k.unplaced = s.Mode(), s.Speed(), s.Unplaced()
	k.forgottenPackets, k.forgottenBytes = l.remainder(s)
	up, says := s.State()
	if k.up = up; up {
		k.trouble, k.note = "", says
	} else {
		k.trouble = says
	}
	return k
}
