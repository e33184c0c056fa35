package identity

import (
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// reportKey is where a statement of use is kept: what different hosts say of one
// described device stays apart, so that the worse of it counts.
func reportKey(about protocols.SubjectKind, subject, speaker *atom) string {
	if about != protocols.AboutDescribed {
		return subject.ID
	}
	return subject.ID + " by " + speaker.ID
}

// stated is the moment that a report of use speaks of, which is never after it was
// heard.
func stated(o protocols.Observation) time.Time {
	if at := o.Report.At; !at.IsZero() && at.Before(o.When) {
		return at
	}
	return o.When
}

// report passes on what a device says that it does. That a channel is over is
// taken from its own gateway only.
func (l *Ledger) report(o protocols.Observation, speaker, subject *atom) {
	r := *o.Report
	if o.About.Kind == protocols.AboutDescribed && l.foreign(subject, speaker) {
		r.Channels = slices.DeleteFunc(slices.Clone(r.Channels), func(c protocols.Channel) bool { return c.Ended })
	}
	if key := reportKey(o.About.Kind, subject, speaker); len(r.Channels) > 0 {
		l.use.Report(key, inventory.Statement{Site: o.Site, Tap: o.Tap, Protocol: o.Protocol, When: stated(o), Report: r})
	}
	l.touch(subject)
}

// useOf is what a device does at a moment. What others than it and its gateway say can
// make it worse, and never better: while those two leave open whether it is in use, it
// is not known to be at rest.
func (l *Ledger) useOf(g *group, now time.Time) inventory.Use {
	own, others := l.useKeys(g, now)
	if len(others) == 0 {
		return l.use.At(own, now)
	}
	u := l.use.At(append(slices.Clone(own), others...), now)
	if u.State != protocols.InUse && u.State != protocols.UnknownUse {
		if first := l.use.At(own, now); first.State == protocols.UnknownUse {
			return first
		}
	}
	return u
}

// useKeys are where statements of use of the device are kept that count at a moment:
// its own and its gateway's last ones, and those of others while they hold.
func (l *Ledger) useKeys(g *group, now time.Time) (own, others []string) {
	w := l.words(g)
	for _, a := range g.atoms {
		own = append(own, a.ID)
		var last *sighting
		for i := range a.Via {
			v := &a.Via[i]
			if w.of(a, v.Of) >= wordGateway && (last == nil || v.Last.After(last.Last)) {
				last = v
			}
		}
		for i := range a.Via {
			v := &a.Via[i]
			key := a.ID + " by " + v.Of
			switch {
			case v == last || !now.After(v.Until) && w.of(a, v.Of) > wordOther:
				own = append(own, key)
			case !now.After(v.Until):
				others = append(others, key)
			}
		}
	}
	return own, others
}
