package mirror

import (
	"fmt"
	"time"
)

// What silence of a whole tap means something before its rhythm is known.
const (
	nothingAfter = time.Minute     // never a frame: even an idle switch port sends BPDUs each two seconds
	silentAfter  = 5 * time.Minute // once heard, and no rhythm known
	// forgetSilence is when a VLAN that was not declared is no longer missed.
	forgetSilence = 7 * 24 * time.Hour
)

// look is one look at a mirror: what is found there at one time.
type look struct {
	*Mirror
	at    time.Time
	speed uint64
	found []Trouble
	fresh map[Code]int // found, and not known before
}

func (m *Mirror) diagnose(s Snapshot) []Trouble {
	l := &look{Mirror: m, at: s.At, speed: s.Speed, fresh: map[Code]int{}}
	m.alarms.over = 0
	if l.dead(s.LinkUp) {
		l.keepRest(s.LinkUp)
		return l.found
	}
	l.vlanSilence()
	l.different()
	l.lossHere()
	l.lossBefore()
	l.oversubscribed()
	l.duplicates()
	l.oneSided()
	if l.inSessions() || !l.tags() { // the tags inside a session are as the switch sent them
		l.missingVLANs()
		l.strangeVLANs()
	}
	l.missingSessions()
	l.strangeSessions()
	l.missingProtocols()
	l.encrypted()
	l.shortened()
	return l.found
}

// keepRest leaves what stands as it is, but for what is seen to be over.
func (l *look) keepRest(up bool) {
	var over []Code
	if up {
		over = append(over, LinkDown)
	}
	if l.frames > 0 {
		over = append(over, NothingHeard)
	}
	l.alarms.keepAll(l.at, over...)
}

func (l *look) tell(t Trouble, format string, args ...any) {
	t.Says = fmt.Sprintf(format, args...)
	l.found = append(l.found, t)
}

// room reports whether one more trouble of its code can be told; what cannot is
// counted, and costs no words.
func (l *look) room(k key) bool {
	if l.alarms.all[k] != nil {
		return true
	}
	if l.alarms.count[k.code]+l.fresh[k.code] >= maxPerCode {
		l.alarms.over++
		return false
	}
	l.fresh[k.code]++
	return true
}

// standing reports whether a trouble of the whole tap, or of a VLAN, is raised.
func (l *look) standing(c Code, vlan uint16) bool {
	_, ok := l.alarms.raised(key{code: c, vlan: vlan})
	return ok
}

// limit is a threshold: what raises a trouble, or the lower one that keeps it.
func (l *look) limit(c Code, vlan uint16, raise, keep float64) float64 {
	if l.standing(c, vlan) {
		return keep
	}
	return raise
}

// dead reports whether nothing arrives: what else stands is then left as it is.
func (l *look) dead(up bool) bool {
	switch {
	case !up:
		l.tell(Trouble{Code: LinkDown, Check: "The cable and the transceiver at both ends, and that the switch port is not shut down (show interface; a SPAN destination shows \"monitoring\")."},
			"The interface of %s has no link.", l.declared.Name)
		return true
	case l.frames == 0:
		return l.nothing()
	}
	return l.tapSilence()
}

const checkSession = "The mirror session: is it enabled, has it sources, is this port its destination, was it lost at a restart of the switch? (show monitor session)"

func (l *look) nothing() bool {
	if l.listened >= nothingAfter || l.standing(NothingHeard, 0) {
		l.tell(Trouble{Code: NothingHeard, Since: l.opened, Check: checkSession},
			"%s has a link and has heard nothing for %s.", l.declared.Name, Spell(l.at.Sub(l.opened)))
	}
	return true
}

func (l *look) tapSilence() bool {
	r, k := &l.tap.rhythm, key{code: TapSilent}
	limit := silentAfter
	if r.steady() {
		limit = r.patience()
	}
	silent := l.at.Sub(r.since) > limit
	if since, ok := l.alarms.raised(k); ok {
		silent = !r.Heard.After(since) // whatever the link did meanwhile
	}
	if silent {
		l.tell(Trouble{Code: TapSilent, Since: r.Heard, Check: checkSession}, "%s has been silent for %s.", l.declared.Name, Spell(l.at.Sub(r.Heard)))
	}
	return silent
}

// vlanSilence finds VLANs that were heard steadily and are heard no more. A VLAN's
// pause is counted up to the last frame of the tap, so that a mirror which is silent
// as a whole is told once.
func (l *look) vlanSilence() {
	for id, v := range l.vlans {
		if v.released {
			continue
		}
		r := &v.rhythm
		silent := r.steady() && !r.Heard.IsZero() && l.tap.rhythm.since.Sub(r.since) > r.patience()
		if since, ok := l.alarms.raised(key{code: VLANSilent, vlan: id}); ok {
			silent = !r.Heard.After(since) && (l.declared.carries(id) || l.at.Sub(since) < forgetSilence)
		}
		if silent {
			l.tell(Trouble{Code: VLANSilent, VLAN: id, Since: r.Heard,
				Check: "Whether the VLAN is still a source of the mirror session and still allowed on the mirrored trunk (show monitor session; show interfaces trunk)."},
				"%s was heard steadily on %s and has been silent for %s.", vlanName(id), l.declared.Name, Spell(l.at.Sub(r.Heard)))
		}
	}
}

// different finds rates far beyond all that this hour is known to have. What is true
// of the whole tap is not told of each VLAN too.
func (l *look) different() {
	if l.differs(0, &l.tap.rhythm) {
		l.alarms.keepCode(l.at, SuddenlyLess)
		l.alarms.keepCode(l.at, SuddenlyMore)
		return
	}
	for id, v := range l.vlans {
		if id != 0 && !v.released && !l.standing(VLANSilent, id) && (!l.leans() || l.standing(SuddenlyLess, id) || l.standing(SuddenlyMore, id)) {
			l.differs(id, &v.rhythm)
		}
	}
}

// leans reports whether the tap itself is half way to be called different: it may be
// about to be told as a whole.
func (l *look) leans() bool {
	r := &l.tap.rhythm
	low, high, ok := r.usual(l.at)
	return ok && (r.Fast < 2*low/differentFactor || r.Fast > high*differentFactor/2)
}

func (l *look) differs(id uint16, r *rhythm) bool {
	low, high, ok := r.usual(l.at)
	if !ok || r.Age < minSteadyAge {
		l.alarms.keep(l.at, key{code: SuddenlyLess, vlan: id})
		l.alarms.keep(l.at, key{code: SuddenlyMore, vlan: id})
		return false
	}
	what := l.named(id)
	switch {
	case r.Fast < low/l.limit(SuddenlyLess, id, differentFactor, differentFactor/2):
		l.tell(Trouble{Code: SuddenlyLess, VLAN: id, Check: "Whether a source was removed from the mirror session, a filter was added to it, or a mirrored link went down (show monitor session; show interfaces status)."},
			"%s carries %s frames a second; at least %s is usual at this hour.", what, number(r.Fast), number(low))
	case r.Fast > high*l.limit(SuddenlyMore, id, differentFactor, differentFactor/2):
		l.tell(Trouble{Code: SuddenlyMore, VLAN: id, Check: "Whether a source was added to the mirror session, or a host sends far more than it did: a loop, a scan, a backup."},
			"%s carries %s frames a second; at most %s is usual at this hour.", what, number(r.Fast), number(high))
	default:
		return false
	}
	return true
}

// named is the tap, or a VLAN of it.
func (l *look) named(id uint16) string {
	if id == 0 {
		return l.declared.Name
	}
	return vlanName(id) + " on " + l.declared.Name
}

func vlanName(id uint16) string {
	if id == 0 {
		return "Untagged traffic"
	}
	return fmt.Sprintf("VLAN %d", id)
}

// number writes a rate for people.
func number(rate float64) string {
	if rate < 10 {
		return fmt.Sprintf("%.1f", rate)
	}
	return fmt.Sprintf("%.0f", rate)
}

// Spell writes a length of time for people, in its largest unit.
func Spell(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
