package carescape_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
)

// This generator follows the layouts that a capture and mindleaving/gedash show,
// octet by octet. It shares nothing with the parser.

var (
	bedside = netip.MustParseAddr("192.0.2.10")
	middle  = netip.MustParseAddr("192.0.2.20")
	all     = netip.MustParseAddr("192.0.2.255")
)

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

func word(values ...uint16) []byte {
	var b []byte
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

// padded is a text of ISO 8859-1 with NUL up to a length.
func padded(s string, n int) []byte {
	b := make([]byte, n)
	i := 0
	for _, r := range s {
		b[i] = byte(r)
		i++
	}
	return b
}

// services are those of a Dash 4000.
var services = word(3, 2000, 0x11, 32, 9, 2000, 0x13, 3000, 0x1C, 3001, 0x0D, 2000, 0x0C, 2000)

func announce(from netip.Addr, label, patient string) []byte {
	b := join([]byte{1, 4, 0, 0}, from.AsSlice(), []byte{0x5C, 0xCE, 0xB3, 0x24}, padded(label, 16), padded(patient, 14), word(7), services)
	return append(b, make([]byte, 88-len(b))...)
}

// alert is an alarm with its localised text.
func alert(from netip.Addr, label, text string) []byte {
	b := make([]byte, 84)
	copy(b, all.AsSlice())
	copy(b[6:], from.AsSlice())
	copy(b[24:], padded(label, 16))
	b[63] = 0x3A
	copy(b[66:], padded(text, 14))
	binary.BigEndian.PutUint32(b[80:], 77)
	return b
}

// ask is a request for waveforms; before the label stands what was in memory.
func ask(memory, label string) []byte {
	return join(padded(memory, 12), word(0x00CA, 0x0021, 6, 0, 0, 11), padded(label, 38))
}

// sensor is one section of numerics: where its values come from, and three of them.
func sensor(source byte, values ...uint16) []byte {
	b := join([]byte{0, 1, source, 0xC0, 0x20}, word(values...))
	return append(b, make([]byte, 70-len(b))...)
}

// values is a numerics message: the header twice, and the sections.
func values(from netip.Addr, sensors ...[]byte) []byte {
	rest := uint16(len(sensors)*70 - 64)
	ip := from.AsSlice()
	first := join(ip, word(0), ip, word(0), word(0x00C9, 0x0014, 1), make([]byte, 40), word(rest+60))
	second := join(ip, word(0), ip, word(0), word(0x00C9, 0x0014), []byte{0, 1, 0, 9}, make([]byte, 38), word(rest))
	return join(first, second, []byte{0, 6, 6, 1, byte(len(sensors))}, join(sensors...), []byte{0})
}

const none = 0x8000

// curves is a waveform message: fifteen rounds of two leads, respiration, pulse.
func curves(sequence uint16, sample uint16) []byte {
	b := word(sequence, 0)
	for range 15 {
		b = join(b, word(0x070B, sample, sample, sample, sample), word(0x080B, sample, sample, sample, sample), word(0x1709, sample), word(0x2709, sample))
	}
	return append(b, word(0xFA0E, 10, 23, 39, 0, 0, 0)...)
}

// dash is what a Dash with an ECG, respiration, saturation and a cuff sends.
func dash(rate, respiration, saturation, pressure uint16) []byte {
	return values(bedside, sensor(0x3A, rate, none, none), sensor(0x56, none, none, none), sensor(0x57, none, none, none), sensor(0x58, none, none, none),
		sensor(0x22, respiration, none, none), sensor(0x2D, saturation, none, none), sensor(0x18, pressure, pressure, pressure))
}
