package order

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// metrics are the courier's own; it is their collector too, so that what stands in
// the store is counted when it is asked for.
type metrics struct {
	d        *Desk
	requests *prometheus.CounterVec
	system   string
	orders   *prometheus.Desc
	depth    *prometheus.Desc
	oldest   *prometheus.Desc
	clock    func() time.Time
	paused   *prometheus.Desc
}

func newMetrics(d *Desk, system string, clock func() time.Time, reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{d: d, system: system, clock: clock,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "auscult_cmms_requests_total",
			Help: "Requests to the CMMS, by system, operation and code (an HTTP status, ok, or the kind of trouble)."},
			[]string{"system", "operation", "code"}),
		orders: prometheus.NewDesc("auscult_orders", "Work orders, by state.", []string{"state"}, nil),
		depth:  prometheus.NewDesc("auscult_outbox_depth", "Orders with something still to be told to the CMMS.", nil, nil),
		oldest: prometheus.NewDesc("auscult_outbox_oldest_age_seconds", "How long the oldest of them has waited; 0 when none does.", nil, nil),
		paused: prometheus.NewDesc("auscult_cmms_paused", "1 while nothing is sent: a person's switch, or refused credentials.", []string{"system", "why"}, nil),
	}
	if reg == nil {
		return m, nil
	}
	if err := errors.Join(reg.Register(m.requests), reg.Register(m)); err != nil {
		return nil, fmt.Errorf("register the order metrics: %w", err)
	}
	return m, nil
}

func (m *metrics) count(operation string, err error) {
	code := "ok"
	var known *remediation.ConnectorError
	switch {
	case err == nil:
	case errors.As(err, &known) && known.Code != 0:
		code = strconv.Itoa(known.Code)
	default:
		code = string(remediation.KindOf(err))
	}
	m.requests.WithLabelValues(m.system, operation, code).Inc()
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.orders
	ch <- m.depth
	ch <- m.oldest
	ch <- m.paused
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	flow, err := m.d.Flow()
	if err != nil {
		ch <- prometheus.NewInvalidMetric(m.depth, err)
		return
	}
	counts := map[remediation.OrderState]int{}
	err = m.d.store.View(func(tx inventory.Tx) error {
		return scanRecords(tx, func(r *record) error {
			counts[r.State]++
			return nil
		})
	})
	if err != nil {
		ch <- prometheus.NewInvalidMetric(m.orders, err)
		return
	}
	states := make([]string, 0, len(counts))
	for s := range counts {
		states = append(states, string(s))
	}
	sort.Strings(states)
	for _, s := range states {
		ch <- prometheus.MustNewConstMetric(m.orders, prometheus.GaugeValue, float64(counts[remediation.OrderState(s)]), s)
	}
	ch <- prometheus.MustNewConstMetric(m.depth, prometheus.GaugeValue, float64(flow.Waiting))
	ch <- prometheus.MustNewConstMetric(m.oldest, prometheus.GaugeValue, m.age(flow.Oldest))
	ch <- prometheus.MustNewConstMetric(m.paused, prometheus.GaugeValue, truth(flow.Stopped), m.system, "switch")
	ch <- prometheus.MustNewConstMetric(m.paused, prometheus.GaugeValue, truth(flow.Paused), m.system, "refused")
}

func (m *metrics) age(since time.Time) float64 {
	if since.IsZero() || m.clock == nil {
		return 0
	}
	return max(0, m.clock().Sub(since).Seconds())
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
