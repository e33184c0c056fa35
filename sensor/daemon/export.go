package daemon

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

type export struct{}

func (d *daemon) openExport() error              { d.export = &export{}; return nil }
func (e *export) tell(event)                     {}
func (e *export) register(prometheus.Registerer) {}
func (d *daemon) exportTask() (task, bool)       { _ = context.Background; return task{}, false }
func (d *daemon) watchTaps()                     {}
