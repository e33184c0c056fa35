package daemon_test

import (
	"encoding/binary"
	"slices"

	"github.com/auscult/auscult/sensor/testbed/sender"
)

// What an SDC provider, its consumer and a personal health device say, from the
// standards: WS-Discovery 1.1 section 4, DPWS 1.1 section 5, IEEE 11073-20701 section
// 9, IEEE 11073-10207 annex B, IEEE 11073-20601 annex A. The patients are canaries.

const soap = "application/soap+xml; charset=utf-8"

func envelope(action, content string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><s12:Envelope xmlns:s12="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing" ` +
		`xmlns:wsd="http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01" xmlns:dpws="http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01" ` +
		`xmlns:mdpws="http://standards.ieee.org/downloads/11073/11073-20702-2016" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ` +
		`xmlns:pm="http://standards.ieee.org/downloads/11073/11073-10207-2017/participant" xmlns:msg="http://standards.ieee.org/downloads/11073/11073-10207-2017/message">` +
		`<s12:Header><wsa:Action>` + action + `</wsa:Action><wsa:MessageID>urn:uuid:0f1e2d3c-0000-4000-8000-000000000001</wsa:MessageID></s12:Header><s12:Body>` +
		content + `</s12:Body></s12:Envelope>`
}

// sdcHello announces a ventilator, at its place, with a patient.
func sdcHello() []byte {
	return []byte(envelope("http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01/Hello",
		`<wsd:Hello><wsa:EndpointReference><wsa:Address>urn:uuid:0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9</wsa:Address></wsa:EndpointReference>`+
			`<wsd:Types>dpws:Device mdpws:MedicalDevice</wsd:Types><wsd:Scopes>sdc.mds.pkp:1.2.840.10004.20701.1.1 sdc.cdc.type:///70001 `+
			`sdc.ctxt.loc:/sdc.ctxt.loc.detail/NORTHFIELD%2F%2F%2FICU%2F%2FVB3?fac=NORTHFIELD&amp;poc=ICU&amp;bed=VB3 `+
			`sdc.ctxt.pat:/sdc.ctxt.pat.detail/ZZCANARY-7755001</wsd:Scopes><wsd:XAddrs>http://10.40.3.14:31010/v</wsd:XAddrs><wsd:MetadataVersion>1</wsd:MetadataVersion></wsd:Hello>`))
}

func ask(action, content string) sender.Line {
	return sender.POST("/v", soap, []byte(envelope(action, content)))[0]
}

// sdcRequests: a consumer reads the metadata of DPWS and then the whole MDIB.
func sdcRequests() []sender.Line {
	const metadata = `<mex:Metadata xmlns:mex="http://schemas.xmlsoap.org/ws/2004/09/mex"><mex:MetadataSection Dialect="http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01/ThisModel">` +
		`<dpws:ThisModel><dpws:Manufacturer>Vireo Breath</dpws:Manufacturer><dpws:ModelName>Lung 3</dpws:ModelName></dpws:ThisModel></mex:MetadataSection>` +
		`<mex:MetadataSection Dialect="http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01/ThisDevice"><dpws:ThisDevice><dpws:FriendlyName>ZZCANARY's ventilator</dpws:FriendlyName>` +
		`<dpws:FirmwareVersion>5.2</dpws:FirmwareVersion><dpws:SerialNumber>VB-0047</dpws:SerialNumber></dpws:ThisDevice></mex:MetadataSection>` +
		`<mex:MetadataSection Dialect="http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01/Relationship"><dpws:Relationship Type="http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01/host">` +
		`<dpws:Host><dpws:Types>dpws:Device mdpws:MedicalDevice</dpws:Types></dpws:Host></dpws:Relationship></mex:MetadataSection></mex:Metadata>`
	return []sender.Line{
		ask("http://schemas.xmlsoap.org/ws/2004/09/transfer/Get", ""), sender.Server(answered(soap, envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse", metadata))),
		ask("http://standards.ieee.org/downloads/11073/11073-20701-2018/GetService/GetMdib", "<msg:GetMdib/>"),
		sender.Server(squeezed(soap, envelope("http://standards.ieee.org/downloads/11073/11073-20701-2018/GetService/GetMdibResponse", mdib()))),
	}
}

// specification is one production specification of a component.
func specification(code, value string) string {
	return `<pm:ProductionSpecification><pm:SpecType Code="` + code + `"/><pm:ProductionSpec>` + value + `</pm:ProductionSpec></pm:ProductionSpecification>`
}

// mdib is a ventilator with a gas module, at a bed, with a patient. Types and
// specifications are codes of IEEE 11073-10101.
func mdib() string {
	return `<msg:GetMdibResponse SequenceId="urn:uuid:1" MdibVersion="12"><msg:Mdib SequenceId="urn:uuid:1" MdibVersion="12"><pm:MdDescription DescriptionVersion="1">` +
		`<pm:Mds Handle="mds0"><pm:Type Code="70001"/>` + specification("531975", "5.2.1") + specification("531974", "rev C") +
		`<pm:SystemContext Handle="sc"><pm:PatientContext Handle="pc"/><pm:LocationContext Handle="lc"/></pm:SystemContext>` +
		`<pm:MetaData><pm:Udi><pm:DeviceIdentifier>04049098000001</pm:DeviceIdentifier><pm:HumanReadableForm>(01)04049098000001(21)VB-0047</pm:HumanReadableForm>` +
		`<pm:Issuer Root="2.51.1.1"/></pm:Udi><pm:Manufacturer>Vireo Breath</pm:Manufacturer><pm:ModelName Lang="en">Lung 3</pm:ModelName><pm:SerialNumber>VB-0047</pm:SerialNumber></pm:MetaData>` +
		`<pm:Vmd Handle="vmd0"><pm:Type Code="70002"/>` + specification("531975", "1.9") +
		`<pm:Channel Handle="ch0"><pm:Metric xsi:type="pm:NumericMetricDescriptor" Handle="rr" Resolution="1"><pm:Type Code="151562"/><pm:Unit Code="264928"/></pm:Metric></pm:Channel>` +
		`</pm:Vmd></pm:Mds></pm:MdDescription><pm:MdState StateVersion="3"><pm:State xsi:type="pm:MdsState" DescriptorHandle="mds0" ActivationState="On" OperatingMode="Nml"/>` +
		`<pm:State xsi:type="pm:PatientContextState" DescriptorHandle="pc" Handle="pc.1" ContextAssociation="Assoc"><pm:Identification Root="urn:nf" Extension="7755001"/>` +
		`<pm:CoreData><pm:Givenname>CANARYFIRST</pm:Givenname><pm:Familyname>ZZCANARY</pm:Familyname><pm:DateOfBirth>1947-02-29</pm:DateOfBirth></pm:CoreData></pm:State>` +
		`<pm:State xsi:type="pm:LocationContextState" DescriptorHandle="lc" Handle="lc.1" ContextAssociation="Assoc"><pm:LocationDetail PoC="ICU" Bed="VB3" Facility="NORTHFIELD"/></pm:State>` +
		`<pm:State xsi:type="pm:NumericMetricState" DescriptorHandle="rr"><pm:MetricValue Value="14"/></pm:State></pm:MdState></msg:Mdib></msg:GetMdibResponse>`
}

// sdcReports: the provider tells its consumer of a context that has changed.
func sdcReports() []sender.Line {
	report := `<msg:EpisodicContextReport SequenceId="urn:uuid:1" MdibVersion="13"><msg:ReportPart><msg:ContextState xsi:type="pm:PatientContextState" DescriptorHandle="pc" Handle="pc.1" ` +
		`ContextAssociation="Assoc"><pm:Identification Root="urn:nf" Extension="7755001"/><pm:CoreData><pm:Familyname>ZZCANARY</pm:Familyname></pm:CoreData></msg:ContextState></msg:ReportPart></msg:EpisodicContextReport>`
	return sender.POST("/sink", soap, []byte(envelope("http://standards.ieee.org/downloads/11073/11073-20701-2018/ContextService/EpisodicContextReport", report)))
}

// personalHealth is a blood pressure cuff that associates with a configuration of its
// own and is asked for its attributes.
func personalHealth() []sender.Line {
	u16 := func(v ...uint16) (b []byte) {
		for _, x := range v {
			b = binary.BigEndian.AppendUint16(b, x)
		}
		return b
	}
	sized := func(b []byte) []byte { return append(u16(uint16(len(b))), b...) }
	apdu := func(choice uint16, body []byte) []byte { return append(u16(choice), sized(body)...) }
	information := func(kind uint16, system uint64, configuration uint16) []byte { // PhdAssociationInformation
		id := binary.BigEndian.AppendUint64(nil, system)
		return slices.Concat(u16(0x8000, 0, 0x8000, 0x8000, 0, 0, 0, kind, 0), sized(id), u16(configuration, 0, 0x0101, 0, 0))
	}
	protocol := func(info []byte) []byte { return append(u16(0x5079), sized(info)...) }
	request := information(0x0080, 0x00005EFFFE00CAFE, 0x4000)
	proposed := protocol(request)
	answer := append(u16(0x0003), protocol(information(0x8000, 0x00005EFFFE00BEEF, 0))...)
	label := func(s string) []byte { return sized([]byte(s)) }
	attribute := func(id uint16, value []byte) []byte { return append(u16(id), sized(value)...) }
	specs := slices.Concat(u16(1, 0), label("BP-4711"), u16(5, 0), label("2.4"), u16(3, 0), label("B"))
	list := slices.Concat(attribute(0x0928, append(label("Vireo Home"), label("Cuff 2")...)), attribute(0x0984, sized(binary.BigEndian.AppendUint64(nil, 0x00005EFFFE00CAFE))),
		attribute(0x092D, append(u16(3, uint16(len(specs))), specs...)), attribute(0x0A5A, u16(1, 4, 0x1007, 1)), attribute(0x0A57, label("ZZCANARY7755001")))
	result := append(u16(0, 5), sized(list)...)
	operation := append(u16(7, 0x0203), sized(result)...)
	get := append(u16(7, 0x0103), sized(u16(0, 0))...)
	return []sender.Line{
		sender.Client(apdu(0xE200, append(u16(0x8000, 0, 1), sized(proposed)...))), sender.Server(apdu(0xE300, answer)),
		sender.Server(apdu(0xE700, sized(get))), sender.Client(apdu(0xE700, sized(operation))),
		sender.Client(apdu(0xE400, u16(0))), sender.Server(apdu(0xE500, u16(0))),
	}
}
