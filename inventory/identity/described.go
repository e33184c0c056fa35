package identity

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// described returns the atom of a device that somebody speaks for: nobody speaks
// for it from an address that no host can have.
func (l *Ledger) described(o protocols.Observation, speaker *atom) *atom {
	if speaker == nil {
		l.stats.Unkeyed++
		return nil
	}
	t := l.tupleOf(o.Facts)
	subject := l.machineBySerial(o, t, speaker)
	if subject == nil {
		subject = l.name(o, speaker)
	}
	if subject == nil {
		l.stats.Unkeyed++
		return nil
	}
	l.describes(speaker, subject, o)
	if o.About.Component != "" && !l.foreign(subject, speaker) {
		l.component(o, subject, speaker)
	}
	return subject
}

// component says of which whole a described part is.
func (l *Ledger) component(o protocols.Observation, subject, speaker *atom) {
	for _, k := range [...]kind{kindEUI, kindUID} {
		if whole := l.keys[key{Site: o.Site, Kind: k, Value: o.About.Component}]; whole != nil && whole != subject {
			subject.Parent = whole.ID
			return
		}
	}
	for _, whole := range l.serials[serialKey{o.Site, fold(o.About.Component)}] {
		if whole != subject && (speaker == nil || whole.via(speaker.ID) || whole.claimedBy(speaker.ID, claimSelf)) {
			subject.Parent = whole.ID
			return
		}
	}
}

// names are the attributes that are keys by themselves, the strongest first.
var names = [...]struct {
	attribute protocols.Attribute
	kind      kind
}{
	{protocols.UDI, kindUDI}, {protocols.EUI64, kindEUI}, {protocols.DeviceUID, kindUID}, {protocols.DeviceLabel, kindLabel},
	{protocols.SerialLine, kindLine},
}

// local reports the names that mean something only where they were said, and by
// whom: a label is the hospital's own, a line is one of a serial device server.
func (k kind) local() bool { return k == kindLabel || k == kindLine }

// name returns the atom of the strongest name among the facts.
func (l *Ledger) name(o protocols.Observation, speaker *atom) *atom {
	for _, n := range names {
		if v := value(o.Facts, n.attribute); v != "" {
			return l.nameAtom(o, n.kind, v, speaker)
		}
	}
	return nil
}

func (l *Ledger) nameAtom(o protocols.Observation, k kind, v string, speaker *atom) *atom {
	named := key{Site: o.Site, Kind: k, Value: v}
	if k.local() {
		named.Tap = o.Tap
		if speaker != nil {
			named.Value += " by " + speaker.ID
		}
	}
	a := l.atom(named, o.Tap, o.When)
	if k != kindEUI || a == nil {
		return a
	}
	if m := l.keys[macKey(o.Site, o.Tap, macOf(v))]; m != nil && m.Spoke {
		l.claim(a, m, claimSelf, o.When)
	}
	return a
}

// joinEUI lets an interface that spoke claim the EUI-64 that is made of its MAC.
func (l *Ledger) joinEUI(m *atom, when time.Time) {
	if named := l.keys[key{Site: m.Key.Site, Kind: kindEUI, Value: m.euiOfMAC()}]; named != nil {
		l.claim(named, m, claimSelf, when)
	}
}
