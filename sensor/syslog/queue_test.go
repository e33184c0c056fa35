package syslog_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor/syslog"
)

// nowhere is an address that refuses.
func nowhere(t *testing.T) syslog.Options {
	t.Helper()
	return syslog.Options{Transport: syslog.TCP, Address: freePort(t, "tcp")}
}

// deliver sends what a directory holds to a receiver and returns the devices.
func deliver(t *testing.T, dir string) (devices []string) {
	t.Helper()
	r := listen(t, loopback(t))
	e := exporter(t, syslog.Options{Transport: syslog.TCP, Address: r.Addr().String()}, dir)
	n := e.Status().Queued
	stop := run(t, e)
	for range n {
		_, rest, _ := strings.Cut(r.next(t), `device="`)
		device, _, _ := strings.Cut(rest, `"`)
		devices = append(devices, device)
	}
	eventually(t, "the queue is empty", func() bool { return e.Status().Queued == 0 })
	stop()
	return devices
}

func numbered(from, to int) (devices []string) {
	for i := from; i <= to; i++ {
		devices = append(devices, fmt.Sprintf("d-%d", i))
	}
	return devices
}

// TestInvariant11SentEventsSurviveACrash opens a queue again that was never
// closed, as after kill -9.
func TestInvariant11SentEventsSurviveACrash(t *testing.T) {
	dir := t.TempDir()
	send(t, exporter(t, nowhere(t), dir), 1, 20) // not closed
	if got := deliver(t, dir); !slices.Equal(got, numbered(1, 20)) {
		t.Errorf("delivers %v", got)
	}
	if got := deliver(t, dir); len(got) != 0 {
		t.Errorf("delivers %v a second time", got)
	}
}

// TestTornRecordIsCutOff: a crash in the middle of a write leaves part of a
// record, which was never acknowledged.
func TestTornRecordIsCutOff(t *testing.T) {
	for _, torn := range []string{"\x00", "\x00\x00\x00\x50 a record that ends too early", strings.Repeat("\x00", 64)} {
		dir := t.TempDir()
		e := exporter(t, nowhere(t), dir)
		send(t, e, 1, 5)
		f, err := os.OpenFile(segments(t, dir)[0], os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(torn); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		e = exporter(t, nowhere(t), dir)
		send(t, e, 6, 7)
		if got := deliver(t, dir); !slices.Equal(got, numbered(1, 7)) {
			t.Errorf("torn by %q: delivers %v", torn, got)
		}
	}
}

func segments(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.queue"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no segment: %v", err)
	}
	return paths
}

// TestDamageIsCounted: what follows a damaged record in its file is lost, and
// counted; the next files are not.
func TestDamageIsCounted(t *testing.T) {
	dir := t.TempDir()
	o := nowhere(t)
	o.QueueBytes = 64 << 10
	send(t, exporter(t, o, dir), 1, 100)
	paths := segments(t, dir)
	b, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	b[40] ^= 1
	if err := os.WriteFile(paths[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	e, err := syslog.New(o, dir, clock, reg)
	if err != nil {
		t.Fatal(err)
	}
	lost := 100 - e.Status().Queued
	want := fmt.Sprintf("# HELP auscult_syslog_dropped_total Events that no receiver will get, by cause.\n# TYPE auscult_syslog_dropped_total counter\n"+
		"auscult_syslog_dropped_total{cause=\"damaged\"} %d\nauscult_syslog_dropped_total{cause=\"disk\"} 0\nauscult_syslog_dropped_total{cause=\"queue_full\"} 0\n", lost)
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "auscult_syslog_dropped_total"); err != nil || lost == 0 || lost == 100 {
		t.Errorf("%d lost: %v", lost, err)
	}
	if got := deliver(t, dir); !slices.Equal(got, numbered(lost+1, 100)) {
		t.Errorf("delivers %v", got)
	}
}

// TestInvariant07FullQueueDropsTheOldest keeps the disk within the bound.
func TestInvariant07FullQueueDropsTheOldest(t *testing.T) {
	dir := t.TempDir()
	o := nowhere(t)
	o.QueueBytes = 64 << 10
	reg := prometheus.NewRegistry()
	e, err := syslog.New(o, dir, clock, reg)
	if err != nil {
		t.Fatal(err)
	}
	const n = 600
	send(t, e, 1, n)
	queued := e.Status().Queued
	if queued == n || queued < 100 {
		t.Errorf("%d of %d events wait", queued, n)
	}
	if size := diskUse(t, dir); size > o.QueueBytes+o.QueueBytes/8 {
		t.Errorf("the directory holds %d bytes, the bound is %d", size, o.QueueBytes)
	}
	want := fmt.Sprintf("# HELP auscult_syslog_queue_messages Events that wait on disk for the syslog receiver.\n# TYPE auscult_syslog_queue_messages gauge\nauscult_syslog_queue_messages %d\n", queued)
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "auscult_syslog_queue_messages"); err != nil {
		t.Error(err)
	}
	if dropped, err := testutil.GatherAndCount(reg, "auscult_syslog_dropped_total"); err != nil || dropped != 3 {
		t.Errorf("%d causes: %v", dropped, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	got := deliver(t, dir)
	if len(got) < queued || got[len(got)-1] != "d-600" || !slices.Equal(got, numbered(n-len(got)+1, n)) {
		t.Errorf("delivers %d events, the last %s", len(got), got[len(got)-1])
	}
}

func diskUse(t *testing.T, dir string) (size int64) {
	t.Helper()
	for _, path := range segments(t, dir) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	return size
}

// TestDiskFull: an event that cannot be kept is refused, nothing before it is
// harmed, and delivery goes on and makes room.
func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a small file system wants root to mount it")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no small file system here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	e := exporter(t, nowhere(t), dir)
	kept, refused := 0, 0
	for i := 1; refused == 0 && i < 1000; i++ {
		if err := e.Send(syslog.Event{ID: syslog.FindingNew, When: at(0), Device: fmt.Sprintf("d-%d", i)}); err != nil {
			if !strings.Contains(err.Error(), "free some space") {
				t.Errorf("error %v", err)
			}
			refused++
			continue
		}
		kept++
	}
	if refused == 0 || kept == 0 {
		t.Fatalf("%d kept, %d refused", kept, refused)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if got := deliver(t, dir); !slices.Equal(got, numbered(1, kept)) {
		t.Errorf("%d kept, delivers %d", kept, len(got))
	}
}

// TestNumbersAreNeverUsedTwice: receivers tell repetitions by them.
func TestNumbersAreNeverUsedTwice(t *testing.T) {
	dir := t.TempDir()
	r := listen(t, loopback(t))
	o := syslog.Options{Transport: syslog.TCP, Address: r.Addr().String()}
	for i := 1; i <= 3; i++ {
		e := exporter(t, o, dir)
		stop := run(t, e)
		send(t, e, i, i)
		if got, want := r.next(t), fmt.Sprintf(`event="%d" site="stv" device="d-%d"`, i, i); !strings.Contains(got, want) {
			t.Errorf("%s\nwant %s", got, want)
		}
		eventually(t, "the queue is empty", func() bool { return e.Status().Queued == 0 })
		stop()
	}
}

// TestReceiverThatClosesAtOnceGetsItAgain: what a receiver took and threw away by
// closing is not counted as delivered.
func TestReceiverThatClosesAtOnceGetsItAgain(t *testing.T) {
	l := loopback(t)
	e := exporter(t, syslog.Options{Transport: syslog.TCP, Address: l.Addr().String()}, t.TempDir())
	send(t, e, 1, 3)
	run(t, e)
	for range 2 {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Read(make([]byte, 64))
		_ = c.Close()
	}
	r := listen(t, l)
	for i := 1; i <= 3; i++ {
		if got := r.next(t); !strings.Contains(got, fmt.Sprintf(`device="d-%d"`, i)) {
			t.Errorf("event %d: %s", i, got)
		}
	}
}

// TestSendNeverWaitsForTheNetwork: a receiver that does not read stops nobody.
func TestSendNeverWaitsForTheNetwork(t *testing.T) {
	l := loopback(t)
	t.Cleanup(func() { _ = l.Close() })
	e := exporter(t, syslog.Options{Transport: syslog.TCP, Address: l.Addr().String()}, t.TempDir())
	run(t, e)
	began := time.Now()
	send(t, e, 1, 500)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("500 events took %s", took)
	}
}

// pipe gives the octets of one event at a time, through a queue and a socket.
type pipe struct {
	socket  net.PacketConn
	options syslog.Options
}

func newPipe() (*pipe, error) {
	s, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &pipe{s, syslog.Options{Transport: syslog.UDP, Address: s.LocalAddr().String(), Settle: time.Hour}}, nil
}

func (p *pipe) close() { _ = p.socket.Close() }

func (p *pipe) message(t *testing.T, ev syslog.Event) string {
	t.Helper()
	e := exporter(t, p.options, t.TempDir())
	if err := e.Send(ev); err != nil {
		t.Fatal(err)
	}
	stop := run(t, e)
	defer stop()
	b := make([]byte, 4096)
	if err := p.socket.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, _, err := p.socket.ReadFrom(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}
