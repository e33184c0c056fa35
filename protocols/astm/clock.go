package astm

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// sender is what one side of a conversation has shown of itself so far.
type sender struct {
	heard    bool   // the other side took a frame of it
	key      string // of the first name that it sent under
	several  bool   // it sent under several: it passes messages on
	measurer string // the first instrument that its results named
	fronts   bool   // they named several: it sends for them, and is none
	lag      protocols.Lag
}

// named notes a name. A host is one instrument, so a second name unmasks a relay.
func (s *sender) named(key string) {
	if s.key == "" {
		s.key = key
	}
	s.several = s.several || s.key != key
}

// sendsFor notes an instrument that results name without being the sender, as far
// as its own name tells. One of a known family is somebody else's name; of others the
// second one tells.
func (s *sender) sendsFor(key string, known bool) {
	if s.measurer == "" {
		s.measurer = key
	}
	s.fronts = s.fronts || known || s.measurer != key
}

// current reports whether the results of a message were measured just now, as far
// as anything tells: they are no training's, no older than the message by the
// instrument's own clock, and the message has not waited. Times have no zone (LIS02-A2,
// section 5.6.2): they are held against the wire beyond every zone, and against the
// sender's earlier messages. What was stored and sent on demand needs a time that says
// it is new, and what bears no time at all may be a backlog.
func (s *sender) current(m *message, when time.Time) bool {
	switch m.processing {
	case 'T', 'D': // training, debugging (LIS02-A2, section 6.12)
		return false
	}
	if m.batch && m.measured.IsZero() {
		return false
	}
	at := m.sent
	if at.IsZero() {
		at = m.happened()
	} else if !m.measured.IsZero() && at.Sub(m.measured) > resultValid {
		return false
	}
	if at.IsZero() {
		return false
	}
	lag := when.Sub(at)
	return lag <= protocols.Westernmost+resultValid && lag >= -protocols.Easternmost-resultValid && !s.lag.Late(lag, when, resultValid)
}

// happened is when the results were measured, or the last that is known to have
// happened before: a specimen is not measured before it is drawn.
func (m *message) happened() time.Time {
	if m.measured.IsZero() {
		return m.before
	}
	return m.measured
}
