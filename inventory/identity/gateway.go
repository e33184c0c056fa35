package identity

import (
	"slices"
	"time"

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
