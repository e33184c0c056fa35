package demo

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/daemon"
)

const (
	// tapePoll is how long the tape waits for a frame before it says so.
	tapePoll = 100 * time.Millisecond
	// tapeLength is how many frames wait at most for the pipeline.
	tapeLength = 256
)

// tape hands the sample frames to the pipeline without an interface, each with
// the moment at which it is played as its wire time.
type tape struct {
	frames        chan []byte
	listens       chan struct{}
	announce      sync.Once
	tap           *sensor.Tap
	count, octets atomic.Uint64
	closed        bool
}

var (
	_ carrier          = (*tape)(nil)
	_ daemon.TapSource = (*tape)(nil)
)

func newTape() *tape {
	return &tape{frames: make(chan []byte, tapeLength), listens: make(chan struct{})}
}

func (t *tape) ready() <-chan struct{} { return t.listens }

// send implements carrier.
func (t *tape) send(ctx context.Context, frame []byte) error {
	select {
	case t.frames <- frame:
	case <-ctx.Done():
	}
	return nil
}

// open takes the place of a live interface.
func (t *tape) open(_ configs.Tap, tap *sensor.Tap) (daemon.TapSource, error) {
	t.tap, t.closed = tap, false
	t.announce.Do(func() { close(t.listens) })
	return t, nil
}

// Next implements sensor.Source.
func (t *tape) Next(f *sensor.Frame) error {
	if t.closed {
		return io.EOF
	}
	wait := time.NewTimer(tapePoll)
	defer wait.Stop()
	select {
	case data := <-t.frames:
		t.count.Add(1)
		t.octets.Add(uint64(len(data)))
		*f = sensor.Frame{Data: data, Length: len(data), When: time.Now().UTC(), Link: sensor.LinkEthernet, Tap: t.tap}
		return nil
	case <-wait.C:
		return sensor.ErrIdle
	}
}

// Stats implements sensor.Source.
func (t *tape) Stats() sensor.SourceStats {
	return sensor.SourceStats{Frames: t.count.Load(), Bytes: t.octets.Load()}
}

// Link and Notes implement daemon.TapSource.
func (t *tape) Link() bool      { return true }
func (t *tape) Notes() []string { return nil }

// Close implements sensor.Source.
func (t *tape) Close() error {
	t.closed = true
	return nil
}
