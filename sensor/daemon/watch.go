package daemon

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor/mirror"
)

// lossShare is the share of frames lost between two looks that is worth telling:
// one in a thousand breaks about one long message in ten.
const lossShare = 0.001

// watched remembers what was told of a tap, so that each thing is told once.
type watched struct {
	on          string // its interface
	told        string // silent | down; "" when it hears, as far as was told
	since       time.Time
	note        string
	transmitted uint64
	frames      uint64
	lost        uint64
}

// watchTaps tells the log and the SIEM when a tap falls silent or hears again, loses
// frames, or, which must never be, lets one out; and what changed on its mirror.
func (d *daemon) watchTaps() {
	now, there := d.clock.now(), map[string]bool{}
	d.taps.each(func(t heardTap) {
		there[t.declared.Name] = true
		d.seen[t.declared.Name] = d.tellTap(t, d.seen[t.declared.Name], now)
	})
	for _, x := range d.taps.changed() {
		for _, c := range x.changes {
			d.tellMirror(x.declared, c)
		}
	}
	for name, w := range d.seen {
		if !there[name] {
			delete(d.seen, name)
			d.say(event{id: "tap.removed", severity: notice, when: now, says: name + " is declared no longer.", fields: map[string]string{"tap": name, "interface": w.on}})
		}
	}
}

// tellMirror tells what was raised of a mirror, and what was cleared. That a tap is
// silent or down is told as the state of the tap.
func (d *daemon) tellMirror(t configs.Tap, c mirror.Change) {
	if isState(c.Trouble.Code) || c.Trouble.Code == mirror.LossHere {
		return
	}
	fields := fieldsOf(t)
	fields["cause"] = string(c.Trouble.Code)
	if c.Trouble.VLAN != 0 {
		fields["vlan"] = strconv.Itoa(int(c.Trouble.VLAN))
	}
	e := event{id: "mirror.cleared", severity: notice, when: d.clock.now(), says: "It is over: " + c.Trouble.Says, fields: fields}
	if c.Raised {
		e.id, e.says = "mirror.raised", toldWithCheck(c.Trouble)
		if c.Trouble.Severity == mirror.Warning {
			e.severity = warning
		}
	}
	d.say(e)
}

func fieldsOf(t configs.Tap) map[string]string {
	return map[string]string{"tap": t.Name, "interface": t.Interface}
}

func (d *daemon) tellTap(t heardTap, w watched, now time.Time) watched {
	s, name := t.total(), t.declared.Name
	if w.on != t.declared.Interface { // it counts anew
		w.transmitted, w.frames, w.lost = 0, 0, 0
	}
	w.on = t.declared.Interface
	if s.Transmitted > w.transmitted {
		d.say(event{id: "transmit.alarm", severity: alarm, when: now, says: "A frame left the capture interface of " + name + ".", fields: fieldsOf(t.declared)})
	}
	d.tellState(t, &w, now)
	d.tellName(t, &w, now)
	frames := s.Frames + s.ShuntedFrames
	lost, heard := lostFrames(s)-w.lost, frames-w.frames
	if lost > 0 && ratio(lost, lost+heard) > lossShare {
		fields := fieldsOf(t.declared)
		fields["dropped"], fields["count"] = strconv.FormatUint(lost, 10), strconv.FormatUint(heard, 10)
		d.say(event{id: "capture.loss", severity: warning, when: now, says: name + " loses frames before they are read.", fields: fields})
	}
	w.transmitted, w.frames, w.lost = s.Transmitted, frames, lostFrames(s)
	return w
}

// tellState tells of an outage when it begins and when it is over. A tap that waits
// for its first frame is in neither.
func (d *daemon) tellState(t heardTap, w *watched, now time.Time) {
	state, says := t.hearing(now)
	e := event{id: "tap." + state, severity: warning, when: now, says: says, fields: fieldsOf(t.declared)}
	switch {
	case state == "waiting" || state == w.told || state == "hears" && w.told == "":
		return
	case state == "hears":
		e.severity, e.says = notice, t.declared.Name+" hears again, after "+short(now.Sub(w.since))
		w.told = ""
	default:
		if w.told == "" {
			w.since = t.quietSince()
		}
		w.told = state
	}
	d.say(e)
}

// tellName tells once that the interface has another name: at the next start it would
// not be found.
func (d *daemon) tellName(t heardTap, w *watched, now time.Time) {
	if !t.up || t.note == w.note {
		return
	}
	if w.note = t.note; t.note != "" {
		d.say(event{id: "tap.renamed", severity: warning, when: now, says: t.declared.Name + ": " + t.note + ".", fields: fieldsOf(t.declared)})
	}
}

// say logs an event and tells the SIEM.
func (d *daemon) say(e event) {
	level := [...]slog.Level{slog.LevelError, slog.LevelWarn, slog.LevelInfo}[e.severity]
	d.log.Log(context.Background(), level, e.says, "event", e.id)
	d.export.tell(e)
}

// heartbeat tells the SIEM at intervals that the sensor lives and what it lost.
func (d *daemon) heartbeat(at time.Time) {
	var frames, lost uint64
	d.taps.each(func(t heardTap) {
		s := t.total()
		frames, lost = frames+s.Frames+s.ShuntedFrames, lost+lostFrames(s)
	})
	fields := map[string]string{"count": strconv.FormatUint(frames, 10), "dropped": strconv.FormatUint(lost, 10)}
	d.export.tell(event{id: "heartbeat", severity: notice, when: at, says: "The sensor listens.", fields: fields})
}
