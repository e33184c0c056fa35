package carescape

import (
	"bytes"
	"net/netip"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// message is what a datagram says of a monitor. Its slices belong to the datagram.
type message struct {
	kind     kind
	addr     netip.Addr // the monitor's own, as it says
	label    []byte     // UNIT|BED: the monitor's; in a request, the viewer's
	admitted bool       // a patient's name is there
	measured bool       // a value is there that needs a patient at the sensor
}

// parse reads one datagram. Anything but Parsed leaves nothing to state.
func parse(b []byte) (message, protocols.Outcome) {
	m := message{kind: kindOf(b)}
	switch m.kind {
	case discovery:
		m.addr = address(b[discoveryAddress:])
		m.label = b[discoveryLabel:discoveryPatient]
		m.admitted = named(b[discoveryPatient:discoveryCount])
	case alarm:
		m.addr = address(b[alarmAddress:])
		m.label = b[labelAt : labelAt+labelLen]
	case request:
		m.label = b[labelAt : labelAt+labelLen]
	case numerics:
		m.addr = address(b[alarmAddress:])
		m.measured = measures(b[sensorsAt:], int(b[sensorCount]))
	case unknown:
		return message{}, protocols.Unsupported // other messages of these ports are not known
	}
	return m, protocols.Parsed
}

// named reports whether the patient field holds more than padding.
func named(field []byte) bool {
	return len(bytes.Trim(field, "\x00 ,")) > 0
}

// noValue is sent where a sensor has none; the pressures of a cuff stay for hours
// after it came off, and do not count.
const noValue = 0x8000

// measures reports whether a heart rate, a respiration or a saturation is there.
func measures(b []byte, count int) bool {
	for i := range count {
		s := b[i*sensorLen:]
		switch s[sensorSource] {
		case 0x3A, 0x22, 0x2D: // ECG, respiration, oxygen saturation
		default:
			continue
		}
		if v := be.Uint16(s[sensorValues:]); v != 0 && v < noValue {
			return true
		}
	}
	return false
}

func address(b []byte) netip.Addr { return netip.AddrFrom4([4]byte(b[:4])) }

// host reports an IPv4 address that one host can hold.
func host(b []byte) bool { return b[0] != 0 && b[0] != 127 && b[0] < 224 && b[3] != 0xFF }

// isLabel reports a unit and a bed with a bar between, both with a name, NUL-padded.
func isLabel(field []byte) bool {
	unit, bed, ok := bytes.Cut(bytes.TrimRight(field, "\x00"), []byte("|"))
	return ok && len(unit) > 0 && len(bed) > 0 && !bytes.ContainsRune(bed, '|') && padded(field)
}

// padded reports text of ISO 8859-1, which is what German monitors send, with
// nothing but NUL behind the first NUL.
func padded(field []byte) bool {
	end := bytes.IndexByte(field, 0)
	if end < 0 {
		end = len(field)
	}
	for i, c := range field {
		if i >= end && c != 0 || i < end && (c < ' ' || c > '~' && c < 0xA0) {
			return false
		}
	}
	return true
}

// place splits a label into unit and bed.
func place(label []byte) (unit, bed string) {
	var b strings.Builder
	for _, c := range bytes.TrimRight(label, "\x00") {
		b.WriteRune(rune(c))
	}
	unit, bed, _ = strings.Cut(b.String(), "|")
	return strings.TrimSpace(unit), strings.TrimSpace(bed)
}
