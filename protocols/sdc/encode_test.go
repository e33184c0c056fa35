package sdc_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// The messages here are written from the standards, not from the parser:
// WS-Discovery 1.1 section 4, DPWS 1.1 section 5, IEEE 11073-20701 section 9, IEEE
// 11073-10207 annex B, and IEEE 11073-20601 annex A.

const namespaces = `xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" ` +
	`xmlns:d="http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01" xmlns:dp="http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01" ` +
	`xmlns:md="http://standards.ieee.org/downloads/11073/11073-20702-2016" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ` +
	`xmlns:pm="http://standards.ieee.org/downloads/11073/11073-10207-2017/participant" ` +
	`xmlns:m="http://standards.ieee.org/downloads/11073/11073-10207-2017/message"`

func envelope(content string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n<s:Envelope " + namespaces +
		`><s:Header><a:Action>urn:x</a:Action><a:MessageID>urn:uuid:1</a:MessageID></s:Header><s:Body>` + content + `</s:Body></s:Envelope>`
}

// device is one target of a discovery message.
type device struct{ types, scopes, addresses string }

const (
	sdcTypes  = "dp:Device md:MedicalDevice"
	sdcScopes = "sdc.mds.pkp:1.2.840.10004.20701.1.1 sdc.cdc.type:///130535 " +
		"sdc.ctxt.loc:/sdc.ctxt.loc.detail/HOSP1%2F%2F%2FCU1%2F%2FBed42?fac=HOSP1&amp;poc=CU%201&amp;bed=Bed42"
)

func (d device) target() string {
	s := `<a:EndpointReference><a:Address>urn:uuid:11111111-2222-3333-4444-555555555555</a:Address></a:EndpointReference>`
	if d.types != "" {
		s += "<d:Types>" + d.types + "</d:Types>"
	}
	if d.scopes != "" {
		s += "<d:Scopes>" + d.scopes + "</d:Scopes>"
	}
	if d.addresses != "" {
		s += "<d:XAddrs>" + d.addresses + "</d:XAddrs>"
	}
	return s + "<d:MetadataVersion>1</d:MetadataVersion>"
}

func hello(d device) string { return envelope("<d:Hello>" + d.target() + "</d:Hello>") }

func probeMatches(all ...device) string {
	var b strings.Builder
	for _, d := range all {
		b.WriteString("<d:ProbeMatch>" + d.target() + "</d:ProbeMatch>")
	}
	return envelope("<d:ProbeMatches>" + b.String() + "</d:ProbeMatches>")
}

// older turns a message into the namespaces of April 2005.
func older(message string) string {
	return strings.NewReplacer("http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01", "http://schemas.xmlsoap.org/ws/2005/04/discovery",
		"http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing",
		"http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01", "http://schemas.xmlsoap.org/ws/2006/02/devprof").Replace(message)
}

// mds is a system of an MDIB, with a module.
func mds(serial string) string {
	return `<pm:Mds Handle="m0" DescriptorVersion="0"><pm:Type Code="70001"/>` + produced("531975", "3.1", "") + produced("531974", "C", "") +
		produced("531976", "9.9", `<pm:ComponentId Root="urn:board" Extension="1"/>`) + produced("531972", canary, "") +
		`<pm:MetaData><pm:Udi><pm:DeviceIdentifier>(01)04049098000001</pm:DeviceIdentifier><pm:HumanReadableForm>(01)04049098000001(21)` + serial +
		`</pm:HumanReadableForm><pm:Issuer Root="2.51.1.1"/></pm:Udi><pm:LotNumber>L1</pm:LotNumber><pm:Manufacturer>Dr&#xE4;ger &amp; Co</pm:Manufacturer>` +
		`<pm:ModelName>Perseus</pm:ModelName><pm:ModelNumber>8700</pm:ModelNumber><pm:SerialNumber>` + serial + `</pm:SerialNumber></pm:MetaData>` +
		`<pm:SystemContext Handle="sc"><pm:PatientContext Handle="pc"/></pm:SystemContext>` +
		`<pm:Vmd Handle="v0"><pm:Type Code="70002"/>` + produced("531976", "0.7", "") + `<pm:MetaData><pm:ModelName>Gas</pm:ModelName><pm:SerialNumber>V-` + serial + `</pm:SerialNumber></pm:MetaData>` +
		`<pm:Channel Handle="c"><pm:Metric Handle="x" xsi:type="pm:StringMetricDescriptor"><pm:Type Code="1"><pm:ConceptDescription>` + canary +
		`</pm:ConceptDescription></pm:Type></pm:Metric></pm:Channel></pm:Vmd></pm:Mds>`
}

// produced is one production specification (IEEE 11073-10207 annex B); what is of a
// board of the component has the board's id.
func produced(code, value, board string) string {
	return `<pm:ProductionSpecification><pm:SpecType Code="` + code + `"/><pm:ProductionSpec>` + value + `</pm:ProductionSpec>` + board + `</pm:ProductionSpecification>`
}

func patient(association string) string {
	return fmt.Sprintf(`<pm:State xsi:type="pm:PatientContextState" DescriptorHandle="pc" ContextAssociation="%s">`+
		`<pm:Identification Root="urn:hospital" Extension="%s"/><pm:CoreData><pm:Givenname>%s</pm:Givenname><pm:Familyname>%s</pm:Familyname></pm:CoreData></pm:State>`,
		association, canary, canary, canary)
}

func mdsState(activation string) string {
	return `<pm:State xsi:type="pm:MdsState" DescriptorHandle="m0" ActivationState="` + activation + `" OperatingMode="Nml"/>`
}

const place = `<pm:State xsi:type="pm:LocationContextState" ContextAssociation="Assoc"><pm:LocationDetail PoC="CU1" Bed="Bed 42" Facility="HOSP1"/></pm:State>`

func mdib(systems, states string) string {
	return envelope(`<m:GetMdibResponse SequenceId="urn:uuid:9"><m:Mdib><pm:MdDescription>` + systems + `</pm:MdDescription><pm:MdState>` + states +
		`</pm:MdState></m:Mdib></m:GetMdibResponse>`)
}

const profile = `<x:Metadata xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/mex"><x:MetadataSection Dialect="ThisModel"><dp:ThisModel>` +
	`<dp:Manufacturer xml:lang="en">Acme</dp:Manufacturer><dp:Manufacturer xml:lang="de">Akme</dp:Manufacturer><dp:ModelNumber>3</dp:ModelNumber>` +
	`<dp:ModelName>Vent 3</dp:ModelName></dp:ThisModel></x:MetadataSection><x:MetadataSection><dp:ThisDevice><dp:FriendlyName>` + canary +
	`</dp:FriendlyName><dp:FirmwareVersion>1.2</dp:FirmwareVersion><dp:SerialNumber>S1</dp:SerialNumber></dp:ThisDevice></x:MetadataSection><x:MetadataSection><dp:Relationship><dp:Host>` +
	`<dp:Types>dp:Device md:MedicalDevice</dp:Types></dp:Host></dp:Relationship></x:MetadataSection></x:Metadata>`

// aarq is an association request of an agent, with a system id and a configuration.
func aarq(system string, configuration uint16) []byte {
	info := phdInformation(0x80000000, 0x00800000, system, configuration)
	b := append([]byte{0x80, 0, 0, 0, 0, 1, 0, byte(len(info) + 4), 0x50, 0x79, 0, byte(len(info))}, info...)
	return apdu(0xe200, b)
}

func aare(result uint16, system string) []byte {
	info := phdInformation(0x80000000, 0x80000000, system, 0)
	b := binary.BigEndian.AppendUint16(nil, result)
	b = append(b, 0x50, 0x79, 0, byte(len(info)))
	return apdu(0xe300, append(b, info...))
}

func phdInformation(version, kind uint32, system string, configuration uint16) []byte {
	id, _ := hex.DecodeString(system)
	b := binary.BigEndian.AppendUint32(nil, version)
	b = append(b, 0x80, 0x00)    // MDER
	b = append(b, 0x80, 0, 0, 0) // nomenclature version 1
	b = append(b, 0, 0, 0, 0)    // functional units
	b = binary.BigEndian.AppendUint32(b, kind)
	b = append(b, 0, byte(len(id)))
	b = append(b, id...)
	b = binary.BigEndian.AppendUint16(b, configuration)
	return append(b, 0, 1, 1, 0, 0, 0, 0, 0) // data request mode, no options
}

func apdu(choice uint16, content []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, choice)
	b = binary.BigEndian.AppendUint16(b, uint16(len(content)))
	return append(b, content...)
}

// data is a PRST with one remote operation.
func data(choice uint16, content []byte) []byte {
	inner := binary.BigEndian.AppendUint16([]byte{0, 7}, choice)
	inner = binary.BigEndian.AppendUint16(inner, uint16(len(content)))
	inner = append(inner, content...)
	return apdu(0xe700, append(binary.BigEndian.AppendUint16(nil, uint16(len(inner))), inner...))
}

func octets(s string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
}

// attributeList answers a get of the system object.
func attributeList() []byte {
	values := []struct {
		id    uint16
		value []byte
	}{
		{0x0928, append(octets("Acme\x00"), octets("BP-1")...)},
		{0x0984, append([]byte{0, 8}, 0, 0x1b, 0xa9, 0xff, 0xfe, 1, 2, 3)},
		{0x092d, append([]byte{0, 3, 0, 40, 0, 1, 0, 0}, append(octets("SN-77"), append([]byte{0, 5, 0, 0}, append(octets("2.1"), append([]byte{0, 3, 0, 0}, octets("A")...)...)...)...)...)},
		{0x0a5a, []byte{0, 1, 0, 4, 0x10, 0x07, 0, 1}},
		{0x0a57, octets(canary)},
	}
	var list []byte
	for _, v := range values {
		list = binary.BigEndian.AppendUint16(list, v.id)
		list = binary.BigEndian.AppendUint16(list, uint16(len(v.value)))
		list = append(list, v.value...)
	}
	head := []byte{0, 0, 0, byte(len(values)), 0, byte(len(list))}
	return data(0x0203, append(head, list...))
}
