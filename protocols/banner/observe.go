package banner

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// The confidence of roles.
const (
	// exercised: told by the protocol itself.
	exercised = 0.9
	// opened: told by who opened the connection.
	opened = 0.8
)

// turn is the segment that is being read.
type turn struct {
	when     time.Time
	from, to protocols.Endpoint
	out      *protocols.Sink
}

func turnOf(seg protocols.Segment, out *protocols.Sink) turn {
	return turn{when: seg.When, from: seg.From, to: seg.To, out: out}
}

// state hands on what the current segment says of its sender.
func (t turn) state(facts ...protocols.Fact) {
	t.out.Observe(protocols.Observation{
		When: t.when, Speaker: t.from, Listener: t.to, About: protocols.Subject{Kind: protocols.AboutSpeaker}, Facts: facts,
	})
}

func (t turn) role(r protocols.Role, field string, confidence float64) {
	t.state(protocols.Fact{Attribute: protocols.RoleOf, Value: string(r), Field: field, Confidence: confidence})
}
