package mirror

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/auscult/auscult/protocols"
)

const (
	// minListening is how long a VLAN or session may not be heard before it is
	// missing: broadcast alone (ARP, DHCP) comes many times in a quarter of an hour.
	minListening = 15 * time.Minute
	// longGone is when a VLAN of an earlier time counts as missing, though its own
	// rhythm was too slow to call it silent.
	longGone = 24 * time.Hour
	// minStrange is how many frames make a VLAN or session that was not declared:
	// fewer are leftovers of a change.
	minStrange = 1000
	// minUntagged is how many TCP segments must be followed in untagged traffic to
	// tell a native VLAN from the BPDUs and LLDP of every trunk.
	minUntagged = 100
	// Shares of the present rate.
	oneTag       = 0.95 // under the declared RSPAN VLAN
	oneTagSure   = 0.99 // under one that was not declared
	allUntagged  = 0.95
	someUntagged = 0.02
)

// judged reports whether enough was heard for an absence to mean something.
func (l *look) judged() bool { return l.listened >= minListening && l.frames >= minFrames }

// absent reports whether a VLAN has not been heard for a time.
func (l *look) absent(vlan uint16, long time.Duration) bool {
	v := l.vlans[vlan]
	return v == nil || v.rhythm.Heard.IsZero() || l.at.Sub(v.rhythm.Heard) >= long
}

// rate is the share of the present frames that come under a VLAN.
func (l *look) rate(vlan uint16) float64 {
	v, all := l.vlans[vlan], 0.0
	for _, o := range l.vlans {
		all += o.rhythm.Fast
	}
	if v == nil || all == 0 || v.total.Frames+v.total.DuplicateFrames < minStrange {
		return 0
	}
	return v.rhythm.Fast / all
}

// tags finds what the way to the sensor did to all tags. Then a VLAN that is missing
// needs no trouble of its own.
func (l *look) tags() bool {
	if !l.judged() {
		l.alarms.keepCode(l.at, RSPANOverwritten)
		l.alarms.keepCode(l.at, TagsStripped)
		l.alarms.keepCode(l.at, NativeUntagged)
		return false
	}
	var gone, want []uint16
	for _, v := range l.declared.VLANs {
		if v == l.declared.RSPANVLAN {
			continue
		}
		want = append(want, v)
		if l.absent(v, minListening) {
			gone = append(gone, v)
		}
	}
	if len(gone) == 0 {
		return false
	}
	if len(gone) == len(want) && (l.overwritten(want) || l.stripped(want)) {
		return true
	}
	l.native(gone)
	return false
}

func (l *look) overwritten(want []uint16) bool {
	tag, sure := l.declared.RSPANVLAN, oneTag
	if tag == 0 {
		tag, sure = l.dominant(), oneTagSure
	}
	if tag == 0 || len(want) < 2 && l.declared.RSPANVLAN == 0 || l.rate(tag) < sure {
		return false
	}
	whose := "the RSPAN VLAN"
	if l.declared.RSPANVLAN == 0 {
		whose = "which was not declared"
	}
	l.tell(Trouble{Code: RSPANOverwritten, VLAN: tag, Check: "Many switches overwrite the tag of a frame with the RSPAN VLAN (Catalyst does; encapsulation replicate is for local SPAN only). To keep VLANs, use a local session with encapsulation replicate, ERSPAN, or a switch that adds a second tag."},
		"Everything on %s arrives under VLAN %d, %s, and none of the declared VLANs is heard: their tags were overwritten.", l.declared.Name, tag, whose)
	return true
}

// dominant is the tag with the highest rate, 0 where it was declared.
func (l *look) dominant() uint16 {
	var best uint16
	for id, v := range l.vlans {
		if id != 0 && (best == 0 || v.rhythm.Fast > l.vlans[best].rhythm.Fast) {
			best = id
		}
	}
	if l.declared.carries(best) {
		return 0
	}
	return best
}

func (l *look) stripped(want []uint16) bool {
	if len(want) < 2 || !l.untagged() || l.rate(0) < allUntagged {
		return false
	}
	l.tell(Trouble{Code: TagsStripped, Check: "The encapsulation of the destination port: without it, many switches send copies untagged (monitor session … destination interface … encapsulation replicate, or dot1q)."},
		"Everything on %s arrives without a VLAN tag, and none of the %d declared VLANs is heard: the switch takes the tags off.", l.declared.Name, len(want))
	return true
}

// untagged reports whether hosts speak in untagged traffic.
func (l *look) untagged() bool {
	v := l.vlans[0]
	return l.declared.NativeVLAN == 0 && v != nil && v.total.Segments >= minUntagged
}

// native finds the one declared VLAN that is missing while hosts speak untagged.
func (l *look) native(gone []uint16) {
	if len(gone) != 1 || !l.untagged() || l.rate(0) < someUntagged {
		return
	}
	l.tell(Trouble{Code: NativeUntagged, VLAN: gone[0], Check: fmt.Sprintf("The native VLAN of the mirrored trunk, or the VLAN of the access port (show interfaces trunk; switchport trunk native vlan). If it is %d, write native_vlan: %d for this tap.", gone[0], gone[0])},
		"VLAN %d is declared on %s and not heard, while hosts speak there without a tag: it may be the native VLAN.", gone[0], l.declared.Name)
}

func (l *look) missingVLANs() {
	if !l.judged() {
		l.alarms.keepCode(l.at, VLANMissing)
		return
	}
	for _, v := range l.declared.VLANs {
		if v == l.declared.RSPANVLAN || !l.absent(v, longGone) || l.standing(VLANSilent, v) || l.told(NativeUntagged, v) {
			continue
		}
		l.tell(Trouble{Code: VLANMissing, VLAN: v, Check: "Whether the VLAN exists on the mirrored switch, is allowed on the trunk, and is a source of the session or passes its filter (show vlan; show interfaces trunk; show monitor session)."},
			"VLAN %d is declared on %s and is not heard.", v, l.declared.Name)
	}
}

// told reports whether a trouble was found at this look.
func (l *look) told(c Code, vlan uint16) bool {
	return slices.ContainsFunc(l.found, func(t Trouble) bool { return t.Code == c && t.VLAN == vlan })
}

func (l *look) strangeVLANs() {
	if len(l.declared.VLANs) == 0 {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(l.vlans)) {
		v := l.vlans[id]
		if id == 0 || id == l.declared.RSPANVLAN || l.declared.carries(id) || l.at.Sub(v.rhythm.Heard) >= longGone {
			continue
		}
		if v.total.Frames-v.leftover < minStrange {
			l.alarms.keep(l.at, key{code: VLANNotDeclared, vlan: id})
			continue
		}
		if !l.room(key{code: VLANNotDeclared, vlan: id}) {
			continue
		}
		l.tell(Trouble{Code: VLANNotDeclared, VLAN: id, Check: fmt.Sprintf("If it belongs here, add %d to vlans of this tap; if not, filter it out of the session (monitor session … filter vlan): it takes room on the mirror.", id)},
			"VLAN %d is heard on %s and was not declared.", id, l.declared.Name)
	}
}

func (l *look) missingSessions() {
	for _, id := range l.declared.Sessions {
		x, k := l.sessions[id], key{code: SessionMissing, session: id}
		if !l.judged() && (x == nil || x.heard.IsZero()) {
			l.alarms.keep(l.at, k)
			continue
		}
		if x != nil && l.at.Sub(x.heard) < minListening {
			continue
		}
		l.tell(Trouble{Code: SessionMissing, Session: id, Check: "The session on its switch (show monitor session): its number (erspan-id), its destination address, that it is not shut down; and the route and access lists between that switch and this port."},
			"Mirror session %d is declared on %s and is not heard.", id, l.declared.Name)
	}
}

func (l *look) strangeSessions() {
	if len(l.declared.Sessions) == 0 {
		return
	}
	if !l.judged() {
		l.alarms.keepCode(l.at, SessionNotDeclared)
	}
	for _, id := range slices.Sorted(maps.Keys(l.sessions)) {
		x := l.sessions[id]
		if slices.Contains(l.declared.Sessions, id) || x.frames < minStrange || l.at.Sub(x.heard) >= longGone || !l.room(key{code: SessionNotDeclared, session: id}) {
			continue
		}
		l.tell(Trouble{Code: SessionNotDeclared, Session: id, Check: fmt.Sprintf("If it belongs here, add %d to sessions of this tap; if not, look which switch sends it.", id)},
			"Mirror session %d (%s) is heard on %s and was not declared.", id, x.by, l.declared.Name)
	}
}

// patienceFor is how long, and for how many frames, a protocol is waited for. ARP is
// on every wire. The clinical ones may rest at night: a day passes before they are
// missed.
func patienceFor(p protocols.Name) (time.Duration, uint64) {
	if p == protocols.ARP {
		return time.Hour, minFrames
	}
	return 24 * time.Hour, 10 * minFrames
}

func (l *look) missingProtocols() {
	for _, p := range slices.Sorted(maps.Keys(l.expected)) {
		a := l.expected[p]
		long, frames := patienceFor(p)
		if a.Listened < long || a.Frames < frames {
			continue
		}
		l.tell(Trouble{Code: ProtocolMissing, Protocol: p, Check: "Whether the VLAN and the ports where it is spoken are sources of this mirror, in both directions, and whether it is spoken in TLS there."},
			"%s is expected on %s and was not heard in %s of listening.", p, l.declared.Name, Spell(a.Listened))
	}
}

// links says how many links should be mirrored.
func (l *look) links() string {
	if l.declared.Links > 1 {
		return fmt.Sprintf(": fewer than the %d declared links of the port-channel are mirrored", l.declared.Links)
	}
	return ", as when one link of a port-channel is mirrored"
}

// bySession sorts sessions for the report.
func bySession(a, b Session) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.By, b.By))
}
