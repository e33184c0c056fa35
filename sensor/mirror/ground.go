package mirror

import (
	"slices"
	"time"

	"github.com/auscult/auscult/protocols"
)

// Declare changes what the tap should carry, and keeps what was learnt. Troubles that
// lose their ground by it are told as cleared at the next Hear; all others stand. The
// lists are the Mirror's afterwards.
func (m *Mirror) Declare(d Declared) {
	before := m.declared
	m.declared = d
	kept := map[protocols.Name]*awaited{}
	for _, p := range d.Expect {
		if kept[p] = m.expected[p]; kept[p] == nil {
			kept[p] = &awaited{}
		}
	}
	m.expected = kept
	m.moveUntagged(before)
	m.release(before)
	m.alarms.withdraw(d.founded)
}

// Retire ends a mirror whose tap is removed: all that is raised is told as cleared.
// at is the time of that; no trouble began after it. What was learnt can still be
// exported.
func (m *Mirror) Retire(at time.Time) []Change {
	m.alarms.withdraw(func(key) bool { return false })
	changes := m.alarms.farewell()
	for i, c := range changes {
		changes[i].Trouble.Since = earlier(c.Trouble.Since, at)
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return order(a.Trouble, b.Trouble) })
	return changes
}

// release lets go of VLANs that were taken out of the list: who does that is about to
// change the switch, or has, and their rate is no trouble. Without any list, a silence
// goes by what was heard.
func (m *Mirror) release(before Declared) {
	for id, l := range m.vlans {
		switch {
		case len(m.declared.VLANs) == 0 || m.declared.carries(id):
			l.released, l.leftover = false, 0
		case id != 0 && before.carries(id):
			l.released, l.leftover = true, l.total.Frames
		}
	}
	m.alarms.withdraw(func(k key) bool {
		l := m.vlans[k.vlan]
		return l == nil || !l.released || k.code != VLANSilent && k.code != SuddenlyLess && k.code != SuddenlyMore
	})
}

// moveUntagged follows untagged frames to another native VLAN, so that the line which
// they leave is not called silent.
func (m *Mirror) moveUntagged(before Declared) {
	was, is := before.of(0), m.declared.of(0)
	from := m.vlans[was]
	if was == is || from == nil {
		return
	}
	if was != 0 { // what of it came with its tag is not known
		from.rhythm.relearn()
		if to := m.vlans[is]; to != nil {
			to.rhythm.relearn()
		}
		return
	}
	to := m.vlan(is, m.last.At)
	to.total.Add(from.total)
	to.learnt, to.learntBytes = to.learnt+from.learnt, to.learntBytes+from.learntBytes
	if from.rhythm.Slow > to.rhythm.Slow {
		to.rhythm = from.rhythm
	}
	delete(m.vlans, 0)
}

// founded reports whether a trouble can hold under what is declared; what goes by
// what was heard alone can.
func (d Declared) founded(k key) bool {
	switch k.code {
	case VLANMissing:
		return k.vlan != d.RSPANVLAN && slices.Contains(d.VLANs, k.vlan)
	case VLANNotDeclared:
		return len(d.VLANs) > 0 && k.vlan != d.RSPANVLAN && !d.carries(k.vlan)
	case SessionMissing:
		return slices.Contains(d.Sessions, k.session)
	case SessionNotDeclared:
		return len(d.Sessions) > 0 && !slices.Contains(d.Sessions, k.session)
	case SessionsUndeclared:
		return d.asksSessions()
	case ProtocolMissing:
		return slices.Contains(d.Expect, k.protocol)
	case OneDirection:
		return d.bothWays()
	case PartOfPortChannel:
		return d.bothWays() && d.Links != 1
	}
	return d.tagFounded(k)
}

// tagFounded does so for what goes by tags.
func (d Declared) tagFounded(k key) bool {
	want := slices.DeleteFunc(slices.Clone(d.VLANs), func(v uint16) bool { return v == d.RSPANVLAN })
	switch k.code {
	case RSPANOverwritten:
		if d.RSPANVLAN == 0 {
			return len(want) > 1 && !d.carries(k.vlan)
		}
		return len(want) > 0 && k.vlan == d.RSPANVLAN
	case TagsStripped:
		return len(want) > 1 && d.NativeVLAN == 0
	case NativeUntagged:
		return slices.Contains(want, k.vlan) && d.NativeVLAN == 0
	case VLANSilent:
		return k.vlan != 0 || d.NativeVLAN == 0
	}
	return true
}
