package demo_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/sensor/daemon"
	"github.com/auscult/auscult/sensor/demo"
)

var update = flag.Bool("update", false, "write the golden files anew, to be read before they are kept")

// replay gives the inventory that capture files make, without a register.
func replay(t *testing.T, workers int, paths ...string) [][]byte {
	t.Helper()
	c := configs.Default()
	c.Site, c.Workers = "sample", workers
	result, err := daemon.Replay(t.Context(), daemon.ReplayOptions{Config: c, Captures: paths})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Warnings) > 0 {
		t.Errorf("warnings: %q", result.Warnings)
	}
	var all [][]byte
	for _, d := range result.Devices {
		all = append(all, d)
	}
	return all
}

// captures writes acts to files.
func captures(t *testing.T, acts ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for _, act := range acts {
		body, err := demo.Capture(act)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, act)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// TestGoldenInventory compares what the sample says with what a person has read
// and found right: everybody who was on the bridge, and nobody else.
func TestGoldenInventory(t *testing.T) {
	for name, acts := range map[string][]string{"morning": {demo.Morning}, "afternoon": demo.Acts()} {
		t.Run(name, func(t *testing.T) {
			got := describe(t, replay(t, 1, captures(t, acts...)...))
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the inventory differs from %s; where it is right, go test -update\n%s", path, got)
			}
		})
	}
}

// describe writes a few lines for each device, by its address or serial number:
// ids, counts and times change with every recording.
func describe(t *testing.T, devices [][]byte) string {
	t.Helper()
	var all []string
	for _, raw := range devices {
		var d inventory.Device
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%s: %s, %s\n", strings.Join(append(slices.Clone(d.IPs), d.SerialNumber), " "), d.Type, d.Presence)
		line := func(label string, parts ...string) {
			if parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" }); len(parts) > 0 {
				fmt.Fprintf(&b, "  %-8s %s\n", label, strings.Join(parts, ", "))
			}
		}
		line("is", append([]string{d.Manufacturer, d.Model}, d.SoftwareVersions...)...)
		line("named", slices.Concat(d.AETitles, d.StationNames, d.Hostnames)...)
		line("at", slices.Concat(d.MACs, []string{d.Location, d.OS})...)
		line("does", d.Roles...)
		line("use", string(d.Use.State), string(d.Use.Activity), string(d.Use.Hazard))
		for _, c := range d.Use.Channels {
			if c.Name != "" && !strings.HasPrefix(c.Name, "procedure ") {
				line(" "+c.Name, string(c.State), c.Agent, c.Rate)
			}
		}
		for _, c := range d.Conflicts {
			line("conflict", c.Says)
		}
		all = append(all, b.String())
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

// TestInvariant06Deterministic: neither the workers nor the number of files
// changes a byte of the inventory.
func TestInvariant06Deterministic(t *testing.T) {
	paths := captures(t, demo.Acts()...)
	want := replay(t, 1, paths...)
	if len(want) < 15 {
		t.Fatalf("only %d devices", len(want))
	}
	whole := records(t, paths)
	for name, got := range map[string][][]byte{
		"four workers":            replay(t, 4, paths...),
		"one file":                replay(t, 1, pieces(t, whole, 1)...),
		"seven files, 3 workers":  replay(t, 3, pieces(t, whole, 7)...),
		"forty files, one worker": replay(t, 1, pieces(t, whole, 40)...),
	} {
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%s: %d devices; they differ from those of one worker and three files", name, len(got))
		}
	}
}

// The lengths of a capture file's head and of a record's (pcap-savefile(5)).
const fileHead, recordHead = 24, 16

// records are all records of capture files, with their heads.
func records(t *testing.T, paths []string) [][]byte {
	t.Helper()
	var all [][]byte
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for body = body[fileHead:]; len(body) >= recordHead; {
			n := recordHead + int(body[8]) + int(body[9])<<8
			all = append(all, body[:n])
			body = body[n:]
		}
	}
	return all
}

// pieces writes records to n files.
func pieces(t *testing.T, all [][]byte, n int) []string {
	t.Helper()
	head, err := demo.Capture(demo.Morning)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var paths []string
	for i := range n {
		body := slices.Clone(head[:fileHead])
		for _, r := range all[i*len(all)/n : (i+1)*len(all)/n] {
			body = append(body, r...)
		}
		path := filepath.Join(dir, fmt.Sprintf("%02d.pcap", i))
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}
