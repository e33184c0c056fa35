package daemon

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
	"github.com/auscult/auscult/sensor/web"
)

// firstPasswordFile holds the first password beside the state file where nobody
// watches the log, until the account changes it.
const firstPasswordFile = "first-password"

// pageTask prepares the status page: certificate, accounts, metrics.
func (d *daemon) pageTask() (task, error) {
	dir := filepath.Dir(d.config.State)
	cert, key := d.config.Web.CertificateFile, d.config.Web.KeyFile
	if cert == "" {
		cert, key = filepath.Join(dir, "page.crt"), filepath.Join(dir, "page.key")
	}
	host, _ := os.Hostname() // without a name the addresses do
	pair, err := web.Certificate(cert, key, []string{host, "localhost", "127.0.0.1", "::1", d.config.Web.Listen.Addr().String()}, d.clock.now())
	if err != nil {
		return task{}, err
	}
	token, err := metricsToken(d.config.Metrics.TokenFile, filepath.Join(dir, "metrics-token"))
	if err != nil {
		return task{}, err
	}
	if err := d.firstAccount(dir); err != nil {
		return task{}, err
	}
	gatherer, err := d.gatherer()
	if err != nil {
		return task{}, err
	}
	server, err := web.New(web.Options{House: d.house, Accounts: d.house.accounts, Certificate: pair, Session: d.config.Web.SessionLength, MetricsToken: token,
		Gatherer: gatherer, Ready: d.ready, Version: d.o.Version, Site: d.config.Site, Now: d.clock.now, Log: d.log})
	if err != nil {
		return task{}, err
	}
	listener, err := net.Listen("tcp", d.config.Web.Listen.String())
	if err != nil {
		return task{}, fmt.Errorf("page: %w; set web.listen to a free address", err)
	}
	d.log.Info("page", "address", "https://"+listener.Addr().String(), "certificate", web.Fingerprint(pair))
	if d.o.Ready != nil {
		d.o.Ready(listener.Addr().String())
	}
	return task{name: "page", run: func(ctx context.Context) error { return server.Serve(ctx, listener) }}, nil
}

// gatherer registers what /metrics shows.
func (d *daemon) gatherer() (prometheus.Gatherer, error) {
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collector{house: d.house, intake: d.intake, lastSave: &d.lastSave, version: d.o.Version, commit: d.o.Commit},
	} {
		if err := d.metrics.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return d.metrics, nil
}

// firstAccount makes the first account where there is none, and shows its
// password once: to the person who watches, or in a file that only the service
// can read.
func (d *daemon) firstAccount(dir string) error {
	password, err := d.house.accounts.First(d.clock.now())
	if err != nil || password == "" {
		return err
	}
	if d.o.Interactive {
		_, err := fmt.Fprintf(d.o.Log, "\n  First start. Sign in as %s with the password %s and change it: auscult user passwd %s\n\n", web.FirstAccount, password, web.FirstAccount)
		return err
	}
	path := filepath.Join(dir, firstPasswordFile)
	if err := writeOwn(path, []byte(password+"\n")); err != nil {
		return fmt.Errorf("first password: %w; check that the folder of the state file can be written", err)
	}
	d.log.Info("first start: the first password lies in a file; read it, change it, delete it", "account", web.FirstAccount, "file", path)
	return nil
}

// writeOwn writes a secret into a new file that only the service reads: nobody's
// link is followed, and no older file's mode is kept.
func writeOwn(path string, body []byte) (err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(body)
	return err
}

// metricsToken reads the bearer token of /metrics, or makes one beside the state.
func metricsToken(configured, own string) (string, error) {
	path := configured
	if path == "" {
		path = own
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && configured == "" {
		random := make([]byte, 24)
		if _, err := rand.Read(random); err != nil {
			return "", fmt.Errorf("metrics token: %w", err)
		}
		raw = []byte(hex.EncodeToString(random) + "\n")
		err = writeOwn(path, raw)
	}
	if err != nil && len(raw) == 0 {
		return "", fmt.Errorf("metrics token: %w; name a readable file in metrics.token_file", err)
	}
	token := strings.TrimSpace(string(raw))
	if len(token) < 16 {
		return "", fmt.Errorf("metrics token: %s holds less than 16 characters; put a longer random one there", path)
	}
	return token, nil
}

// courierTask carries orders to the CMMS, where one is configured.
func (d *daemon) courierTask() (task, bool, error) {
	if d.house.current.Load() == nil {
		return task{}, false, nil
	}
	courier, err := d.house.courier(swappable{d.house}, order.CourierOptions{Clock: d.clock.now, Registerer: d.metrics, PollEvery: d.config.CMMS.PollInterval, Seed: seed()})
	if err != nil {
		return task{}, false, err
	}
	d.house.carrier.Store(courier)
	return task{name: "courier", run: func(ctx context.Context) error {
		courier.Run(ctx)
		return nil
	}}, true, nil
}

func seed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails on Linux; zero is a seed too
	var n uint64
	for _, x := range b {
		n = n<<8 | uint64(x)
	}
	return n
}

// swappable lets a reload change the CMMS's address and credentials under a
// courier that is at work.
type swappable struct{ house *House }

var _ remediation.Connector = swappable{}

func (s swappable) now() remediation.Connector { return *s.house.current.Load() }

func (s swappable) System() string { return s.now().System() }
func (s swappable) Find(ctx context.Context, key string) ([]remediation.RemoteOrder, error) {
	return s.now().Find(ctx, key)
}
func (s swappable) Create(ctx context.Context, t remediation.Ticket) (remediation.RemoteOrder, error) {
	return s.now().Create(ctx, t)
}
func (s swappable) Read(ctx context.Context, id string) (remediation.RemoteOrder, error) {
	return s.now().Read(ctx, id)
}
func (s swappable) Note(ctx context.Context, id, text string) error {
	return s.now().Note(ctx, id, text)
}
func (s swappable) Check(ctx context.Context) ([]string, error) { return s.now().Check(ctx) }

// needsRestart names the keys whose change waits for the next start.
func needsRestart(old, next configs.Config) []string {
	var keys []string
	live := map[string]bool{"mode": true, "policy": true, "log": true, "cmms": true, "feeds": true, "taps": true}
	a, b := reflect.ValueOf(old), reflect.ValueOf(next)
	for i := range a.NumField() {
		key := a.Type().Field(i).Tag.Get("yaml")
		if !live[key] && !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			keys = append(keys, key)
		}
	}
	if (old.CMMS.System == "") != (next.CMMS.System == "") {
		keys = append(keys, "cmms.system")
	}
	if old.Policy.OrdersPerHour != next.Policy.OrdersPerHour {
		keys = append(keys, "policy.orders_per_hour")
	}
	if old.Log.Format != next.Log.Format {
		keys = append(keys, "log.format")
	}
	return keys
}
