package poct1a

import (
	"encoding/hex"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// deviceType is the DeviceType of whatever greets in this protocol.
const deviceType = "poct1a:device"

// identity is what a greeting says of its device. Its facts are bounded by the
// attributes that can be added.
type identity struct{ facts []protocols.Fact }

// add notes a fact; the first value of an attribute counts.
func (id *identity) add(a protocols.Attribute, value, field string, confidence float64) {
	if value == "" || id.get(a) != "" {
		return
	}
	if id.facts == nil {
		id.facts = make([]protocols.Fact, 0, 12)
	}
	id.facts = append(id.facts, protocols.Fact{Attribute: a, Value: value, Field: field, Confidence: confidence})
}

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
	for _, a := range [...]protocols.Attribute{protocols.SerialNumber, protocols.EUI64, protocols.HardwareAddress, protocols.DeviceLabel} {
		if v := id.get(a); v != "" {
			return v
		}
	}
	return ""
}

// read takes the device out of a greeting. The fields with a meaning of their own
// come before the parts of the device identifier, the maker's name before its code.
func (d *document) read() *identity {
	id := &identity{}
	number, product := protocols.SerialText(d.get(serial)), d.get(model)
	sure := partFact
	if number != "" && product != "" {
		sure = statedFact
	}
	id.add(protocols.Manufacturer, d.get(maker), "DEV.manufacturer_name", sure)
	id.add(protocols.Manufacturer, d.get(vendor), "DEV.vendor_id", partFact)
	id.add(protocols.Model, product, "DEV.model_id", sure)
	id.add(protocols.SerialNumber, number, "DEV.serial_id", sure)
	id.add(protocols.SoftwareVersion, d.get(software), "DEV.sw_version", sure)
	id.add(protocols.HardwareVersion, d.get(hardware), "DEV.hw_version", sure)
	id.identifier(d.get(deviceID))
	if id.get(protocols.Model) == "" { // some makers write the model here, most the device's place
		id.add(protocols.Model, d.get(deviceName), "DEV.device_name", looseFact)
	}
	if len(id.facts) > 0 {
		id.add(protocols.DeviceType, deviceType, "HEL", roleFact)
	}
	return id
}

// identifier reads DEV.device_id, which devices use in these ways:
//
//	00:06:66:00:22:A1          the MAC of its interface
//	0123456789ABCDEF           a EUI-64, as POCT01-A2 has it
//	SIEM^DCA Vantage^S000000   maker^model^serial number
//	MGH^ICU                    facility^place
//	GLUCOSE 7                  what the hospital calls it
func (id *identity) identifier(s string) {
	const field = "DEV.device_id"
	parts := strings.Split(s, "^")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	switch {
	case len(parts) >= 3:
		id.add(protocols.Manufacturer, parts[0], field, partFact)
		id.add(protocols.Model, parts[1], field, partFact)
		id.add(protocols.SerialNumber, protocols.SerialText(parts[2]), field, partFact)
	case len(parts) == 2:
		id.add(protocols.Institution, parts[0], field, placeFact)
		id.add(protocols.Location, parts[1], field, placeFact)
	case euiOf(s) != "":
		id.add(protocols.EUI64, euiOf(s), field, statedFact)
	default:
		id.named(s, field)
	}
}

// named takes an identifier of one part: a MAC, the serial number once more, or a
// label.
func (id *identity) named(s, field string) {
	if m, err := protocols.ParseMAC(s); err == nil {
		if !m.IsZero() && !m.IsGroup() {
			id.add(protocols.HardwareAddress, m.String(), field, statedFact)
		}
		return
	}
	if s != id.get(protocols.SerialNumber) {
		id.add(protocols.DeviceLabel, s, field, looseFact)
	}
}

// euiOf returns a EUI-64 as 16 upper-case hexadecimal digits, or "" when s is none
// or names no single device.
func euiOf(s string) string {
	const digits, separated = 16, 23 // eight octets, with a separator between them at most
	if len(s) != digits && len(s) != separated {
		return ""
	}
	s = strings.ToUpper(strings.NewReplacer("-", "", ":", "").Replace(s))
	if _, err := hex.DecodeString(s); err != nil || len(s) != digits {
		return ""
	}
	if strings.Trim(s[6:], "0") == "" || strings.Trim(s, "F") == "" {
		return ""
	}
	return s
}
