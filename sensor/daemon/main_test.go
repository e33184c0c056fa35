package daemon_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// TestMain removes the program that program built.
func TestMain(m *testing.M) {
	code := m.Run()
	if dir := built.dir; dir != "" {
		_ = os.RemoveAll(dir) // it lies in the system's temporary folder
	}
	os.Exit(code)
}

// built is the program as the tests run it: the shipped one, with the race
// detector where the tests have it.
var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// program returns the path of auscult, built from this tree.
func program(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "auscult-test-"); built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "auscult")
		args := append([]string{"build"}, raceFlags()...)
		out, err := exec.Command("go", append(args, "-o", built.path, "github.com/auscult/auscult/cmd/auscult")...).CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if built.err != nil {
		t.Fatalf("build auscult: %v", built.err)
	}
	return built.path
}

// outcome is what one command did.
type outcome struct {
	out, err string
	code     int
}

// auscult runs one command without standard input.
func auscult(t testing.TB, args ...string) outcome {
	t.Helper()
	return finish(t, exec.Command(program(t), args...))
}

// noLinger keeps a program with the race detector from waiting a second at its end.
const noLinger = "GORACE=atexit_sleep_ms=0"

// finish runs a command to its end.
func finish(t testing.TB, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append(cmd.Environ(), noLinger)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", strings.Join(cmd.Args, " "), err)
	}
	o := outcome{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
	if strings.Contains(o.err, "DATA RACE") || strings.Contains(o.err, "panic:") {
		t.Errorf("%s: %s", strings.Join(cmd.Args[1:], " "), o.err)
	}
	return o
}

// must runs a command that has to succeed.
func must(t testing.TB, args ...string) outcome {
	t.Helper()
	o := auscult(t, args...)
	if o.code != 0 {
		t.Fatalf("auscult %s: status %d: %s", strings.Join(args, " "), o.code, o.err)
	}
	return o
}

// objects decodes one JSON object a line, and nothing else.
func objects[T any](t testing.TB, out string) []T {
	t.Helper()
	var all []T
	for line := range strings.Lines(out) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("a line of standard output is no JSON object: %v: %.200s", err, line)
		}
		all = append(all, v)
	}
	return all
}

// known is what the reading commands show of one state.
type known struct {
	devices  []inventory.Device
	findings []remediation.Finding
	orders   []remediation.WorkOrder
}

// read asks the commands; where is --state FILE or --socket FILE.
func read(t testing.TB, where ...string) known {
	t.Helper()
	ask := func(what string) string {
		return must(t, append([]string{what, "--format", "json"}, where...)...).out
	}
	return known{objects[inventory.Device](t, ask("devices")), objects[remediation.Finding](t, ask("findings")), objects[remediation.WorkOrder](t, ask("orders"))}
}

// device returns the only device that fits, or fails.
func (k known) device(t testing.TB, what string, fits func(inventory.Device) bool) inventory.Device {
	t.Helper()
	var all []inventory.Device
	for _, d := range k.devices {
		if fits(d) {
			all = append(all, d)
		}
	}
	if len(all) != 1 {
		t.Fatalf("%d devices are %s, want one", len(all), what)
	}
	return all[0]
}

// control returns the device with a control number.
func (k known) control(t testing.TB, number string) inventory.Device {
	t.Helper()
	return k.device(t, "control "+number, func(d inventory.Device) bool { return d.Asset != nil && d.Asset.ControlNumber == number })
}

// serial returns the device that says a serial number.
func (k known) serial(t testing.TB, number string) inventory.Device {
	t.Helper()
	return k.device(t, "serial "+number, func(d inventory.Device) bool { return d.SerialNumber == number })
}

// finding returns the finding of one cause on a device; its status is "" where
// there is none.
func (k known) finding(d inventory.Device, cause string) remediation.Finding {
	for _, f := range k.findings {
		if f.Device == d.ID && f.Cause == cause {
			return f
		}
	}
	return remediation.Finding{}
}

// order returns the order for one cause on a device; its state is "" where there
// is none.
func (k known) order(d inventory.Device, cause string) remediation.WorkOrder {
	id := k.finding(d, cause).ID
	for _, o := range k.orders {
		if o.Device != d.ID {
			continue
		}
		for _, f := range o.Findings {
			if f == id {
				return o
			}
		}
	}
	return remediation.WorkOrder{}
}

// codes lists why a gate is shut.
func codes(g remediation.Gate) string {
	var all []string
	for _, h := range g.Holds {
		all = append(all, string(h.Code))
	}
	return strings.Join(all, " ")
}

// holds reports whether a gate is shut for a reason.
func holds(g remediation.Gate, code remediation.HoldCode) bool {
	return strings.Contains(" "+codes(g)+" ", " "+string(code)+" ")
}

// refusal returns why a person was refused, "" where they were not.
func refusal(o remediation.WorkOrder, person string) string {
	for _, r := range o.Refused {
		if r.Person == person {
			return r.Why
		}
	}
	return ""
}

// write puts a file into a folder and returns its path.
func write(t testing.TB, dir, name, body string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// shared returns the path of a file of the shared material, which is beside the
// repository where it is there at all.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs the shared material: %v", err)
	}
	return path
}

// needs skips a test whose partner is not installed.
func needs(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s, which is not installed", p)
		}
	}
}
