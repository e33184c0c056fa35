package main_test

import (
	"errors"
	"fmt"

	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

const (
	// rounds is how often every program reads every capture, in turns, so that a
	// moment at which the machine was busy hits them all.
	rounds = 5
	// sliceBytes is how much of the DICOM-heavy capture tshark is given: it needs
	// minutes for all of it.
	sliceBytes = 16 << 20
	// floor and peer are the programs that ratios are against.
	floor, peer = "tcpdump", "ndpiReader"
)

// reader is a program that reads a capture file. The flags are those that print
// least.
type reader struct {
	name string
	args func(path, scratch string) []string
	// proof finds, in what the program says, how many packets it has read; nil where
	// it says nothing of the kind.
	proof *regexp.Regexp
	// partly says that the program counts only the packets that it looks at.
	partly bool
}

// readers are what is compared, ourselves first.
func readers() []reader {
	return []reader{
		{name: "auscult", args: func(path, _ string) []string { return []string{"replay", "--format", "json", path} }},
		{name: peer, args: func(path, _ string) []string { return []string{"-q", "-i", path} }},
		{name: "p0f", args: func(path, scratch string) []string {
			return []string{"-r", path, "-o", filepath.Join(scratch, "p0f.log")}
		},
			proof: regexp.MustCompile(`Processed (\d+) packets`), partly: true},
		{name: "prads", args: func(path, _ string) []string { return []string{"-r", path, "-l", "/dev/null"} },
			proof: regexp.MustCompile(`Total packets received from libpcap\s*:\s*(\d+)`)},
		{name: floor, args: func(path, _ string) []string { return []string{"-n", "-Z", "root", "-r", path, "-w", "/dev/null"} }},
	}
}

// path is the program's file, "" where it is not installed.
func (r reader) path() string {
	if r.name == "auscult" {
		return *program
	}
	path, err := exec.LookPath(r.name)
	if err != nil {
		return ""
	}
	return path
}

// replay compares what it costs to read captures.
func (b *bench) replay(t *testing.T) {
	tab := newTable(2, "capture", "program", "CPU s", "wall s", "packets/s", "Gbit/s", "peak MB", "CPU ÷ "+peer, "CPU ÷ "+floor)
	for _, r := range []recording{b.start, b.dicom, b.everyday, b.hospital} {
		if r.path == "" {
			continue
		}
		b.compare(t, tab, r)
	}
	if b.lacking != "" {
		tab.add("DICOM-heavy, everyday mix", "skipped: "+b.lacking)
	}
	b.say("### Replay")
	b.say("%s", tab)
	b.say("CPU is user and system time. Least of %d runs (median), the programs in turns; rates are of the least wall time. p0f, prads and tcpdump find no "+
		"device; tcpdump copies the file to nowhere, which is the floor.", often(rounds))
	b.slice(t)
	b.found(t)
}

// compare runs all programs on one capture, in turns.
func (b *bench) compare(t *testing.T, tab *table, r recording) {
	t.Helper()
	all := readers()
	costs := make(map[string]series)
	for round := range often(rounds) {
		for _, p := range all {
			if p.path() == "" {
				continue
			}
			if round == 0 {
				p.prove(t, r, b.folder)
			}
			costs[p.name] = append(costs[p.name], once(t, p.path(), p.args(r.path, b.folder)...))
		}
	}
	own := inherited(t)
	title := fmt.Sprintf("%s: %.0f MB, %d packets", r.name, float64(r.bytes)/1e6, r.packets)
	for _, p := range all {
		s := costs[p.name]
		if s == nil {
			tab.add(title, p.name, "not installed")
			continue
		}
		tab.add(title, p.name, both(s, cpu), both(s, wall), thousands(r, s), fmt.Sprintf("%.2f", r.gigabits(least(s, wall))), peak(s, own),
			over(s, costs[peer]), over(s, costs[floor]))
		title = ""
	}
}

func thousands(r recording, s series) string {
	return fmt.Sprintf("%.0f k", float64(r.packets)/least(s, wall).Seconds()/1000)
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f", float64(n)/1e6) }

// prove checks that a program has read the whole capture, by its own word.
func (r reader) prove(t *testing.T, of recording, scratch string) {
	t.Helper()
	if r.proof == nil {
		return
	}
	out, err := exec.CommandContext(limited(t), r.path(), r.args(of.path, scratch)...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v: %s", r.name, err, out)
		return
	}
	found := r.proof.FindSubmatch(out)
	if found == nil {
		t.Errorf("%s does not say how many packets of %s it has read: %s", r.name, of.name, out)
		return
	}
	n, err := strconv.ParseInt(string(found[1]), 10, 64)
	if err != nil || n != of.packets && !r.partly {
		t.Errorf("%s has read %d of the %d packets of %s: %v", r.name, n, of.packets, of.name, err)
	}
}

// tsharkFields are what DICOM says of who speaks.
var tsharkFields = []string{"-T", "fields", "-e", "dicom.assoc.ae.calling", "-e", "dicom.assoc.ae.called", "-e", "dicom.tag", "-e", "dicom.tag.value.str"}

// slice compares with tshark, the other program here that reads DICOM identity.
func (b *bench) slice(t *testing.T) {
	t.Helper()
	tshark := lacks("tshark")
	if tshark != "" || b.lacking != "" {
		b.say("tshark: skipped: %s%s.", tshark, b.lacking)
		return
	}
	part := newRecording(t, b.folder, "slice")
	err := each(b.dicom.path, func(at *tape) error {
		if part.bytes >= sliceBytes {
			return errSliced
		}
		return part.add(at.when, at.data)
	})
	if err != nil && !errors.Is(err, errSliced) {
		t.Logf("slice: %v", err)
	}
	r := part.done(t)
	ours, theirs := series{}, series{}
	for range often(3) {
		ours = append(ours, once(t, *program, "replay", "--format", "json", r.path))
		theirs = append(theirs, once(t, "tshark", append([]string{"-n", "-r", r.path, "-Y", "dicom"}, tsharkFields...)...))
	}
	b.say("tshark takes %.1f CPU seconds and %s MB for the first %.0f MB of the DICOM-heavy capture, with AE titles and tags as fields; auscult %.2f and %s MB: %s times less.",
		least(theirs, cpu).Seconds(), megabytes(middle(theirs, memory)), float64(r.bytes)/1e6, least(ours, cpu).Seconds(), megabytes(middle(ours, memory)), over(theirs, ours))
}

// errSliced ends the reading of a capture early.
var errSliced = errors.New("enough was read")

// found checks that replays know every machine that was recorded.
func (b *bench) found(t *testing.T) {
	t.Helper()
	if b.lacking != "" {
		return
	}
	heavy, mixed := replayed(t, b.dicom.path), replayed(t, b.everyday.path)
	n := mustKnow(t, b.dicom.name, heavy, radiograph, tomograph)
	m := mustKnow(t, b.everyday.name, mixed, tomograph)
	lost := missing(replayed(t, samples(t)...), mixed)
	for _, who := range lost {
		t.Errorf("%s: of the sample hospital is missing: %s", b.everyday.name, who)
	}
	b.say("Identities: %d of 2 imaging machines found in the DICOM-heavy capture, with maker, model, serial number, software and AE title; in the everyday mix "+
		"%d of 1, and %d of the sample hospital's devices missing.", n, m, len(lost))
}
