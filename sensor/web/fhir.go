package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/auscult/auscult/inventory"
)

// fhirMedia is FHIR's media type (hl7.org/fhir/R4/http.html, section 3.1.0.1.11).
const fhirMedia = "application/fhir+json"

// The subset of FHIR R4's Device that the inventory can fill
// (hl7.org/fhir/R4/device.html). Device.patient and Device.location are never
// filled: who a device serves, and at which bed, stays on the box.
type fhirDevice struct {
	ResourceType string           `json:"resourceType"`
	ID           string           `json:"id"`
	Meta         *fhirMeta        `json:"meta,omitempty"`
	Identifier   []fhirIdentifier `json:"identifier,omitempty"`
	UDI          []fhirUDI        `json:"udiCarrier,omitempty"`
	Status       string           `json:"status"`
	Manufacturer string           `json:"manufacturer,omitempty"`
	SerialNumber string           `json:"serialNumber,omitempty"`
	Names        []fhirName       `json:"deviceName,omitempty"`
	ModelNumber  string           `json:"modelNumber,omitempty"`
	Type         fhirText         `json:"type"`
	Versions     []fhirVersion    `json:"version,omitempty"`
	Owner        *fhirReference   `json:"owner,omitempty"`
	Parent       *fhirReference   `json:"parent,omitempty"`
}

type (
	fhirText struct {
		Text string `json:"text"`
	}
	fhirMeta struct {
		LastUpdated string `json:"lastUpdated"`
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
		Reference string `json:"reference,omitempty"`
		Display   string `json:"display,omitempty"`
	}
	fhirLink struct {
		Relation string `json:"relation"`
		URL      string `json:"url"`
	}
	fhirSearch struct {
		Mode string `json:"mode"`
	}
	fhirEntry struct {
		FullURL  string     `json:"fullUrl"`
		Resource fhirDevice `json:"resource"`
		Search   fhirSearch `json:"search"`
	}
	fhirBundle struct {
		ResourceType string      `json:"resourceType"`
		Type         string      `json:"type"`
		Total        int         `json:"total"`
		Link         []fhirLink  `json:"link"`
		Entry        []fhirEntry `json:"entry"`
	}
)

// FHIRDevice writes a device as a FHIR R4 Device resource.
func FHIRDevice(d inventory.Device) any { return toFHIR(d) }

func (s *Server) fhirEndpoints() []endpoint {
	page := []parameter{searchParameter, {"_count", "how many to answer; all when left out", true}, {"_offset", "how many to leave out first", true}}
	return []endpoint{
		{method: "GET", path: "/fhir/Device", summary: "All devices as a FHIR R4 bundle", query: page, answers: fhirBundle{},
			serve: func(w http.ResponseWriter, r *http.Request, v visitor) error {
				return s.fhirSearch(w, r, s.devices(v, r.FormValue("q")))
			}},
		{method: "GET", path: "/fhir/Device/{id}", summary: "One device as a FHIR R4 resource", answers: fhirDevice{},
			serve: func(w http.ResponseWriter, r *http.Request, v visitor) error {
				d, err := s.device(v, r.PathValue("id"))
				return replyAs(w, fhirMedia, toFHIR(d), err)
			}},
	}
}

// fhirSearch writes a bundle entry by entry.
func (s *Server) fhirSearch(w http.ResponseWriter, r *http.Request, devices []*inventory.Device) error {
	part, err := spanOf(r, "_count", "_offset", len(devices))
	if err != nil {
		return err
	}
	links := []fhirLink{{"self", r.URL.RequestURI()}}
	if part.to < len(devices) {
		links = append(links, fhirLink{"next", further(r, "_offset", part.to)})
	}
	linked, err := json.Marshal(links)
	if err != nil {
		return err
	}
	total, err := json.Marshal(len(devices))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", fhirMedia)
	unhurried(w)
	begin := `{"resourceType":"Bundle","type":"searchset","total":` + string(total) + `,"link":` + string(linked) + `,"entry":[`
	return writeElements(w, begin, "]}\n", devices[part.from:part.to], func(d **inventory.Device) any {
		return fhirEntry{"/fhir/Device/" + url.PathEscape((*d).ID), toFHIR(**d), fhirSearch{"match"}}
	})
}

func toFHIR(d inventory.Device) fhirDevice {
	f := fhirDevice{ResourceType: "Device", ID: d.ID, Status: "active", Manufacturer: d.Manufacturer,
		SerialNumber: d.SerialNumber, ModelNumber: d.Model, Type: fhirText{string(d.Type)}}
	if !d.LastSeen.IsZero() {
		f.Meta = &fhirMeta{d.LastSeen.UTC().Format(time.RFC3339)}
	}
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
	if a := d.Asset; a != nil {
		f.Identifier = append(f.Identifier, fhirIdentifier{fhirText{"control number"}, a.ControlNumber})
		if a.Owner != "" {
			f.Owner = &fhirReference{Display: a.Owner}
		}
		if a.Status == inventory.Retired {
			f.Status = "inactive"
		}
	}
	if d.Parent != "" {
		f.Parent = &fhirReference{Reference: "Device/" + d.Parent}
	}
	return f
}
