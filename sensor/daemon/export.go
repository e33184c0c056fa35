package daemon

import (
	"path/filepath"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor/syslog"
)

// export tells the SIEM, where one is configured. The zero value tells nobody.
type export struct {
	exporter *syslog.Exporter
	site     string
	failed   func(e event, err error)
}

// openExport opens the queue on disk; what is in it from before is sent first.
func (d *daemon) openExport() error {
	d.export = &export{site: d.config.Site, failed: func(e event, err error) {
		d.log.Error("an event could not be kept for the SIEM", "event", e.id, "error", err)
	}}
	c := d.config.Syslog
	if c.Address == "" {
		return nil
	}
	exporter, err := syslog.New(syslogOptions(c), filepath.Join(filepath.Dir(d.config.State), "syslog"), d.clock.now, d.metrics)
	if err != nil {
		return err
	}
	d.export.exporter = exporter
	d.undo.add("syslog queue", exporter.Close)
	return nil
}

func syslogOptions(c configs.Syslog) syslog.Options {
	return syslog.Options{Transport: syslog.Transport(c.Transport), Address: c.Address, CAFile: c.CAFile, QueueBytes: int64(c.QueueMiB) << 20}
}

// tell puts an event into the queue. Only its code, its subject and an allow-list
// of fields leave the box.
func (e *export) tell(ev event) {
	if e.exporter == nil {
		return
	}
	fields := map[string]string{}
	for k, v := range ev.fields {
		if v != "" {
			fields[k] = v
		}
	}
	err := e.exporter.Send(syslog.Event{ID: ev.id, Severity: ev.severity.syslog(), When: ev.when, Site: e.site, Device: ev.device,
		ControlNumber: ev.control, Says: ev.says, Fields: fields})
	if err != nil {
		e.failed(ev, err)
	}
}

func (s severity) syslog() syslog.Severity {
	return [...]syslog.Severity{syslog.Alert, syslog.Warning, syslog.Notice}[s]
}

func (d *daemon) exportTasks() []task {
	if d.export.exporter == nil {
		return nil
	}
	return []task{
		{name: "syslog", run: d.export.exporter.Run},
		{name: "heartbeat", run: d.heartbeatLoop},
	}
}
