package daemon

import (
	"strconv"
	"time"

	"github.com/auscult/auscult/sensor/mirror"
	"github.com/auscult/auscult/sensor/web"
)

// lossShare is the share of frames lost between two looks that is worth telling:
// one in a thousand breaks about one long message in ten.
const lossShare = 0.001

// watched remembers what was told of a tap, so that each thing is told once.
type watched struct {
	state       string
	transmitted uint64
	frames      uint64
	lost        uint64
}

// watchTaps tells the SIEM when a tap falls silent or hears again, loses frames,
// or, which must never be, lets one out.
func (d *daemon) watchTaps() {
	changes := d.taps.changed()
	for _, t := range d.house.Coverage().Taps {
		before, known := d.seen[t.Name]
		d.tellTap(t, before, known)
		d.seen[t.Name] = watched{t.State, t.Transmitted, t.Frames, t.Lost}
		for _, c := range changes[t.Name] {
			d.tellMirror(t, c)
		}
	}
}

// tellMirror tells what was raised of a mirror, and what was cleared. That a tap is
// silent or down is told as the state of the tap.
func (d *daemon) tellMirror(t web.Tap, c mirror.Change) {
	switch c.Trouble.Code {
	case mirror.LinkDown, mirror.TapSilent, mirror.NothingHeard, mirror.LossHere:
		return
	}
	fields := map[string]string{"tap": t.Name, "interface": t.Interface, "cause": string(c.Trouble.Code)}
	if c.Trouble.VLAN != 0 {
		fields["vlan"] = strconv.Itoa(int(c.Trouble.VLAN))
	}
	e := event{id: "mirror.cleared", severity: notice, when: d.clock.now(), says: "It is over: " + c.Trouble.Says, fields: fields}
	if c.Raised {
		e.id, e.says = "mirror.raised", c.Trouble.Says+" "+c.Trouble.Check
		if c.Trouble.Severity == mirror.Warning {
			e.severity = warning
		}
	}
	d.say(e)
}

func (d *daemon) tellTap(t web.Tap, before watched, known bool) {
	now := d.clock.now()
	fields := map[string]string{"tap": t.Name, "interface": t.Interface}
	if t.Transmitted > before.transmitted {
		d.say(event{id: "transmit.alarm", severity: alarm, when: now, says: "A frame left the capture interface of " + t.Name + ".", fields: fields})
	}
	if known && t.State != before.state {
		sev := warning
		if t.State == "hears" {
			sev = notice
		}
		d.say(event{id: "tap." + t.State, severity: sev, when: now, says: t.Says, fields: fields})
	}
	lost, heard := t.Lost-before.lost, t.Frames-before.frames
	if lost > 0 && ratio(lost, lost+heard) > lossShare {
		fields["dropped"], fields["count"] = strconv.FormatUint(lost, 10), strconv.FormatUint(heard, 10)
		d.say(event{id: "capture.loss", severity: warning, when: now, says: t.Name + " loses frames before they are read.", fields: fields})
	}
}

// say logs an event and tells the SIEM.
func (d *daemon) say(e event) {
	d.log.Warn(e.says, "event", e.id)
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
