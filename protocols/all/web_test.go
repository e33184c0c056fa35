package all_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

const canary = "ZZCANARY"

func posted(target, media, body string, fields ...string) string {
	fields = append(fields, "Content-Type: "+media, fmt.Sprintf("Content-Length: %d", len(body)), "", "")
	return "POST " + target + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(fields, "\r\n") + body
}

func answered(media, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", media, len(body), body)
}

// element writes one element in explicit little endian: PS3.5 section 7.1.2.
func element(tag uint32, vr, value string) string {
	if len(value)%2 == 1 {
		value += map[bool]string{true: "\x00", false: " "}[vr == "UI"]
	}
	b := binary.LittleEndian.AppendUint16(nil, uint16(tag>>16))
	b = append(binary.LittleEndian.AppendUint16(b, uint16(tag)), vr...)
	if vr == "OW" {
		return string(binary.LittleEndian.AppendUint32(append(b, 0, 0), uint32(len(value)))) + value
	}
	return string(binary.LittleEndian.AppendUint16(b, uint16(len(value)))) + value
}

// object is a Part 10 file of a machine, with a patient.
func object(serial string, pixels int) string {
	meta := element(0x00020002, "UI", "1.2.840.10008.5.1.4.1.1.2") + element(0x00020010, "UI", "1.2.840.10008.1.2.1") +
		element(0x00020012, "UI", "1.2.3.4") + element(0x00020016, "AE", "ROUTER")
	return strings.Repeat("\x00", 128) + "DICM" + element(0x00020000, "UL", string(binary.LittleEndian.AppendUint32(nil, uint32(len(meta))))) + meta +
		element(0x00080050, "SH", canary) + element(0x00080070, "LO", "ACME") + element(0x00081090, "LO", "Scanner") +
		element(0x00100010, "PN", canary) + element(0x00181000, "LO", serial) + element(0x00181020, "LO", "1.2") +
		element(0x0020000D, "UI", "1.2.99") + element(0x7FE00010, "OW", strings.Repeat("\r\n--\x00\x01", pixels/6&^1))
}

func stow(objects ...string) string {
	var b strings.Builder
	for _, o := range objects {
		b.WriteString("\r\n--part\r\nContent-Type: application/dicom\r\n\r\n" + o)
	}
	return b.String() + "\r\n--part--"
}

const related = `multipart/related; type="application/dicom"; boundary=part`

func says(d protocols.Direction, parts ...string) protocoltest.Step {
	return protocoltest.Says(d, []byte(strings.Join(parts, "")))
}

// serials are the machines that a conversation tells of, and roles what it says that
// the sender is.
func stated(h *protocoltest.Heard) (serials, roles []string) {
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			switch f.Attribute {
			case protocols.SerialNumber:
				serials = append(serials, f.Value)
			case protocols.RoleOf:
				roles = append(roles, f.Value)
			}
		}
	}
	return serials, roles
}

func packed(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

// TestInvariant04ObjectsOverHTTP: whoever sends an object, the machine that made it is
// referenced; each is stated once, and a sender of two machines' objects is a forwarder.
func TestInvariant04ObjectsOverHTTP(t *testing.T) {
	one, two := object("S1", 60000), object("S2", 60000)
	big := packed(stow(one+noise(1<<20), two))
	for _, c := range []struct {
		name    string
		step    protocoltest.Step
		serials string
		forward bool
	}{
		{"one", says(protocols.FromOpener, posted("/studies", related, stow(one))), "S1", false},
		{"many of one", says(protocols.FromOpener, strings.Repeat(posted("/studies", related, stow(one, one)), 5)), "S1", false},
		{"of two", says(protocols.FromOpener, posted("/studies", related, stow(one, two, one, two))), "S1 S2", true},
		{"compressed", says(protocols.FromOpener, posted("/studies", related, packed(stow(one, one)), "Content-Encoding: gzip")), "S1", false},
		{"compressed, over the bound", says(protocols.FromOpener, posted("/studies", related, big, "Content-Encoding: gzip")), "S1", false},
		{"an answer", says(protocols.FromAcceptor, answered(related, stow(one))), "S1", true},
		{"an answer of one file", says(protocols.FromAcceptor, answered("application/dicom", one)), "S1", true},
		{"another type", says(protocols.FromAcceptor, answered("image/jpeg", one)), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1 << 30, 1400, 7} {
				h := heard(size, []protocoltest.Step{c.step})
				serials, roles := stated(h)
				if strings.Join(serials, " ") != c.serials || slices.Contains(roles, "dicom-forwarder") != c.forward || strings.Contains(h.Print(), canary) {
					t.Errorf("in pieces of %d:\n%s", size, h.Print())
				}
				for _, o := range h.Observations {
					if of := o.About.Kind; o.Protocol == protocols.DICOM && of != protocols.AboutReferenced && o.Facts[0].Attribute != protocols.RoleOf {
						t.Errorf("about %d: %+v", of, o.Facts)
					}
				}
			}
		})
	}
}

// noise is what does not compress.
func noise(n int) string {
	b, x := make([]byte, n), uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// TestPixelsAreSkipped: nearly all of a large body need not be seen, whatever frames it.
func TestPixelsAreSkipped(t *testing.T) {
	body := stow(object("S1", 1<<20), object("S1", 1<<20))
	s, out := web().Open(protocols.Context{OpenerKnown: true}), (&protocoltest.Heard{}).Sink(protocols.HTTP)
	seen, skip := 0, uint64(0)
	for b := []byte(posted("/studies", related, body)); len(b) > 0; {
		n := min(uint64(len(b)), skip)
		if b = b[n:]; len(b) > 0 {
			piece := b[:min(1400, len(b))]
			seen += len(piece)
			skip = s.Segment(protocols.Segment{Bytes: piece}, out)
			b = b[len(piece):]
		}
	}
	s.Close(out)
	if seen > 4*1400 {
		t.Errorf("%d of %d octets were needed", seen, len(body))
	}
}

// TestObjectsJoinedLate: what begins behind the place where a conversation was joined, or
// behind a hole, is stated.
func TestObjectsJoinedLate(t *testing.T) {
	one := posted("/studies", related, stow(object("S1", 3000), object("S2", 3000)))
	said := one + posted("/studies", related, stow(object("S3", 3000)))
	for at := 1; at < len(said); at += 97 {
		h := hear(protocols.Context{Midstream: true}, 1400, []protocoltest.Step{says(protocols.FromOpener, said[at:])})
		serials, _ := stated(h)
		if want := at <= len(one); slices.Contains(serials, "S3") != want || len(serials) > 1 {
			t.Fatalf("joined at %d of %d: %v\n%s", at, len(one), serials, h.Print())
		}
	}
}

// TestHL7OverHTTP: a message goes one way and its acknowledgement the other, and each end
// is known by its own.
func TestHL7OverHTTP(t *testing.T) {
	oru := "MSH|^~\\&|PUMPS|EXAMPLE|EHR|EXAMPLE|20260301080000||ORU^R01^ORU_R01|7|P|2.6\rPID|1||" + canary + "||" + canary + "^X\rOBR|1|||69837^X^MDC|||20260301080000"
	ack := "MSH|^~\\&|EHR|EXAMPLE|PUMPS|EXAMPLE|20260301080000||ACK^R01^ACK|8|P|2.6\rMSA|AA|7"
	for _, media := range []string{"application/hl7-v2", "application/hl7-v2+er7; charset=utf-8", "x-application/hl7-v2+er7"} {
		steps := []protocoltest.Step{says(protocols.FromOpener, posted("/hl7", media, oru)), says(protocols.FromAcceptor, answered(media, ack))}
		for _, size := range []int{1 << 30, 1} {
			h := heard(size, steps)
			said := h.Print()
			for _, want := range []string{`192.0.2.1 about speaker`, `"PUMPS"`, `"hl7-sender"`, `"EHR"`, `"hl7-receiver"`} {
				if !strings.Contains(said, want) {
					t.Errorf("%s: nothing says %s:\n%s", media, want, said)
				}
			}
			if strings.Contains(said, canary) || len(h.Outcomes) != 4 {
				t.Errorf("%s:\n%s", media, said)
			}
		}
	}
}

// FuzzObjects: however a body that holds objects arrives, the same is stated, and no
// patient.
func FuzzObjects(f *testing.F) {
	f.Add([]byte(stow(object("S1", 60), object("S2", 60))), uint8(3))
	f.Add([]byte(stow(object("S1", 600)[:400])+stow(object("S2", 6))), uint8(200))
	f.Fuzz(func(t *testing.T, body []byte, size uint8) {
		steps := []protocoltest.Step{says(protocols.FromOpener, posted("/studies", related, string(body)), posted("/studies", related, stow(object("S3", 6))))}
		whole, pieces := heard(1<<30, steps).Print(), heard(int(size)+1, steps).Print()
		if whole != pieces || !strings.Contains(whole, `"S3"`) && !strings.Contains(string(body), "S3") {
			t.Errorf("in pieces of %d\n%s\nwhole\n%s", size, pieces, whole)
		}
	})
}

// BenchmarkSTOW reads a request that stores one object of half a MB.
func BenchmarkSTOW(b *testing.B) {
	said := []byte(posted("/studies", related, stow(object("S1", 1<<19))))
	p, out := web(), protocols.NewSink(protocols.HTTP, nil, nil, nil)
	b.ReportAllocs()
	for b.Loop() {
		s := p.Open(protocols.Context{OpenerKnown: true})
		for rest := said; len(rest) > 0; {
			piece := rest[:min(1400, len(rest))]
			skip := s.Segment(protocols.Segment{When: protocoltest.Start(), Bytes: piece}, out)
			rest = rest[len(piece):]
			rest = rest[min(uint64(len(rest)), skip):]
		}
		s.Close(out)
	}
}
