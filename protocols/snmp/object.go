package snmp

import "bytes"

// mib2 is 1.3.6.1.2.1, below which all that is read of a device stands.
var mib2 = []byte{0x2b, 6, 1, 2, 1}

// The objects that tell whether a notification was passed on: snmpTrapOID.0 (RFC 3418
// section 2) and snmpTrapAddress.0 (RFC 3584 section 5).
var (
	trapOID     = []byte{0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0}
	trapAddress = []byte{0x2b, 6, 1, 6, 3, 18, 1, 3, 0}
)

// hrPrinter is 1.3.6.1.2.1.25.3.1.5, the type of a printer: RFC 2790 section 4.
var hrPrinter = []byte{0x2b, 6, 1, 2, 1, 25, 3, 1, 5}

// path is the part of an object's name behind 1.3.6.1.2.1.
type path struct {
	id [maxSubIDs]uint32
	n  int
}

// below returns the path of an object below mib-2; one of no length otherwise.
func below(name []byte) (p path) {
	rest, ok := bytes.CutPrefix(name, mib2)
	for ok && len(rest) > 0 && p.n < maxSubIDs {
		p.id[p.n], rest, ok = subID(rest)
		p.n++
	}
	if !ok || len(rest) > 0 {
		return path{}
	}
	return p
}

// under reports whether the path begins with ids and goes on for more.
func (p *path) under(more int, ids ...uint32) bool {
	if p.n != len(ids)+more {
		return false
	}
	for i, id := range ids {
		if p.id[i] != id {
			return false
		}
	}
	return true
}

// last is the index of a row that has one.
func (p *path) last() uint32 { return p.id[max(p.n, 1)-1] }

// column is the number before the index.
func (p *path) column() uint32 { return p.id[max(p.n, 2)-2] }

// The columns of entPhysicalTable: RFC 6933 section 3.
const (
	entClass    = 5
	entHardware = 8
	entFirmware = 9
	entSoftware = 10
	entSerial   = 11
	entMaker    = 12
	entModel    = 13
)

// The classes of IANA-ENTITY-MIB that matter.
const (
	classChassis = 3
	classStack   = 11
)
