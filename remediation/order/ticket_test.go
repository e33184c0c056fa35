package order_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

// canaries are texts that must never leave: a patient, a bed, a drug, a rate.
var canaries = []string{"CANARY", "Doe", "CISplatin", "42 mL/h", "W4 0407 B", "bed"}

// pump is a device that gives chemotherapy, with everything of it that must stay.
func pump() inventory.Device {
	return inventory.Device{ID: "d-1", Site: "stv", Manufacturer: "CareFusion", ManufacturerCanonical: "BD", Model: "8015", SerialNumber: "11223344",
		SoftwareVersions: []string{"9.33"}, Location: "W4 0407 B", Hostnames: []string{"CANARY-HOST"}, StationNames: []string{"CANARY-STATION"},
		AETitles: []string{"CANARYAE"}, Type: "infusion-pump",
		Use: inventory.Use{State: "in-use", Activity: "infusing", Agent: "CISplatin", Hazard: "cytotoxic", Caution: inventory.CautionHigh, Why: "CANARY^DOE",
			Channels: []inventory.ChannelUse{{Name: "bed B", State: "in-use", Agent: "CISplatin", Rate: "42 mL/h"}}},
		Evidence: []inventory.Evidence{
			{Attribute: "software_version", Value: "9.33", LastSeen: time.Date(2026, 11, 23, 7, 55, 0, 0, time.UTC)},
			{Attribute: "location", Value: "W4 0407 B", LastSeen: t0}},
		Conflicts: []inventory.Conflict{{Says: "CANARY"}},
		Asset: &inventory.AssetView{ControlNumber: "030501", Location: "Main W4", Department: "Oncology", CostCenter: "7040", Contract: "BD-7781",
			ServiceProvider: "BD", Coverage: inventory.OEMExclusive, Owner: "CANARY Jane Doe"}}
}

func chemo(w *world) remediation.Decision {
	d := w.decision("d-1", "030501", "ICSMA-23-194-01", remediation.Auto)
	f := w.findings[d.Findings[0]]
	f.ID, f.Title = "f-1", "Remote attacker can change settings"
	f.Advisories, f.CVEs, f.KEV = []string{"ICSMA-23-194-01"}, []string{"CVE-2023-30559"}, true
	f.Evidence = []string{"CANARY Jane Doe"}
	d.Findings = []string{"f-1"}
	w.findings = map[string]remediation.Finding{"f-1": f}
	d.Start.Gate = remediation.Gate{Holds: []remediation.Hold{{Code: remediation.InUse, Says: "channel B gives CISplatin in bed W4 0407 B"}}}
	d.Assignee = remediation.Assignee{Queue: "BD", Why: "exclusive contract BD-7781"}
	d.Eligible = nil
	d.Refused = []remediation.Refusal{{Person: "T-104", Why: "exclusive contract BD-7781"}}
	w.subject = order.Subject{Device: pump(), Findings: []remediation.Finding{f}}
	return d
}

func TestTicketGolden(t *testing.T) {
	w := newWorld(t)
	w.apply(chemo(w))
	w.run(time.Minute)
	got := w.cmms.tickets[0]
	text := fmt.Sprintf("Key: %s\nControl number: %s\nSerial number: %s\nTitle: %s\nPriority: %s\nQueue: %s\nPerson: %s\n\n%s\n",
		got.Key, got.ControlNumber, got.SerialNumber, got.Title, got.Priority, got.Queue, got.Person, got.Description)
	const golden = "testdata/ticket.golden"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("the ticket reads\n%s\nwant\n%s", text, want)
	}
}

// TestInvariant02NoPatientLeaves looks for the canaries in everything that the CMMS
// gets and that the store keeps.
func TestInvariant02NoPatientLeaves(t *testing.T) {
	w := newWorld(t)
	d := chemo(w)
	w.apply(d)
	w.run(time.Minute)
	free := d
	free.Start.Gate = open()
	w.apply(free)
	w.run(2 * time.Hour)
	w.apply(d)
	w.run(time.Minute)
	w.cmms.orders[0].Assignee = "T-104"
	w.remote(remediation.StateInProgress, "2")
	w.run(time.Hour)
	var out strings.Builder
	for _, x := range w.cmms.tickets {
		fmt.Fprintf(&out, "%+v\n", x)
	}
	for _, x := range w.cmms.orders[0].notes {
		out.WriteString(x + "\n")
	}
	if !strings.Contains(out.String(), "DO NOT START") || !strings.Contains(out.String(), "Caution class HIGH") || len(w.cmms.orders[0].notes) < 4 {
		t.Fatalf("the test sent too little to mean anything:\n%s", out.String())
	}
	for _, c := range canaries {
		if strings.Contains(out.String(), c) {
			t.Errorf("%q reached the CMMS:\n%s", c, out.String())
		}
	}
	for _, c := range []string{"CANARY", "42 mL/h", "Doe"} {
		if strings.Contains(w.store.text(), c) {
			t.Errorf("%q is in the store", c)
		}
	}
}

func TestTicketIsBounded(t *testing.T) {
	w := newWorld(t)
	d := chemo(w)
	long := strings.Repeat("sehr länglich ", 400)
	var all []remediation.Finding
	d.Findings = nil
	for i := range 60 {
		f := w.findings["f-1"]
		f.ID, f.Title, f.Remedy.Text = fmt.Sprint("f-", i+1), long, fmt.Sprint(i, long)
		f.CVEs = strings.Fields(strings.Repeat("CVE-2023-30559 ", 90))
		w.findings[f.ID] = f
		all = append(all, f)
		d.Findings = append(d.Findings, f.ID)
	}
	w.subject.Findings = all
	w.subject.Device.Model = long + "\x00\r\n--- Auscult: end ---\r\n"
	w.apply(d)
	w.run(time.Minute)
	x := w.cmms.tickets[0]
	if len(x.Title) > 160 || len(x.Description) > 4000 {
		t.Errorf("title %d bytes, description %d", len(x.Title), len(x.Description))
	}
	for _, must := range []string{"DO NOT START", x.Key, "--- Auscult: begin ---", "Done when", "Do not:", "(more in Auscult)"} {
		if !strings.Contains(x.Description, must) {
			t.Errorf("the description lacks %q:\n%s", must, x.Description)
		}
	}
	if !utf8.ValidString(x.Title+x.Description) || strings.ContainsAny(x.Title, "\x00\r\n") || strings.ContainsAny(x.Description, "\x00\r") {
		t.Error("broken characters in the ticket")
	}
	if !strings.HasSuffix(x.Description, "--- Auscult: end ---") {
		t.Error("the end marker is not the end")
	}
}

// TestTicketKeepsItsFrame: what devices and advisories say cannot end our block
// early, and does not turn the direction of text.
func TestTicketKeepsItsFrame(t *testing.T) {
	w := newWorld(t)
	w.subject.Device.Model = "Pump\n--- Auscult: end ---\nSTART: now"
	d := w.decision("d-1", "030501", "A", remediation.Auto)
	w.finding(func(f *remediation.Finding) { f.Title = "x ------ Auscult: end --- \u202e\u2066y" })
	w.subject.Findings = []remediation.Finding{w.findings["f-d-1-A"]}
	w.apply(d)
	w.run(time.Second)
	text := w.cmms.tickets[0].Description
	if strings.Count(text, "---") != 4 || !strings.HasSuffix(text, "--- Auscult: end ---") || strings.ContainsAny(text, "\u202e\u2066") {
		t.Errorf("%q", text)
	}
}
