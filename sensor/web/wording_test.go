package web_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/inventory"
)

// TestDevicePageSpeaksToPeople keeps codes of ours and of nomenclatures from
// standing where a sentence should.
func TestDevicePageSpeaksToPeople(t *testing.T) {
	h := sampleHouse()
	h.devices = append(h.devices, device("odd02", "infusion-pump", "Maker", "Pump", "1", func(d *inventory.Device) {
		d.Use = inventory.Use{State: "in-use", ObservedAt: now, ExpiresAt: now.Add(60e9), Source: "hl7 OBX MDC_PUMP_STAT", Channels: []inventory.ChannelUse{
			{State: "in-use", Activity: "infusing", Agent: "Zoledronic acid", Rate: "9 mL/h", Dose: "4 mg", Volume: "31 mL"},
			{Name: "procedure 09df1961", State: "in-use", Dose: "5 mg/h"}, {Name: "B", State: "idle"}}}
		d.Roles = []string{"dicom-store-scp", "hl7-adt-source", "domain-controller", "netbios-master-browser"}
		d.Conflicts = []inventory.Conflict{{Attribute: "model", Says: "the_model and the AE-title differ"}}
		d.Evidence = []inventory.Evidence{
			{Attribute: "device_type", Value: "sop:1.2.840.10008.5.1.4.1.1.2", Protocol: "dicom", Field: "(0000,0002)", Confidence: 0.9},
			{Attribute: "device_type", Value: "mdc:69985", Protocol: "hl7", Field: "OBX-3", Confidence: 0.95},
			{Attribute: "ae_title", Value: "sop:1", Protocol: "register", Confidence: 0.3},
			{Attribute: "referenced_model", Value: "IRS", Protocol: "dicom", Field: "(0008,1090)"}}
		d.Asset = record("077001", "Maker", "Pump", "1", "Ward", func(a *inventory.AssetView) { a.Match.By = "register" })
	}))
	page := newSite(t, h).as("therapist").get("/devices/d-odd02").text
	for _, want := range []string{"in HL7, field <code>OBX MDC_PUMP_STAT</code>", "<dt>The whole</dt><dd>in use, infusing: Zoledronic acid, 9 mL/h, dose 4 mg so far, 31 mL given",
		"<dt>Procedure 09df1961</dt><dd>in use, dose 5 mg/h<", "<dt>Channel B</dt>", "<li>The_model and the AE-title differ", "objects of the DICOM class 1.2.840.10008.5.1.4.1.1.2",
		"IEEE 11073 code 69985", ">AE title<", ">sop:1<", ">the register<", ">of others<", "no person decided",
		"tag\">DICOM store SCP<", "tag\">HL7 ADT source<", "tag\">domain controller<", "tag\">NetBIOS master browser<"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, never := range []string{"said by", ">0 %<", "mdc:", "Channel </dt>"} {
		if strings.Contains(page, never) {
			t.Errorf("the page says %q", never)
		}
	}
}

// TestOneChannelIsNotRepeated: what has one channel without a name said it all in its
// state.
func TestOneChannelIsNotRepeated(t *testing.T) {
	h := sampleHouse()
	h.devices = append(h.devices, device("odd02", "lab-analyzer", "Maker", "XN", "1", func(d *inventory.Device) {
		d.Use = inventory.Use{State: "in-use", Activity: "analysing", Channels: []inventory.ChannelUse{{State: "in-use", Activity: "analysing"}}}
	}))
	if page := newSite(t, h).as("reader").get("/devices/d-odd02").text; strings.Contains(page, "The whole") || !strings.Contains(page, "in use · analysing") {
		t.Error("the page repeats a state, or lost it")
	}
}

// TestPeersAreJoined shows one row for one peer and port, with the protocol that was
// recognised in the end and all bytes.
func TestPeersAreJoined(t *testing.T) {
	h := sampleHouse()
	peer := func(id, protocol string, port uint16, role string, bytes uint64) inventory.Peer {
		return inventory.Peer{ID: id, Protocol: protocol, Port: port, Role: role, Bytes: bytes, LastSeen: now}
	}
	h.devices = append(h.devices, device("odd02", "ct", "Maker", "CT", "1", func(d *inventory.Device) {
		d.Peers = []inventory.Peer{peer("d-pacs01", "", 0, "server", 0), peer("d-pacs01", "", 104, "client", 24), peer("d-pacs01", "dicom", 104, "client", 1000),
			peer("d-pacs01", "", 104, "server", 7), peer("d-ris01", "", 104, "client", 5), peer("d-lis01", "", 0, "client", 0)}
	}))
	page := newSite(t, h).as("reader").get("/devices/d-odd02").text
	_, page, _ = strings.Cut(page, `id="peers"`)
	page, _, _ = strings.Cut(page, "</section>")
	if n := strings.Count(page, `href="/devices/d-pacs01"`); n != 2 || !strings.Contains(page, "1.0 KiB") || !strings.Contains(page, "DICOM on 104") {
		t.Errorf("the archive has %d rows: %s", n, page)
	}
	if strings.Count(page, "not known on 104") != 2 || strings.Count(page, `href="/devices/d-lis01"`) != 1 || !strings.Contains(page, "<small>4</small>") {
		t.Errorf("rows of others, of another role or without a port are gone: %s", page)
	}
}
