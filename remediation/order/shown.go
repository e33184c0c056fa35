package order

import (
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
)

// LastStatement returns when the device last said on the wire what the finding
// stands on: one of the software versions that it has now, where the version
// decides; anything, where the condition is gone when it is no longer heard. That
// a device is heard at all does not repeat its version, so an old version proves
// nothing about work done since. That a finding is gone is not stated at all while
// it is in dispute which device speaks: then the time is zero.
func LastStatement(d inventory.Device, f remediation.Finding) time.Time {
	if !f.Open() && disputed(d) {
		return time.Time{}
	}
	switch f.Predicate.Kind {
	case "version-outside":
		var last time.Time
		for _, e := range d.Evidence {
			// What the register says is no statement of the device, and a version that
			// it does not have now is history or another host's word.
			if e.Attribute == string(protocols.SoftwareVersion) && e.Protocol != "register" && slices.Contains(d.SoftwareVersions, e.Value) {
				last = later(last, e.LastSeen)
			}
		}
		return last
	case "gone":
		return d.LastSeen
	}
	return time.Time{}
}

// disputed reports whether it is contradictory which device this is: another host
// or record has its serial number, address or AE title, or it is stated to be two
// things. Package finding goes by the same rule before it resolves.
func disputed(d inventory.Device) bool {
	return slices.ContainsFunc(d.Conflicts, func(c inventory.Conflict) bool {
		switch c.Code {
		case "serial_placeholder", "register_serial_unreadable", "register_duplicate", "register_ip_differs":
			return false // leave open what the register says, not which device speaks
		case "register_keys_disagree":
			return true
		}
		switch protocols.Attribute(c.Attribute) {
		case protocols.SerialNumber, protocols.Model, protocols.Manufacturer, protocols.IPAddress, protocols.AETitle:
			return true
		}
		return false
	})
}

// verdict is what the findings of one order show together.
type verdict struct {
	known, open, accepted, mitigated int
	onPaper                          int       // gone by the register's word alone
	byPerson                         int       // gone, but of a kind that no version shows
	unheard                          int       // gone, but not said since the work, or not believed
	present                          time.Time // when an open one was last heard after the work
	heard                            time.Time // the last statement about any of them
	least                            time.Time // the earliest of their last statements
}

func judge(r *record, seen Seen) verdict {
	var v verdict
	for _, id := range r.Findings {
		f, ok := seen.Findings[id]
		if !ok {
			continue
		}
		v.known++
		at := seen.Heard(f)
		v.heard = later(v.heard, at)
		if v.known == 1 || at.Before(v.least) {
			v.least = at
		}
		switch {
		case f.Open():
			v.open++
			if f.Verifiable == remediation.ByWire && at.After(r.DoneAt.Add(SettleTime)) {
				v.present = later(v.present, at)
			}
		case f.Status == remediation.Accepted:
			v.accepted++
		case f.Status == remediation.Mitigated:
			v.mitigated++
		case f.Basis == remediation.OnRegister && !at.After(r.OpenedAt):
			v.onPaper++
		case f.Predicate.Kind == "attest":
			v.byPerson++
		case !at.After(r.DoneAt): // zero while nothing was reported
			v.unheard++
		}
	}
	return v
}

// neverTold reports whether nobody was told of the order, and nobody is being told.
func (r *record) neverTold() bool {
	return r.CMMS.RemoteID == "" && (r.unsent() || r.State == remediation.StateRejected)
}

// reported reports whether somebody said that the work is done, and did not take
// it back.
func (r *record) reported() bool { return !r.DoneAt.IsZero() }

func (w *work) observe(r *record, seen Seen) error {
	if r.State == remediation.StateWorkDone {
		r.Verification.State = pending
		w.change(r, Verifying, byUs, remediation.StateVerifying, verifyingSays(r))
	}
	v := judge(r, seen)
	switch {
	case v.known < len(r.Findings) || v.known == 0:
		return w.silent(r) // something is not known; nothing is concluded
	case v.open > 0:
		return w.stillOpen(r, v)
	case v.accepted+v.mitigated > 0:
		return w.accepted(r, v)
	case v.onPaper > 0:
		return w.paper(r)
	case r.neverTold():
		w.forget(r)
		return w.end(r, NoAction, byUs, remediation.StateNoAction, "the wire shows that the cause is gone; nobody had been told, and nothing was done")
	case v.byPerson > 0:
		return w.askPerson(r)
	case v.unheard > 0:
		return w.silent(r)
	}
	return w.shown(r, v)
}

// shown closes an order whose cause the wire shows to be gone. A report of done
// work and one statement of the device agree; without a report the device must
// state it twice, SettleTime apart, since one statement may be a mistake or
// another host's.
func (w *work) shown(r *record, v verdict) error {
	switch {
	case r.reported():
	case r.ShownAt.IsZero():
		r.ShownAt = v.heard.UTC()
		w.change(r, Verifying, byUs, r.State, "the wire shows that the cause is gone, and no work was reported; this closes when it is stated once more, or the work is reported done")
		return nil
	case v.least.Before(r.ShownAt.Add(SettleTime)):
		return nil
	}
	r.Verification.ObservedAt = later(v.heard, r.OpenedAt).UTC()
	return w.close(r, Verified, byUs, remediation.ByWire, "the wire shows that the cause is gone")
}

// askPerson asks a person to attest what a version cannot show.
func (w *work) askPerson(r *record) error {
	if r.State == remediation.StateVerifying && r.Verification.By == remediation.ByAttest {
		return nil
	}
	r.Verification.By, r.Verification.State = remediation.ByAttest, pending
	w.change(r, Verifying, byUs, remediation.StateVerifying, "the device states another version, but no version shows that this work is done; look at the device and attest")
	return nil
}

// takeBack undoes what the wire showed before any work was reported: the cause is
// there again.
func (w *work) takeBack(r *record) {
	r.ShownAt = time.Time{}
	if r.State != remediation.StateVerifying || r.reported() {
		return
	}
	to := r.effective()
	if to == "" {
		to = remediation.StateSubmitted
	}
	r.Verification.State = ""
	w.change(r, Verifying, byUs, to, "the cause is seen again; there is nothing to attest yet")
}
