package main_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory/identity"
)

const (
	// flooded is how many conversations a flood opens, and how many SYNs from random
	// sources come between them.
	flooded = 1_000_000
	// floodTime is how long it takes: 200,000 frames a second.
	floodTime = 20 * time.Second
	// floodVisits is how often the sample hospital plays meanwhile, at its own rate.
	floodVisits = 3
	// conversationBytes is what one conversation takes in memory, with its place in the
	// tables (flow.DefaultOptions: 80 MB for 131,072), and keyBytes what one key of the
	// inventory does, of identity.MaxAtoms, with what is shown of its device: 2.5 KB where
	// a flood fills it with addresses.
	conversationBytes, keyBytes = 640, 3 << 10
	// besidesMiB is everything else: the program, the queue between the hot path and the
	// inventory (32,768 statements), and the state file's pages.
	besidesMiB = 160
	// liveHeap and replayHeap are what the garbage collector lets the heap grow to, as a
	// multiple of what is in use: GOGC is 100, and 400 in a replay.
	liveHeap, replayHeap = 2, 5
	// watchEvery is how often the daemon's memory is looked at.
	watchEvery = 100 * time.Millisecond
)

// narrow are bounds that the flood exceeds many times.
var narrow = limits{conversations: 100_000, bufferMiB: 64, ringMiB: 64}

// bound is what the program's memory may reach, in bytes, by its configuration and
// the bound of the inventory.
func (l limits) bound(heap int64) int64 {
	used := int64(l.conversations)*conversationBytes + int64(l.bufferMiB)<<20 + identity.MaxAtoms*keyBytes
	return heap*used + int64(l.ringMiB+besidesMiB)<<20
}

// lossNames are the metrics that tell what was lost, refused or forgotten.
var lossNames = regexp.MustCompile(`drop|refused|evicted|freezes|forgotten|unplaced|unreported|flows_ended|duplicate|gaps`)

// flood measures what a million conversations and a SYN flood do.
func (b *bench) flood(t *testing.T) {
	b.say("### A flood")
	r := b.floods(t)
	hospital := replayed(t, samples(t)...)
	tab := newTable(2, "how", "kernel", "frames", "k packets/s", "lost", "peak MB", "bound MB", "CPU s", "of the sample hospital found")
	told := b.floodReplay(t, tab, r, hospital)
	if lacking := lacks(liveTools...); lacking != "" {
		tab.add("live", "skipped: "+lacking)
	} else {
		for _, shunt := range []string{"off", "auto"} {
			told += b.floodLive(t, tab, r, hospital, shunt)
		}
	}
	b.say("%s", tab)
	b.say("%d conversations of three frames and as many SYNs from random sources within %v, the sample hospital %d times in between at its own rate. Bounds: %d "+
		"conversations, %d MiB buffers, %d MiB ring, %d keys in the inventory. The bound on memory is (conversations × %d bytes + buffers + keys × %d bytes) × %d live or %d "+
		"in a replay, for the garbage collector, + ring + %d MiB.", flooded, floodTime, floodVisits, narrow.conversations, narrow.bufferMiB, narrow.ringMiB,
		identity.MaxAtoms, conversationBytes, keyBytes, liveHeap, replayHeap, besidesMiB)
	b.say("%s", told)
	if err := os.Remove(r.path); err != nil {
		t.Error(err)
	}
}

// floods makes the capture: the flood, and the sample hospital in between.
func (b *bench) floods(t *testing.T) recording {
	t.Helper()
	noise := newRecording(t, b.folder, "noise")
	random := rand.New(rand.NewPCG(1, 2))
	begin, gap := time.Unix(1_700_000_000, 0), floodTime/(4*flooded)
	for i := range flooded {
		for j, frame := range conversation(i, random) {
			if err := noise.add(begin.Add(gap*time.Duration(4*i+j)), frame); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := noise.done(t).path
	tracks := []*track{{of: "flood", path: path}}
	for visit := range floodVisits {
		start := floodTime / floodVisits * time.Duration(visit)
		for _, sample := range samples(t) {
			tracks = append(tracks, &track{of: "sample hospital", path: sample, turn: visit, start: start})
			start += floodTime / floodVisits / 3
		}
	}
	r := newRecording(t, b.folder, "flood")
	if _, err := interleave(r, tracks, begin); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	return r.done(t)
}

// conversation is a handshake with something that no protocol knows, and a SYN from
// a random source.
func conversation(i int, random *rand.Rand) [4][]byte {
	const clients = 10<<24 | 64<<16 // 10.64.0.0, sixteen conversations each
	client, clientPort := uint32(clients+i/16), uint16(firstEphemeral+i%16*7)
	server, serverPort := uint32(10<<24|250<<16|i%200), uint16(7000)
	sequence, answer := random.Uint32(), random.Uint32()
	syn := tcpFrame(client, server, clientPort, serverPort, sequence, 0, 0x02, nil)
	ack := tcpFrame(server, client, serverPort, clientPort, answer, sequence+1, 0x12, nil)
	data := tcpFrame(client, server, clientPort, serverPort, sequence+1, answer+1, 0x18, []byte("nothing that anybody knows\n"))
	return [4][]byte{syn, ack, data, tcpFrame(random.Uint32()|1<<30, 10<<24|77<<16|80, uint16(random.Uint32()|1<<15), 80, random.Uint32(), 0, 0x02, nil)}
}

// tcpFrame is a small frame from behind a router (RFC 791, RFC 9293), without
// checksums, which nobody here verifies.
func tcpFrame(from, to uint32, fromPort, toPort uint16, sequence, acknowledged uint32, flags byte, payload []byte) []byte {
	f := make([]byte, max(60, 54+len(payload)))
	copy(f, "\x00\x25\x90\x00\x00\xfe\x00\x25\x90\x00\x00\xfd\x08\x00\x45")
	binary.BigEndian.PutUint16(f[16:], uint16(40+len(payload)))
	f[22], f[23] = 63, 6
	binary.BigEndian.PutUint32(f[26:], from)
	binary.BigEndian.PutUint32(f[30:], to)
	binary.BigEndian.PutUint16(f[34:], fromPort)
	binary.BigEndian.PutUint16(f[36:], toPort)
	binary.BigEndian.PutUint32(f[38:], sequence)
	binary.BigEndian.PutUint32(f[42:], acknowledged)
	f[46], f[47] = 5<<4, flags
	binary.BigEndian.PutUint16(f[48:], 65535)
	copy(f[54:], payload)
	return f
}

// floodReplay replays the flood as a file.
func (b *bench) floodReplay(t *testing.T, tab *table, r recording, hospital []known) string {
	t.Helper()
	config := b.file(t, "flood.yaml", fmt.Sprintf("site: bench\nlimits: {conversations: %d, buffer_mib: %d}\n", narrow.conversations, narrow.bufferMiB))
	c := once(t, *program, "replay", "--config", config, "--format", "json", r.path)
	devices, _, err := asked("replay", "--config", config, "--format", "json", r.path)
	if err != nil {
		t.Fatal(err)
	}
	result := floodResult{how: "replay", frames: r.packets, rate: float64(r.packets) / c.wall.Seconds(), peak: c.memory, bound: narrow.bound(replayHeap), cpu: c.cpu}
	b.floodRow(t, tab, result, hospital, devices)
	return ""
}

// floodLive sends the flood past the daemon, as fast as it was made: its frames are
// evenly spaced, so a rate does what their times would, and tcpreplay keeps it better.
func (b *bench) floodLive(t *testing.T, tab *table, r recording, hospital []known, shunt string) string {
	t.Helper()
	w := newWire(t)
	d := b.listen(t, w.sensor, w.sensorCPU, shunt, narrow)
	curve, stop := watch(d.process.PID())
	p := passage{shunt: shunt, kernel: d.kernel}
	d.pass(t, w, r, &p, "--pps="+fmt.Sprint(4*flooded/int(floodTime.Seconds())), "--pps-multi=100")
	devices := d.devices(t)
	m := d.scrape(t)
	_, peak := resident(d.process.PID())
	stop()
	result := floodResult{how: "live, shunt " + shunt, kernel: d.kernel, frames: p.packets, rate: float64(p.packets) / p.seconds, lost: p.lost,
		peak: peak, bound: narrow.bound(liveHeap), cpu: p.daemon}
	b.floodRow(t, tab, result, hospital, devices)
	p.cable = w.lostBefore(t)
	p.check(t, r)
	if err := d.process.Stop(); err != nil {
		t.Logf("the daemon ended with %v", err)
	}
	return fmt.Sprintf("Live, shunt %s: memory in MB every 2 s: %s. Lost, refused or forgotten: %s.\n\n", shunt, curve(), m.nonzero(lossNames))
}

type floodResult struct {
	how, kernel string
	frames      int64
	rate, lost  float64
	peak, bound int64
	cpu         time.Duration
}

func (b *bench) floodRow(t *testing.T, tab *table, f floodResult, hospital, devices []known) {
	t.Helper()
	lost := missing(hospital, devices)
	for _, who := range lost[:min(toldDifferences, len(lost))] {
		t.Errorf("flood, %s: of the sample hospital is missing: %s", f.how, who)
	}
	if f.peak > f.bound {
		t.Errorf("flood, %s: %s MB of memory, and the bound is %s", f.how, megabytes(f.peak), megabytes(f.bound))
	}
	tab.add(f.how, f.kernel, f.frames, whole(f.rate/1000), whole(f.lost), megabytes(f.peak), megabytes(f.bound), fmt.Sprintf("%.2f", f.cpu.Seconds()),
		fmt.Sprintf("%d of %d", len(hospital)-len(lost), len(hospital)))
}

// watch looks at a process's memory until stop is called; curve tells what it saw.
func watch(pid int) (curve func() string, stop func()) {
	var seen []int64
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(watchEvery); ; {
			select {
			case <-end:
				tick.Stop()
				return
			case <-tick.C:
				now, _ := resident(pid)
				seen = append(seen, now)
			}
		}
	}()
	curve = func() string {
		text := ""
		for i := 0; i < len(seen); i += int(2 * time.Second / watchEvery) {
			text += megabytes(seen[i]) + " "
		}
		return text
	}
	return curve, func() { close(end); <-ended }
}
