package daemon

import (
	"context"
	"sync/atomic"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor/flow"
)

// intake carries what flow learns to the inventory. The hot path never waits for
// it: when it is full, what does not fit is dropped and counted.
type intake struct {
	queue                 chan learnt
	observations, reports atomic.Uint64 // dropped
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

// reportsLength is how far reports of conversations may fill the queue: a flood of
// conversations must not push out what is said of a device.
const reportsLength = intakeLength / 4 * 3

func newIntake() *intake { return &intake{queue: make(chan learnt, intakeLength)} }

var _ flow.Output = (*intake)(nil)

// Observe implements flow.Output.
func (i *intake) Observe(o protocols.Observation) {
	if !i.put(learnt{observation: &o}) {
		i.observations.Add(1)
	}
}

// Converse implements flow.Output.
func (i *intake) Converse(c protocols.Conversation) {
	if len(i.queue) >= reportsLength || !i.put(learnt{conversation: &c}) {
		i.reports.Add(1)
	}
}

func (i *intake) put(l learnt) bool {
	select {
	case i.queue <- l:
		return true
	default:
		return false
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
