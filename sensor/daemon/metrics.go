package daemon

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
	"github.com/auscult/auscult/sensor/mirror"
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

func (c collector) taps(m sink) {
	c.house.taps.each(func(t heardTap) {
		s, on := t.total(), []string{"interface"}
		name := t.declared.Interface
		m.count("frames_total", "Frames by interface and verdict.", s.Frames, []string{"interface", "verdict"}, name, "passed")
		m.count("frames_total", "Frames by interface and verdict.", s.ShuntedFrames, []string{"interface", "verdict"}, name, "shunted")
		m.count("bytes_total", "Bytes on the wire by interface and verdict.", s.Bytes, []string{"interface", "verdict"}, name, "passed")
		m.count("bytes_total", "Bytes on the wire by interface and verdict.", s.ShuntedBytes, []string{"interface", "verdict"}, name, "shunted")
		for _, d := range drops(s) {
			m.count("drops_total", "Frames lost by interface and cause.", d.Frames, []string{"interface", "cause"}, name, d.Cause)
		}
		m.count("ring_freezes_total", "How often the capture ring was full.", s.RingFreezes, on, name)
		m.gauge("capture_loss_ratio", "Share of frames that were lost before they were read.", ratio(lostFrames(s), lostFrames(s)+s.Frames+s.ShuntedFrames), on, name)
		c.mirror(m, t)
		m.count("transmit_frames_total", "Frames that left a capture interface: any increase is an alarm.", s.Transmitted, on, name)
		m.count("transmit_refused_frames_total", "Frames that tried to leave a capture interface and were dropped.", s.TransmitTried, on, name)
		m.gauge("tap_up", "1 while the tap listens.", one(t.up), on, name)
		m.gauge("tap_last_heard_timestamp_seconds", "When the tap was last heard.", seconds(t.heard), on, name)
		c.flow(m, t.counters, name)
	})
}

// mirror shows what is known of a mirror port before the sensor.
func (c collector) mirror(m sink, t heardTap) {
	name, on := t.declared.Interface, []string{"interface"}
	m.gauge("kernel_program", "1 for the way in which the kernel program is at work.", 1, []string{"interface", "mode"}, name, t.mode)
	if e := t.mirror.LostBefore; e.Enough {
		m.gauge("mirror_loss_estimate_ratio", "Share of frames that were lost before the sensor, by the holes in streams.", e.Share, on, name)
	}
	m.count("skip_ranges_unplaced_total", "Ranges that found no room in the kernel.", t.unplaced, on, name)
	m.gauge("kernel_forgotten_frames", "Frames of conversations that the kernel's accounting has forgotten.", float64(t.forgottenPackets), on, name)
	m.gauge("kernel_forgotten_bytes", "Payload bytes of conversations that the kernel's accounting has forgotten.", float64(t.forgottenBytes), on, name)
	m.count("duplicate_frames_total", "Frames that the mirror showed twice and that were taken once.", t.counters.DuplicateFrames, on, name)
	raised := map[mirror.Code]int{}
	for _, p := range t.mirror.Troubles {
		raised[p.Code]++
	}
	for _, code := range mirror.Codes() {
		m.gauge("mirror_trouble", "How often something is wrong with a mirror now, by what it is.", float64(raised[code]), []string{"interface", "code"}, name, string(code))
	}
	for _, v := range t.mirror.VLANs {
		if v.ID == 0 || v.Declared {
			vlan := strconv.Itoa(int(v.ID))
			m.gauge("vlan_frames_per_second", "Frames a second of the last minutes, untagged and declared VLANs.", v.Rate, []string{"interface", "vlan"}, name, vlan)
		}
	}
}

func (c collector) flow(m sink, f flow.Counters, name string) {
	on := []string{"interface"}
	m.gauge("flows", "Conversations known now.", float64(f.Open), on, name)
	m.count("flows_opened_total", "Conversations opened.", f.Opened, on, name)
	for i, n := range f.Ended {
		m.count("flows_ended_total", "Conversations ended, by reason.", n, []string{"interface", "reason"}, name, flow.End(i).String())
	}
	m.count("reassembly_gaps_total", "Holes in streams.", f.Gaps, on, name)
	m.count("reassembly_gap_bytes_total", "Bytes in holes of known length.", f.GapBytes, on, name)
	m.count("flows_unreported_total", "Conversations of one packet that a full table gave up without telling of them.", f.Unreported, on, name)
	m.count("skip_ranges_total", "Ranges that the kernel was asked to drop.", f.SkipsAsked, on, name)
	for v, n := range f.Decode.Verdicts {
		m.count("decoded_total", "Frames by what became of them.", n, []string{"interface", "verdict"}, name, sensor.Verdict(v).String())
	}
	m.count("skipped_bytes_total", "Bytes that no dissector needed.", f.Skipped, on, name)
	m.count("observations_total", "Statements about devices.", f.Observations, on, name)
	for _, p := range f.Protocols {
		m.count("facts_refused_total", "Facts that broke the text rules and were dropped.", p.Refused, []string{"interface", "protocol"}, name, string(p.Protocol))
		for o, n := range p.Outcomes {
			m.count("messages_total", "Messages by protocol and outcome.", n, []string{"interface", "protocol", "outcome"}, name, string(p.Protocol), protocols.Outcome(o).String())
		}
	}
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
