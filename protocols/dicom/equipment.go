package dicom

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
)

// secondaryClass is Secondary Capture Image Storage (PS3.6 annex A).
const secondaryClass = "1.2.840.10008.5.1.4.1.1.7"

// facts states the kept values in the order of sources. The slice is new.
func (r *reader) facts() []protocols.Fact {
	decode := decoderOf(r.value(at(tagCharacterSet)))
	var facts []protocols.Fact
	for i := range sources {
		facts = append(facts, r.stated(&sources[i], decode)...)
	}
	return facts
}

// stated returns what the values of one element state.
func (r *reader) stated(from *source, decode decoder) []protocols.Fact {
	var facts []protocols.Fact
	for _, v := range r.kept {
		if v.where != from.where {
			continue
		}
		for _, value := range from.form.values(r.text[v.start:v.end], decode) {
			facts = append(facts, protocols.Fact{Attribute: from.attribute, Value: value,
				Field: from.field, Confidence: from.confidence})
		}
	}
	return facts
}

// imageFacts are those of an object, which is of a class where its message says so.
// What a secondary capture says of calibration is true of what captured, and not of the
// machine: PS3.3 section C.8.6.1 gives that no date.
func (r *reader) imageFacts(class string) []protocols.Fact {
	facts := r.facts()
	captured := r.value(at(tagConversion)) != nil || secondaryCapture(class) || secondaryCapture(string(trimUID(r.value(at(tagSOPClass)))))
	return slices.DeleteFunc(facts, func(f protocols.Fact) bool { return captured && f.Attribute == protocols.Calibrated })
}

// secondaryCapture reports the classes of secondary captures, of one frame and of
// several (PS3.4 table B.5-1).
func secondaryCapture(class string) bool {
	return class == secondaryClass || strings.HasPrefix(class, secondaryClass+".")
}

// values turns an element's octets into texts without padding; none when they
// break the rules of their form.
func (f form) values(b []byte, decode decoder) []string {
	switch f {
	case uid:
		if u := trimUID(b); isUID(u) {
			return []string{string(u)}
		}
		return nil
	case aeTitle:
		if s := title(b); s != "" && !personal(s) {
			return []string{s}
		}
		return nil
	case code:
		if c := bytes.Trim(b, " \x00"); isTerm(c) {
			return []string{string(c)}
		}
		return nil
	case lastDate:
		return lastDay(b)
	}
	whole, ok := decode.text(b)
	if !ok || personal(whole) {
		return nil
	}
	// Values are told apart by backslash (PS3.5 section 6.4), after decoding: the
	// second octet of a Chinese or Japanese character may look like one.
	var values []string
	for part := range strings.SplitSeq(whole, `\`) {
		if part = strings.Trim(part, " \x00"); part == "" {
			continue
		}
		if values = append(values, part); f != texts || len(values) == maxVersions {
			break
		}
	}
	return values
}

// personal reports a text in the form of a person's name, whose parts a caret divides
// (PS3.5 section 6.2.1.1). Somebody typed it into the wrong field.
func personal(s string) bool { return strings.Contains(s, "^") }

// isTerm reports whether v looks like one of the defined terms of a modality,
// which are upper-case letters and digits (PS3.3 section C.7.3.1.1.1). A query
// may hold wildcards instead.
func isTerm(v []byte) bool {
	for _, c := range v {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(v) >= 2 && len(v) <= 16 // PS3.5 table 6.2-1, CS
}

// lastDay returns the last date of a DA element (PS3.5 table 6.2-1) as
// YYYY-MM-DD.
func lastDay(b []byte) []string {
	parts := bytes.Split(bytes.Trim(b, " \x00"), []byte(`\`))
	day, err := time.Parse("20060102", string(bytes.TrimSpace(parts[len(parts)-1])))
	if err != nil {
		return nil
	}
	return []string{day.Format(time.DateOnly)}
}

// digest tells two readings with the same kept values. A collision costs one
// statement.
func (r *reader) digest() uint64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a, 64 bits
	h := uint64(offset)
	for _, v := range r.kept {
		h = (h ^ uint64(v.where)) * prime
		for _, c := range r.text[v.start:v.end] {
			h = (h ^ uint64(c)) * prime
		}
		h = (h ^ uint64(v.end-v.start)) * prime
	}
	return h
}

// stateImage states what a stored object says of the equipment that made it.
func (s *session) stateImage(d protocols.Direction) {
	h := &s.halves[d]
	m := &h.message
	if h.spoken.recently(m.reader.digest(), s.now.when) {
		return
	}
	facts := m.reader.imageFacts(m.command.sopClassUID())
	if class := m.command.sopClassUID(); class != "" {
		facts = append(facts, protocols.Fact{Attribute: protocols.DeviceType, Value: "sop:" + class,
			Field: "(0000,0002)", Confidence: exercised})
	} else if u := trimUID(m.reader.value(at(tagSOPClass))); isUID(u) {
		facts = append(facts, protocols.Fact{Attribute: protocols.DeviceType, Value: "sop:" + string(u),
			Field: "(0008,0016)", Confidence: exercised})
	}
	if m.reader.grabbed() {
		s.stateRole(d, protocols.RoleDICOMForwarder, "(0018,1016) of a digitised picture")
	}
	shown := machineOf(facts)
	s.observe(protocols.Subject{Kind: protocols.AboutReferenced}, facts, nil)
	switch {
	case h.spoken.machine == (machine{}):
		h.spoken.machine = shown
	case h.spoken.machine.differs(shown):
		s.stateRole(d, protocols.RoleDICOMForwarder, "images of two machines")
	}
}

// grabbed reports whether a secondary capture names a maker of the capture device that
// is not the machine's, and says that it was made of a film, a video signal or a
// digital link (PS3.3 section C.8.6.1): then a frame grabber or film scanner sends
// what another machine has shown.
func (r *reader) grabbed() bool {
	switch string(bytes.Trim(r.value(at(tagConversion)), " \x00")) {
	case "DV", "DF", "DI", "SI", "SD":
	default:
		return false
	}
	maker := func(p place) string {
		return strings.ToLower(strings.Trim(string(r.value(p)), " \x00"))
	}
	grabber, machine := maker(at(tagGrabberMaker)), maker(at(tagManufacturer))
	if grabber == "" || machine == "" {
		return false
	}
	// "GE" and "GE MEDICAL SYSTEMS" are one maker: their first words tell.
	first, _, _ := strings.Cut(grabber, " ")
	other, _, _ := strings.Cut(machine, " ")
	return first != other
}

// machine is what tells one machine from another in images.
type machine struct {
	maker, model, station, serial string
}

func machineOf(facts []protocols.Fact) machine {
	var m machine
	for _, f := range facts {
		switch f.Attribute {
		case protocols.Manufacturer:
			m.maker = strings.ToLower(f.Value)
		case protocols.Model:
			m.model = strings.ToLower(f.Value)
		case protocols.StationName:
			m.station = placeholder(f.Value)
		case protocols.SerialNumber:
			m.serial = placeholder(f.Value)
		}
	}
	return m
}

// placeholder returns "" for what is typed where a number is missing.
func placeholder(s string) string {
	if strings.Trim(s, "0-. ?xX") == "" {
		return ""
	}
	return strings.ToLower(s)
}

// differs reports whether two images cannot come from one machine. One machine
// may leave a field out, and its screenshots and dose reports may name another
// model, so the more telling field decides where both have it.
func (m machine) differs(other machine) bool {
	both := func(a, b string) bool { return a != "" && b != "" }
	switch {
	case both(m.serial, other.serial):
		return m.serial != other.serial || m.maker != other.maker && m.model != other.model
	case both(m.maker, other.maker) && m.maker != other.maker:
		return true
	case both(m.station, other.station):
		return m.station != other.station
	}
	return both(m.model, other.model) && m.model != other.model
}
