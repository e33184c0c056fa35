package http_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"strings"

	"golang.org/x/net/http2/hpack"
)

// message writes a head and a body with its length.
func message(start string, body string, fields ...string) string {
	return start + "\r\n" + strings.Join(append(fields, fmt.Sprintf("Content-Length: %d", len(body))), "\r\n") + "\r\n\r\n" + body
}

func get(target string, fields ...string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + canary + "\r\nCookie: " + canary + "=1\r\n" + strings.Join(append(fields, "", ""), "\r\n")
}

func ok(media, body string, fields ...string) string {
	return message("HTTP/1.1 200 OK", body, append(fields, "Content-Type: "+media, "Set-Cookie: "+canary)...)
}

// chunked writes a body in chunks of a size, with an extension and a trailer.
func chunked(start, media, body string, size int, fields ...string) string {
	var b strings.Builder
	b.WriteString(start + "\r\n" + strings.Join(append(fields, "Content-Type: "+media, "Transfer-Encoding: Chunked", "", ""), "\r\n"))
	for len(body) > 0 {
		n := min(size, len(body))
		fmt.Fprintf(&b, "%X;x=%s\r\n%s\r\n", n, canary, body[:n])
		body = body[n:]
	}
	return b.String() + "0\r\nServer: " + canary + "/1\r\n\r\n"
}

func gzipped(body string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(body))
	_ = w.Close()
	return b.String()
}

func deflated(body string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = w.Write([]byte(body))
	_ = w.Close()
	return b.String()
}

// frame writes one frame of HTTP/2: RFC 9113 section 4.1.
func frame(kind, flags byte, stream int, payload string) string {
	n := len(payload)
	return string([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, 0, 0, byte(stream >> 8), byte(stream)}) + payload
}

// heads writes header blocks with one table, as one side of a conversation does.
type heads struct {
	buffer  bytes.Buffer
	encoder *hpack.Encoder
}

func (h *heads) block(fields ...string) string {
	if h.encoder == nil {
		h.encoder = hpack.NewEncoder(&h.buffer)
	}
	h.buffer.Reset()
	for i := 0; i+1 < len(fields); i += 2 {
		_ = h.encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return h.buffer.String()
}

const (
	prefaceText = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	fhirJSON    = "application/fhir+json"
)

// fhirDevice is a Device of FHIR R4, in the order that the specification prints it.
func fhirDevice(id, serial string) string {
	return `{"resourceType":"Device","id":"` + id + `","meta":{"lastUpdated":"2026-03-01T07:59:00Z"},"text":{"status":"generated","div":"<div>` + canary +
		`</div>"},"contained":[{"resourceType":"Patient","name":[{"family":"` + canary + `"}]}],"identifier":[{"system":"urn:x","value":"` + canary + `"}],` +
		`"udiCarrier":[{"deviceIdentifier":"00844588003288","issuer":"http://hl7.org/fhir/NamingSystem/gs1-di","carrierHRF":"(01)00844588003288(21)` + serial +
		`"}],"status":"active","manufacturer":"Acme \u00c4&G","lotNumber":"L1","serialNumber":"` + serial + `","deviceName":[{"name":"` + canary +
		`'s pump","type":"user-friendly-name"},{"name":"Pump 3","type":"model-name"},{"type":"patient-reported-name","name":"` + canary + `"}],` +
		`"type":{"coding":[{"system":"urn:iso:std:iso:11073:10101","code":"69985"},{"system":"urn:own","code":"` + canary + `"}],"text":"` + canary + `"},` +
		`"version":[{"type":{"coding":[{"system":"urn:iso:std:iso:11073:10101","code":"531975"}]},"value":"4.2"},{"type":{"text":"HW rev"},"value":"C"},{"value":"9"}],` +
		`"patient":{"reference":"Patient/` + canary + `","display":"` + canary + `"},"note":[{"text":"` + canary + `"}]}`
}

func fhirMetric(id, of, status, updated string) string {
	return `{"resourceType":"DeviceMetric","id":"` + id + `","meta":{"lastUpdated":"` + updated + `"},"type":{"coding":[{"code":"150020","system":"urn:iso:std:iso:11073:10101"}]},` +
		`"source":{"reference":"` + of + `"},"operationalStatus":"` + status + `","category":"measurement"}`
}

func bundle(resources ...string) string {
	var entries []string
	for i, r := range resources {
		entries = append(entries, fmt.Sprintf(`{"fullUrl":"urn:uuid:%d","resource":%s,"search":{"mode":"match"}}`, i, r))
	}
	return `{"resourceType":"Bundle","type":"searchset","link":[{"url":"http://x/?patient=` + canary + `"}],"entry":[` + strings.Join(entries, ",") + `]}`
}

func capability(kind string) string {
	return `{"resourceType":"CapabilityStatement","status":"active","kind":"` + kind + `","software":{"name":"HAPI FHIR Server","version":"6.10.0"},` +
		`"implementation":{"description":"` + canary + `"},"rest":[{"mode":"server","resource":[{"type":"Patient"}]}]}`
}

// multipart writes parts, each a media type and a body.
func multipart(boundary string, parts ...string) string {
	var b strings.Builder
	b.WriteString("a preamble " + canary)
	for i := 0; i+1 < len(parts); i += 2 {
		b.WriteString("\r\n--" + boundary + " \r\nContent-Location: x\r\nContent-Type: " + parts[i] + "; transfer-syntax=1.2\r\n\r\n" + parts[i+1])
	}
	return b.String() + "\r\n--" + boundary + "--\r\nan epilogue " + canary
}
