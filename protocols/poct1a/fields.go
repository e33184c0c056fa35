package poct1a

import "bytes"

// kind is what a document is for.
type kind uint8

const (
	kindOther       kind = iota
	kindHello            // HEL: who the device is
	kindStatus           // DST: what it is doing
	kindObservation      // OBS: what it has measured
	kindEvent            // EVS: what has happened to it
	kindManager          // REQ, DTV, OPL, PTL: what the manager wants, and its lists
	kindAnswer           // ACK
	kindEither           // EOT, END, KPA, ESC: both sides send them
)

// kindOf reads the first three letters of a root element's name. What a document's
// own HDR.message_type says is not asked: devices get it wrong.
func kindOf(name []byte) kind {
	if len(name) < 3 {
		return kindOther
	}
	switch string(name[:3]) {
	case "HEL":
		return kindHello
	case "DST":
		return kindStatus
	case "OBS":
		return kindObservation
	case "EVS":
		return kindEvent
	case "REQ", "DTV", "OPL", "PTL":
		return kindManager
	case "ACK":
		return kindAnswer
	case "EOT", "END", "KPA", "ESC":
		return kindEither
	}
	return kindOther
}

// ofDevice reports a document that only a device sends.
func (k kind) ofDevice() bool {
	return k == kindHello || k == kindStatus || k == kindObservation || k == kindEvent
}

// field is one value of the allow-list.
type field uint8

const (
	none       field = iota
	created          // HDR.creation_dttm; compared, never stated
	deviceID         // DEV.device_id
	vendor           // DEV.vendor_id
	model            // DEV.model_id
	serial           // DEV.serial_id
	maker            // DEV.manufacturer_name
	hardware         // DEV.hw_version
	software         // DEV.sw_version
	deviceName       // DEV.device_name
	condition        // DST.condition_cd
	observed         // SVC.observation_dttm; compared, never stated
	fieldCount
)

// fieldOf is the allow-list: which values of a document are copied, by the name of
// their element. Of a greeting the objects DEV and, with some devices, DCP and HEL
// hold the device; in them a name with one wrong letter is taken for what it means.
func fieldOf(k kind, name []byte) field {
	object, rest, found := bytes.Cut(name, []byte("."))
	switch {
	case !found:
		return none
	case string(name) == "HDR.creation_dttm":
		return created
	case k == kindHello && (string(object) == "DEV" || string(object) == "DCP" || string(object) == "HEL"):
		return deviceField(rest)
	case k == kindStatus && string(object) == "DST" && near(rest, "condition_cd"):
		return condition
	case k == kindObservation && string(name) == "SVC.observation_dttm":
		return observed
	}
	return none
}

// deviceFields are the names of a device's fields, and others in use for them.
var deviceFields = [...]struct {
	name  string
	field field
}{
	{"device_id", deviceID}, {"vendor_id", vendor}, {"model_id", model}, {"serial_id", serial}, {"serial_number", serial},
	{"manufacturer_name", maker}, {"hw_version", hardware}, {"sw_version", software}, {"software_version", software}, {"device_name", deviceName},
}

func deviceField(name []byte) field {
	for _, f := range deviceFields {
		if string(name) == f.name {
			return f.field
		}
	}
	for _, f := range deviceFields {
		if near(name, f.name) {
			return f.field
		}
	}
	return none
}

// minNear bounds the names that may have a wrong letter: shorter ones would be
// other names.
const minNear = 8

// near reports a name that differs from another by at most one octet that is wrong,
// missing or too much, or by two that changed places.
func near(name []byte, want string) bool {
	if len(want) < minNear || len(name) < len(want)-1 || len(name) > len(want)+1 {
		return string(name) == want
	}
	i := 0
	for i < len(name) && i < len(want) && name[i] == want[i] {
		i++
	}
	switch {
	case len(name) > len(want):
		return string(name[i+1:]) == want[i:]
	case len(name) < len(want):
		return string(name[i:]) == want[i+1:]
	case i == len(name):
		return true
	case string(name[i+1:]) == want[i+1:]:
		return true
	}
	return i+1 < len(name) && name[i] == want[i+1] && name[i+1] == want[i] && string(name[i+2:]) == want[i+2:]
}
