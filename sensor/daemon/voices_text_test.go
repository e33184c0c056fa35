package daemon_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/sensor/testbed/sender"
)

// The messages here are written from the standards that each names, and share nothing
// with the parsers. Every patient is a canary.

// bedsideMonitor is a monitor's report (IHE PCD TF-2, PCD-01) as HTTP carries it:
// without MLLP.
func bedsideMonitor(at time.Time) string {
	return strings.Join([]string{
		"MSH|^~\\&|NFMON^00005EEF10000307^EUI-64|NORTHFIELD|||" + stamp(at) + "||ORU^R01^ORU_R01|M1|P|2.6|||NE|AL||UNICODE UTF-8|||PCD_DEC_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
		"PID|1||7755001^^^NORTHFIELD^MR||ZZCANARY^CANARYFIRST||19470229|F", "PV1|1|I|W4^R0447^BEDQ^NORTHFIELD",
		"OBR|1|ZZACCN-1|ZZACCN-2|182777000^monitoring of patient^SCT|||" + stamp(at),
		"OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||00005EEF10000307^^00005EEF10000307^EUI-64",
		"OBX|2|ST|531970^MDC_ID_MODEL_MANUFACTURER^MDC|1.0.0.1|Quell Infusion||||||R", "OBX|3|ST|531969^MDC_ID_MODEL_NUMBER^MDC|1.0.0.2|Quell Watch||||||R",
		"OBX|4|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.3|QW-7||||||R", "OBX|5|NM|147842^MDC_ECG_CARD_BEAT_RATE^MDC|1.2.1.1|61|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R", "",
	}, "\r")
}

// analysis is one transmission of an analyser (ASTM E1394-97, sections 6 to 11).
func analysis(at time.Time) string {
	return strings.Join([]string{
		`H|\^&|||DCA VANTAGE^04.04.00.00^S900301|||||||P||` + stamp(at), "P|1|ZZCANARY-01|7755001||ZZCANARY^CANARYFIRST||19470229|F|||1 ZZSTREET|||ZZDOCTOR",
		"O|1|ZZACCN-3", "R|1|^^^Alb|63.7|mg/L||||F||ZZDOCTOR||" + stamp(at.Add(-time.Minute)), "C|1|I|ZZNOTE|G", "L|1|N", "",
	}, "\r")
}

// glucose is a meter that greets and sends an observation (POCT01-A, section 5).
func glucose(at time.Time) []sender.Line {
	moment := at.UTC().Format("2006-01-02T15:04:05-07:00")
	header := func(n int) string {
		return fmt.Sprintf(`<HDR><HDR.control_id V="%d"/><HDR.version_id V="POCT1"/><HDR.creation_dttm V="%s"/></HDR>`, n, moment)
	}
	return []sender.Line{
		sender.Client([]byte(`<HEL.R01>` + header(1) + `<DEV><DEV.device_id V="NF^Ward 4"/><DEV.vendor_id V="SIEM"/><DEV.model_id V="DCA Vantage"/><DEV.serial_id V="S900302"/>` +
			`<DEV.manufacturer_name V="Siemens Healthcare Diagnostics"/><DEV.sw_version V="4.4.0.0"/><DCP><DCP.application_timeout V="60"/></DCP></DEV></HEL.R01>`)),
		sender.Server([]byte(`<ACK.R01>` + header(900) + `<ACK><ACK.type_cd V="AA"/><ACK.ack_control_id V="1"/></ACK></ACK.R01>`)),
		sender.Client([]byte(`<OBS.R01>` + header(2) + `<SVC><SVC.role_cd V="OBS"/><SVC.observation_dttm V="` + moment + `"/><PT><PT.patient_id V="7755001"/><PT.name V="ZZCANARY^CANARYFIRST"/>` +
			`<PT.birth_date V="19470229"/><OBS><OBS.value V="5.5"/></OBS></PT><OPR><OPR.operator_id V="ZZDOCTOR"/></OPR></SVC></OBS.R01>`)),
		sender.Server([]byte(`<ACK.R01>` + header(901) + `<ACK><ACK.type_cd V="AA"/><ACK.ack_control_id V="2"/></ACK></ACK.R01>`)),
	}
}

// webImages asks an archive for a patient's studies and stores one more image
// (PS3.18, sections 10.6 and 10.5).
func webImages(s scanner) []sender.Line {
	found := `[{"00100010":{"vr":"PN","Value":[{"Alphabetic":"ZZCANARY^CANARYFIRST"}]},"00100020":{"vr":"LO","Value":["7755001"]},"00080050":{"vr":"SH","Value":["ZZACCN-9"]}}]`
	object := slices.Concat(make([]byte, 128), []byte("DICM"), fileMeta(), s.image(7, 300))
	part := slices.Concat([]byte("--edge\r\nContent-Type: application/dicom\r\n\r\n"), object, []byte("\r\n--edge--\r\n"))
	return []sender.Line{
		sender.Client([]byte("GET /dicom-web/studies?PatientName=ZZCANARY*&PatientBirthDate=19470229 HTTP/1.1\r\nHost: 10.40.3.2\r\nAccept: application/dicom+json\r\n\r\n")),
		sender.Server(answered("application/dicom+json", found)),
		sender.Client(slices.Concat(fmt.Appendf(nil, "POST /dicom-web/studies HTTP/1.1\r\nHost: 10.40.3.2\r\nContent-Type: multipart/related; type=\"application/dicom\"; boundary=edge\r\n"+
			"Content-Length: %d\r\n\r\n", len(part)), part)),
		sender.Server(answered("application/dicom+json", `{"00081190":{"vr":"UR","Value":["http://10.40.3.2/dicom-web/studies/1"]}}`)),
	}
}

// fileMeta is group 0002 of a file (PS3.10, section 7.1), in explicit VR little endian.
func fileMeta() []byte {
	text := func(element uint16, vr, v string) []byte {
		v += strings.Repeat("\x00", len(v)%2)
		b := binary.LittleEndian.AppendUint16([]byte{2, 0}, element)
		return append(binary.LittleEndian.AppendUint16(append(b, vr...), uint16(len(v))), v...)
	}
	rest := slices.Concat([]byte{2, 0, 1, 0, 'O', 'B', 0, 0, 2, 0, 0, 0, 0, 1}, text(2, "UI", ctStorage), text(3, "UI", string(instance(7))),
		text(0x10, "UI", explicitLE), text(0x12, "UI", "1.2.826.0.1.3680043.9.7777.2"))
	return append(binary.LittleEndian.AppendUint32([]byte{2, 0, 0, 0, 'U', 'L', 4, 0}, uint32(len(rest))), rest...)
}

// fhirRead is an application that reads a patient and a device (HL7 FHIR R4).
func fhirRead() []sender.Line {
	get := func(path string) sender.Line {
		return sender.Client([]byte("GET " + path + " HTTP/1.1\r\nHost: 10.40.3.19\r\nAccept: application/fhir+json\r\n\r\n"))
	}
	return []sender.Line{
		get("/fhir/Patient?name=ZZCANARY&birthdate=1947-02-29"),
		sender.Server(answered("application/fhir+json", `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Patient","id":"7755001","name":[{"family":"ZZCANARY","given":["CANARYFIRST"]}]}}]}`)),
		get("/fhir/Device/9"),
		sender.Server(answered("application/fhir+json", `{"resourceType":"Device","id":"9","manufacturer":"Quell Infusion","modelNumber":"Quell 5","serialNumber":"QP-990001",`+
			`"version":[{"type":{"coding":[{"system":"urn:iso:std:iso:11073:10101","code":"531975"}]},"value":"2.3"}],"patient":{"reference":"Patient/7755001","display":"ZZCANARY CANARYFIRST"},"note":[{"text":"ZZNOTE"}]}`)),
	}
}

func answered(media, body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", media, len(body), body)
}

// squeezed is an answer whose body is compressed and sent in chunks (RFC 9112, section
// 7.1; RFC 1952).
func squeezed(media, body string) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(body)) // into memory
	_ = w.Close()
	out := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", media)
	for chunk := range slices.Chunk(packed.Bytes(), 100) {
		out = fmt.Appendf(out, "%x\r\n%s\r\n", len(chunk), chunk)
	}
	return append(out, "0\r\n\r\n"...)
}
