package syslog_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/auscult/auscult/sensor/syslog"
)

var update = flag.Bool("update", false, "write the golden file anew; read it afterwards")

func examples() []syslog.Event {
	return []syslog.Event{
		{ID: syslog.Heartbeat, Severity: syslog.Informational, Site: "stv"},
		{ID: syslog.DeviceNew, Severity: syslog.Notice, When: at(1), Site: "stv", Device: "d-7f3a", Fields: map[string]string{
			"type": "infusion-pump", "maker": "Example Medical", "model": "Duo", "ip": "192.0.2.10", "mac": "00:12:21:00:00:01", "department": ""}},
		{ID: syslog.FindingNew, Severity: syslog.Warning, When: at(2), Site: "stv", Device: "d-7f3a", ControlNumber: "030501", Says: "Session\nhandling [in] \"Duo\"\u2028 \x00pump", Fields: map[string]string{
			"finding": "f-1", "cause": `a"b\c]d`, "cvss": "9.8", "kev": "true", "use": "in-use", "caution": "high", "control": "999999", "owner": "Klinik für Anästhesie"}},
		{ID: syslog.FindingClosed, Severity: syslog.Notice, When: at(3), Site: "stv", Device: "d-7f3a", Fields: map[string]string{"status": "resolved", "finding": strings.Repeat("ä", 200)}},
		{ID: syslog.OrderState, Severity: syslog.Notice, When: at(4), Site: "stv", Device: "d-7f3a", Fields: map[string]string{"order": "o-1", "number": "INC0010001", "from": "ready", "state": "submitted", "control": "030501"}},
		{ID: syslog.CaptureLoss, Severity: syslog.Warning, When: at(5), Site: "stv", Fields: map[string]string{"tap": "span0", "ratio": "0.02"}},
		{ID: syslog.TransmitAlarm, Severity: syslog.Alert, When: at(6), Site: "stv", Fields: map[string]string{"interface": "ens2", "count": "1"}},
	}
}

// TestGolden compares the octets on the wire with testdata/messages.golden.
func TestGolden(t *testing.T) {
	r := listen(t, loopback(t))
	e := exporter(t, syslog.Options{Transport: syslog.TCP, Address: r.Addr().String()}, t.TempDir())
	var got strings.Builder
	for _, ev := range examples() {
		if err := e.Send(ev); err != nil {
			t.Fatal(err)
		}
	}
	run(t, e)
	for range examples() {
		got.WriteString(r.next(t) + "\n")
	}
	const golden = "testdata/messages.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("sends\n%s\nwant\n%s", got.String(), want)
	}
}

// TestMessageFits: the longest event stays within what receivers should take.
func TestMessageFits(t *testing.T) {
	r := listen(t, loopback(t))
	e := exporter(t, syslog.Options{Transport: syslog.TCP, Address: r.Addr().String()}, t.TempDir())
	long := strings.Repeat(`"]\`, 300)
	ev := syslog.Event{ID: syslog.FindingNew, Site: long, Device: long, ControlNumber: long, Says: long, Fields: map[string]string{}}
	for _, name := range syslog.Fields() {
		ev.Fields[name] = long
	}
	if err := e.Send(ev); err != nil {
		t.Fatal(err)
	}
	run(t, e)
	if got := r.next(t); len(got) > 2048 || !strings.HasSuffix(got, `"]\`) && !strings.Contains(got, "[meta ") {
		t.Errorf("%d octets: %s", len(got), got)
	}
}

// TestWholeSentence: what a person at the SIEM is to check on the switch stands at the
// end of a long sentence, and is not cut.
func TestWholeSentence(t *testing.T) {
	r := listen(t, loopback(t))
	e := exporter(t, syslog.Options{Transport: syslog.TCP, Address: r.Addr().String()}, t.TempDir())
	says := strings.Repeat("The mirror of the fourth floor has been silent. ", 8) + "Check: the mirror session."
	if err := e.Send(syslog.Event{ID: syslog.FindingNew, Says: says}); err != nil {
		t.Fatal(err)
	}
	run(t, e)
	if got := r.next(t); !strings.HasSuffix(got, "Check: the mirror session.") {
		t.Errorf("%d octets: %s", len(got), got)
	}
}

// TestInvariant02TherapyStaysOnTheBox: a field that could carry what a device
// delivers, or a place at the bedside, is refused, and its value is not in the error.
func TestInvariant02TherapyStaysOnTheBox(t *testing.T) {
	e := exporter(t, syslog.Options{Transport: syslog.UDP, Address: "127.0.0.1:1"}, t.TempDir())
	defer func() { _ = e.Close() }()
	for _, name := range []string{"agent", "drug", "rate", "bed", "room", "location", "patient", "channel", "hazard", "", `x="`} {
		err := e.Send(syslog.Event{ID: syslog.FindingNew, Fields: map[string]string{name: "CANARY"}})
		if err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("field %q: error %v", name, err)
		}
	}
	if n := e.Status().Queued; n != 0 {
		t.Errorf("%d events kept", n)
	}
}

func TestEventsAreChecked(t *testing.T) {
	e := exporter(t, syslog.Options{Transport: syslog.UDP, Address: "127.0.0.1:1"}, t.TempDir())
	defer func() { _ = e.Close() }()
	for _, ev := range []syslog.Event{{}, {ID: "two words"}, {ID: strings.Repeat("x", 33)}, {ID: "x\ny"}, {ID: "x", Severity: 8}} {
		if err := e.Send(ev); err == nil {
			t.Errorf("event %+v was taken", ev)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	dir := t.TempDir()
	certificates(t, dir)
	good := syslog.Options{Transport: syslog.TLS, Address: "siem.example.org:6514", CAFile: dir + "/ca.pem", CertFile: dir + "/sensor.pem", KeyFile: dir + "/sensor.key"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(o *syslog.Options){
		"transport":   func(o *syslog.Options) { o.Transport = "sctp" },
		"address":     func(o *syslog.Options) { o.Address = "siem.example.org" },
		"host":        func(o *syslog.Options) { o.Address = ":6514" },
		"facility":    func(o *syslog.Options) { o.Facility = 24 },
		"queue":       func(o *syslog.Options) { o.QueueBytes = 10 },
		"line feeds":  func(o *syslog.Options) { o.LineFeeds = true },
		"no CA":       func(o *syslog.Options) { o.CAFile = dir + "/none" },
		"CA is a key": func(o *syslog.Options) { o.CAFile = dir + "/ca.key" },
		"wrong key":   func(o *syslog.Options) { o.KeyFile = dir + "/ca.key" },
	} {
		o := good
		spoil(&o)
		if err := o.Validate(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzMessage: whatever an event holds, one line of bounded length with balanced
// structured data comes out, and its sentence is one line.
func FuzzMessage(f *testing.F) {
	f.Add("stv", "d-1", "Session handling", `a"b\c]d`)
	f.Add("\xff", "\ufeff", "\n<13>1 - - - - - -", "]")
	r, err := newPipe()
	if err != nil {
		f.Skip(err)
	}
	f.Cleanup(r.close)
	f.Fuzz(func(t *testing.T, site, device, says, value string) {
		got := r.message(t, syslog.Event{ID: syslog.FindingNew, When: at(0), Site: site, Device: device, Says: says, Fields: map[string]string{"cause": value}})
		if len(got) > 2048 || strings.ContainsAny(got, "\n\r\x00") || strings.Contains(got, "\ufeff") {
			t.Fatalf("%d octets: %q", len(got), got)
		}
		rest, ok := strings.CutPrefix(got, "<104>1 2026-01-02T03:04:00.123456Z sensor.example.org auscult - finding.new [meta sequenceId=\"")
		if !ok || !balanced(rest) {
			t.Errorf("%q", got)
		}
	})
}

// balanced reports whether the quoted values of the structured data end where the
// escapes say, and the data with them.
func balanced(rest string) bool {
	_, data, found := strings.Cut(rest, "][auscult@32473")
	if !found {
		return false
	}
	quoted := false
	for i := 0; i < len(data); i++ {
		switch {
		case data[i] == '\\' && quoted:
			i++
		case data[i] == '"':
			quoted = !quoted
		case data[i] == ']' && !quoted:
			return strings.HasPrefix(data[i:], "] ")
		}
	}
	return false
}
