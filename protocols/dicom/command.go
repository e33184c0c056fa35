package dicom

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// Command fields: PS3.7 annex E.1.
const (
	cStore       = 0x0001
	cGet         = 0x0010
	cFind        = 0x0020
	cMove        = 0x0021
	cEcho        = 0x0030
	nEventReport = 0x0100
	nGet         = 0x0110
	nSet         = 0x0120
	nAction      = 0x0130
	nCreate      = 0x0140
	nDelete      = 0x0150
	cCancel      = 0x0FFF
)

// operationName names a command field in evidence: "C-STORE-RQ". It is "" for what
// is no operation.
func operationName(field uint16) string {
	request, response := "", ""
	switch field &^ commandFieldRSP {
	case cStore:
		request, response = "C-STORE-RQ", "C-STORE-RSP"
	case cGet:
		request, response = "C-GET-RQ", "C-GET-RSP"
	case cFind:
		request, response = "C-FIND-RQ", "C-FIND-RSP"
	case cMove:
		request, response = "C-MOVE-RQ", "C-MOVE-RSP"
	case cEcho:
		request, response = "C-ECHO-RQ", "C-ECHO-RSP"
	case nEventReport:
		request, response = "N-EVENT-REPORT-RQ", "N-EVENT-REPORT-RSP"
	case nGet:
		request, response = "N-GET-RQ", "N-GET-RSP"
	case nSet:
		request, response = "N-SET-RQ", "N-SET-RSP"
	case nAction:
		request, response = "N-ACTION-RQ", "N-ACTION-RSP"
	case nCreate:
		request, response = "N-CREATE-RQ", "N-CREATE-RSP"
	case nDelete:
		request, response = "N-DELETE-RQ", "N-DELETE-RSP"
	case cCancel:
		request = "C-CANCEL-RQ"
	}
	if field&commandFieldRSP != 0 {
		return response
	}
	return request
}

// command is one DIMSE command set (PS3.7 section 6.3) as far as it is used. It
// is a plain value and owns its octets.
type command struct {
	field       uint16
	messageID   uint16 // of a request; of a response, the request's
	status      uint16
	hasData     bool
	class       sopClass
	sopUID      [maxItem]byte
	sopLength   int
	destination [16]byte // of a C-MOVE, padded
	originator  [16]byte // who asked by a C-MOVE for this C-STORE, padded; zero for nobody
	action      uint16   // type of an N-ACTION
	procedure   procedure
}

// procedure names an instance without telling its UID: 8 hexadecimal digits of
// the SHA-256. The zero value means that no instance was named.
type procedure [8]byte

func procedureOf(uid []byte) procedure {
	var p procedure
	uid = trimUID(uid)
	if !isUID(uid) {
		return p
	}
	sum := sha256.Sum256(uid)
	hex.Encode(p[:], sum[:len(p)/2])
	return p
}

func (c *command) response() bool    { return c.field&commandFieldRSP != 0 }
func (c *command) operation() uint16 { return c.field &^ commandFieldRSP }

// performed reports whether a response says that the service was done or is being
// done: success, pending, or a warning of what still was done. A warning of a C-FIND
// is none (PS3.7 annex C; PS3.4 tables B.2-1, C.4-1 to C.4-3 and H.4-1).
func (c *command) performed() bool {
	normalized := c.operation() >= nEventReport && c.operation() <= nDelete
	switch {
	case c.status == 0x0000, c.status == 0xFF00, c.status == 0xFF01:
		return true
	case c.status&0xF000 == 0xB000:
		return normalized || c.operation() == cStore || c.operation() == cMove || c.operation() == cGet
	case c.status == 0x0001, c.status == 0x0107, c.status == 0x0116: // attributes that were left out
		return normalized
	}
	return false
}

// sopClassUID is the SOP class that the command names, "" for none.
func (c *command) sopClassUID() string { return string(c.sopUID[:c.sopLength]) }

// readCommand takes the command out of a command set that was read whole. It
// reports whether what every command has was there.
func readCommand(r *reader, c *command) bool {
	*c = command{}
	field, fieldOK := short(r, tagCommandField)
	data, dataOK := short(r, tagDataSetType)
	if !fieldOK || !dataOK {
		return false
	}
	c.field, c.hasData = field, data != noDataSet
	id, instance, class := tagMessageID, tagAffectedInstance, tagAffectedClass
	if c.response() {
		id = tagRespondedTo
	} else if op := c.operation(); op == nSet || op == nGet || op == nAction || op == nDelete {
		instance, class = tagRequestedInstance, tagRequestedClass
	}
	c.messageID, _ = short(r, id)
	status, statusOK := short(r, tagStatus)
	if c.response() && !statusOK {
		return false
	}
	c.status = status
	if u := trimUID(r.value(at(class))); isUID(u) {
		c.sopLength = copy(c.sopUID[:], u)
		c.class = classOf(u)
	}
	c.procedure = procedureOf(r.value(at(instance)))
	copy(c.destination[:], r.value(at(tagMoveDestination)))
	if who := bytes.Trim(r.value(at(tagMoveOriginator)), " \x00"); len(who) > 0 {
		copy(c.originator[:], who)
	}
	c.action, _ = short(r, tagActionType)
	return true
}

// short reads a US element of a command set, which is always little endian.
func short(r *reader, t tag) (uint16, bool) {
	b := r.value(at(t))
	if len(b) != 2 {
		return 0, false
	}
	return binary.LittleEndian.Uint16(b), true
}
