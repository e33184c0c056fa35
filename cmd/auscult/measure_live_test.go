package main_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	// liveRounds is how often each way of listening is measured, in turns.
	liveRounds = 3
	// drained is how long the daemon gets to count the last frames: it publishes its
	// counters once a second.
	drained = 15 * time.Second
)

// liveTools are what the wire needs: iproute2, tcpreplay, util-linux.
var liveTools = []string{"ip", "tc", "tcpreplay", "taskset"}

// The controls have nobody who listens: the interface is up and promiscuous, with
// nothing attached, or with a program of one instruction that drops every frame.
const nobody, allDroppedGeneric, allDroppedDriver = "nobody", "nobody; generic XDP drops all", "nobody; driver XDP drops all"

// shunts are the ways of listening, the plainest first.
var shunts = []string{"off", "filter", "generic", "auto"}

// ways are all that is measured, in turns.
func ways() []string { return append([]string{nobody, allDroppedGeneric, allDroppedDriver}, shunts...) }

func listens(way string) bool { return slices.Contains(shunts, way) }

// passage is one capture sent past the sensor.
type passage struct {
	sending
	shunt, kernel         string
	passed, shunted, lost float64
	lostBy                string
	cable                 uint64 // frames that the cable lost
	daemon, softirq       time.Duration
	devices               []known
	resident              int64
}

func (p passage) gigabytes() float64 { return float64(p.bytes) / 1e9 }

// perGB is a time for each gigabyte, in seconds.
func (p passage) perGB(d time.Duration) float64 { return d.Seconds() / p.gigabytes() }

// live measures on a wire.
func (b *bench) live(t *testing.T) {
	b.say("### Live, over a veth cable")
	lacking := lacks(liveTools...)
	if lacking != "" || b.lacking != "" {
		b.say("Skipped: %s", strings.TrimSpace(lacking+" "+b.lacking))
		return
	}
	tab := newTable(3, "capture", "shunt", "kernel", "sent", "passed", "shunted", "lost", "k packets/s", "Gbit/s",
		"daemon s/GB", "softirq s/GB", "both s/GB", "less the cable", "off ÷ this", "by the sender's clock")
	told := b.past(t, tab, b.long) + b.past(t, tab, b.days(t))
	b.say("%s", tab)
	b.say("Medians of %d runs in turns (least, where it stands beside), with tcpreplay -K --topspeed on processor 0 and the daemon on processor 1. CPU is the "+
		"daemon's user and system time and the softirq and irq time of the sender's processor, where the kernel receives. The rows without a listener are the cable "+
		"alone, which \"less the cable\" takes off, and the least that dropping costs on it: a veth copies each frame that tcpreplay sends before an XDP program may see "+
		"it, which a card does not. %s \"By the sender's clock\" is the same sum with, instead of the softirq time, what the sender itself took more than with nobody: "+
		"the kernel receives in its place, and the scheduler counts that in nanoseconds. In brackets: how much less than with shunt off.", often(liveRounds), accounting())
	b.say("Identities and uses: %d lines differ between shunt off, every other shunt, and replay of the same captures.", told)
	b.gigabit(t)
	b.kernel(t)
}

// accounting tells how this kernel counts softirq time.
func accounting() string {
	out, err := exec.Command("sh", "-c", "zcat /proc/config.gz 2>/dev/null || cat /boot/config-$(uname -r) 2>/dev/null").Output()
	text := string(out)
	switch {
	case err != nil || text == "":
		return "How this kernel counts softirq time is not known."
	case strings.Contains(text, "\nCONFIG_IRQ_TIME_ACCOUNTING=y"):
		return "This kernel measures softirq time (CONFIG_IRQ_TIME_ACCOUNTING)."
	}
	hz := "?"
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(line, "CONFIG_HZ="); ok {
			hz = strings.TrimSpace(v)
		}
	}
	return "This kernel samples softirq time, " + hz + " times a second (CONFIG_TICK_CPU_ACCOUNTING): coarse for one run, and where all its work takes less " +
		"than a tick at a time an estimate."
}

// past sends a capture past every way of listening, in turns, and returns how many
// lines of the inventories differ.
func (b *bench) past(t *testing.T, tab *table, r recording) int {
	t.Helper()
	w := newWire(t)
	all := map[string][]passage{}
	for round := range often(liveRounds) {
		for _, way := range ways() {
			all[way] = append(all[way], b.passBy(t, w, r, way, round == 0, "--topspeed"))
		}
	}
	cable := all[nobody]
	title := fmt.Sprintf("%s: %.0f MB", r.name, float64(r.bytes)/1e6)
	for _, way := range ways() {
		passageRow(tab, title, all[way], cable, all["off"])
		title = ""
	}
	differ := 0
	off := all["off"][0].devices
	for _, shunt := range shunts[1:] {
		differ += agree(t, r.name+": shunt off against "+shunt, off, all[shunt][0].devices)
	}
	return differ + agree(t, r.name+": shunt off against replay", off, replayed(t, r.path))
}

// passBy sends a capture past one way of listening.
func (b *bench) passBy(t *testing.T, w *wire, r recording, way string, look bool, pace string) passage {
	t.Helper()
	p := passage{shunt: way}
	before := w.lostBefore(t)
	if listens(way) {
		b.passDaemon(t, w, r, &p, look, pace)
	} else {
		w.passNobody(t, r, &p, pace)
	}
	p.cable = w.lostBefore(t) - before
	p.check(t, r)
	return p
}

func (b *bench) passDaemon(t *testing.T, w *wire, r recording, p *passage, look bool, pace string) {
	t.Helper()
	d := b.listen(t, w.sensor, w.sensorCPU, p.shunt, standard)
	p.kernel = d.kernel
	d.pass(t, w, r, p, pace)
	if look {
		p.devices = d.devices(t)
	}
	if err := d.process.Stop(); err != nil {
		t.Logf("the daemon ended with %v", err)
	}
}

func (w *wire) passNobody(t *testing.T, r recording, p *passage, pace string) {
	t.Helper()
	w.idle(true)
	done := func() error { return nil }
	if p.shunt != nobody {
		var err error
		if done, err = w.dropAll(p.shunt == allDroppedDriver); err != nil {
			t.Fatalf("%s: %v", p.shunt, err)
		}
	}
	soft := interruptTime(t, w.sourceCPU)
	p.sending = w.send(t, r.path, pace)
	p.softirq = interruptTime(t, w.sourceCPU) - soft
	if err := done(); err != nil {
		t.Error(err)
	}
	w.idle(false)
}

// gigabit is the DICOM-heavy capture at the rate of an everyday mirror port: how much
// of it is shunted depends on how long an object is on its way.
func (b *bench) gigabit(t *testing.T) {
	t.Helper()
	w := newWire(t)
	tab := newTable(2, "shunt", "kernel", "sent", "passed", "shunted", "lost", "Gbit/s", "daemon s/GB")
	for _, shunt := range shunts {
		p := b.passBy(t, w, b.dicom, shunt, false, "--mbps=1000")
		tab.add(shunt, p.kernel, p.packets, whole(p.passed), whole(p.shunted), whole(p.lost), fmt.Sprintf("%.2f", p.gigabits()), seconds(p.perGB(p.daemon)))
	}
	b.say("The DICOM-heavy capture at one gigabit a second, once:")
	b.say("%s", tab)
}

// pass sends a capture and counts what became of it.
func (d *listening) pass(t *testing.T, w *wire, r recording, p *passage, pace ...string) {
	t.Helper()
	soft, used := interruptTime(t, w.sourceCPU), processTime(t, d.process.PID())
	p.sending = w.send(t, r.path, pace...)
	p.softirq = interruptTime(t, w.sourceCPU) - soft
	for end := time.Now().Add(drained); ; time.Sleep(500 * time.Millisecond) {
		m := d.scrape(t)
		frames := func(verdict string) float64 { return m.sum("auscult_frames_total", `verdict="`+verdict+`"`) }
		p.passed, p.shunted, p.lost = frames("passed"), frames("shunted"), m.sum("auscult_drops_total")
		if p.accounted() >= float64(p.packets) || time.Now().After(end) {
			p.lostBy = m.nonzero(lossNames)
			break
		}
	}
	p.daemon = processTime(t, d.process.PID()) - used
	p.resident, _ = resident(d.process.PID())
}

// accounted is how many frames have a verdict or a cause.
func (p passage) accounted() float64 { return p.passed + p.shunted + p.lost }

// check fails the test where frames went and nobody said so.
func (p passage) check(t *testing.T, r recording) {
	t.Helper()
	t.Logf("%s, shunt %s, kernel %s: %d frames in %.2f s; passed %.0f, shunted %.0f, lost %.0f, by the cable %d; daemon %v, softirq %v, sender %v; %s", r.name, p.shunt, p.kernel,
		p.packets, p.seconds, p.passed, p.shunted, p.lost, p.cable, p.daemon, p.softirq, p.cpu, p.lostBy)
	if !listens(p.shunt) {
		return
	}
	if arrived := float64(p.packets) - float64(p.cable); p.accounted() < arrived {
		t.Errorf("%s, shunt %s: %.0f of %.0f frames that arrived were lost without being counted", r.name, p.shunt, arrived-p.accounted(), arrived)
	} else if extra := p.accounted() - float64(p.packets); extra > 0 {
		t.Errorf("%s, shunt %s: %.0f frames more were counted than were sent", r.name, p.shunt, extra)
	}
}

// passageRow tells the medians of all passages past one way of listening.
func passageRow(tab *table, title string, all, cable, off []passage) {
	p := all[0]
	figure := func(of []passage, f func(passage) float64) float64 { return middle(of, f) }
	softirq := func(p passage) float64 { return p.perGB(p.softirq) }
	sender := func(p passage) float64 { return p.perGB(p.cpu) }
	daemon := func(p passage) float64 { return p.perGB(p.daemon) }
	both := func(p passage) float64 { return p.perGB(p.daemon + p.softirq) }
	less := func(of []passage) float64 { return figure(of, both) - figure(cable, softirq) }
	clock := func(of []passage) float64 { return figure(of, daemon) + figure(of, sender) - figure(cable, sender) }
	cells := []any{title, p.shunt, p.kernel, p.packets,
		whole(figure(all, func(p passage) float64 { return p.passed })), whole(figure(all, func(p passage) float64 { return p.shunted })),
		whole(figure(all, func(p passage) float64 { return p.lost })),
		whole(figure(all, func(p passage) float64 { return float64(p.packets) / p.seconds / 1000 })), fmt.Sprintf("%.2f", figure(all, passage.gigabits)),
		seconds(figure(all, daemon)), seconds(figure(all, softirq)), fmt.Sprintf("%.3f (%.3f)", figure(all, both), least(all, both))}
	if !listens(p.shunt) {
		tab.add(slices.Concat(cells[:4], []any{"", "", ""}, cells[7:9], []any{"", cells[10], cells[11]})...)
		return
	}
	tab.add(append(cells, seconds(less(all)), fmt.Sprintf("%.1f", less(off)/max(less(all), 1e-3)),
		byClock(clock(all), clock(off)))...)
}

// byClock is a cost by the sender's clock, and how much less it is than with shunt off.
func byClock(this, off float64) string {
	if this <= 0 || off <= 0 {
		return "below the noise"
	}
	return fmt.Sprintf("%.3f (%.1f)", this, off/this)
}

func whole(f float64) string   { return fmt.Sprintf("%.0f", f) }
func seconds(f float64) string { return fmt.Sprintf("%.3f", f) }
