package demo

import (
	"context"
	"fmt"
	"time"
)

// carrier takes frames to the sensor: a wire, or a tape.
type carrier interface {
	// ready is closed once the sensor listens at the other end.
	ready() <-chan struct{}
	// send puts one frame on its way. The bytes stay the caller's.
	send(ctx context.Context, frame []byte) error
}

const (
	// morningTime is how long the morning takes: a newcomer sees everything within
	// a minute, and can still follow it.
	morningTime = 15 * time.Second
	// roundTime is how long a round takes, and rest the quiet after it: together
	// well below the silence after which a tap's uses become unknown.
	roundTime = 6 * time.Second
	rest      = 4 * time.Second
	// longestPause cuts what the recording waited for.
	longestPause = 400 * time.Millisecond
)

// play sends an act so that it takes about the given time: pauses keep their
// proportions, and none is longer than longestPause before that.
func play(ctx context.Context, to carrier, act string, takes time.Duration) error {
	shots, err := reel(act)
	if err != nil {
		return err
	}
	schedule(shots, takes)
	begin := time.Now()
	shift := begin.Sub(shots[0].recorded).Round(time.Second)
	for _, s := range shots {
		if err := sleep(ctx, s.at-time.Since(begin)); err != nil {
			return nil // the demo ends
		}
		redate(s.data, s.recorded, shift)
		if err := to.send(ctx, s.data); err != nil {
			return fmt.Errorf("play %s: %w", act, err)
		}
	}
	return nil
}

// schedule moves the shots of an act so that the last is due after takes.
func schedule(shots []shot, takes time.Duration) {
	var before, now time.Duration
	for i := range shots {
		pause := min(shots[i].at-before, longestPause)
		before = shots[i].at
		now += max(pause, 0)
		shots[i].at = now
	}
	for i := range shots {
		if now > 0 {
			shots[i].at = time.Duration(float64(shots[i].at) / float64(now) * float64(takes))
		}
	}
}

// sleep waits, or returns the context's error when the demo ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// day plays the morning, then rounds until the afternoon is called, then the
// afternoon again and again, until ctx ends.
func day(ctx context.Context, to carrier, afternoon <-chan struct{}) error {
	if err := play(ctx, to, Morning, morningTime); err != nil {
		return err
	}
	act := Round
	for ctx.Err() == nil {
		if err := play(ctx, to, act, roundTime); err != nil {
			return err
		}
		quiet := time.NewTimer(rest)
		select {
		case <-afternoon:
			act, afternoon = Afternoon, nil
		case <-quiet.C:
		case <-ctx.Done():
		}
		quiet.Stop()
	}
	return nil
}
