package web_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/sensor/web"
)

// now is the moment at which the sample hospital is looked at.
var now = time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: now} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a small hospital that is not there: it answers what the daemon would.
type house struct {
	mu       sync.Mutex
	devices  []inventory.Device
	findings []remediation.Finding
	orders   []remediation.WorkOrder
	register web.Register
	coverage web.Coverage
	feeds    []web.Feed
	audit    []web.AuditLine
	acts     []web.Action
	auditErr error
}

var _ web.House = (*house)(nil)

func (h *house) Devices() []inventory.Device     { return slices.Clone(h.devices) }
func (h *house) Findings() []remediation.Finding { return slices.Clone(h.findings) }
func (h *house) Register() web.Register          { return h.register }
func (h *house) Feeds() []web.Feed               { return h.feeds }

func (h *house) Orders() []remediation.WorkOrder {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.orders)
}

func (h *house) Coverage() web.Coverage {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.coverage
}

func (h *house) Device(key string) (inventory.Device, error) {
	var found []inventory.Device
	for _, d := range h.devices {
		names := slices.Concat([]string{d.ID, d.SerialNumber}, d.Aliases, d.MACs, d.IPs, d.AETitles, d.Hostnames)
		if d.Asset != nil {
			names = append(names, d.Asset.ControlNumber)
		}
		if key != "" && slices.Contains(names, key) {
			found = append(found, d)
		}
	}
	switch len(found) {
	case 0:
		return inventory.Device{}, fmt.Errorf("device %q: %w; auscult devices lists all", key, inventory.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return inventory.Device{}, fmt.Errorf("device %q: several devices fit: %s, %s; name one by its id", key, found[0].ID, found[1].ID)
}

func (h *house) Audit(limit int) ([]web.AuditLine, error) {
	return h.audit[:min(limit, len(h.audit))], h.auditErr
}

// Act sends drafts, and refuses the rest as the desk would.
func (h *house) Act(_ context.Context, a web.Action) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acts = append(h.acts, a)
	switch a.Subject {
	case "switch":
		h.coverage.Stopped = a.Verb == "stop"
		return "writing to the CMMS: " + a.Verb, nil
	case "match":
		return a.ID + " " + a.Verb + "ed", nil
	}
	for i := range h.orders {
		o := &h.orders[i]
		switch {
		case o.ID != a.ID:
		case a.Verb == "send" && o.State == remediation.StateDraft:
			o.State = remediation.StateReady
			o.History = append(slices.Clone(o.History), remediation.OrderEvent{At: now, State: o.State, By: a.By, Says: "sent"})
			return "order " + o.ID + " goes to the CMMS.", nil
		default:
			return "", errors.New(a.Verb + " order " + o.ID + ": it is " + string(o.State) + "; possible now: hold, cancel")
		}
	}
	return "", fmt.Errorf("order %q: %w; auscult orders lists all", a.ID, inventory.ErrNotFound)
}

func (h *house) acted() []web.Action {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.acts)
}
