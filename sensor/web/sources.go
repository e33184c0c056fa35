package web

import (
	"fmt"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// protocolName is a protocol as the field writes it.
func protocolName(v any) string {
	name := fmt.Sprint(v)
	switch protocols.Name(name) {
	case protocols.DICOM, protocols.HL7, protocols.ASTM, protocols.CARESCAPE, protocols.MEDIBUS, protocols.SDC, protocols.HTTP, protocols.FHIR, protocols.DHCP,
		protocols.ARP, protocols.TLS, protocols.SSH, protocols.FTP, protocols.LLMNR, protocols.SMB, protocols.SNMP, protocols.LLDP, protocols.CDP, protocols.IP:
		return strings.ToUpper(name)
	case protocols.POCT1A:
		return "POCT1-A"
	case protocols.IntelliVue:
		return "IntelliVue"
	case protocols.WSDiscovery:
		return "WS-Discovery"
	case protocols.PHD:
		return "IEEE 11073-20601"
	case protocols.MDNS:
		return "mDNS"
	case protocols.NBNS:
		return "NetBIOS names"
	case protocols.Browser:
		return "NetBIOS announcements"
	case "register":
		return "the register"
	case "tells":
		return "a rule of the knowledge base"
	}
	return name
}

// source is where a statement about use was made: its protocol, and the field in
// the protocol's own words.
type source struct{ Protocol, Field string }

func sourceOf(said string) source {
	protocol, field, _ := strings.Cut(said, " ")
	return source{protocolName(protocol), field}
}

// codeOf says of which nomenclature a code is, where a value is one.
func codeOf(e inventory.Evidence) string {
	system, code, ok := strings.Cut(e.Value, ":")
	if e.Attribute != string(protocols.DeviceType) || !ok {
		return e.Value
	}
	switch system {
	case "sop":
		return "objects of the DICOM class " + code
	case "mdc":
		return "IEEE 11073 code " + code
	case "sct":
		return "SNOMED CT code " + code
	case "mib":
		return code
	case "medibus":
		return "MEDIBUS device " + code
	case "astm", "poct1a":
		return code + ", as whoever speaks " + protocolName(system)
	}
	return e.Value
}

// channelName names a channel. What has only one need not name it.
func channelName(name string) string {
	switch {
	case name == "":
		return "The whole"
	case strings.HasPrefix(name, "procedure "):
		return sentence(name)
	}
	return "Channel " + name
}

// doseOf tells a dose by time from one that was given so far.
func doseOf(dose string) string {
	if strings.Contains(dose, "/") {
		return "dose " + dose
	}
	return "dose " + dose + " so far"
}

// roleOf writes a role with the short forms of the field: "DICOM store SCP".
func roleOf(role string) string {
	words := strings.FieldsFunc(role, func(r rune) bool { return r == '-' || r == '_' })
	for i, w := range words {
		switch w {
		case "scp", "scu", "mpps", "ups", "adt", "wlan", "phd":
			words[i] = strings.ToUpper(w)
		case "dicomweb":
			words[i] = "DICOMweb"
		case "netbios":
			words[i] = "NetBIOS"
		case "browser": // the office, not the protocol
		default:
			words[i] = protocolName(w)
		}
	}
	return strings.Join(words, " ")
}
