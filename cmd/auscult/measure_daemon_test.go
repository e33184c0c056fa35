package main_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/testbed"
)

const (
	// pageAddress is where the daemon serves its metrics, inside its namespace.
	pageAddress = "127.0.0.1:8443"
	// startPatience is how long the daemon gets to listen.
	startPatience = 20 * time.Second
	// tick is the unit of /proc/PID/stat and /proc/stat (USER_HZ, proc(5)).
	tick = 10 * time.Millisecond
)

// limits are the bounds that the daemon is measured with, in its configuration's
// units.
type limits struct{ conversations, bufferMiB, ringMiB int }

// standard are the reference configuration's.
var standard = limits{conversations: 200_000, bufferMiB: 256, ringMiB: 64}

// listening is a daemon at work.
type listening struct {
	host    *testbed.Host
	process *testbed.Process
	config  string
	token   string
	kernel  string // how the kernel program is at work, by the daemon's own word
}

// listen starts the daemon at an interface and waits until it listens.
func (b *bench) listen(t *testing.T, at *testbed.Host, processor, shunt string, l limits) *listening {
	t.Helper()
	folder, err := os.MkdirTemp(b.folder, "run")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(folder, "auscult.yaml")
	text := fmt.Sprintf(`site: bench
state: %[1]s/state.db
socket: %[1]s/s
taps:
  - {name: span0, interface: %[2]s, directions: both, shunt: %[3]s}
limits: {conversations: %[4]d, buffer_mib: %[5]d, ring_mib: %[6]d}
web: {listen: %[7]s}
`, folder, spanInterface, shunt, l.conversations, l.bufferMiB, l.ringMiB, pageAddress)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &listening{host: at, config: config}
	d.process = at.Start("taskset", "-c", processor, *program, "run", "--config", config)
	d.kernel = d.heard(t, regexp.MustCompile(`msg=listening .*kernel=(\w+)`))
	raw, err := os.ReadFile(filepath.Join(folder, "metrics-token"))
	if err != nil {
		t.Fatal(err)
	}
	d.token = strings.TrimSpace(string(raw))
	return d
}

// heard waits until the daemon has logged something, and returns what the
// expression found in it.
func (d *listening) heard(t *testing.T, what *regexp.Regexp) string {
	t.Helper()
	for end := time.Now().Add(startPatience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if found := what.FindStringSubmatch(d.process.Output()); found != nil {
			return found[1]
		}
	}
	t.Fatalf("the daemon does not say %q: %s", what, d.process.Output())
	return ""
}

// metrics are the series of one scrape, by name and labels.
type metrics map[string]float64

// sum adds up the series of a name whose labels contain all the texts.
func (m metrics) sum(name string, labels ...string) (total float64) {
	for series, v := range m {
		at, in, _ := strings.Cut(series, "{")
		if at == name && !slices.ContainsFunc(labels, func(l string) bool { return !strings.Contains(in, l) }) {
			total += v
		}
	}
	return total
}

// nonzero tells the series whose names fit, without those that are zero.
func (m metrics) nonzero(names *regexp.Regexp) string {
	var told []string
	for series, v := range m {
		if v != 0 && names.MatchString(series) {
			told = append(told, fmt.Sprintf("%s %.0f", strings.TrimPrefix(strings.ReplaceAll(series, `interface="`+spanInterface+`"`, ""), "auscult_"), v))
		}
	}
	slices.Sort(told)
	return strings.NewReplacer("{,", "{", "{}", "").Replace(strings.Join(told, "; "))
}

// scrape reads /metrics as Prometheus does.
func (d *listening) scrape(t *testing.T) metrics {
	t.Helper()
	body, err := d.get("/metrics")
	if err != nil {
		t.Fatalf("metrics: %v: %s", err, d.process.Output())
	}
	m := metrics{}
	for lines := bufio.NewScanner(bytes.NewReader(body)); lines.Scan(); {
		line := lines.Text()
		at := strings.LastIndexByte(line, ' ')
		if at < 0 || line[0] == '#' {
			continue
		}
		if v, err := strconv.ParseFloat(line[at+1:], 64); err == nil {
			m[line[:at]] = v
		}
	}
	return m
}

func (d *listening) get(path string) ([]byte, error) {
	dial := func(context.Context, string, string) (c net.Conn, err error) {
		err = d.host.Do(func() error {
			c, err = net.DialTimeout("tcp", pageAddress, 5*time.Second)
			return err
		})
		return c, err
	}
	// The certificate was made by the daemon a moment ago.
	transport := &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	ask, err := http.NewRequest(http.MethodGet, "https://"+pageAddress+path, nil)
	if err != nil {
		return nil, err
	}
	ask.Header.Set("Authorization", "Bearer "+d.token)
	answer, err := (&http.Client{Transport: transport, Timeout: 20 * time.Second}).Do(ask)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	_, err = body.ReadFrom(answer.Body)
	if answer.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("%s: %s", path, answer.Status))
	}
	return body.Bytes(), errors.Join(err, answer.Body.Close())
}

// devices asks for the inventory until it stays as it is for longer than the daemon
// takes to decide anew (decide_interval).
func (d *listening) devices(t *testing.T) []known {
	t.Helper()
	const patience, still, pause = 40 * time.Second, 6500 * time.Millisecond, 500 * time.Millisecond
	var devices []known
	last := ""
	since, begin := time.Now(), time.Now()
	for time.Since(begin) < patience && (len(devices) == 0 || time.Since(since) < still) {
		now, _, err := asked("devices", "--format", "json", "--config", d.config)
		if err != nil {
			t.Logf("devices: %v", err) // it may have none yet
		}
		if identities := fmt.Sprint(now); identities != last {
			last, since, devices = identities, time.Now(), now
		}
		time.Sleep(pause)
	}
	if len(devices) == 0 {
		t.Errorf("the daemon knows no device within %v: %s", patience, d.process.Output())
	}
	return devices
}

// processTime is the user and system time of a process so far.
func processTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	// The name, in parentheses, may hold anything; utime and stime are the 14th and
	// 15th fields (proc(5)), the name being the second.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	return ticks(t, fields[11]) + ticks(t, fields[12])
}

// interruptTime is the time that a processor spent in interrupts and softirqs.
func interruptTime(t *testing.T, processor string) time.Duration {
	t.Helper()
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		// user nice system idle iowait irq softirq
		if fields := strings.Fields(line); len(fields) > 7 && fields[0] == "cpu"+processor {
			return ticks(t, fields[6]) + ticks(t, fields[7])
		}
	}
	t.Fatalf("/proc/stat knows no processor %s", processor)
	return 0
}

func ticks(t *testing.T, field string) time.Duration {
	t.Helper()
	n, err := strconv.ParseInt(field, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(n) * tick
}

// resident is what a process has in memory now, and had at most, in bytes.
func resident(pid int) (now, peak int64) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0 // it has ended
	}
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		n, _ := strconv.ParseInt(fields[1], 10, 64) // other lines hold other things
		switch fields[0] {
		case "VmRSS:":
			now = n << 10
		case "VmHWM:":
			peak = n << 10
		}
	}
	return now, peak
}
