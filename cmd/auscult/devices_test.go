package main_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	auscult "github.com/auscult/auscult/cmd/auscult"
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
)

func objectsOf(t *testing.T, devices ...inventory.Device) (all []json.RawMessage) {
	t.Helper()
	for _, d := range devices {
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, raw)
	}
	return all
}

// infusions are a gateway, a pump behind it, a module of the pump and a scanner.
func infusions() []inventory.Device {
	return []inventory.Device{
		{ID: "d-gateway", Type: "infusion-gateway", Presence: inventory.OnNetwork, IPs: []string{"fe80::1", "10.60.3.10"}, Use: inventory.Use{State: protocols.UnknownUse}},
		{ID: "d-pump", Type: "infusion-pump", Presence: inventory.Behind, Via: "d-gateway", Manufacturer: "BD", Model: "Alaris PCU 8015", SerialNumber: "11223344",
			Use: inventory.Use{State: protocols.InUse, Activity: protocols.Infusing, Caution: inventory.CautionHigh, Agent: "DOXOrubicin"}},
		{ID: "d-module", Type: "infusion-pump", Presence: inventory.Behind, Via: "d-gateway", Parent: "d-pump", Use: inventory.Use{State: protocols.UnknownUse}},
		{ID: "d-ct", Type: "ct", Presence: inventory.OnNetwork, IPs: []string{"10.60.2.21"}, Manufacturer: "Société à longue dénomination", Use: inventory.Use{State: protocols.Idle, Caution: inventory.CautionNormal}},
	}
}

func printed(t *testing.T, format string, devices ...inventory.Device) []string {
	t.Helper()
	var out strings.Builder
	if err := auscult.PrintDevices(&out, format, objectsOf(t, devices...)); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
}

// TestDeviceTable shows beside the use how careful to be, and through whom a device
// speaks, in lines that a terminal holds.
func TestDeviceTable(t *testing.T) {
	lines := printed(t, "table", infusions()...)
	for i, want := range []string{"USE CAUTION", "unknown 10.60.3.10 +1", "in-use infusing high BD", "part of d-pump", "idle normal Société à lon… 10.60.2.21"} {
		if got := strings.Join(strings.Fields(lines[i]), " "); !strings.Contains(got, want) {
			t.Errorf("line %d: %q does not say %q", i, got, want)
		}
		if n := utf8.RuneCountInString(lines[i]); n > 150 {
			t.Errorf("line %d is %d wide", i, n)
		}
	}
	if all := strings.Join(lines, "\n"); !strings.Contains(all, "behind d-gateway") || strings.Contains(all, "MATCH") || strings.Contains(all, "DOXOrubicin") {
		t.Errorf("nobody learns of the gateway, an empty column stands, or a drug shows:\n%s", all)
	}
	if lines := printed(t, "table"); !strings.Contains(lines[0], "MATCH") {
		t.Errorf("an empty inventory has no heads of columns: %q", lines)
	}
}

// TestDeviceCSV cuts nothing and adds its columns behind those that scripts count.
func TestDeviceCSV(t *testing.T) {
	lines := printed(t, "csv", infusions()...)
	if want := "ID,TYPE,MANUFACTURER,MODEL,SERIAL,SOFTWARE,ADDRESS,CONTROL,MATCH,USE,FINDINGS,ACTIVITY,CAUTION,VIA,PARENT"; lines[0] != want {
		t.Errorf("heads are %s", lines[0])
	}
	if want := "d-pump,infusion-pump,BD,Alaris PCU 8015,11223344,,behind,,,in-use,0,infusing,high,d-gateway,"; lines[2] != want {
		t.Errorf("the pump is %s", lines[2])
	}
	if !strings.Contains(lines[4], "Société à longue dénomination") {
		t.Errorf("the scanner is %s", lines[4])
	}
}

// TestDescribe reads a device for people line by line. What a device says of itself
// cannot begin a line or steer the terminal.
func TestDescribe(t *testing.T) {
	at := time.Date(2026, 11, 23, 15, 17, 0, 0, time.UTC)
	d := infusions()[1]
	d.SoftwareVersions, d.ModelCanonical, d.Location = []string{"9.33"}, "Alaris PC Unit 8015", "ONC\n\x1b[2J 0101"
	d.FirstSeen, d.LastSeen = at, at
	d.Use.Channels = []inventory.ChannelUse{{Name: "B", State: protocols.InUse, Agent: "DOXOrubicin", Rate: "80 mL/h", Volume: "12 mL", Hazard: "cytotoxic"}}
	d.Use.ObservedAt, d.Use.ExpiresAt, d.Use.Source = at, at.Add(15*time.Minute), "hl7 OBX"
	d.Asset = &inventory.AssetView{ControlNumber: "030501", Department: "Oncology", LifeSupport: true, Match: inventory.Match{State: inventory.Matched, On: []string{"serial_number"}}}
	d.Conflicts = []inventory.Conflict{{Attribute: "model", Values: []string{"a", "b"}, Says: "two models"}}
	d.Evidence = []inventory.Evidence{{Attribute: "model", Value: "Alaris PCU 8015", Protocol: "hl7", Field: "MDC_ID_MODEL_NUMBER", Confidence: 0.95, Count: 3, LastSeen: at}}
	var out strings.Builder
	err := auscult.Describe(&out, d, []remediation.Finding{{ID: "f-1", Status: "confirmed", Title: "Old software"}},
		[]remediation.WorkOrder{{ID: "o-1", Priority: "P1", State: "held", Title: "Patch it", Tell: remediation.Gate{Holds: []remediation.Hold{{Code: "observe_mode"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	want := `device         d-pump
type           infusion-pump
maker          BD
model          Alaris PCU 8015 (known as Alaris PC Unit 8015)
serial         11223344
software       9.33
presence       behind d-gateway
place          ONC \uFFFD[2J 0101
heard          first 2026-11-23T15:17:00Z, last 2026-11-23T15:17:00Z
use            in-use infusing, DOXOrubicin, high caution
  channel      B in-use, DOXOrubicin, 80 mL/h, given 12 mL, cytotoxic
  said         2026-11-23T15:17:00Z, in hl7 OBX, holds until 2026-11-23T15:32:00Z
asset          030501, Oncology
  match        matched, on serial_number
  service      life support

conflicts (1)
  model: two models (a, b)

findings (1)
  f-1  confirmed  Old software

orders (1)
  o-1  P1  held  Patch it  to nobody  tell: observe_mode

evidence (1)
  model = Alaris PCU 8015  (hl7, MDC_ID_MODEL_NUMBER; 0.95, 3 ×, last 2026-11-23T15:17:00Z)
`
	if want = strings.ReplaceAll(want, `\uFFFD`, "\uFFFD"); out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
