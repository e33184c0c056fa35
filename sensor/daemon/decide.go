package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/audit"
	"github.com/auscult/auscult/remediation/finding"
	"github.com/auscult/auscult/remediation/order"
	"github.com/auscult/auscult/remediation/policy"
)

// decide brings everything up to the moment now: devices meet the register,
// findings are made, policy decides, orders follow. Findings, decisions, orders,
// the outbox, the audit and what the reading commands show change in one
// transaction or not at all.
func (h *House) decide(now time.Time) error {
	h.deciding.Lock()
	defer h.deciding.Unlock()
	// A read inside a write transaction can wait for itself: all that is read comes first.
	devices, input := h.join(now), h.policyInput(now)
	var changes finding.Changes
	var moved []order.Change
	var all []remediation.Finding
	err := h.store.Update(func(tx inventory.Tx) (err error) {
		if changes, all, err = h.book.Update(tx, devices, now); err != nil {
			return fmt.Errorf("findings: %w", err)
		}
		attested, err := h.desk.Attestations(tx, now)
		if err != nil {
			return fmt.Errorf("orders: %w", err)
		}
		byID, decisions := index(all), judge(input, devices, all, attested)
		resolve := resolver(devices)
		if moved, err = h.desk.Apply(tx, decisions, byID, resolve, now); err != nil {
			return fmt.Errorf("orders: %w", err)
		}
		seen, err := h.desk.Observed(tx, order.Seen{Findings: byID, Heard: lastHeard(devices)}, now)
		if err != nil {
			return fmt.Errorf("orders: %w", err)
		}
		moved = append(moved, seen...)
		return nil
	})
	if err != nil {
		return err
	}
	before := h.view.Load().Devices
	if err := h.publish(devices, all, now); err != nil {
		return err
	}
	h.tellDevices(before, devices, now)
	h.tell(changes, moved)
	if c := h.carrier.Load(); c != nil {
		c.Wake() // asleep, it would look again only after a minute
	}
	return nil
}

// join shows the devices as of now, with the hospital's records.
func (h *House) join(now time.Time) []inventory.Device {
	h.mu.Lock()
	devices := h.ledger.Snapshot(now)
	h.mu.Unlock()
	return h.register.Join(devices)
}

// judge asks policy about every finding that an order may follow from.
func judge(input policy.Input, devices []inventory.Device, all []remediation.Finding, attested map[string][]order.Attestation) []remediation.Decision {
	byDevice := map[string][]remediation.Finding{}
	for _, f := range all {
		byDevice[f.Device] = append(byDevice[f.Device], f)
	}
	var decisions []remediation.Decision
	for _, d := range devices {
		input.Attestation, input.SecondRelease = bedside(d, attested)
		for _, f := range byDevice[d.ID] {
			input.Device, input.Findings = d, []remediation.Finding{f}
			if ok, _ := policy.Orderable(d, f); !ok {
				continue
			}
			decisions = append(decisions, policy.Decide(input))
		}
	}
	return decisions
}

// bedside finds who attests that a device is free: the first, and another person.
func bedside(d inventory.Device, attested map[string][]order.Attestation) (first, second *policy.Attestation) {
	var words []*policy.Attestation
	for _, id := range append([]string{d.ID}, d.Aliases...) {
		for _, a := range attested[id] {
			words = append(words, &policy.Attestation{By: a.By, At: a.At, Until: a.Until})
		}
	}
	for _, w := range words {
		switch {
		case first == nil:
			first = w
		case second == nil && w.By != first.By:
			second = w
		}
	}
	return first, second
}

// zone is where "today" is; the configuration was validated.
func zone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return l
}

func (h *House) policyInput(now time.Time) policy.Input {
	c := h.config.Load()
	flow, err := h.desk.Flow()
	if err != nil {
		h.log.Error("whether orders may leave cannot be read", "error", err)
	}
	return policy.Input{
		Grants: h.register.Grants(), Lexicon: h.knowledge, Now: now, Mode: modes(c.Mode), Coordinator: c.Policy.CoordinatorQueue,
		Stopped: flow.Stopped || err != nil, Zone: zone(c.TimeZone),
	}
}

func index(all []remediation.Finding) map[string]remediation.Finding {
	byID := make(map[string]remediation.Finding, len(all))
	for _, f := range all {
		byID[f.ID] = f
	}
	return byID
}

// resolver gives the id that a device has now, or "" where it is gone.
func resolver(devices []inventory.Device) func(string) string {
	now := map[string]string{}
	for _, d := range devices {
		for _, a := range d.Aliases {
			now[a] = d.ID
		}
	}
	for _, d := range devices {
		now[d.ID] = d.ID
	}
	return func(id string) string { return now[id] }
}

// lastHeard tells when a device last said on the wire what a finding stands on.
func lastHeard(devices []inventory.Device) func(remediation.Finding) time.Time {
	byID := make(map[string]inventory.Device, len(devices))
	for _, d := range devices {
		byID[d.ID] = d
	}
	return func(f remediation.Finding) time.Time { return order.LastStatement(byID[f.Device], f) }
}

// recordOrder writes every change of an order into the audit, in its own
// transaction.
func recordOrder(tx inventory.Tx, c order.Change) error {
	what, ok := auditActions()[c.Code]
	if !ok {
		what = audit.OrderState
	}
	e := audit.Entry{At: c.At, Who: c.By, What: what, Subject: c.Order.ID, Before: string(c.From), After: string(c.To), Reasons: []string{c.Says}}
	if what == audit.OrderCreated || what == audit.OrderDecided {
		e.Reasons = append(e.Reasons, c.Order.Assignee.Why)
		for _, r := range c.Order.Refused {
			e.Reasons = append(e.Reasons, r.Person+" refused: "+r.Why)
		}
	}
	return audit.Append(tx, e)
}

func auditActions() map[order.Code]audit.Action {
	return map[order.Code]audit.Action{
		order.Created: audit.OrderCreated, order.Decided: audit.OrderDecided, order.StartGate: audit.OrderDecided, order.Escalated: audit.OrderDecided,
		order.Submitted: audit.OrderSubmitted, order.AssignmentViolation: audit.OrderAlert, order.NoLongerAuthorised: audit.OrderAlert,
		order.Duplicate: audit.OrderAlert, order.DeadLetter: audit.OrderAlert, order.StateUnmapped: audit.OrderAlert, order.Missing: audit.OrderAlert,
		order.HumanSend: audit.OrderSend, order.HumanAttest: audit.OrderAttest, order.HumanHold: audit.OrderHold,
		order.HumanRelease: audit.OrderRelease, order.HumanCancel: audit.OrderCancel, order.HumanRetry: audit.OrderRetry,
	}
}

// record writes one decision that is not an order's.
func (h *House) record(e audit.Entry) error {
	e.At = cmp.Or(e.At, h.now())
	return h.store.Update(func(tx inventory.Tx) error { return audit.Append(tx, e) })
}

// known finds the devices that a person may mean by a word.
func known(devices []inventory.Device, word string) []inventory.Device {
	var exact, loose []inventory.Device
	for _, d := range devices {
		if d.ID == word || slices.Contains(d.Aliases, word) || d.Asset != nil && d.Asset.ControlNumber == word {
			exact = append(exact, d)
			continue
		}
		if named(d, word) {
			loose = append(loose, d)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return loose
}

var errSeveral = errors.New("several devices fit")
