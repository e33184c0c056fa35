package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/register"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/audit"
	"github.com/auscult/auscult/remediation/order"
	"github.com/auscult/auscult/sensor/web"
)

var _ web.House = (*House)(nil)

// Devices implements web.House.
func (h *House) Devices() []inventory.Device { return slices.Clone(h.view.Load().Devices) }

// Findings implements web.House.
func (h *House) Findings() []remediation.Finding { return slices.Clone(h.view.Load().Findings) }

// Orders implements web.House.
func (h *House) Orders() []remediation.WorkOrder { return h.orders() }

// Device implements web.House.
func (h *House) Device(word string) (inventory.Device, error) {
	fit := known(h.view.Load().Devices, word)
	switch len(fit) {
	case 0:
		return inventory.Device{}, fmt.Errorf("device %q: %w; auscult devices lists all", word, inventory.ErrNotFound)
	case 1:
		return fit[0], nil
	}
	ids := make([]string, len(fit))
	for i, d := range fit {
		ids[i] = d.ID
	}
	return inventory.Device{}, fmt.Errorf("device %q: %w: %s; name one by its id", word, errSeveral, strings.Join(ids, ", "))
}

// notFound gives the exit status that says that nothing matched.
func notFound(err error) error {
	if errors.Is(err, inventory.ErrNotFound) {
		return &refusal{err, ErrNothing}
	}
	return err
}

// Register implements web.House.
func (h *House) Register() web.Register {
	r := web.Register{AsOf: map[string]time.Time{}, ByState: map[string]int{}}
	for kind, at := range h.register.AsOf() {
		r.AsOf[string(kind)] = at
	}
	r.Assets, r.Grants = len(h.register.Assets()), len(h.register.Grants())
	for _, d := range h.view.Load().Devices {
		state := "only-heard"
		if d.Presence == inventory.RegisterOnly {
			state = "only-registered"
		} else if d.Asset != nil {
			state = string(d.Asset.Match.State)
		}
		r.ByState[state]++
		if d.Asset != nil && (d.Asset.Match.State == inventory.Ambiguous || d.Asset.Match.State == inventory.Conflicts) {
			r.Matches = append(r.Matches, web.Match{ControlNumber: d.Asset.ControlNumber, Device: d.ID, Says: bothSides(d), Match: d.Asset.Match})
		}
	}
	slices.SortFunc(r.Matches, func(a, b web.Match) int {
		return cmp.Or(cmp.Compare(b.Match.Score, a.Match.Score), cmp.Compare(a.ControlNumber, b.ControlNumber))
	})
	for _, d := range h.register.DataQuality() {
		r.Defects = append(r.Defects, web.Defect{Code: string(d.Code), Row: d.Row, Says: defectSays(d)})
	}
	return r
}

// defectSays names the file, the control number and the column, then what is wrong.
func defectSays(d register.Defect) string {
	where := cmp.Or(d.File, string(d.Kind))
	if d.ControlNumber != "" {
		where += ", control " + d.ControlNumber
	}
	if d.Column != "" {
		where += ", column " + d.Column
	}
	return where + ": " + d.Says
}

// bothSides shows a record and a device beside each other.
func bothSides(d inventory.Device) string {
	side := func(parts ...string) string {
		return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
	}
	a := d.Asset
	return "Record: " + side(a.Manufacturer, a.Model, a.SerialNumber, a.Department) + ". Heard: " + side(d.Manufacturer, d.Model, d.SerialNumber, strings.Join(d.IPs, " ")) + "."
}

// Feeds implements web.House.
func (h *House) Feeds() []web.Feed {
	var all []web.Feed
	for _, f := range h.book.Feeds() {
		all = append(all, web.Feed{Name: strings.ToUpper(string(f.Kind)) + " of " + f.Name, Count: f.Count, AsOf: f.Newest, Imported: f.ImportedAt})
	}
	return all
}

// Audit implements web.House.
func (h *House) Audit(limit int) ([]web.AuditLine, error) {
	head, err := audit.ReadHead(h.store)
	if err != nil {
		return nil, err
	}
	from := uint64(1)
	if head.Count > uint64(limit) {
		from = head.Count - uint64(limit) + 1
	}
	entries, err := audit.List(h.store, from, limit)
	if err != nil {
		return nil, err
	}
	lines := make([]web.AuditLine, len(entries))
	for i, e := range entries {
		says := strings.Join(e.Reasons, "; ")
		if e.Before != "" && e.Before != e.After {
			says = e.Before + " to " + e.After + ". " + says
		}
		lines[len(entries)-1-i] = web.AuditLine{Seq: e.Seq, At: e.At, Who: e.Who, What: string(e.What), Subject: e.Subject, Says: says}
	}
	return lines, nil
}

// Act implements web.House: a person's decision, then everything anew, so that
// what the person sees next is what follows from it.
func (h *House) Act(_ context.Context, a web.Action) (string, error) {
	if a.By == "" {
		return "", usagef("a decision needs a name: sign in, or run as an account that the system knows")
	}
	var says string
	var err error
	switch a.Subject {
	case "order":
		says, err = h.actOrder(a)
	case "match":
		says, err = h.actMatch(a)
	case "switch":
		says, err = h.actSwitch(a)
	default:
		err = usagef("unknown decision %q", a.Subject)
	}
	if err != nil {
		return "", err
	}
	if err := h.decide(h.now()); err != nil {
		// The decision is kept; what follows from it comes with the next round.
		h.log.Error("what follows from a decision is late", "error", err)
	}
	return says, nil
}

func (h *House) actOrder(a web.Action) (string, error) {
	verbs := map[string]func(inventory.Tx, string, string, string, time.Time) ([]order.Change, error){
		"send": h.desk.Send, "attest": h.desk.Attest, "hold": h.desk.Hold, "release": h.desk.Release, "cancel": h.desk.Cancel, "retry": h.desk.Retry,
	}
	verb, ok := verbs[a.Verb]
	if !ok {
		return "", usagef("unknown decision %q on an order; want send, attest, hold, release, cancel or retry", a.Verb)
	}
	o, err := h.desk.Order(a.ID)
	if err != nil {
		return "", notFound(fmt.Errorf("order %q: %w; auscult orders lists all", a.ID, err))
	}
	var changes []order.Change
	err = h.store.Update(func(tx inventory.Tx) (err error) {
		changes, err = verb(tx, o.ID, a.By, a.Reason, h.now())
		return err
	})
	if err != nil {
		return "", err
	}
	h.tellOrders(changes)
	said := make([]string, len(changes))
	for i, c := range changes {
		said[i] = c.Says
	}
	return strings.Join(said, " "), nil
}

func (h *House) actMatch(a web.Action) (string, error) {
	entry := audit.Entry{Who: a.By, Subject: a.ID, Reasons: []string{a.Reason}}
	var err error
	var says string
	switch a.Verb {
	case "confirm", "reject":
		var d inventory.Device
		if d, err = h.Device(a.Device); err != nil {
			return "", notFound(err)
		}
		entry.After = d.ID
		if a.Verb == "confirm" {
			entry.What, says, err = audit.MatchConfirmed, "Confirmed: "+a.ID+" is "+d.ID+".", h.register.Confirm(a.ID, d, a.By, h.now())
		} else {
			entry.What, says, err = audit.MatchRejected, "Rejected: "+a.ID+" is not "+d.ID+".", h.register.Reject(a.ID, d, a.By, h.now())
		}
	case "merge":
		entry.What, entry.After, says, err = audit.DeviceMerged, a.Device, "Records "+a.ID+" and "+a.Device+" are one device.", h.register.Merge(a.ID, a.Device, a.By, h.now())
	case "split":
		entry.What, entry.After, says, err = audit.DeviceSplit, a.Device, "Records "+a.ID+" and "+a.Device+" are two devices.", h.register.Split(a.ID, a.Device, a.By, h.now())
	default:
		err = usagef("unknown decision %q on a match; want confirm, reject, split or merge", a.Verb)
	}
	if err != nil {
		return "", notFound(err)
	}
	return says, h.record(entry)
}

func (h *House) actSwitch(a web.Action) (string, error) {
	entry := audit.Entry{Who: a.By, Subject: "orders", Reasons: []string{a.Reason}}
	says := "Writing to the CMMS is stopped."
	err := h.store.Update(func(tx inventory.Tx) error {
		if a.Verb == "stop" {
			entry.What = audit.OrdersStopped
			return h.desk.Stop(tx, a.By, a.Reason, h.now())
		}
		entry.What, says = audit.OrdersResumed, "Writing to the CMMS goes on."
		return h.desk.Resume(tx, a.By, h.now())
	})
	if err != nil {
		return "", err
	}
	return says, h.record(entry)
}
