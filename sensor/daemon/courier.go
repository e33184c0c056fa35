package daemon

import (
	"fmt"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

// courier returns the desk's courier to the CMMS, told what it needs to know.
func (h *House) courier(c remediation.Connector, o order.CourierOptions) (*order.Courier, error) {
	o.Describe = h.subject
	o.OnChange = func(ch order.Change) { h.tellOrders([]order.Change{ch}) }
	o.OnAlarm = func(a order.Alarm) {
		h.log.Warn("the way to the CMMS", "state", a.Code, "says", a.Says)
		h.events(event{id: "cmms." + a.Code, severity: warning, when: a.At, says: a.Says})
	}
	return h.desk.Courier(c, o)
}

// subject is what a ticket says of the device: nothing of its therapy.
func (h *House) subject(o remediation.WorkOrder) (order.Subject, error) {
	d, err := h.Device(o.Device)
	if err != nil {
		return order.Subject{}, fmt.Errorf("order %s: %w", o.ID, err)
	}
	s := order.Subject{Device: d.WithoutTherapy()}
	byID := index(h.view.Load().Findings)
	for _, id := range o.Findings {
		if f, ok := byID[id]; ok {
			s.Findings = append(s.Findings, f)
		}
	}
	return s, nil
}

// reconfigure swaps what a reload may change: all of it was validated before.
func (h *House) reconfigure(c configs.Config, connector remediation.Connector) {
	old := h.config.Load()
	c.Site, c.State, c.Taps = old.Site, old.State, old.Taps // these wait for the next start
	h.config.Store(&c)
	if connector != nil {
		h.current.Store(&connector)
	}
}
