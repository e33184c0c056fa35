package daemon

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

// collector reads the house when Prometheus asks. No label holds an address, a
// serial number, a drug or a CVE: labels are closed sets and names of taps.
type collector struct {
	house    *House
	intake   *intake
	lastSave *atomic.Int64 // Unix seconds
	version  string
	commit   string
}

var _ prometheus.Collector = collector{}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("auscult_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector. It is unchecked: which series exist
// follows from what is known.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) {
	m := sink{out}
	m.gauge("build_info", "Always 1; the labels say which build this is.", 1, []string{"version", "commit"}, c.version, c.commit)
	m.gauge("last_save_timestamp_seconds", "When what was heard was last written to disk.", float64(c.lastSave.Load()), nil)
	m.count("observations_dropped_total", "Statements dropped because the inventory could not keep up.", c.intake.observations.Load(), nil)
	m.count("conversation_reports_dropped_total", "Reports of conversations dropped because the inventory could not keep up.", c.intake.reports.Load(), nil)
	c.ledger(m)
	c.taps(m)
	c.devices(m)
	if c.house.current.Load() == nil { // the courier has its own, with what waits for the CMMS
		c.orders(m)
	}
	c.ages(m)
	m.gauge("config_reload_failed", "1 while the last changed configuration is refused.", one(c.house.refused.Load() != nil), nil)
}

// sink sends constant metrics.
type sink struct{ out chan<- prometheus.Metric }

func (s sink) gauge(name, help string, v float64, labels []string, values ...string) {
	s.send(desc(name, help, labels...), prometheus.GaugeValue, v, values)
}

func (s sink) count(name, help string, v uint64, labels []string, values ...string) {
	s.send(desc(name, help, labels...), prometheus.CounterValue, float64(v), values)
}

func (s sink) send(d *prometheus.Desc, kind prometheus.ValueType, v float64, values []string) {
	m, err := prometheus.NewConstMetric(d, kind, v, values...)
	if err != nil {
		m = prometheus.NewInvalidMetric(d, err) // the scrape fails and says which one
	}
	s.out <- m
}

// ledger shows the bounds of the inventory: what did not fit is not known to be
// clean.
func (c collector) ledger(m sink) {
	s := c.house.ledgerStats()
	m.gauge("ledger_keys", "Keys of devices that are kept.", float64(s.Atoms), nil)
	m.count("ledger_refused_total", "New keys that were refused because a bound was reached.", s.Refused, nil)
	m.count("ledger_evicted_total", "Keys that were forgotten because a bound was reached.", s.Evicted, nil)
}

func (c collector) devices(m sink) {
	v := c.house.view.Load()
	type kind struct{ typ, presence string }
	devices, matches, uses := map[kind]int{}, map[string]int{}, map[string]int{}
	for _, d := range v.Devices {
		devices[kind{string(d.Type), string(d.Presence)}]++
		uses[string(d.Use.State)]++
		if d.Asset != nil && d.Presence != inventory.RegisterOnly {
			matches[string(d.Asset.Match.State)]++
		}
	}
	for k, n := range devices {
		m.gauge("devices", "Devices by type and presence.", float64(n), []string{"type", "presence"}, k.typ, k.presence)
	}
	for s, n := range uses {
		m.gauge("devices_use", "Devices by what they are doing.", float64(n), []string{"use"}, s)
	}
	for s, n := range matches {
		m.gauge("matches", "Heard devices by how they match the register.", float64(n), []string{"state"}, s)
	}
	type found struct{ kind, status string }
	findings := map[found]int{}
	for _, f := range v.Findings {
		findings[found{string(f.Kind), string(f.Status)}]++
	}
	for k, n := range findings {
		m.gauge("findings", "Findings by kind and status.", float64(n), []string{"kind", "status"}, k.kind, k.status)
	}
}

func (c collector) orders(m sink) {
	states := map[remediation.OrderState]int{}
	for _, o := range c.house.orders() {
		states[o.State]++
	}
	for s, n := range states {
		m.gauge("orders", "Orders by state.", float64(n), []string{"state"}, string(s))
	}
	f, err := c.house.desk.Flow()
	if err != nil {
		f = order.Flow{}
	}
	m.gauge("outbox_depth", "Orders and notes that wait to be told to the CMMS.", float64(f.Waiting), nil)
	age := 0.0
	if !f.Oldest.IsZero() {
		age = c.house.now().Sub(f.Oldest).Seconds()
	}
	m.gauge("outbox_oldest_age_seconds", "How long the oldest of them has waited.", age, nil)
	m.gauge("outbox_paused", "1 while the CMMS refuses our credentials, or a person stopped all writing.", one(f.Paused || f.Stopped), nil)
}

func (c collector) ages(m sink) {
	now := c.house.now()
	for _, f := range c.house.book.Feeds() {
		m.gauge("feed_age_seconds", "Age of the newest document of a feed.", now.Sub(f.Newest).Seconds(), []string{"feed"}, string(f.Kind)+" "+f.Name)
	}
	for kind, at := range c.house.register.AsOf() {
		m.gauge("register_age_seconds", "Age of the register by kind of record.", now.Sub(at).Seconds(), []string{"kind"}, string(kind))
	}
}

func ratio(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.Unix())
}
