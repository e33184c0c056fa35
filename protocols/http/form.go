package http

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// Lengths of codes: those of ISO/IEEE 11073-10101 are numbers of 32 bits; SNOMED CT's
// identifiers have 6 to 18 digits (Release File Specifications, SCTID).
const (
	maxCodeMDC    = 10
	minCodeSNOMED = 6
	maxCodeSNOMED = 18
)

// coded returns a code with the prefix of its system, or "" where it has not the form
// of one: a field for codes may hold words, and words may be a person's.
func coded(system, code string) string {
	prefix, least, most := "mdc:", 1, maxCodeMDC
	switch system {
	case systemMDC:
	case systemSNOMED:
		prefix, least, most = "sct:", minCodeSNOMED, maxCodeSNOMED
	default:
		return ""
	}
	if len(code) < least || len(code) > most || strings.Trim(code, "0123456789") != "" {
		return ""
	}
	return prefix + code
}

// formed returns a value that has the form of its attribute, or "". A caret stands
// between the parts of a person's name, in DICOM as in HL7, and nowhere else.
func formed(a protocols.Attribute, value string) string {
	ok := !strings.Contains(value, "^")
	switch a {
	case protocols.SerialNumber:
		return protocols.SerialText(value)
	case protocols.UDI:
		ok = ok && isUDI(value)
	}
	if !ok {
		return ""
	}
	return value
}

// formedInDICOM is the same for the values of DICOM's attributes: PS3.5 table 6.2-1.
// Makers write serial numbers of every shape there.
func formedInDICOM(a protocols.Attribute, value string) bool {
	switch a {
	case protocols.DeviceUID, protocols.DeviceType:
		return len(value) <= 64 && strings.Trim(value, "0123456789.") == ""
	case protocols.Modality:
		return len(value) >= 2 && len(value) <= 16 && strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
	case protocols.AETitle:
		return len(value) <= maxTitle && !strings.ContainsAny(value, `^\`)
	case protocols.UDI:
		return isUDI(value)
	}
	return !strings.Contains(value, "^")
}

// isUDI reports whether all characters may stand in a UDI: GS1 General Specifications,
// figure 7.11-1, which has those of ICCBBA, too, and the dollar sign of HIBCC. None has
// blanks.
func isUDI(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' {
			continue
		}
		if !strings.ContainsRune(`!"%&'()*+,-./:;<=>?_$`, rune(c)) {
			return false
		}
	}
	return true
}

// unnamed is the name of a channel that has only an id, which its server made of
// anything, a patient's number too. 16 bits tell the channels of a device apart, and
// fit so many numbers that none can be read from them.
func unnamed(id string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	sum := h.Sum32()
	return fmt.Sprintf("metric-%04x", uint16(sum>>16^sum))
}
