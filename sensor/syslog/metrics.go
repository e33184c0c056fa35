package syslog

import (
	"errors"
	"fmt"
	"net"

	"github.com/prometheus/client_golang/prometheus"
)

// Causes of a drop.
const (
	causeFull    = "queue_full"
	causeDisk    = "disk"
	causeDamaged = "damaged"
)

// metrics are the room's own.
type metrics struct {
	dropped *prometheus.CounterVec
	sent    prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, length func() int) (metrics, error) {
	m := metrics{
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "auscult_syslog_dropped_total", Help: "Events that no receiver will get, by cause.",
		}, []string{"cause"}),
		sent: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "auscult_syslog_sent_total", Help: "Events delivered to the syslog receiver.",
		}),
	}
	for _, cause := range [...]string{causeFull, causeDisk, causeDamaged} {
		m.dropped.WithLabelValues(cause) // shown as 0 from the start
	}
	if reg == nil {
		return m, nil
	}
	queued := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "auscult_syslog_queue_messages", Help: "Events that wait on disk for the syslog receiver.",
	}, func() float64 { return float64(length()) })
	for _, c := range []prometheus.Collector{m.dropped, m.sent, queued} {
		if err := reg.Register(c); err != nil {
			return m, fmt.Errorf("syslog metrics: %w; register one exporter only", err)
		}
	}
	return m, nil
}

// ignoreClosed drops the error of closing what the other side has closed.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
