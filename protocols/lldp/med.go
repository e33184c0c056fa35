package lldp

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// The elements of LLDP-MED: ANSI/TIA-1057 table 9.
const (
	medCapabilities = 1
	medLocation     = 3
	medHardware     = 5
	medFirmware     = 6
	medSoftware     = 7
	medSerial       = 8
	medMaker        = 9
	medModel        = 10
	medAsset        = 11
)

// networkConnectivity is the class of a device that serves others: TIA-1057 table 11. The
// classes below it are endpoints.
const networkConnectivity = 4

// endpointSays takes one element of LLDP-MED. The capabilities come first of them
// (TIA-1057 section 10.2.1), and tell whose location it is.
func (st *statement) endpointSays(which byte, v []byte) {
	text := func(a protocols.Attribute, field string) {
		if value := word(v); !filler(value) {
			st.add(a, value, "LLDP-MED "+field, inventory)
		}
	}
	switch which {
	case medCapabilities:
		st.endpoint = len(v) == 3 && v[2] >= 1 && v[2] < networkConnectivity
	case medLocation:
		st.location(v)
	case medHardware:
		text(protocols.HardwareVersion, "hardware revision")
	case medFirmware:
		text(protocols.FirmwareVersion, "firmware revision")
	case medSoftware:
		text(protocols.SoftwareVersion, "software revision")
	case medSerial:
		text(protocols.SerialNumber, "serial number")
	case medMaker:
		text(protocols.Manufacturer, "manufacturer name")
	case medModel:
		text(protocols.Model, "model name")
	case medAsset:
		text(protocols.DeviceLabel, "asset ID")
	}
}

// filler reports what programs send where nobody has told them: lldpd and firmware tables
// of computers write these.
func filler(value string) bool {
	switch strings.ToLower(value) {
	case "unknown", "not specified", "none", "n/a", "default string", "to be filled by o.e.m.", "system manufacturer", "system product name":
		return true
	}
	return false
}

// The forms of a location: TIA-1057 table 14. The third is a telephone number.
const (
	formCoordinates = 1
	formCivic       = 2
)

// location states where an endpoint is. What network equipment says is where its
// neighbour is.
func (st *statement) location(v []byte) {
	if !st.endpoint || len(v) < 1 {
		return
	}
	switch v[0] {
	case formCoordinates:
		st.add(protocols.Location, coordinates(v[1:]), "LLDP-MED coordinates", stackTells)
	case formCivic:
		st.add(protocols.Location, civic(v[1:]), "LLDP-MED civic address", selfSaid)
	}
}

// coordinates reads latitude and longitude: RFC 6225 section 2.2. Each has six bits of
// resolution and 34 of a number with 25 behind the point.
func coordinates(v []byte) string {
	const length = 16
	if len(v) != length {
		return ""
	}
	degrees := func(b []byte) float64 {
		bits := uint64(b[0])<<32 | uint64(binary.BigEndian.Uint32(b[1:]))
		return float64(int64(bits<<30)>>30) / (1 << 25)
	}
	latitude, longitude := degrees(v), degrees(v[5:])
	if latitude < -90 || latitude > 90 || longitude < -180 || longitude > 180 {
		return ""
	}
	return strconv.FormatFloat(latitude, 'f', 5, 64) + " " + strconv.FormatFloat(longitude, 'f', 5, 64)
}

// ofServer is what the first octet of a civic address says where it is that of a server:
// RFC 4776 section 3.1. Others are of the network element that is nearest, or of the
// client itself.
const ofServer = 0

// parts are the elements of a civic address that tell where in a building something is,
// in the order in which they are written, with the word that a number alone needs: RFC
// 4776 section 3.4. The element 23 is the name of who lives there, and is not read.
var parts = [...]struct {
	kind byte
	word string
}{{25, "building"}, {26, "unit"}, {27, "floor"}, {28, "room"}, {33, "seat"}, {21, ""}, {22, ""}}

// civic writes where in a building the device is, or "".
func civic(v []byte) string {
	if len(v) < 4 || int(v[0]) > len(v)-1 || v[1] == ofServer {
		return ""
	}
	all := v[4 : 1+max(int(v[0]), 3)]
	var found []string
	for _, p := range parts {
		value, ok := civicElement(all, p.kind)
		if !ok {
			return "" // its lengths lie: nothing of it is believed
		}
		if value == "" {
			continue
		}
		if p.word != "" && value[0] >= '0' && value[0] <= '9' {
			value = p.word + " " + value
		}
		found = append(found, value)
	}
	return protocols.PlaceText(strings.Join(found, ", "))
}

// civicElement returns the first element of a kind, "" where there is none.
func civicElement(b []byte, kind byte) (value string, ok bool) {
	for len(b) > 0 {
		if len(b) < 2 || int(b[1]) > len(b)-2 {
			return "", false
		}
		if b[0] == kind && value == "" {
			value = strings.TrimSpace(string(b[2 : 2+int(b[1])]))
		}
		b = b[2+int(b[1]):]
	}
	return value, true
}
