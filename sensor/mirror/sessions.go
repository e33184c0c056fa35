package mirror

import (
	"fmt"
	"maps"
	"slices"

	"github.com/auscult/auscult/sensor"
)

// sessionsRaise is the share of frames in sessions, of at least minFrames, from which
// they are what the tap is for, and no tunnel that passes by.
const sessionsRaise, sessionsKeep = 0.5, 0.4

// asksSessions reports whether sessions could be declared, and none is. A mirror in an
// RSPAN VLAN has none.
func (d Declared) asksSessions() bool { return len(d.Sessions) == 0 && d.RSPANVLAN == 0 }

// inSessions reports whether most of the tap is wrapped in sessions that were not
// declared. Frames are then counted by the VLAN of the wrapping, which says nothing of
// the tags inside.
func (l *look) inSessions() bool {
	if !l.declared.asksSessions() {
		return false
	}
	p, ok := l.wrapped.judged(minFrames)
	if !ok {
		l.alarms.keep(l.at, key{code: SessionsUndeclared})
		return l.standing(SessionsUndeclared, 0)
	}
	if p.share() <= l.limit(SessionsUndeclared, 0, sessionsRaise, sessionsKeep) {
		return false
	}
	id, x := l.busiest()
	if x == nil {
		return false // none is known that could be named
	}
	l.tell(Trouble{Code: SessionsUndeclared, Check: fmt.Sprintf("The number of the session on its switch (show monitor session, erspan-id; or the network of the VXLAN tunnel). If this port is its destination, write sessions: [%d] for this tap; if the tunnel only passes by, nothing is wrong.", id)},
		"Most of what arrives on %s is wrapped in %s; declare it under sessions to see its VLANs one by one.", l.declared.Name, sessionName(id, x.by))
	return true
}

// busiest is the session with the most frames of those that are heard now.
func (l *look) busiest() (best uint32, most *session) {
	for _, id := range slices.Sorted(maps.Keys(l.sessions)) {
		x := l.sessions[id]
		if id != 0 && l.at.Sub(x.heard) < minListening && (most == nil || x.frames > most.frames) {
			best, most = id, x
		}
	}
	return best, most
}

func sessionName(id uint32, by sensor.Encapsulation) string {
	if by == sensor.VXLAN {
		return fmt.Sprintf("VXLAN network %d", id)
	}
	return fmt.Sprintf("ERSPAN session %d", id)
}
