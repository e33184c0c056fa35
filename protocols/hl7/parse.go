package hl7

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// kind sorts messages by what they say of devices (MSH-9; HL7 table 0076).
type kind uint8

const (
	kindOther     kind = iota // orders, admissions, queries: nothing in them is about the sender's devices
	kindResult                // ORU, OUL: measurements of a device or of a laboratory
	kindEquipment             // ESU, SSU, INU, EAR: an automated laboratory about its equipment
	kindAck                   // an answer without content
)

// header is the part of MSH that is kept.
type header struct {
	valid       bool
	kind        kind
	code        string // MSH-9.1, upper case
	trigger     string // MSH-9.2
	version     string // MSH-12
	application string // MSH-3.1
	eui         string // of MSH-3 or MSH-4
	facility    string // MSH-4.1
	receiver    string // MSH-5.1
	receiverAt  string // MSH-6.1
	profile     string // MSH-21.1 of all repetitions, upper case
	stamp       stamp  // MSH-7
	processing  string // MSH-11.1, upper case
	mode        string // MSH-11.2, upper case
	charset     charset
}

// software is one SFT segment (HL7 2.5, section 2.15.12).
type software struct{ vendor, version, product string }

// maxSoftware bounds the SFT segments of a message: one an application that it
// passed through.
const maxSoftware = 4

// message is what the allow-list leaves of one message.
type message struct {
	header         header
	acknowledges   bool // MSA was there
	software       []software
	group          int    // counts PID: each patient's results stand alone
	order          int    // counts OBR
	ordered        stamp  // OBR-7: the time of the rows below that have none
	unread         bool   // a row was lost of which nobody knows whom it is about
	location       string // of PV1-3, valid for the rows of its group
	service        [2]string
	filler         string           // a EUI-64 that stands in OBR-3 by itself
	alarm          alarm            // whose rows are passing
	devices        []*device        // described by a containment tree, in wire order
	current        *device          // the device of the last row
	unit           *unit            // its part, when the last row spoke of one
	participates   *identity        // whom the last PRT is about, until another segment that is read
	before         []protocols.Fact // what was known of it without that PRT
	instruments    []*instrument    // named by laboratory results
	participations []*participation // devices named below rows, in wire order
	units          int              // parts of all devices
	channels       int              // channels of all devices
	overflow       bool             // a bound was reached
}

// nextGroup begins another patient's results. Of PID only its presence is used.
func (m *message) nextGroup() {
	m.settle()
	m.group++
	m.location, m.current, m.unit, m.ordered = "", nil, nil, stamp{}
}

// apply takes one whole segment.
func (m *message) apply(s *segment, d *delimiters) {
	r := reader{s, d, &m.header.charset}
	s.write()
	if s.name[0] != 'D' {
		m.participates = nil // DEV continues PRT
	}
	switch string(s.name[:]) {
	case "MSH":
		m.header = parseHeader(s, d)
	case "SFT":
		if len(m.software) < maxSoftware {
			m.software = append(m.software, software{r.text(1).component(1), r.text(2).component(1), r.text(3).component(1)})
		}
	case "MSA":
		m.acknowledges = len(s.raw(1)) > 0
	case "PV1":
		m.location = place3(r.text(3))
	case "OBR":
		m.settle()
		m.service = [2]string{r.text(4).component(1), r.text(4).component(2)}
		m.filler = fillerOf(r.text(3))
		m.order, m.ordered = m.order+1, stampOf(r.text(7).component(1))
		m.current, m.unit = nil, nil
	case "OBX":
		m.row(r)
	case "PRT":
		m.participant(r)
	case "DEV":
		m.deviceSegment(r)
	case "EQU":
		m.equipment(r)
	}
}

// fillerOf reads the EUI-64 of a device that some monitors put into OBR-3 in place of
// the number of an order: it has neither a namespace nor another identifier beside it.
func fillerOf(t text) string {
	if kind := t.component(4); kind != "EUI-64" && kind != "EUI64" || t.component(2)+t.component(3) != "" {
		return ""
	}
	return euiOf(t.component(1))
}

// reader gives the fields of a segment as text.
type reader struct {
	s       *segment
	d       *delimiters
	charset *charset
}

func (r reader) text(n int) text {
	if b := unescapeSwitches(r.s.raw(n), r.d.escape); b != nil {
		return text{r.charset.switched(b), r.d, r.charset}
	}
	if s := r.s.text(n); s != "" && r.charset.width != escaped {
		return text{s, r.d, r.charset}
	}
	return text{r.charset.decode(r.s.raw(n)), r.d, r.charset}
}

// parseHeader reads MSH. MSH-18 comes after the names that are written in it.
func parseHeader(s *segment, d *delimiters) header {
	var h header
	plain := reader{s, d, &charset{}}
	n := plain.shift()
	var room [maxRepetitions]text
	var names [maxRepetitions]string
	all := plain.text(18 + n).repetitions(room[:0])
	for i, name := range all {
		names[i] = name.component(1)
	}
	h.charset = charsetOf(names[:len(all)])
	r := reader{s, d, &h.charset}
	h.code = strings.ToUpper(r.text(9 + n).component(1))
	h.trigger = strings.ToUpper(r.text(9 + n).component(2))
	h.version = r.text(12 + n).component(1)
	h.application, h.facility = r.text(3+n).component(1), r.text(4+n).component(1)
	h.receiver, h.receiverAt = r.text(5+n).component(1), r.text(6+n).component(1)
	h.profile = profiles(r.text(21 + n))
	h.stamp = stampOf(r.text(7 + n).component(1))
	h.processing, h.mode = strings.ToUpper(r.text(11+n).component(1)), strings.ToUpper(r.text(11+n).component(2))
	h.kind = kindOf(h.code)
	h.sender(r, n)
	h.valid = h.code != "" || h.version != ""
	return h
}

// shift is 1 where a sender writes one separator too many behind MSH-2, as monitors of
// one maker do: MSH-3 and MSH-9 are empty, and the message type stands in MSH-10.
func (r reader) shift() int {
	if len(r.s.raw(3))+len(r.s.raw(9)) > 0 {
		return 0
	}
	code, trigger := r.text(10).component(1), r.text(10).component(2)
	if len(code) == 3 && len(trigger) == 3 && kindOf(code) != kindOther {
		return 1
	}
	return 0
}

// profiles joins the names of MSH-21; one is the usual.
func profiles(t text) string {
	var room [maxRepetitions]text
	all := t.repetitions(room[:0])
	names := all[0].component(1)
	for _, p := range all[1:] {
		names += " " + p.component(1)
	}
	return strings.ToUpper(names)
}

// sender reads the EUI-64 of MSH-3. Some monitors leave MSH-3 empty and name
// themselves in MSH-4, which then is no facility.
func (h *header) sender(r reader, n int) {
	h.eui = hierarchic(r.text(3 + n))
	if h.eui != "" {
		return
	}
	if h.eui = hierarchic(r.text(4 + n)); h.eui != "" && h.application == "" {
		h.application, h.facility = h.facility, ""
	}
}

// hierarchic returns the EUI-64 of a hierarchic designator (HL7 2.9, section
// 2.A.33: namespace ^ universal id ^ type), or "".
func hierarchic(t text) string {
	universal := t.component(2)
	if eui := euiOf(universal); eui != "" {
		return eui
	}
	// One maker puts the identifier into the first component.
	if strings.HasPrefix(strings.ToUpper(universal), "EUI-64") {
		return euiOf(t.component(1))
	}
	return ""
}

func kindOf(code string) kind {
	switch code {
	case "ORU", "OUL":
		return kindResult
	case "ESU", "SSU", "INU", "EAR": // not EAC: a command names whom it is for
		return kindEquipment
	case "ACK", "MCF":
		return kindAck
	}
	return kindOther
}

// place3 reads a person location (PL; HL7 2.9, section 2.A.53): point of care,
// room, bed. It is where the device stands, as the device was told.
func place3(t text) string {
	var parts []string
	for n := 1; n <= 3; n++ {
		if part := t.component(n); part != "" {
			parts = append(parts, part)
		}
	}
	place, _ := protocols.Text(strings.Join(parts, " "))
	return place
}
