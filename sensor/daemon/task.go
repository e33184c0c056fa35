package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// task is one long-lived part of the daemon. run returns nil when ctx ends, and
// an error that names the part otherwise; ready, when not nil, is closed once
// the part serves.
type task struct {
	name  string
	run   func(ctx context.Context) error
	ready <-chan struct{}
}

// stopTime bounds a graceful stop: systemd's default is 90 s, a last commit
// takes well under one.
const stopTime = 10 * time.Second

// serve runs all tasks until ctx ends or one fails, then waits for the others.
// started is called once, when every task is ready.
func serve(ctx context.Context, log *slog.Logger, tasks []task, started func()) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, t := range tasks {
		group.Go(func() error {
			log.Debug("task starts", "task", t.name)
			if err := t.run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			log.Debug("task ended", "task", t.name)
			return nil
		})
	}
	group.Go(func() error {
		for _, t := range tasks {
			if t.ready == nil {
				continue
			}
			select {
			case <-t.ready:
			case <-ctx.Done():
				return nil
			}
		}
		started()
		return nil
	})
	return group.Wait()
}

// teardown is a named stack of what must be undone, last in, first out.
type teardown struct {
	mu    sync.Mutex
	steps []step
}

type step struct {
	name string
	undo func() error
}

func (t *teardown) add(name string, undo func() error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps = append(t.steps, step{name, undo})
}

// run undoes every step, whatever fails, and joins the errors.
func (t *teardown) run() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all error
	for i := len(t.steps) - 1; i >= 0; i-- {
		if err := t.steps[i].undo(); err != nil {
			all = errors.Join(all, fmt.Errorf("stop %s: %w", t.steps[i].name, err))
		}
	}
	t.steps = nil
	return all
}
