package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// toldDifferences is how many differences between two inventories are spelled out.
const toldDifferences = 12

// known is what two inventories must agree in: who a device is and what it does.
// Ids are minted in wire order, and counts and times differ between a wire and a
// file, so they are left out.
type known struct {
	Type         string   `json:"type"`
	Presence     string   `json:"presence"`
	Manufacturer string   `json:"manufacturer"`
	Model        string   `json:"model"`
	Serial       string   `json:"serial_number"`
	Software     []string `json:"software_versions"`
	Hostnames    []string `json:"hostnames"`
	Stations     []string `json:"station_names"`
	AETitles     []string `json:"ae_titles"`
	MACs         []string `json:"macs"`
	IPs          []string `json:"ips"`
	Location     string   `json:"location"`
	Roles        []string `json:"roles"`
	Use          struct {
		State    string `json:"state"`
		Activity string `json:"activity"`
		Channels []struct {
			Name  string `json:"name"`
			State string `json:"state"`
		} `json:"channels"`
	} `json:"use"`
}

// identity is who the device is, without its use.
func (k known) identity() string {
	return fmt.Sprintf("%s %s | %s | %s | %s | software %v | hosts %v | stations %v | AE %v | MAC %v | IP %v | %s | %v",
		k.Presence, k.Type, k.Manufacturer, k.Model, k.Serial, k.Software, k.Hostnames, k.Stations, k.AETitles, k.MACs, k.IPs, k.Location, k.Roles)
}

func (k known) use() string {
	use := k.Use.State + " " + k.Use.Activity
	for _, c := range k.Use.Channels {
		use += fmt.Sprintf(", channel %q %s", c.Name, c.State)
	}
	return use
}

// asked runs the program and reads the devices that it prints, one object a line.
func asked(args ...string) ([]known, []byte, error) {
	var said bytes.Buffer
	cmd := exec.Command(*program, args...)
	cmd.Stderr = &said
	raw, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("auscult %s: %w: %s", strings.Join(args, " "), err, said.String())
	}
	devices, err := decoded(raw)
	return devices, raw, err
}

func decoded(raw []byte) (all []known, err error) {
	for d := json.NewDecoder(bytes.NewReader(raw)); ; {
		var k known
		if err := d.Decode(&k); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return all, err
		}
		for _, list := range [][]string{k.Software, k.Hostnames, k.Stations, k.AETitles, k.MACs, k.IPs, k.Roles} {
			slices.Sort(list)
		}
		all = append(all, k)
	}
}

// replayed is what a replay of captures knows.
func replayed(t *testing.T, paths ...string) []known {
	t.Helper()
	devices, _, err := asked(append([]string{"replay", "--format", "json"}, paths...)...)
	if err != nil {
		t.Fatal(err)
	}
	return devices
}

// knows reports whether the inventory has the machine of an image object, with the
// AE title that sent it.
func knows(devices []known, m machine) bool {
	return slices.ContainsFunc(devices, func(k known) bool {
		return k.Manufacturer == m.Manufacturer && k.Model == m.Model && k.Serial == m.Serial && slices.Contains(k.Software, m.Software) && slices.Contains(k.AETitles, m.AE)
	})
}

// mustKnow fails the test for each machine that is missing.
func mustKnow(t *testing.T, where string, devices []known, machines ...machine) (found int) {
	t.Helper()
	for _, m := range machines {
		if knows(devices, m) {
			found++
			continue
		}
		t.Errorf("%s: the recording holds %+v, and none of %d devices is it", where, m, len(devices))
	}
	return found
}

// differences are the lines which only one of two inventories has.
func differences(a, b []known, line func(known) string) (onlyA, onlyB []string) {
	left := map[string]int{}
	for _, k := range a {
		left[line(k)]++
	}
	for _, k := range b {
		if left[line(k)] == 0 {
			onlyB = append(onlyB, line(k))
			continue
		}
		left[line(k)]--
	}
	for text, n := range left {
		for range n {
			onlyA = append(onlyA, text)
		}
	}
	slices.Sort(onlyA)
	return onlyA, onlyB
}

// agree fails the test where two inventories differ, and returns how many lines do.
func agree(t *testing.T, what string, a, b []known) int {
	t.Helper()
	withUse := func(k known) string { return k.identity() + " | " + k.use() }
	onlyA, onlyB := differences(a, b, withUse)
	n := len(onlyA) + len(onlyB)
	if n == 0 {
		return 0
	}
	t.Errorf("%s: %d devices against %d, %d lines differ", what, len(a), len(b), n)
	for _, side := range []struct {
		mark  string
		lines []string
	}{{"only the first", onlyA}, {"only the second", onlyB}} {
		for _, text := range side.lines[:min(toldDifferences, len(side.lines))] {
			t.Logf("  %s: %s", side.mark, text)
		}
	}
	return n
}

// missing are those of want that got does not have: who a device is may be known
// better there, but what was known must be known still.
func missing(want, got []known) (lost []string) {
	for _, w := range want {
		if !slices.ContainsFunc(got, func(g known) bool { return covers(g, w) }) {
			lost = append(lost, w.identity())
		}
	}
	return lost
}

// covers reports whether g says all that w says of who the device is.
func covers(g, w known) bool {
	return g.Manufacturer == w.Manufacturer && g.Model == w.Model && g.Serial == w.Serial && g.Type == w.Type &&
		containsAll(g.AETitles, w.AETitles) && containsAll(g.Hostnames, w.Hostnames) && containsAll(g.MACs, w.MACs) && containsAll(g.IPs, w.IPs)
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}
