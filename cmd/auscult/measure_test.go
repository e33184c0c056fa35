package main_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	// program is the binary to measure; without it nothing is measured.
	program = flag.String("measure", "", "measure this auscult `PROGRAM`, as make bench does")
	only    = flag.String("measure.only", "", "measure only these `PARTS` of replay, cost, live, flood and workers, with commas between them")
	turns   = flag.Int("measure.rounds", 0, "`TIMES` that each is measured; 0 is as often as the table needs")
	page    = flag.String("measure.page", "", "write the tables into this `FILE` instead of printing them")
)

// bench is one measurement: what was recorded for it, and what it has to say.
type bench struct {
	folder                string
	start, hospital       recording
	dicom, everyday, long recording // without a path where lacking says why
	lacking               string
	parts                 parts
	shares                []share // of the everyday mix
	text                  strings.Builder
}

// TestMeasure prints, as Markdown, what auscult costs beside other programs, in
// replay and on a wire. How fast a machine is it does not judge; that nothing is
// lost unseen, that no identity is missing and that results agree, it does.
func TestMeasure(t *testing.T) {
	if *program == "" {
		t.Skip("measures only when asked to: make bench")
	}
	b := &bench{folder: t.TempDir()}
	b.record(t)
	for _, part := range []struct {
		name    string
		measure func(*testing.T)
	}{{"replay", b.replay}, {"cost", b.cost}, {"workers", b.workers}, {"live", b.live}, {"flood", b.flood}} {
		if wantedPart(part.name) {
			began := time.Now()
			t.Run(part.name, part.measure)
			t.Logf("%s took %v", part.name, time.Since(began).Round(time.Second))
		}
	}
	b.say("%s, %d processors, %s, Linux %s.", processor(), runtime.NumCPU(), runtime.Version(), release())
	b.publish(t)
}

func wantedPart(name string) bool {
	return *only == "" || slices.Contains(strings.Split(*only, ","), name)
}

// often is how often something is measured: fewer times where only a trial is asked
// for.
func often(times int) int {
	if *turns > 0 {
		return *turns
	}
	return times
}

// say adds a paragraph, a heading or a table.
func (b *bench) say(format string, a ...any) {
	b.text.WriteString("\n" + strings.TrimSpace(fmt.Sprintf(format, a...)) + "\n")
}

func (b *bench) publish(t *testing.T) {
	t.Helper()
	if *page == "" {
		fmt.Print(b.text.String())
		return
	}
	if err := os.WriteFile(*page, []byte(b.text.String()), 0o644); err != nil {
		t.Errorf("the tables could not be written: %v", err)
	}
}

// record makes the captures that the parts need. Those that need machines in
// network namespaces are left out where they cannot be had.
func (b *bench) record(t *testing.T) {
	t.Helper()
	b.start, b.hospital = startup(t, b.folder), hospital(t, b.folder)
	if b.lacking = lacks(recordingTools...); b.lacking != "" {
		return
	}
	b.lacking = "the recording failed; the test's output says why"
	t.Run("record", func(t *testing.T) {
		b.parts = recordParts(t, b.folder)
		b.dicom, b.everyday = b.heavy(t, b.parts), b.mix(t, b.parts)
		b.long = b.longer(t)
		b.lacking = ""
	})
	if b.lacking == "" {
		b.say("The everyday mix, %s of it: %s.", day, composition(b.shares, b.everyday))
	}
}

// lacks says what is missing to run these tools in network namespaces, "" when
// nothing is.
func lacks(tools ...string) string {
	if os.Geteuid() != 0 {
		return "needs root, for network namespaces"
	}
	var missing []string
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			missing = append(missing, tool)
		}
	}
	if len(missing) > 0 {
		return "needs " + strings.Join(missing, ", ")
	}
	return ""
}

// table is a Markdown table whose first columns are text.
type table struct {
	heads []string
	texts int
	rows  [][]string
}

func newTable(texts int, heads ...string) *table { return &table{heads: heads, texts: texts} }

func (t *table) add(cells ...any) {
	row := make([]string, len(t.heads))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	t.rows = append(t.rows, row)
}

func (t *table) String() string {
	var s strings.Builder
	line := func(cells []string) { fmt.Fprintf(&s, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.heads)
	rule := "|"
	for i := range t.heads {
		rule += map[bool]string{true: "---|", false: "--:|"}[i < t.texts]
	}
	s.WriteString(rule + "\n")
	for _, r := range t.rows {
		line(r)
	}
	return s.String()
}

// processor is the name of the processor, as the kernel tells it.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return runtime.GOARCH
}

func release() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "of unknown release"
	}
	return strings.TrimSpace(string(b))
}

// file writes a small file into the bench's folder.
func (b *bench) file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(b.folder, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}
