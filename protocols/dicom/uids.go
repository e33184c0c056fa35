package dicom

import "bytes"

// syntax is how a data set is encoded, as far as walking its elements goes.
type syntax uint8

const (
	syntaxUnknown syntax = iota // told from the first octets
	implicitLE
	explicitLE
	explicitBE
	deflated
)

// The applicationContext of DICOM: PS3.7 annex A.2.1. It is the only one in use.
const applicationContext = "1.2.840.10008.3.1.1.1"

// syntaxOf maps a transfer syntax UID: PS3.5 annex A, UIDs of PS3.6 table A-1.
// All compressed syntaxes encode the data set itself as explicit little endian
// (PS3.5 A.4), except those whose whole stream is deflated.
func syntaxOf(uid []byte) syntax {
	switch string(uid) {
	case "1.2.840.10008.1.2":
		return implicitLE
	case "1.2.840.113619.5.2": // GE private: implicit, big endian pixels only
		return implicitLE
	case "1.2.840.10008.1.2.2":
		return explicitBE
	case "1.2.840.10008.1.2.1.99", // deflated explicit little endian
		"1.2.840.10008.1.2.4.95",  // JPIP referenced deflate
		"1.2.840.10008.1.2.4.205": // JPIP HTJ2K referenced deflate
		return deflated
	case "1.2.840.10008.1.2.1":
		return explicitLE
	case "1.2.840.10008.1.2.6.1", "1.2.840.10008.1.2.6.2": // MIME and XML, retired: no elements
		return syntaxUnknown
	}
	if bytes.HasPrefix(uid, []byte("1.2.840.10008.1.2.")) {
		return explicitLE
	}
	return syntaxUnknown
}

// sopClass is the service that a SOP class belongs to, as far as roles differ.
type sopClass uint8

const (
	classUnknown sopClass = iota // no UID seen
	classOther                   // storage, and services without a role here
	classVerification
	classWorklist
	classQuery
	classMPPS
	classCommitment
	classPrint
	classPrinter  // what prints, and not a job of it
	classWorkitem // unified procedure steps
)

// classOf maps a SOP class or meta SOP class UID: PS3.6 table A-1.
func classOf(uid []byte) sopClass {
	switch string(uid) {
	case "":
		return classUnknown
	case "1.2.840.10008.1.1":
		return classVerification
	case "1.2.840.10008.5.1.4.31":
		return classWorklist
	case "1.2.840.10008.3.1.2.3.3":
		return classMPPS
	case "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.2":
		return classCommitment
	case "1.2.840.10008.5.1.1.16", "1.2.840.10008.5.1.1.17", // printer, printer instance
		"1.2.840.10008.5.1.1.9", "1.2.840.10008.5.1.1.18": // meta classes, which hold the printer
		return classPrinter
	case "1.2.840.10008.5.1.1.33", "1.2.840.10008.5.1.1.40": // media creation, display system
		return classOther
	}
	switch {
	case bytes.HasPrefix(uid, []byte("1.2.840.10008.5.1.4.1.2.")):
		return classQuery
	case bytes.HasPrefix(uid, []byte("1.2.840.10008.5.1.1.")):
		return classPrint
	case bytes.HasPrefix(uid, []byte("1.2.840.10008.5.1.4.34.6.")),
		bytes.HasPrefix(uid, []byte("1.2.840.10008.5.1.4.34.4.")): // as it was for trial
		return classWorkitem
	}
	return classOther
}

// isPrivate reports whether a SOP class is a maker's own: a UID that is not below the
// root of DICOM (PS3.5 section 9).
func isPrivate(uid []byte) bool {
	return isUID(uid) && !bytes.HasPrefix(uid, []byte("1.2.840.10008."))
}

// trimUID removes the padding of a UID: NUL by the standard (PS3.5 section 9.1),
// space by common mistake.
func trimUID(b []byte) []byte { return bytes.Trim(b, "\x00 ") }

// isUID reports whether b is a UID: digits and dots, 64 characters at most
// (PS3.5 section 9.1).
func isUID(b []byte) bool {
	if len(b) == 0 || len(b) > maxItem || b[0] == '.' {
		return false
	}
	for _, c := range b {
		if c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// title returns an application entity title without its padding, or "" when it
// is empty or holds what PS3.5 table 6.2-1 forbids: control characters and
// backslash, and anything outside ISO 646.
func title(b []byte) string {
	b = bytes.Trim(b, " \x00")
	if len(b) > 16 || !printable(b) {
		return ""
	}
	return string(b)
}

// printable reports whether all of b may stand in an AE title.
func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c > 0x7E || c == '\\' {
			return false
		}
	}
	return true
}
