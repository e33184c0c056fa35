package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
)

// disruptive reports whether the work can take the device from its patient.
func disruptive(a inventory.Activity) bool {
	return a != inventory.ContactVendor && a != inventory.Inspect
}

// start computes the second gate. What the device is doing counts whatever the
// activity, so that everybody who reads the order sees it.
func (d *decision) start() {
	g := &d.out.Start.Gate
	if h, held := d.useHold(); held {
		d.hold(g, h)
	}
	if disruptive(d.out.Activity) {
		d.calendar()
		d.secondRelease()
	}
	g.OK = len(g.Holds) == 0
}

// useState is what the device is doing now: that of its worst channel, unknown
// once the statement has expired.
func (d *decision) useState() protocols.UseState {
	u := &d.in.Device.Use
	if u.ObservedAt.IsZero() || (!u.ExpiresAt.IsZero() && !d.in.Now.Before(u.ExpiresAt)) {
		return protocols.UnknownUse
	}
	worst := u.State
	for _, c := range u.Channels {
		if badness(c.State) > badness(worst) {
			worst = c.State
		}
	}
	if badness(worst) == badness(protocols.UnknownUse) {
		return protocols.UnknownUse
	}
	return worst
}

// badness orders states; one that is not in the closed set is unknown.
func badness(s protocols.UseState) int {
	switch s {
	case protocols.Idle:
		return 0
	case protocols.Off:
		return 1
	case protocols.Standby:
		return 2
	case protocols.InUse:
		return 4
	}
	return 3
}

// useHold says whether the device's use holds the work. A person's word at the
// bedside counts against it; against what the device itself says only when it is
// newer.
func (d *decision) useHold() (remediation.Hold, bool) {
	state := d.useState()
	a := d.in.Attestation
	if state != protocols.Idle && a.holds(d.in.Now) && (state != protocols.InUse || a.At.After(d.in.Device.Use.ObservedAt)) {
		d.say("%s attests that the device is free, until %s.", a.By, clock(a.end()))
		return remediation.Hold{}, false
	}
	switch state {
	case protocols.Idle:
		d.say("The device is idle by its own word of %s.", clock(d.in.Device.Use.ObservedAt))
		return remediation.Hold{}, false
	case protocols.InUse:
		return remediation.Hold{Code: remediation.InUse, Says: "The device is in use; the work waits until it is free."}, true
	case protocols.Standby:
		return remediation.Hold{Code: remediation.OnStandby, Says: "The device is on standby and may still be attached to a patient; a person at the bedside must release it."}, true
	case protocols.Off:
		return remediation.Hold{Code: remediation.OnStandby, Says: "The device is off and may still be attached to a patient; a person at the bedside must release it."}, true
	}
	return remediation.Hold{Code: remediation.UseUnknown, Says: "Whether the device is in use is not known, which counts as in use; a person at the bedside must release it."}, true
}

// calendar holds disruptive work outside the department's windows and inside a
// blackout, and names the next window.
func (d *decision) calendar() {
	c := d.in.Calendar
	d.out.Start.Window = nextWindow(c.Windows, d.in.Now)
	for _, b := range sortedWindows(c.Blackouts) {
		if inside(b, d.in.Now) {
			d.hold(&d.out.Start.Gate, remediation.Hold{Code: remediation.OutsideWindow, Until: b.To, Says: "No disruptive work now: " + firstOf(b.Why, "blackout") + "."})
			return
		}
	}
	if len(c.Windows) == 0 || slices.ContainsFunc(c.Windows, func(w remediation.Window) bool { return inside(w, d.in.Now) }) {
		return
	}
	h := remediation.Hold{Code: remediation.OutsideWindow, Says: "The department allows disruptive work only in its windows, and none is known ahead."}
	if w := d.out.Start.Window; w != nil {
		h.Until, h.Says = w.From, fmt.Sprintf("The department allows disruptive work only in its windows; the next begins %s.", clock(w.From))
	}
	d.hold(&d.out.Start.Gate, h)
}

// inside reports whether t lies in the window; an open end never closes it.
func inside(w remediation.Window, t time.Time) bool {
	return !t.Before(w.From) && (w.To.IsZero() || t.Before(w.To))
}

func sortedWindows(list []remediation.Window) []remediation.Window {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b remediation.Window) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		if c := a.To.Compare(b.To); c != 0 {
			return c
		}
		return strings.Compare(a.Why, b.Why)
	})
	return list
}

// nextWindow is the window that is open, or the next to open.
func nextWindow(list []remediation.Window, now time.Time) *remediation.Window {
	for _, w := range sortedWindows(list) {
		if inside(w, now) || w.From.After(now) {
			return &w
		}
	}
	return nil
}

// secondRelease holds work on a device that supports life, or whose use asks for
// great care, until two people have released it.
func (d *decision) secondRelease() {
	a := d.in.Device.Asset
	lifeSupport := a != nil && a.LifeSupport
	if !lifeSupport && d.in.Device.Use.Caution != inventory.CautionHigh {
		return
	}
	second := d.in.SecondRelease
	first := d.in.Attestation
	if second.holds(d.in.Now) && first.holds(d.in.Now) && !sameText(first.By, second.By) {
		d.say("%s and %s have released the device.", first.By, second.By)
		return
	}
	why := "The device supports life"
	if !lifeSupport {
		why = "The use of the device asks for great care"
	}
	d.hold(&d.out.Start.Gate, remediation.Hold{Code: remediation.SecondRelease, Says: why + "; two people at the bedside must release it."})
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
