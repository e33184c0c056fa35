package daemon

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
)

// ears are the listeners at work, one for each declared tap. A reload adds and
// removes some; one that did not change goes on undisturbed.
type ears struct {
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
	l := &listener{taps: e.taps, tap: t, config: e.config, out: e.out, log: e.log, now: e.now, open: e.open}
	a := ear{declared: t.declared, stop: stop, ended: make(chan struct{})}
	e.active[t.declared.Name] = a
	go func() {
		defer close(a.ended)
		l.run(ctx)
	}()
}

// declare makes the taps those of a new configuration: it ends the listeners of
// taps that are declared no longer, or otherwise, waits until their interfaces are
// put back, and starts those that are new.
func (e *ears) declare(next []configs.Tap) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx == nil || e.ctx.Err() != nil {
		return
	}
	wanted := map[string]configs.Tap{}
	for _, t := range next {
		wanted[t.Name] = t
	}
	for name, a := range e.active {
		if reflect.DeepEqual(wanted[name], a.declared) {
			continue
		}
		a.stop()
		<-a.ended
		delete(e.active, name)
		e.taps.remove(name)
		e.log.Info("a tap is declared no longer, or otherwise", "tap", name)
	}
	for _, t := range next {
		if _, hears := e.active[t.Name]; !hears {
			e.start(e.taps.add(t))
		}
	}
}
