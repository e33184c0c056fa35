package identity

import (
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// sighting is who speaks for a described device, and since when.
type sighting struct {
	Of    string    `json:"of"`
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last"`
	Until time.Time `json:"until,omitzero"` // how long its last word holds
	// Alone counts its statements since the gateway fell silent, from Since on.
	Alone int       `json:"alone,omitempty"`
	Since time.Time `json:"since,omitzero"`
	Was   bool      `json:"was,omitempty"` // it was the gateway before
}

// describes notes who speaks for a device.
func (l *Ledger) describes(speaker, subject *atom, o protocols.Observation) {
	l.touch(subject)
	until := o.When.Add(GatewaySilence)
	if o.Report != nil {
		until = later(until, stated(o).Add(o.Report.Valid))
	}
	v := subject.sighted(speaker.ID)
	if v == nil {
		v = l.newSighting(subject, speaker, o.When)
	}
	if o.When.Before(v.First) {
		v.First = o.When
		l.turned()
	}
	v.Last, v.Until, v.Was = later(v.Last, o.When), later(v.Until, until), false
	l.handOver(speaker, subject, v, o.When)
}

// newSighting makes room for one more speaker: the one that was heard longest ago
// goes, but never the gateway.
func (l *Ledger) newSighting(subject, speaker *atom, when time.Time) *sighting {
	l.turned()
	if len(subject.Via) >= MaxClaims {
		gateway := l.established(l.group(subject))
		oldest := -1
		for i, v := range subject.Via {
			if v.Of != gateway && (oldest < 0 || v.Last.Before(subject.Via[oldest].Last)) {
				oldest = i
			}
		}
		l.notBehind(subject.Via[oldest].Of, subject.ID)
		subject.Via = slices.Delete(subject.Via, oldest, oldest+1)
	}
	subject.Via = append(subject.Via, sighting{Of: speaker.ID, First: when, Last: when})
	if l.behind[speaker.ID] == nil {
		l.behind[speaker.ID] = map[string]bool{}
	}
	l.behind[speaker.ID][subject.ID] = true
	return &subject.Via[len(subject.Via)-1]
}

func (l *Ledger) notBehind(gateway, described string) {
	of := l.behind[gateway]
	if delete(of, described); len(of) == 0 {
		delete(l.behind, gateway)
	}
}

// handOver decides whose word counts for a described device. The first to speak
// for it is its gateway, until it is silent for longer than its word holds, and
// another one has spoken several times since: a device that moved is followed,
// and nobody takes it over by one message.
func (l *Ledger) handOver(speaker, subject *atom, v *sighting, when time.Time) {
	g := l.group(subject)
	gateway := l.established(g)
	switch {
	case gateway == "" && !g.speaksForItself():
		subject.Gateway = speaker.ID
		return
	case gateway == "":
		return
	case slices.Contains(l.host(l.atoms[gateway]), speaker):
		g.eachSighting(func(other *sighting) { other.Alone = 0 })
		return
	case !when.After(l.holdsUntil(g, gateway)):
		v.Alone = 0
		return
	}
	if v.Alone++; v.Alone == 1 {
		v.Since = when
	}
	if v.Alone < HandOverStatements || when.Sub(v.Since) < HandOverTime {
		return
	}
	for _, a := range g.atoms {
		if a.Gateway != "" {
			a.Gateway = ""
			l.touch(a)
		}
	}
	g.eachSighting(func(other *sighting) { other.Was = other.Was || other.Of == gateway })
	subject.Gateway, v.Alone = speaker.ID, 0
}

// holdsUntil is how long the last word of the gateway holds.
func (l *Ledger) holdsUntil(g *group, gateway string) (until time.Time) {
	host := l.host(l.atoms[gateway])
	g.eachSighting(func(v *sighting) {
		if slices.Contains(host, l.atoms[v.Of]) {
			until = later(until, v.Until)
		}
	})
	return until
}

// established is the atom whose word counts for a described device, "" when
// there is none. Of parts that were described apart, the one first spoken for
// tells it.
func (l *Ledger) established(g *group) string {
	var best *atom
	var since time.Time
	for _, a := range g.atoms {
		v := a.sighted(a.Gateway)
		if v != nil && (best == nil || v.First.Before(since)) && !l.shows(a, candidate{atoms: g.atoms}, l.atoms[a.Gateway]) {
			best, since = a, v.First
		}
	}
	if best == nil {
		return ""
	}
	return best.Gateway
}

// speaksForItself reports whether the device is a host that says to be the
// machine, or that sends its images.
func (g *group) speaksForItself() bool {
	for _, a := range g.atoms {
		if !a.machine() {
			continue
		}
		for _, k := range a.Links {
			if k.Why == claimed && (a.claimedBy(k.To, claimSelf) || a.claimedBy(k.To, claimImage)) {
				return true
			}
		}
	}
	return false
}

func (g *group) eachSighting(do func(*sighting)) {
	for _, a := range g.atoms {
		for i := range a.Via {
			do(&a.Via[i])
		}
	}
}

// sighted returns who speaks for the atom under an id, or nil.
func (a *atom) sighted(id string) *sighting {
	for i := range a.Via {
		if a.Via[i].Of == id {
			return &a.Via[i]
		}
	}
	return nil
}

func (a *atom) via(id string) bool { return a.sighted(id) != nil }

// word says how far one speaker's word counts for a device as it is now.
type word int

const (
	wordImage  word = iota // what somebody else's images tell of a machine
	wordOther              // of a host that is neither the device nor its gateway
	wordFormer             // of a gateway that it had before
	wordGateway
	wordOwn
)

// words weighs who speaks for a device; it is made once for all its statements.
type words struct {
	g       *group
	gateway []*atom // the gateway's host
	own     bool
}

func (l *Ledger) words(g *group) words {
	w := words{g: g, own: g.speaksForItself()}
	if id := l.established(g); id != "" {
		w.gateway = l.host(l.atoms[id])
	}
	return w
}

// of weighs a statement about an atom by who made it.
func (w words) of(a *atom, by string) word {
	is := func(x *atom) bool { return x.ID == by }
	switch {
	case by == "" || slices.ContainsFunc(w.g.atoms, is):
		return wordOwn
	case a.claimedBy(by, claimImage):
		return wordImage
	case slices.ContainsFunc(w.gateway, is):
		return wordGateway
	case !a.numbered() || len(w.gateway) == 0 && !w.own:
		return wordOwn // nobody has a better right to say it
	}
	if v := a.sighted(by); v != nil && v.Was {
		return wordFormer
	}
	return wordOther
}

// numbered reports whether the atom is of a number or name that others can give
// to a device.
func (a *atom) numbered() bool {
	switch a.Key.Kind {
	case kindSerial, kindEUI, kindUDI, kindUID, kindLabel, kindLine:
		return true
	}
	return false
}

// foreign reports whether a host speaks for a device that has another gateway, or
// that speaks for itself.
func (l *Ledger) foreign(subject, speaker *atom) bool {
	return l.words(l.group(subject)).of(subject, speaker.ID) <= wordOther
}

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

// otherSpeakers lists the devices that speak for a device without being its
// gateway, other than to pass on what that one said.
func (l *Ledger) otherSpeakers(g *group) []string {
	w := l.words(g)
	if len(w.gateway) == 0 && !w.own {
		return nil
	}
	var out []string
	for _, a := range g.atoms {
		all := a.describers()
		for _, v := range all {
			other := l.group(l.atoms[v.Of])
			if w.of(a, v.Of) != wordOther || l.repeats(other, all) || len(w.gateway) == 0 && !a.via(v.Of) {
				continue
			}
			out, _ = include(out, other.root().ID, MaxConflictValues)
		}
	}
	return out
}

// usurps reports whether a host says to be a machine that a gateway speaks for
// already. Its word alone is not enough; an interface that the gateway names is, and so
// is what the host shows to be where the gateway knows nothing but a number.
func (l *Ledger) usurps(on *atom, c candidate) bool {
	for _, v := range on.Via {
		gateway := l.atoms[v.Of]
		if slices.Contains(c.atoms, gateway) || v.First.After(c.first) || l.shows(on, c, gateway) {
			continue
		}
		passed := c.first.Sub(v.First) <= RepeatDelay && slices.ContainsFunc(c.atoms, func(a *atom) bool { return slices.Contains(gateway.Senders, a.ID) })
		if !passed && !slices.ContainsFunc(on.Claiming, func(id string) bool { return l.atoms[id].interfaceOf(c) }) {
			return true
		}
	}
	return false
}

// shows reports whether a host knows more of a machine than who speaks for it: it states
// a EUI-64 that is made of its own interface, and what kind of device that is, which the
// other one does not. A laboratory's system names many numbers on its results.
func (l *Ledger) shows(on *atom, c candidate, gateway *atom) bool {
	mac := macOf(on.Told.EUI)
	if !real(mac) || !slices.ContainsFunc(c.atoms, func(a *atom) bool { return a.Key.Kind == kindMAC && a.Key.Value == mac.String() }) {
		return false
	}
	return on.typedBy(c.atoms) && !on.typedBy(l.host(gateway))
}

// typedBy reports whether a host stated what kind of device the atom is.
func (a *atom) typedBy(host []*atom) bool {
	return slices.ContainsFunc(a.Facts, func(f fact) bool {
		return f.Attribute == protocols.DeviceType && slices.ContainsFunc(host, func(x *atom) bool { return x.ID == f.By })
	})
}

// interfaceOf reports whether a name is that of a host's interface: its MAC, or
// the EUI-64 that is made of it.
func (a *atom) interfaceOf(c candidate) bool {
	var mac string
	switch a.Key.Kind {
	case kindMAC:
		mac = a.Key.Value
	case kindEUI:
		mac = macOf(a.Key.Value).String()
	default:
		return false
	}
	return slices.ContainsFunc(c.atoms, func(x *atom) bool { return x.Key.Kind == kindMAC && x.Key.Value == mac })
}
