package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory/boltstore"
	"github.com/auscult/auscult/sensor"
)

// Options are what the daemon is started with.
type Options struct {
	// Load reads the configuration: at start, and again at SIGHUP.
	Load            func() (configs.Config, error)
	Version, Commit string
	Log             io.Writer
	// Interactive: a person watches the log, so the first password may stand there.
	Interactive bool
	// Ready is called once everything serves, with the page's address; may be nil.
	Ready func(address string)
	// Open opens a tap; nil makes its interface mute and listens to it. The sample
	// hospital of auscult demo has its wire elsewhere.
	Open func(declared configs.Tap, tap *sensor.Tap) (TapSource, error)
	// NotifySocket overrides NOTIFY_SOCKET, for tests.
	NotifySocket string
}

// daemon is one running house with its tasks.
type daemon struct {
	o        Options
	config   configs.Config
	log      *slog.Logger
	level    *slog.LevelVar
	clock    *clock
	taps     *taps
	ears     *ears
	house    *House
	intake   *intake
	lastSave atomic.Int64
	export   *export
	notify   notifier
	metrics  *prometheus.Registry
	seen     map[string]watched // what was told of each tap; the decide loop's
	undo     teardown

	keptMirrors time.Time // the commit loop's
}

// Run is the daemon: it listens, decides and serves until ctx ends.
func Run(ctx context.Context, o Options) (err error) {
	c, err := o.Load()
	if err != nil {
		return err
	}
	d := &daemon{o: o, config: c, clock: newClock(), level: new(slog.LevelVar), intake: newIntake(), notify: notifier{o.NotifySocket}, seen: map[string]watched{}, metrics: prometheus.NewRegistry()}
	if d.notify.socket == "" {
		d.notify.socket = os.Getenv("NOTIFY_SOCKET")
	}
	d.log = newLog(o.Log, c.Log, d.level)
	noCoreDumps(d.log)
	defer boundMemory(c)()
	defer func() { err = errors.Join(err, d.undo.run()) }()
	if err := d.open(); err != nil {
		return err
	}
	tasks, err := d.tasks()
	if err != nil {
		return err
	}
	return d.serve(ctx, tasks)
}

// open makes everything that must exist before the first frame.
func (d *daemon) open() error {
	d.warnOpenSecrets()
	d.taps = newTaps(d.config.Site, d.config.Taps, d.clock.now)
	store, err := boltstore.Open(d.config.State, boltstore.Options{})
	if err != nil {
		return err
	}
	d.undo.add("state file", store.Close)
	if err := d.openExport(); err != nil {
		return err
	}
	if d.house, err = openHouse(store, houseOptions{config: d.config, now: d.clock.now, log: d.log, events: d.export.tell, taps: d.taps}); err != nil {
		return err
	}
	if err := d.house.recallMirrors(); err != nil {
		return err
	}
	connector, err := newConnector(d.config.CMMS)
	if connector != nil {
		d.house.current.Store(&connector)
	}
	if err != nil {
		return err
	}
	return d.house.readFeeds(d.config.Feeds.Folder)
}

// serve runs the tasks. What was learnt up to the end is kept: the intake and the
// last commit come after the captures.
func (d *daemon) serve(ctx context.Context, tasks []task) error {
	taking, stopTaking := context.WithCancel(context.WithoutCancel(ctx))
	taken := make(chan error, 1)
	go func() { taken <- d.intake.take(taking, d.house) }()
	err := serve(ctx, d.log, tasks, d.started)
	_ = d.notify.tell(notifyStopping) // stopping all the same
	stopTaking()
	err = errors.Join(err, <-taken, d.house.commit(), d.house.keepMirrors())
	d.log.Info("stopped")
	return err
}

func (d *daemon) started() {
	if err := d.notify.tell(notifyReady); err != nil {
		d.log.Warn("systemd was not told", "error", err)
	}
	d.log.Info("ready", "version", d.o.Version, "site", d.config.Site, "taps", len(d.config.Taps), "mode", d.config.Mode.Default)
}

// tasks lists everything that runs.
func (d *daemon) tasks() ([]task, error) {
	page, err := d.pageTask()
	if err != nil {
		return nil, err
	}
	control, err := controlTask(d.config.Socket, d.house)
	if err != nil {
		return nil, err
	}
	all := []task{page, control, {name: "commit", run: d.commitLoop}, {name: "decide", run: d.decideLoop}, {name: "reload", run: d.reloadLoop}, {name: "watchdog", run: d.watchdogLoop}}
	d.ears = &ears{house: d.house, taps: d.taps, config: d.config, out: d.intake, log: d.log, now: d.clock.now, open: d.o.Open}
	all = append(all, task{name: "taps", run: d.ears.run})
	all = append(all, d.exportTasks()...)
	if t, ok, err := d.courierTask(); err != nil || ok {
		return append(all, t), err
	}
	return all, nil
}

// every calls f at intervals until ctx ends. f's errors are logged, and told
// again only when they change: a full disk must not fill the log too.
func (d *daemon) every(ctx context.Context, interval time.Duration, what string, f func() error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := f()
		switch {
		case err == nil && said != "":
			d.log.Info(what + " works again")
			said = ""
		case err != nil && err.Error() != said:
			d.log.Error(what+" failed", "error", err)
			said = err.Error()
		}
	}
}

func (d *daemon) commitLoop(ctx context.Context) error {
	return d.every(ctx, d.config.CommitInterval, "writing what was heard", func() error {
		if err := d.house.commit(); err != nil {
			return err
		}
		if now := d.clock.now(); now.Sub(d.keptMirrors) >= keepMirrorsEvery {
			if err := d.house.keepMirrors(); err != nil {
				return err
			}
			d.keptMirrors = now
		}
		d.lastSave.Store(d.clock.now().Unix())
		return nil
	})
}

func (d *daemon) decideLoop(ctx context.Context) error {
	return d.every(ctx, d.config.DecideInterval, "deciding", func() error {
		d.watchTaps()
		return d.house.decide(d.clock.now())
	})
}

func (d *daemon) heartbeatLoop(ctx context.Context) error {
	return d.every(ctx, d.config.Syslog.Heartbeat, "heartbeat", func() error {
		d.heartbeat(d.clock.now())
		return nil
	})
}

// watchdogLoop tells systemd that the house still answers.
func (d *daemon) watchdogLoop(ctx context.Context) error {
	return d.every(ctx, 10*time.Second, "watchdog", func() error {
		d.house.Devices()
		return d.notify.tell(notifyWatchdog)
	})
}

// noCoreDumps keeps what was heard out of core files and debuggers
// (DESIGN.md, invariant 2).
func noCoreDumps(log *slog.Logger) {
	none := unix.Rlimit{}
	if err := errors.Join(unix.Setrlimit(unix.RLIMIT_CORE, &none), unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)); err != nil {
		log.Warn("core dumps could not be switched off", "error", err)
	}
}

func newLog(w io.Writer, c configs.Log, lv *slog.LevelVar) *slog.Logger {
	lv.Set(level(c.Level))
	o := &slog.HandlerOptions{Level: lv}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func level(name string) slog.Level {
	var l slog.Level
	if err := l.UnmarshalText([]byte(name)); err != nil {
		return slog.LevelInfo
	}
	return l
}

var errNoTap = errors.New("no tap listens")

// ready says why the sensor is not ready, for /readyz.
func (d *daemon) ready() error {
	var trouble error
	listening := 0
	d.taps.each(func(t heardTap) {
		if t.up {
			listening++
			return
		}
		trouble = errors.Join(trouble, fmt.Errorf("tap %s: %s", t.declared.Name, t.trouble))
	})
	if listening == 0 && trouble == nil {
		return errNoTap
	}
	return trouble
}
