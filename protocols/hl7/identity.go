package hl7

import (
	"strconv"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// Confidences, by the ladder of protocols/README.md.
const (
	statedFact   = 0.95 // a coded production specification: the device's own word
	instanceFact = 0.85 // OBX-18, EQU-1, PRT-10: an identifier whose parts senders use freely
	looseFact    = 0.6  // an identifier with one part only
	guessedFact  = 0.5  // a header field that stands for something else by a maker's habit
)

// identity is what a message says of one device. Its facts are bounded by the
// attributes that can be added and by maxVersions.
type identity struct{ facts []protocols.Fact }

// maxVersions bounds the values of an attribute that has several: a pump
// names the software of each of its processors, and has an alarm or two.
const maxVersions = 8

// add notes a fact. An attribute with one value keeps the surer statement, and
// the first of equals; software versions and programs are all kept.
func (id *identity) add(a protocols.Attribute, value, field string, confidence float64) {
	if value == "" || strings.ContainsRune(value, '^') && !formed(a) {
		return // parts that one field holds belong to something else: a person's name
	}
	if a == protocols.SoftwareVersion && !strings.ContainsAny(value, "0123456789") {
		return // a version counts; a word may be anything
	}
	same := 0
	for i, old := range id.facts {
		if old.Attribute != a {
			continue
		}
		if !several(a) {
			if confidence > old.Confidence {
				id.facts[i] = factOf(a, value, field, confidence)
			}
			return
		}
		if same++; old.Value == value || same == maxVersions {
			return
		}
	}
	if id.facts == nil {
		id.facts = make([]protocols.Fact, 0, usualFacts)
	}
	id.facts = append(id.facts, factOf(a, value, field, confidence))
}

// several reports an attribute that may have more than one value.
func several(a protocols.Attribute) bool {
	return a == protocols.SoftwareVersion || a == protocols.Application || a == protocols.AlarmOf
}

// usualFacts is what most messages say of one device or of one side.
const usualFacts = 8

// factOf copies a value: the inventory keeps it, and nothing of the message may
// stay with it.
func factOf(a protocols.Attribute, value, field string, confidence float64) protocols.Fact {
	return protocols.Fact{Attribute: a, Value: strings.Clone(value), Field: field, Confidence: confidence}
}

// formed reports an attribute whose values are checked by their own form, and
// places, which are joined here.
func formed(a protocols.Attribute) bool {
	return a == protocols.UDI || a == protocols.Location
}

// get returns the value of an attribute, or "".
func (id *identity) get(a protocols.Attribute) string {
	for _, f := range id.facts {
		if f.Attribute == a {
			return f.Value
		}
	}
	return ""
}

// key is what the device can be told from others by, or "".
func (id *identity) key() string {
	for _, a := range [...]protocols.Attribute{protocols.SerialNumber, protocols.EUI64, protocols.DeviceUID, protocols.UDI, protocols.DeviceLabel} {
		if v := id.get(a); v != "" {
			return v
		}
	}
	return ""
}

// addUDI notes a unique device identifier and the serial number inside it: GS1
// application identifier 21 in its human readable form. HIBCC and ICCBBA forms
// are kept whole.
func (id *identity) addUDI(udi, field string) {
	id.add(protocols.UDI, udi, field, statedFact)
	if _, after, found := strings.Cut(udi, "(21)"); found {
		number, _, _ := strings.Cut(after, "(")
		id.add(protocols.SerialNumber, serial(number), field, statedFact)
	}
}

// isUDI recognises the issuing agencies' first characters (FDA, "Unique device
// identifier formats by issuing agency").
func isUDI(s string) bool {
	return strings.HasPrefix(s, "(01)") || len(s) > 6 && (s[0] == '+' || s[0] == '=')
}

// addInstance reads one repetition of an equipment instance identifier (EI:
// entity ^ namespace ^ universal id ^ type). Senders use it in these ways:
//
//	0123456789ABCDEF^^0123456789ABCDEF^EUI-64   IHE PCD TF-2, B.8.6
//	serial^model^0123456789ABCDEF^EUI-64        gateways
//	serial^model^maker.com^DNS                  IHE, legacy
//	model^serial^version                        laboratory instruments
//	0123456789ABCDEF^model                      monitors
//	uuid-model                                  monitors
//	(01)…(21)…                                  a UDI
func (id *identity) addInstance(t text, h header, c concept, field string) {
	entity, name, universal := t.component(1), t.component(2), t.component(3)
	kind := strings.ToUpper(t.component(4))
	if strings.EqualFold(entity, h.application) && name == "" {
		entity = "" // the sender's program, not the device
	}
	switch {
	case isUDI(entity):
		id.addUDI(entity, field)
		return
	case id.behind(entity, field):
		return
	case kind == "EUI-64" || kind == "EUI64":
		id.addEUI(euiOf(universal), field, statedFact)
		entity = pumpLabel(entity, universal, c)
	case kind == "UUID":
		id.add(protocols.DeviceUID, uuidOf(universal), field, instanceFact)
	case kind == "DNS" || kind == "URI":
		id.add(protocols.Manufacturer, universal, field, guessedFact)
	case kind == "" && modelFirst(entity, name, universal, h.application):
		entity, name = name, entity
		id.add(protocols.SoftwareVersion, versionOf(universal), field, instanceFact)
	}
	model, maker := modelOf(name)
	id.add(protocols.Model, model, field, instanceFact)
	id.add(protocols.Manufacturer, maker, field, guessedFact)
	id.addEntity(entity, name, field)
}

// addEUI notes a EUI-64, and the 48-bit address in it where it was made of one in the
// older way, by FFFF in the middle: inventory takes FFFE apart, which may also stand
// in one that was not.
func (id *identity) addEUI(eui, field string, confidence float64) {
	id.add(protocols.EUI64, eui, field, confidence)
	if eui == "" || eui[6:10] != "FFFF" {
		return
	}
	if mac, err := protocols.ParseMAC(eui[:6] + eui[10:]); err == nil && !mac.IsGroup() {
		id.add(protocols.HardwareAddress, mac.String(), field, looseFact)
	}
}

// addEntity reads the first part of an identifier, which may be an EUI-64, a
// UUID with a model behind it, or a serial number.
func (id *identity) addEntity(entity, name, field string) {
	if eui := euiOf(entity); eui != "" {
		id.addEUI(eui, field, instanceFact)
		return
	}
	if hexadecimal(entity, 16) {
		return // a EUI-64 that names a maker and no device
	}
	if uuid := uuidOf(entity); uuid != "" {
		id.add(protocols.DeviceUID, uuid, field, instanceFact)
		id.order(strings.TrimLeft(entity[len(uuid):], "- "), field)
		return
	}
	confidence := instanceFact
	if name == "" {
		confidence = looseFact
	}
	id.add(protocols.SerialNumber, serial(entity), field, confidence)
}

// modelFirst reports the laboratory order of an identifier without a type: the
// sender's program is named after the model in the first part, or the third is a
// software version.
func modelFirst(entity, name, universal, application string) bool {
	if name == "" || related(name, application) {
		return false
	}
	return related(entity, application) || versionOf(universal) != ""
}

// related reports two names of one product line: the same first four letters or
// digits ("XN-1000", "XN-10").
func related(a, b string) bool {
	const least = 4
	a, b = bare(a), bare(b)
	return len(a) >= least && len(b) >= least && a[:least] == b[:least]
}

// bare keeps letters and digits, in upper case.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToUpper(s))
}

// maxSerial bounds a serial number; longer ones are message or sample numbers.
const maxSerial = 40

// serial returns s if it can be a device's number: short, with a digit, of the
// characters that makers stamp on plates, and not an address.
func serial(s string) string {
	if len(s) > maxSerial || !strings.ContainsAny(s, "0123456789") || strings.Count(s, ".") > 2 {
		return ""
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && c != '.' && c != '/' && c != '_' && c != '#' && bare(string(rune(c))) == "" {
			return ""
		}
	}
	return s
}

// versionOf returns s if it looks like a version: digits with dots or hyphens,
// perhaps a letter.
func versionOf(s string) string {
	if s == "" || len(s) > 16 || hexadecimal(s, 16) || s[0] < '0' || s[0] > '9' || !strings.ContainsAny(s, ".-") {
		return ""
	}
	return serialOrVersion(s)
}

func serialOrVersion(s string) string {
	if strings.Trim(strings.ToUpper(s), "0123456789.-ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return s
}

// euiOf returns a EUI-64 as 16 upper-case hexadecimal digits, or "" when s is
// none or names no single device (its extension is all zeros).
func euiOf(s string) string {
	if len(s) < 16 || len(s) > 23 { // eight octets, with a separator between them at most
		return ""
	}
	s = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == ':' || r == '.' {
			return -1
		}
		return r
	}, s))
	if !hexadecimal(s, 16) || strings.Trim(s[6:], "0") == "" || strings.Trim(s, "F") == "" {
		return ""
	}
	return s
}

func hexadecimal(s string, digits int) bool {
	if len(s) != digits {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'F') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// uuidOf returns the UUID (RFC 9562, section 4) that s begins with, or "".
func uuidOf(s string) string {
	const length = 36
	if len(s) < length || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ""
	}
	if !hexadecimal(strings.ReplaceAll(s[:length], "-", ""), 32) {
		return ""
	}
	return s[:length]
}

// ofMAC reports whether a EUI-64 was made from a 48-bit address, by FFFE or FFFF
// in the middle (IEEE Registration Authority, "Guidelines for use of EUI").
func ofMAC(eui string, m protocols.MAC) bool {
	if eui == "" || m.IsZero() || eui[6:9] != "FFF" || eui[9] != 'E' && eui[9] != 'F' {
		return false
	}
	return strings.EqualFold(eui[:6]+eui[10:], strings.ReplaceAll(m.String(), ":", ""))
}

func fieldName(segment string, n int) string { return segment + "-" + strconv.Itoa(n) }
