package carescape

import (
	"bytes"
	"encoding/binary"
)

// kind is what a datagram is.
type kind uint8

const (
	unknown   kind = iota
	discovery      // a node announces itself, or a bed that it serves
	alarm          // a monitor tells all others
	request        // a viewer asks a monitor for data
	numerics       // a monitor answers
	waveforms      // a monitor answers
)

// Sizes of messages, as captured.
const (
	discoveryLen = 88
	alarmLen     = 84
	requestLen   = 62
)

// Fields of a discovery message.
const (
	discoveryMark    = 0x01040000 // octets 0 to 3
	discoveryAddress = 4          // the node's own IPv4 address; octets 8 to 11 are its clock
	discoveryLabel   = 12
	discoveryPatient = 28
	discoveryCount   = 42 // how many services; each is a number and a port
)

// Fields of an alarm and of a request. An alarm's text is passed over.
const (
	alarmTarget  = 0 // the broadcast address
	alarmAddress = 6 // the monitor's own
	alarmText    = 66
	alarmTextEnd = 80
	labelAt      = 24
)

// Fields of the header that requests and answers have.
const (
	headerKind   = 12
	headerClass  = 14
	kindAnswer   = 0x00C9
	kindRequest  = 0x00CA
	classAnswer  = 0x0014
	requestTail  = 0x00060000 // octets 16 to 19 of a request; then 16 bits of zero
	secondHeader = 60         // numerics have the header twice
)

// Fields of numerics.
const (
	sensorCount  = 124
	sensorsAt    = 125
	sensorLen    = 70
	sensorSource = 2    // in a sensor: where its values come from
	sensorMark   = 0xC0 // in a sensor, octet 3
	sensorValues = 5    // three values of 16 bits
	lengthLess   = 64   // what the lengths of the header leave out
)

// Sizes of text fields, NUL-padded.
const (
	labelLen   = 16
	patientLen = 14
)

var be = binary.BigEndian

// kindOf recognises a datagram. It does not allocate.
func kindOf(b []byte) kind {
	switch {
	case isDiscovery(b):
		return discovery
	case isRequest(b):
		return request
	case isAlarm(b):
		return alarm
	case isNumerics(b):
		return numerics
	case isWaveforms(b):
		return waveforms
	}
	return unknown
}

func isDiscovery(b []byte) bool {
	if len(b) != discoveryLen || be.Uint32(b) != discoveryMark || !host(b[discoveryAddress:]) {
		return false
	}
	if !isLabel(b[discoveryLabel:discoveryPatient]) || !padded(b[discoveryPatient:discoveryCount]) {
		return false
	}
	count := int(be.Uint16(b[discoveryCount:]))
	if count == 0 || count > maxServices {
		return false
	}
	services := b[discoveryCount+2:]
	for i := range count {
		number, port := be.Uint16(services[i*4:]), be.Uint16(services[i*4+2:])
		if number == 0 || number > maxService || port == 0 {
			return false
		}
	}
	return true
}

func isRequest(b []byte) bool {
	return len(b) == requestLen && be.Uint16(b[headerKind:]) == kindRequest && be.Uint32(b[headerClass+2:]) == requestTail &&
		be.Uint16(b[headerClass+6:]) == 0 && isLabel(b[labelAt:labelAt+labelLen])
}

// isAlarm asks for a broadcast address in the network of the monitor's own, for a
// label and for a text.
func isAlarm(b []byte) bool {
	if len(b) != alarmLen || !host(b[alarmAddress:]) || !isLabel(b[labelAt:labelAt+labelLen]) {
		return false
	}
	target := be.Uint32(b[alarmTarget:])
	const smallest = 0x7 // hosts of a /29; smaller networks have no room for a central
	directed := target&smallest == smallest && b[alarmTarget] == b[alarmAddress]
	if target != 0xFFFFFFFF && !directed {
		return false
	}
	return b[alarmText] != 0 && padded(b[alarmText:alarmTextEnd])
}

// isNumerics asks for two headers of one address and lengths that agree with the
// count of sensors.
func isNumerics(b []byte) bool {
	if len(b) <= sensorsAt {
		return false
	}
	count := int(b[sensorCount])
	if count == 0 || count > maxSensors || len(b) != sensorsAt+count*sensorLen+1 {
		return false
	}
	second := b[secondHeader:]
	if !isAnswer(b) || !isAnswer(second) || !host(b[alarmAddress:]) || !bytes.Equal(b[alarmAddress:alarmAddress+4], second[alarmAddress:alarmAddress+4]) {
		return false
	}
	if int(be.Uint16(b[secondHeader-2:])) != int(be.Uint16(second[secondHeader-2:]))+secondHeader {
		return false
	}
	for i := range count {
		s := b[sensorsAt+i*sensorLen:]
		if s[0] != 0 || s[1] != 1 || s[3] != sensorMark {
			return false
		}
	}
	return true
}

func isAnswer(b []byte) bool {
	return be.Uint16(b[headerKind:]) == kindAnswer && be.Uint16(b[headerClass:]) == classAnswer
}

// isWaveforms follows the batches: a code of 16 bits, whose high octet is the source,
// and the samples of a sixtieth of a second.
func isWaveforms(b []byte) bool {
	if len(b) < 4 || be.Uint16(b[2:]) != 0 {
		return false
	}
	batches, first, others := 0, byte(0), false
	for rest := b[4:]; len(rest) >= 2; batches++ {
		n := samples(rest[0], rest[1])
		if n == 0 || len(rest) < 2+2*n {
			break
		}
		if first == 0 {
			first = rest[0]
		}
		others = others || rest[0] != first
		rest = rest[2+2*n:]
	}
	return batches >= minBatches && others
}

// samples is how many samples follow a code: an ECG lead has four, respiration and
// the pulse wave one. The low octet was seen as 0x09 and 0x0B.
func samples(source, low byte) int {
	if low < 0x08 || low > 0x0F {
		return 0
	}
	switch source {
	case 0x07, 0x08, 0x09, 0x0A: // leads I, II, III and a precordial one
		return 4
	case 0x17, 0x27: // respiration, oxygen saturation
		return 1
	}
	return 0
}
