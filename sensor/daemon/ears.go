package daemon

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
)

// ears are the listeners at work, one for each declared tap. A reload adds and
// removes some; all others go on undisturbed, unless they must be opened anew.
type ears struct {
	house  *House
	taps   *taps
	config configs.Config // of the start: limits and workers do not change under way
	out    flow.Output
	log    *slog.Logger
	now    func() time.Time
	open   func(configs.Tap, *sensor.Tap) (TapSource, error)

	mu     sync.Mutex
	ctx    context.Context // of the task; nil before it runs
	active map[string]ear  // by the tap's name
}

// ear is one listener at work.
type ear struct {
	tap      *tap
	declared configs.Tap
	stop     context.CancelFunc
	ended    chan struct{}
}

// run listens at all taps until ctx ends, and returns when the last listener has
// handed on what it heard.
func (e *ears) run(ctx context.Context) error {
	e.mu.Lock()
	e.ctx, e.active = ctx, map[string]ear{}
	for _, t := range e.taps.list() {
		e.start(t)
	}
	e.mu.Unlock()
	<-ctx.Done()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range e.active {
		<-a.ended
	}
	return nil
}

// start begins to listen at one tap. e.mu is held.
func (e *ears) start(t *tap) {
	ctx, stop := context.WithCancel(e.ctx)
	l := &listener{taps: e.taps, tap: t, declared: t.declared, config: e.config, greetings: e.house.knowledge, out: e.out, log: e.log, now: e.now, open: e.open}
	a := ear{tap: t, declared: t.declared, stop: stop, ended: make(chan struct{})}
	e.active[t.declared.Name] = a
	go func() {
		defer close(a.ended)
		l.run(ctx)
	}()
}

// declare makes the taps those of a new configuration. One of which only what it
// should carry has changed is listened to without a pause.
func (e *ears) declare(next []configs.Tap) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx == nil || e.ctx.Err() != nil {
		return
	}
	c := redeclared{removed: e.retire(next)}
	for _, t := range next {
		a, hears := e.active[t.Name]
		keys := changedKeys(a.declared, t)
		switch {
		case !hears:
			c.added++
			e.join(t)
		case len(keys) > 0:
			c.change(keys)
			e.change(a, t, reopens(keys))
		}
	}
	e.taps.order(next)
	if c.any() {
		e.log.Info(c.String())
	}
}

// retire ends the listeners of taps that are declared no longer, and waits until
// their interfaces are put back. It returns how many. e.mu is held.
func (e *ears) retire(next []configs.Tap) (removed int) {
	for name, a := range e.active {
		if slices.ContainsFunc(next, func(t configs.Tap) bool { return t.Name == name }) {
			continue
		}
		a.stop()
		<-a.ended
		e.taps.retire(a.tap)
		if err := e.house.keepMirrors(); err != nil {
			e.log.Warn("what is usual on a removed tap is lost", "tap", name, "error", err)
		}
		e.taps.remove(a.tap)
		delete(e.active, name)
		removed++
	}
	return removed
}

// join adds a tap, with what was learnt of it when it was declared before.
func (e *ears) join(declared configs.Tap) {
	t := e.taps.add(declared)
	if err := e.house.recallMirror(t); err != nil {
		e.log.Warn("what is usual on an added tap is learnt anew", "tap", declared.Name, "error", err)
	}
	e.start(t)
}

// change declares a tap otherwise, and opens it anew where it must be.
func (e *ears) change(a ear, declared configs.Tap, anew bool) {
	if anew {
		a.stop()
		<-a.ended
	}
	e.taps.redeclare(a.tap, declared)
	if anew {
		e.start(a.tap)
		return
	}
	a.declared = declared
	e.active[declared.Name] = a
}
