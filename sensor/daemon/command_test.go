package daemon_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
)

// TestExitStatus goes through what scripts rely on: the status, what standard
// error says, and that standard output holds nothing else than what was asked for.
func TestExitStatus(t *testing.T) {
	t.Parallel()
	state, dir := northfield(t), t.TempDir()
	bad := write(t, dir, "bad.yaml", "site: x\nmode: {defualt: auto}\n")
	good := write(t, dir, "good.yaml", "site: x\n")
	none := filepath.Join(dir, "none")
	at := func(args ...string) []string { return append(args, "--state", state) }
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string // on standard error
		out  string // on standard output; "" for nothing at all, "*" for anything
	}{
		{"no command", nil, 2, "no command", ""},
		{"help", []string{"help"}, 0, "", "*"},
		{"help of one", []string{"replay", "-h"}, 0, "", "*"},
		{"help of one, the other way", []string{"help", "replay"}, 0, "", "*"},
		{"version", []string{"version"}, 0, "", "auscult "},
		{"unknown command", []string{"devcies"}, 2, `the nearest is "devices"`, ""},
		{"unknown flag", []string{"replay", "--frmat", "json", "x"}, 2, "the nearest is --format", ""},
		{"unknown format", at("devices", "--format", "jsn"), 2, `the nearest is "json"`, ""},
		{"unknown format of a device", at("device", "x", "--format", "txt"), 2, `the nearest is "text"`, ""},
		{"no such device as text", at("device", "nobody", "--format", "text"), 3, "auscult devices lists all", ""},
		{"unknown verb", at("register", "improt"), 2, `the nearest is "import"`, ""},
		{"unknown kind", at("register", "import", "--kind", "assts", good), 2, "assets", ""},
		{"unknown verb of an order", at("order", "o-1", "snd"), 2, `"order.send"`, ""},
		{"too many arguments", at("findings", "x"), 2, "takes no arguments", ""},
		{"replay of nothing", []string{"replay"}, 2, "at least one capture", ""},
		{"workers", []string{"replay", "--workers", "-1", "x"}, 2, "want 1 to 64", ""},
		{"now", []string{"replay", "--now", "yesterday", "x"}, 2, "--now", ""},
		{"check", []string{"check", "--config", good}, 0, "", "site: x"},
		{"check of a wrong key", []string{"check", "--config", bad}, 2, "bad.yaml:2", ""},
		{"check of no file", []string{"check", "--config", none}, 2, "none", ""},
		{"run with a wrong key", []string{"run", "--config", bad}, 2, "default", ""},
		{"replay with a wrong key", []string{"replay", "--config", bad, "x"}, 2, "bad.yaml:2", ""},
		{"no such capture", []string{"replay", "--format", "json", none}, 1, "none", ""},
		{"no such register", at("register", "import", "--kind", "assets", none), 1, "none", ""},
		{"no daemon", []string{"devices", "--socket", none}, 1, "--state", ""},
		{"no such device", at("device", "nobody"), 3, "auscult devices lists all", ""},
		{"no such order", at("order", "o-nobody"), 3, "auscult orders lists all", ""},
		{"no such filter", at("devices", "no-such-word"), 3, "no-such-word", ""},
		{"nothing to confirm", at("register", "confirm", "999999", "QP-880021"), 3, "999999", ""},
		{"no CMMS", at("cmms", "test"), 2, "cmms.system", ""},
		{"audit", at("audit", "verify"), 0, "none altered", ""},
		{"a user without a password", at("user", "add", "zoe"), 2, "password", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := auscult(t, tt.args...)
			if o.code != tt.code || !strings.Contains(o.err, tt.says) {
				t.Errorf("status %d, want %d; says %q, want %q", o.code, tt.code, o.err, tt.says)
			}
			if tt.out == "" && o.out != "" || tt.out != "*" && !strings.Contains(o.out, tt.out) {
				t.Errorf("standard output: %q, want %q", o.out, tt.out)
			}
			if tt.code != 0 && strings.Count(o.err, "auscult: ") != 1 {
				t.Errorf("the message does not stand alone: %q", o.err)
			}
		})
	}
}

// TestJSONIsPure reads every list as one JSON object a line.
func TestJSONIsPure(t *testing.T) {
	t.Parallel()
	state := northfield(t)
	for _, args := range [][]string{{"devices"}, {"findings"}, {"orders"}, {"audit"}, {"register", "matches"}, {"register", "report"}, {"feeds", "list"}, {"user", "list"}} {
		o := must(t, append(args, "--format", "json", "--state", state)...)
		for line := range strings.Lines(o.out) {
			if !json.Valid([]byte(line)) || line[0] != '{' {
				t.Errorf("%v: %q", args, line)
			}
		}
		if o.err != "" {
			t.Errorf("%v says %q", args, o.err)
		}
	}
	o := must(t, "devices", "--format", "fhir", "--state", state)
	for _, d := range objects[map[string]any](t, o.out) {
		if d["resourceType"] != "Device" {
			t.Errorf("--format fhir: %v", d["resourceType"])
		}
	}
}

// TestCSV reads the lists as a spreadsheet would, and finds no formula.
func TestCSV(t *testing.T) {
	t.Parallel()
	state := northfield(t)
	for _, list := range []string{"devices", "findings", "orders"} {
		rows, err := csv.NewReader(strings.NewReader(must(t, list, "--format", "csv", "--state", state).out)).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Fatalf("%s: %d rows, %v", list, len(rows), err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
					t.Errorf("%s: a spreadsheet would run %q", list, cell)
				}
			}
		}
	}
}

// TestDeviceByEveryKey opens one device by everything that a person may have at
// hand.
func TestDeviceByEveryKey(t *testing.T) {
	t.Parallel()
	state := northfield(t)
	k := read(t, "--state", state)
	pump, gateway := k.control(t, "000101"), k.device(t, "the gateway", func(d inventory.Device) bool { return d.Type == "infusion-gateway" })
	for _, tt := range []struct{ word, id string }{
		{pump.ID, pump.ID}, {"000101", pump.ID}, {"QP-880021", pump.ID}, {"qp-880021", pump.ID}, {pump.Aliases[0], pump.ID},
		{"00:00:5e:00:53:42", gateway.ID}, {"00-00-5E-00-53-42", gateway.ID}, {"10.40.1.42", gateway.ID},
		{"NFCT1", ""}, {"PW-9001", ""},
	} {
		o := auscult(t, "device", tt.word, "--state", state)
		var d inventory.Device
		err := json.Unmarshal([]byte(o.out), &d)
		switch {
		case o.code != 0 || err != nil:
			t.Errorf("device %s: status %d: %s%v", tt.word, o.code, o.err, err)
		case tt.id != "" && d.ID != tt.id:
			t.Errorf("device %s is %s, want %s", tt.word, d.ID, tt.id)
		}
	}
}

// TestDeviceAsText shows a device to people with the titles of what is wrong and
// done, and to scripts in one line where they ask for it.
func TestDeviceAsText(t *testing.T) {
	t.Parallel()
	state := northfield(t)
	pump := read(t, "--state", state).control(t, "000101")
	text := must(t, "device", "000101", "--format", "text", "--state", state).out
	for _, want := range append(append([]string{"device         " + pump.ID + "\n", "QP-880021", "evidence ("}, pump.Findings...), pump.Orders...) {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not say %q:\n%s", want, text)
		}
	}
	if len(pump.Orders) == 0 || strings.Contains(text, "{") {
		t.Errorf("no order was looked for, or the text holds an object:\n%s", text)
	}
	if line := must(t, "device", "000101", "--format", "json", "--state", state).out; strings.Count(line, "\n") != 1 {
		t.Errorf("one object takes %d lines", strings.Count(line, "\n"))
	}
}

// TestCheckPrintsWhatTakesEffect: the printed configuration can be checked again
// and gives itself; secrets stay in their files.
func TestCheckPrintsWhatTakesEffect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := write(t, dir, "password", "hunter-2-made-up\n")
	path := write(t, dir, "auscult.yaml", "site: north\ncmms: {system: servicenow, url: https://cmms.example.org, user: auscult, password_file: "+secret+"}\n")
	first := must(t, "check", "--config", path)
	for _, want := range []string{"site: north", "commit_interval: 2s", "default: observe"} {
		if !strings.Contains(first.out, want) {
			t.Errorf("no %q in what takes effect", want)
		}
	}
	if strings.Contains(first.out+first.err, "hunter-2") {
		t.Error("the password is printed")
	}
	again := must(t, "check", "--config", write(t, dir, "again.yaml", first.out))
	if again.out != first.out {
		t.Errorf("what takes effect is not what it gives:\n%s", again.out)
	}
}

// TestStandardInput replays from a pipe.
func TestStandardInput(t *testing.T) {
	t.Parallel()
	f := newFilm(t, monday).round(ownPump("2.1", standingBy()))
	path := filepath.Join(t.TempDir(), "round.pcap")
	f.save(t, path)
	cmd := exec.Command(program(t), "replay", "--format", "json", "-")
	cmd.Stdin = strings.NewReader(string(f.Pcap()))
	piped, named := finish(t, cmd), must(t, "replay", "--format", "json", path)
	if piped.code != 0 || piped.out != named.out || piped.out == "" {
		t.Errorf("status %d, %d bytes from the pipe, %d from the file: %s", piped.code, len(piped.out), len(named.out), piped.err)
	}
	if read := must(t, "replay", path); !strings.HasPrefix(read.out, "ID ") {
		t.Errorf("the table begins %.60q", read.out)
	}
}

// TestInterrupted: a replay that a person ends says so, and keeps nothing half done.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(program(t), "replay", "--format", "json", "-")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// Frames without end, until the program has had enough.
	f := newFilm(t, monday)
	for range 200 {
		f.round(ownPump("2.1", standingBy()))
	}
	all := f.Pcap()
	if _, err := in.Write(all); err != nil {
		t.Fatal(err)
	}
	const header = 24 // of a classic pcap file
	interrupted := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for _, err := in.Write(all[header:]); err == nil; _, err = in.Write(all[header:]) {
		if time.Since(interrupted) > 30*time.Second {
			t.Fatal("a replay does not end when it is interrupted")
		}
	}
	_ = cmd.Wait() // the status tells
	if code := cmd.ProcessState.ExitCode(); code != 130 || out.Len() != 0 || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("status %d, %d bytes, says %q", code, out.Len(), errs.String())
	}
}
