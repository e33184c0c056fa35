package intellivue

import (
	"net/netip"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// The attributes that are read ("Attribute Data Types and Constants Used",
// partition of object-oriented elements). All others are passed over, first of all
// those of the patient.
const (
	attrArea          = 0x090D // NOM_ATTR_AREA_APPL
	attrBedLabel      = 0x091E // NOM_ATTR_ID_BED_LABEL
	attrModel         = 0x0928 // NOM_ATTR_ID_MODEL
	attrSpecification = 0x092D // NOM_ATTR_ID_PROD_SPECN
	attrMode          = 0x0946 // NOM_ATTR_MODE_OP
	attrCompound      = 0x094B // NOM_ATTR_NU_CMPD_VAL_OBS
	attrNumeric       = 0x0950 // NOM_ATTR_NU_VAL_OBS
	attrPatientState  = 0x0957 // NOM_ATTR_PT_DEMOG_ST
	attrSystemID      = 0x0984 // NOM_ATTR_SYS_ID
	attrSystemType    = 0x0986 // NOM_ATTR_SYS_TYPE
	attrStatus        = 0x09A7 // NOM_ATTR_VMS_MDS_STAT
	attrAddress       = 0xF100 // NOM_ATTR_NET_ADDR_INFO
)

// message is what a datagram says. Its slices belong to the datagram.
type message struct {
	kind  kind
	guest bool // the attributes are of another context than the monitor's

	maker, model              []byte
	serial, part              []byte
	hardware, firmware        []byte
	software                  []byte
	applicationTold           bool // software is that of the application
	label                     []byte
	mac                       protocols.MAC
	macField                  string
	eui                       []byte
	addr                      netip.Addr
	systemType                uint32 // partition and code; 0 for none
	area                      uint16
	mode, status, patient     uint16
	hasMode, hasStatus, hasPt bool
	measured                  bool // at least one valid value that is no demonstration
}

// attribute takes one attribute and reports whether it has its own form.
func (m *message) attribute(id uint16, v []byte) bool {
	switch id {
	case attrNumeric:
		m.numeric(v)
		return true
	case attrCompound:
		return m.compound(v)
	}
	if m.guest {
		return true
	}
	r := wire.NewReader(v)
	switch id {
	case attrModel:
		m.maker, m.model = label(&r), label(&r)
	case attrSpecification:
		return m.specification(&r)
	case attrBedLabel:
		m.label = label(&r)
	case attrSystemType:
		m.systemType = r.U32(be)
	case attrSystemID:
		m.systemID(v)
	case attrAddress:
		m.address(&r)
	case attrArea:
		m.area = r.U16(be)
	default:
		return m.state(id, &r)
	}
	return !r.Failed()
}

// state takes what tells of use.
func (m *message) state(id uint16, r *wire.Reader) bool {
	switch id {
	case attrMode:
		m.mode, m.hasMode = r.U16(be), true
	case attrStatus:
		m.status, m.hasStatus = r.U16(be), true
	case attrPatientState:
		m.patient, m.hasPt = r.U16(be), true
	}
	return !r.Failed()
}

// label reads a length and as many octets ("VariableLabel", "String").
func label(r *wire.Reader) []byte { return r.Bytes(int(r.U16(be))) }

// Kinds and components of the production specification.
const (
	specSerial   = 1
	specPart     = 2
	specHardware = 3
	specSoftware = 4
	specFirmware = 5

	componentProduct     = 0x08
	componentApplication = 0x58
)

// specification reads serial numbers and revisions by component. Monitors were seen
// to send more octets than the list has; they are passed over.
func (m *message) specification(r *wire.Reader) bool {
	count := int(r.U16(be))
	r.Skip(2)
	if count > maxSpecifications {
		return false
	}
	for range count {
		kind, component := r.U16(be), r.U16(be)
		value := label(r)
		if r.Failed() {
			return false
		}
		m.specified(kind, component, value)
	}
	return true
}

// specified takes the first entry of a kind. The application's software comes
// before any other, and a module's serial number is not the monitor's.
func (m *message) specified(kind, component uint16, value []byte) {
	product := component == componentProduct
	switch {
	case kind == specSerial && product && m.serial == nil:
		m.serial = value
	case kind == specPart && product && m.part == nil:
		m.part = value
	case kind == specHardware && product && m.hardware == nil:
		m.hardware = value
	case kind == specFirmware && ascii(value) != "" && m.firmware == nil:
		m.firmware = value
	case kind == specSoftware && component == componentApplication && !m.applicationTold:
		m.software, m.applicationTold = value, true
	case kind == specSoftware && product && m.software == nil:
		m.software = value
	}
}

// systemID takes a MAC address or an EUI-64, with or without its length before it.
func (m *message) systemID(v []byte) {
	if len(v) > 2 && int(be.Uint16(v)) <= len(v)-2 && be.Uint16(v) >= 6 {
		v = v[2 : 2+be.Uint16(v)]
	}
	switch len(v) {
	case len(m.mac):
		m.interfaceOf(v, "System Id 0984")
	case 8:
		m.eui = v
	}
}

// fieldAddress is where an interface's addresses stand.
const fieldAddress = "Network Address F100"

// address takes the addresses of the monitor's interface: MAC, IPv4 and mask.
func (m *message) address(r *wire.Reader) {
	mac, addr := r.Bytes(len(m.mac)), r.Bytes(4)
	if r.Failed() {
		return
	}
	m.interfaceOf(mac, fieldAddress)
	if a := netip.AddrFrom4([4]byte(addr)); addr[0] != 0 && addr[0] < 224 && !a.IsLoopback() {
		m.addr = a
	}
}

// interfaceOf takes a MAC that one station can have.
func (m *message) interfaceOf(v []byte, field string) {
	if mac := protocols.MAC(v[:6]); !mac.IsGroup() && !mac.IsZero() {
		m.mac, m.macField = mac, field
	}
}
