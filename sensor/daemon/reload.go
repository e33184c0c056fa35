package daemon

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/auscult/auscult/sensor/web"
)

// reloadLoop reads the configuration again at SIGHUP: all of it is validated,
// then what can change without a restart is swapped.
func (d *daemon) reloadLoop(ctx context.Context) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hup:
			d.reread()
		}
	}
}

// reread takes the new configuration, or tells why not until one is taken.
func (d *daemon) reread() {
	_ = d.notify.tell(notifyReloading) // systemd may not listen
	defer func() { _ = d.notify.tell(notifyReady) }()
	if err := d.reload(); err != nil {
		d.house.refused.Store(&web.Refusal{At: d.clock.now(), Says: err.Error()})
		d.log.Error("the new configuration is refused, the old one stays", "error", err)
		return
	}
	d.house.refused.Store(nil)
	if err := d.house.decide(d.clock.now()); err != nil {
		d.log.Error("deciding failed", "error", err)
	}
}

func (d *daemon) reload() error {
	next, err := d.o.Load()
	if err != nil {
		return err
	}
	connector, err := newConnector(next.CMMS)
	if err != nil {
		return err
	}
	if err := d.house.readFeeds(next.Feeds.Folder); err != nil {
		return err
	}
	d.house.reconfigure(next, connector)
	d.level.Set(level(next.Log.Level))
	d.ears.declare(next.Taps)
	for _, key := range needsRestart(d.config, next) {
		d.log.Warn("a changed key takes effect at the next start", "key", key)
	}
	d.log.Info("configuration reloaded", "mode", next.Mode.Default)
	return nil
}
