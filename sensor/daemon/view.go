package daemon

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/finding"
	"github.com/auscult/auscult/remediation/order"
)

// view is what was last decided, as the page and the commands show it. It is
// never changed after it was made.
type view struct {
	At       time.Time
	Devices  []inventory.Device
	Findings []remediation.Finding
}

const (
	viewBucket = "view"
	viewAtKey  = "at"
	// devicePrefix begins the key of each device that was last shown.
	devicePrefix = "device/"
)

// publish shows a decided state to readers and keeps it, so that the commands
// that read a state file recompute nothing.
func (h *House) publish(devices []inventory.Device, all []remediation.Finding, now time.Time) error {
	orders, err := h.desk.Orders(order.Filter{})
	if err != nil {
		return err
	}
	link(devices, all, orders)
	next := &view{At: now, Devices: devices, Findings: all}
	previous := h.view.Swap(next)
	err = h.store.Update(func(tx inventory.Tx) error { return keepView(tx.Bucket(viewBucket), previous, next) })
	if err != nil {
		return fmt.Errorf("keep the inventory: %w", err)
	}
	return nil
}

// link writes into each device what is wrong with it and what is done about it.
func link(devices []inventory.Device, all []remediation.Finding, orders []remediation.WorkOrder) {
	place := map[string]int{}
	for i := range devices {
		for _, a := range devices[i].Aliases {
			place[a] = i
		}
	}
	for i := range devices {
		place[devices[i].ID] = i
		devices[i].Findings, devices[i].Orders = nil, nil
	}
	for _, f := range all {
		if i, ok := place[f.Device]; ok && f.Open() {
			devices[i].Findings = append(devices[i].Findings, f.ID)
		}
	}
	for _, o := range orders {
		if i, ok := place[o.Device]; ok && !o.State.Final() {
			devices[i].Orders = append(devices[i].Orders, o.ID)
		}
	}
	for i := range devices {
		slices.Sort(devices[i].Findings)
		slices.Sort(devices[i].Orders)
	}
}

// keepView writes only what differs from the view before.
func keepView(b inventory.Bucket, previous, next *view) error {
	old := map[string][]byte{}
	if previous != nil {
		for _, d := range previous.Devices {
			raw, err := json.Marshal(d)
			if err != nil {
				return fmt.Errorf("encode device %s: %w", d.ID, err)
			}
			old[d.ID] = raw
		}
	}
	for _, d := range next.Devices {
		raw, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("encode device %s: %w", d.ID, err)
		}
		before, had := old[d.ID]
		delete(old, d.ID)
		if had && string(before) == string(raw) {
			continue
		}
		if err := b.Put([]byte(devicePrefix+d.ID), raw); err != nil {
			return err
		}
	}
	for id := range old {
		if err := b.Delete([]byte(devicePrefix + id)); err != nil {
			return err
		}
	}
	return b.Put([]byte(viewAtKey), []byte(next.At.UTC().Format(time.RFC3339Nano)))
}

// restoreView reads what was last decided.
func (h *House) restoreView() error {
	v := &view{}
	err := h.store.View(func(tx inventory.Tx) error {
		b := tx.Bucket(viewBucket)
		if raw := b.Get([]byte(viewAtKey)); raw != nil {
			at, err := time.Parse(time.RFC3339Nano, string(raw))
			if err != nil {
				return fmt.Errorf("time of the last decision: %w; restore a backup", err)
			}
			v.At = at
		}
		err := b.Scan([]byte(devicePrefix), func(_, raw []byte) error {
			var d inventory.Device
			if err := json.Unmarshal(raw, &d); err != nil {
				return fmt.Errorf("stored device: %w; restore a backup", err)
			}
			v.Devices = append(v.Devices, d)
			return nil
		})
		if err != nil {
			return err
		}
		v.Findings, err = storedFindings(tx)
		return err
	})
	h.view.Store(v)
	return err
}

// named reports whether a word is one of a device's own names.
func named(d inventory.Device, word string) bool {
	equal := func(s string) bool { return s != "" && strings.EqualFold(s, word) }
	if m, err := protocols.ParseMAC(word); err == nil && slices.Contains(d.MACs, m.String()) {
		return true
	}
	return equal(d.SerialNumber) || d.Asset != nil && equal(d.Asset.SerialNumber) && d.SerialNumber == "" || slices.Contains(d.IPs, word) ||
		slices.ContainsFunc(d.AETitles, equal) || slices.ContainsFunc(d.Hostnames, equal)
}

func storedFindings(tx inventory.Tx) ([]remediation.Finding, error) { return finding.Findings(tx) }
