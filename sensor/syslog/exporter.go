package syslog

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Exporter sends events to one receiver. Send may be called from any goroutine;
// Run from one.
type Exporter struct {
	o       Options
	format  format
	now     func() time.Time
	queue   *queue
	metrics metrics

	mu     sync.Mutex
	status Status
}

// Status is how the export does, for a person.
type Status struct {
	Connected bool
	Queued    int
	Trouble   string // the last failure; "" while connected
}

// New opens the queue in queueDir, making it if need be; what is in it from
// before is sent first. now gives events without a time theirs; reg may be nil.
func New(o Options, queueDir string, now func() time.Time, reg prometheus.Registerer) (*Exporter, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	q, lost, err := openQueue(queueDir, o.QueueBytes)
	if err != nil {
		return nil, err
	}
	e := &Exporter{o: o, now: now, queue: q, format: format{facility: o.Facility, hostname: o.Hostname, enterprise: o.EnterpriseNumber}}
	if e.metrics, err = newMetrics(reg, q.length); err != nil {
		return nil, errors.Join(err, q.close())
	}
	e.metrics.dropped.WithLabelValues(causeDamaged).Add(float64(lost))
	return e, nil
}

// Send makes an event durable in the queue. It waits for the disk and never for
// the network. When the queue is full the oldest events are dropped and counted.
// An error means that the event is not kept: its code or a field is not allowed,
// or the disk is full.
func (e *Exporter) Send(ev Event) error {
	if err := ev.check(); err != nil {
		return err
	}
	ev.clock(e.now)
	dropped, err := e.queue.append(func(number uint64) []byte { return e.format.message(&ev, number) })
	e.metrics.dropped.WithLabelValues(causeFull).Add(float64(dropped))
	if err != nil {
		e.metrics.dropped.WithLabelValues(causeDisk).Inc()
	}
	return err
}

// Status tells how the export does.
func (e *Exporter) Status() Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.status
	s.Queued = e.queue.length()
	return s
}

func (e *Exporter) note(connected bool, trouble error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = Status{Connected: connected}
	if trouble != nil {
		e.status.Trouble = trouble.Error()
	}
}

// Close closes the queue's files. Call it after Run has returned; Send fails
// afterwards.
func (e *Exporter) Close() error { return e.queue.close() }

// Run delivers the queue in order until ctx ends, and then returns nil. Failures
// of the receiver are tried again for ever, with growing pauses; what was on the
// way is sent again. An error means that the queue itself cannot be read.
func (e *Exporter) Run(ctx context.Context) error {
	pause := e.o.Backoff
	for ctx.Err() == nil {
		if e.queue.length() == 0 {
			_ = wait(ctx, e.queue.changed, nil, 0) // no connection, so no failure
			continue
		}
		progress, err := e.deliver(ctx)
		if errors.Is(err, errQueue) {
			return err
		}
		e.note(false, err)
		if progress {
			pause = e.o.Backoff
		}
		if ctx.Err() == nil {
			_ = wait(ctx, nil, nil, pause) // no connection, so no failure
		}
		pause = min(2*pause, maxBackoff)
	}
	return nil
}

// errQueue marks a failure of the queue, which no new connection mends.
var errQueue = errors.New("the queue of events cannot be read; move its directory away and start again")

// flight is a message on its way.
type flight struct {
	number uint64
	end    int64 // octets written with it
	at     time.Time
}

// maxFlights bounds what is on the way, and so what is repeated after a failure.
const maxFlights = 256

// deliver sends over one connection until it fails or ctx ends. It reports
// whether anything was delivered.
func (e *Exporter) deliver(ctx context.Context) (progress bool, err error) {
	c, err := connect(ctx, e.o)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, ignoreClosed(c.close())) }()
	e.note(true, nil)
	next := e.queue.first()
	var flights []flight
	for {
		landed, err := e.settle(c, &flights)
		progress = progress || landed
		if err != nil {
			return progress, err
		}
		if len(flights) < maxFlights {
			sent, err := e.sendOne(c, &next, &flights)
			if err != nil {
				return progress, err
			}
			if sent {
				continue
			}
		}
		if trouble := e.pause(ctx, c, flights); trouble != nil || ctx.Err() != nil {
			return progress, trouble
		}
	}
}

// sendOne sends the next message, if there is one.
func (e *Exporter) sendOne(c *connection, next *position, flights *[]flight) (bool, error) {
	number, message, behind, err := e.queue.after(*next)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, errors.Join(errQueue, err)
	}
	end, err := c.send(message)
	if err != nil {
		return false, err
	}
	*next = behind
	*flights = append(*flights, flight{number, end, time.Now()})
	return true, nil
}

// settle counts as delivered what has been acknowledged and has outlived the
// settling time.
func (e *Exporter) settle(c *connection, flights *[]flight) (landed bool, err error) {
	if len(*flights) == 0 || time.Since((*flights)[0].at) < e.o.Settle {
		return false, nil
	}
	acknowledged, n := c.acknowledged(), 0
	for n < len(*flights) && (*flights)[n].end <= acknowledged && time.Since((*flights)[n].at) >= e.o.Settle {
		n++
	}
	if n == 0 {
		if time.Since((*flights)[0].at) > acknowledgeTimeout {
			return false, errors.New("syslog receiver: nothing acknowledged for half a minute")
		}
		return false, nil
	}
	count, err := e.queue.delivered((*flights)[n-1].number)
	e.metrics.sent.Add(float64(count))
	*flights = (*flights)[n:]
	return true, err
}

// pause waits for the next thing to do: an event, a failure, or the time at which
// what is on its way has settled.
func (e *Exporter) pause(ctx context.Context, c *connection, flights []flight) error {
	const poll = 50 * time.Millisecond // for acknowledgements that are late
	if len(flights) == 0 {
		return wait(ctx, e.queue.changed, c.failed, 0)
	}
	changed := e.queue.changed
	if len(flights) == maxFlights {
		changed = nil
	}
	return wait(ctx, changed, c.failed, max(poll, time.Until(flights[0].at.Add(e.o.Settle))))
}

// wait returns at a change, a failure, the end of ctx, or after d (0: never).
func wait(ctx context.Context, changed <-chan struct{}, failed <-chan error, d time.Duration) error {
	var timer <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
	case <-changed:
	case <-timer:
	case err, open := <-failed:
		if !open || err == nil {
			return errors.New("syslog receiver: the connection is closed")
		}
		return err
	}
	return nil
}
