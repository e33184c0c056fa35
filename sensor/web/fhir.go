package web

import "github.com/auscult/auscult/inventory"

// The subset of FHIR R4's Device that the inventory can fill
// (hl7.org/fhir/R4/device.html). Device.patient is never filled.
type fhirDevice struct {
	ResourceType string           `json:"resourceType"`
	ID           string           `json:"id"`
	Identifier   []fhirIdentifier `json:"identifier,omitempty"`
	UDI          []fhirUDI        `json:"udiCarrier,omitempty"`
	Status       string           `json:"status"`
	Manufacturer string           `json:"manufacturer,omitempty"`
	SerialNumber string           `json:"serialNumber,omitempty"`
	ModelNumber  string           `json:"modelNumber,omitempty"`
	Names        []fhirName       `json:"deviceName,omitempty"`
	Type         fhirText         `json:"type"`
	Versions     []fhirVersion    `json:"version,omitempty"`
	Parent       *fhirReference   `json:"parent,omitempty"`
}

type (
	fhirText struct {
		Text string `json:"text"`
	}
	fhirIdentifier struct {
		Type  fhirText `json:"type"`
		Value string   `json:"value"`
	}
	fhirUDI struct {
		CarrierHRF string `json:"carrierHRF"`
	}
	fhirName struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	fhirVersion struct {
		Value string `json:"value"`
	}
	fhirReference struct {
		Reference string `json:"reference"`
	}
	fhirEntry struct {
		Resource fhirDevice `json:"resource"`
	}
	fhirBundled struct {
		ResourceType string      `json:"resourceType"`
		Type         string      `json:"type"`
		Total        int         `json:"total"`
		Entry        []fhirEntry `json:"entry"`
	}
)

// FHIRDevice writes a device as a FHIR R4 Device resource.
func FHIRDevice(d inventory.Device) any { return toFHIR(d) }

func fhirBundle(devices []inventory.Device) any {
	b := fhirBundled{ResourceType: "Bundle", Type: "searchset", Total: len(devices), Entry: []fhirEntry{}}
	for _, d := range devices {
		b.Entry = append(b.Entry, fhirEntry{toFHIR(d)})
	}
	return b
}

func toFHIR(d inventory.Device) fhirDevice {
	f := fhirDevice{ResourceType: "Device", ID: d.ID, Status: "active", Manufacturer: d.Manufacturer,
		SerialNumber: d.SerialNumber, ModelNumber: d.Model, Type: fhirText{string(d.Type)}}
	if d.UDI != "" {
		f.UDI = []fhirUDI{{d.UDI}}
	}
	for _, h := range d.Hostnames {
		f.Names = append(f.Names, fhirName{h, "user-friendly-name"})
	}
	for _, v := range d.SoftwareVersions {
		f.Versions = append(f.Versions, fhirVersion{v})
	}
	for _, m := range d.MACs {
		f.Identifier = append(f.Identifier, fhirIdentifier{fhirText{"MAC address"}, m})
	}
	if d.Asset != nil {
		f.Identifier = append(f.Identifier, fhirIdentifier{fhirText{"control number"}, d.Asset.ControlNumber})
		if d.Asset.Status == inventory.Retired {
			f.Status = "inactive"
		}
	}
	if d.Parent != "" {
		f.Parent = &fhirReference{"Device/" + d.Parent}
	}
	return f
}
