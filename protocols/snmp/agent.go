package snmp

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// agent is what one end has told of itself so far, within bounds.
type agent struct {
	system     []protocols.Fact // of the message that is read now
	chassis    []row
	stack      bool // it is made of several chassis, and is none of them
	part       bool // the first row is no chassis
	fresh      bool // something of what product states came in this message
	printer    printer
	ups        unit
	interfaces []nic
	own        uint32 // the interface that has the sender's address
	ownKnown   bool
	ownSaid    bool
}

// unit is what names a product.
type unit struct{ maker, model, serial, hardware, firmware, software string }

// row is a chassis of the entity table.
type row struct {
	index uint32
	unit
}

type printer struct {
	unit
	is bool
}

// nic is one interface and its address.
type nic struct {
	index uint32
	mac   protocols.MAC
}

// read takes the objects of one message.
func (a *agent) read(objects []byte, from protocols.Endpoint) {
	m := message{objects: objects}
	m.each(func(name []byte, tag byte, value []byte) {
		p := below(name)
		switch {
		case p.n == 0:
		case p.under(2, 1):
			a.systemGroup(&p, tag, value)
		case p.under(2, 47, 1, 1, 1, 1):
			a.entity(&p, tag, value)
		case p.under(2, 25, 3, 2, 1), p.under(2, 43, 5, 1, 1):
			a.print(&p, tag, value)
		case p.under(2, 33, 1, 1) && tag == tagOctetString:
			a.power(&p, words(value))
		default:
			a.address(&p, tag, value, from)
		}
	})
}

// systemGroup takes the scalars of RFC 3418 section 2. sysContact is a person.
func (a *agent) systemGroup(p *path, tag byte, value []byte) {
	if p.last() != 0 {
		return
	}
	switch text := tag == tagOctetString; {
	case p.column() == 1 && text:
		a.say(protocols.SystemDescription, protocols.Description(string(value)), "sysDescr", stackTells)
		a.say(protocols.SoftwareVersion, protocols.DescribedVersion(string(value)), "sysDescr", stackTells)
	case p.column() == 2 && tag == tagOID:
		a.object(dotted(value))
	case p.column() == 5 && text:
		a.say(protocols.Hostname, protocols.HostName(value), "sysName", selfSaid)
	case p.column() == 6 && text:
		a.say(protocols.Location, location(string(value)), "sysLocation", selfSaid)
	}
}

func (a *agent) object(oid string) {
	number, ok := enterpriseOf(oid)
	if !ok {
		return // zeroDotZero, or one outside of the enterprises: it names nobody
	}
	a.say(protocols.SystemObject, oid, "sysObjectID", selfSaid)
	a.say(protocols.Enterprise, number, "sysObjectID", selfSaid)
}

// location leaves out what agents say before somebody has filled it in.
func location(s string) string {
	place := protocols.PlaceText(s)
	switch strings.ToLower(strings.Trim(place, " .()<>\"")) {
	case "unknown", "unspecified", "not set", "none", "n/a", "default", "location", "somewhere", "sitting on the dock of the bay", "right here, right now":
		return ""
	}
	return place
}

// entity takes a column of a chassis. Rows of other classes are parts, and never kept;
// the first row is the whole unless its class says something else.
func (a *agent) entity(p *path, tag byte, value []byte) {
	index := p.last()
	if p.column() == entClass && tag == tagInteger && len(value) > 0 && len(value) <= 8 {
		a.class(index, integer(value))
		return
	}
	r := a.row(index)
	if r == nil || tag != tagOctetString {
		return
	}
	a.set(r.column(p.column()), words(value))
}

// column is where a column of the entity table is kept, nil for those that are not.
func (u *unit) column(number uint32) *string {
	switch number {
	case entHardware:
		return &u.hardware
	case entFirmware:
		return &u.firmware
	case entSoftware:
		return &u.software
	case entSerial:
		return &u.serial
	case entMaker:
		return &u.maker
	case entModel:
		return &u.model
	}
	return nil
}

func (a *agent) class(index uint32, class int64) {
	a.part = a.part || index == 1 && class != classChassis
	at := slices.IndexFunc(a.chassis, func(r row) bool { return r.index == index })
	switch {
	case class == classStack:
		a.stack = true
	case class == classChassis && at < 0 && len(a.chassis) < maxRows:
		a.chassis = append(a.chassis, row{index: index})
	case class != classChassis && at >= 0:
		a.chassis = slices.Delete(a.chassis, at, at+1)
	}
}

// row finds a chassis. The first row is one before its class is known.
func (a *agent) row(index uint32) *row {
	for i := range a.chassis {
		if a.chassis[i].index == index {
			return &a.chassis[i]
		}
	}
	if index != 1 || len(a.chassis) > 0 || a.stack || a.part {
		return nil
	}
	a.chassis = append(a.chassis, row{index: index})
	return &a.chassis[0]
}

// set notes a text that names the product.
func (a *agent) set(to *string, text string) {
	if to != nil && text != "" && *to != text {
		*to, a.fresh = text, true
	}
}

// print takes what the first device says of itself where it is a printer (RFC 2790
// section 4, RFC 3805 section 6): a print server lists those of others behind it.
func (a *agent) print(p *path, tag byte, value []byte) {
	switch {
	case p.under(0, 25, 3, 2, 1, 2, 1):
		a.printer.is = tag == tagOID && bytes.Equal(value, hrPrinter)
		a.fresh = a.fresh || a.printer.is
	case p.under(0, 25, 3, 2, 1, 3, 1) && tag == tagOctetString:
		a.set(&a.printer.model, words(value))
	case p.under(0, 43, 5, 1, 1, 17, 1) && tag == tagOctetString:
		a.printer.is = true
		a.set(&a.printer.serial, protocols.SerialText(strings.TrimSpace(string(value))))
	}
}

// power takes the identity of an uninterruptible power supply: RFC 1628 section 3.
func (a *agent) power(p *path, text string) {
	if p.last() != 0 {
		return
	}
	switch p.column() {
	case 1:
		a.set(&a.ups.maker, text)
	case 2:
		a.set(&a.ups.model, text)
	case 3:
		a.set(&a.ups.firmware, text)
	}
}

// address takes an interface's own address (ifPhysAddress, RFC 2863 section 6), and
// which interface has an IP address (ipAdEntIfIndex, RFC 4293 section 5).
func (a *agent) address(p *path, tag byte, value []byte, from protocols.Endpoint) {
	switch {
	case p.under(1, 2, 2, 1, 6) && tag == tagOctetString && len(value) == 6:
		if len(a.interfaces) < maxInterfaces {
			a.interfaces = append(a.interfaces, nic{index: p.last(), mac: protocols.MAC(value)})
		}
	case p.under(4, 4, 20, 1, 2) && tag == tagInteger && len(value) > 0 && len(value) <= 4:
		if holder := p.ipv4(); holder == from.Addr.Unmap() {
			a.own, a.ownKnown = uint32(integer(value)), true
		}
	}
}

// ipv4 is the address that a path ends in.
func (p *path) ipv4() netip.Addr {
	var octets [4]byte
	for i, id := range p.id[p.n-4 : p.n] {
		if id > 255 {
			return netip.Addr{}
		}
		octets[i] = byte(id)
	}
	return netip.AddrFrom4(octets)
}

// words is a text on one line, "" where it may not stand in an observation.
func words(value []byte) string {
	text, _ := protocols.Text(string(value))
	return text
}
