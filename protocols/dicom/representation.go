package dicom

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// guess tells an unknown syntax from the first element: its group is small, and
// an explicit encoding shows two capitals that are a value representation.
// Deflated octets look like neither.
func (r *reader) guess() bool {
	little, big := binary.LittleEndian.Uint16(r.header[:]), binary.BigEndian.Uint16(r.header[:])
	known, _ := representation([2]byte{r.header[4], r.header[5]})
	switch {
	case firstGroup(little) && known:
		r.syntax = explicitLE
	case firstGroup(big) && known:
		r.syntax = explicitBE
	case firstGroup(little):
		r.syntax = implicitLE
	default:
		r.stop(protocols.Unsupported)
		return false
	}
	return true
}

// firstGroup reports whether data sets begin with this group: identification
// 0008 nearly always, 0010 to 0040 in queries, 2000 to 2120 in print services.
func firstGroup(g uint16) bool {
	return g%2 == 0 && (g >= 0x0008 && g <= 0x0040 || g >= 0x2000 && g <= 0x2120)
}

// representation reports whether vr is a value representation (PS3.5 table
// 6.2-1) and whether its length has 32 bits (section 7.1.2).
func representation(vr [2]byte) (known, long bool) {
	switch string(vr[:]) {
	case "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV":
		return true, true
	case "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US":
		return true, false
	}
	return false, false
}

// keepable reports whether a wanted element may have this representation. None
// of them is a person's name or free text, so that an element whose tag was
// damaged, or is used against its definition, is not kept. Implicit encodings
// have none.
func keepable(vr [2]byte) bool {
	switch string(vr[:]) {
	case "\x00\x00", "AE", "CS", "DA", "LO", "SH", "UI", "UL", "US", "UT":
		return true
	}
	return false
}
