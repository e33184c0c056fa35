package snmp

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// Confidences, by the ladder of protocols/README.md.
const (
	exercised  = 0.9  // a role that was seen at work
	ownTable   = 0.85 // model and serial number of its own chassis
	selfSaid   = 0.8  // what it says of itself in a general protocol
	ownAddress = 0.7  // two tables agree about the interface
	stackTells = 0.5  // software, not a device
	implied    = 0.5  // who numbered the engine
)

// roles are what the operation tells of the sender.
func (m *message) roles() (facts []protocols.Fact) {
	add := func(r protocols.Role, field string) {
		facts = append(facts, protocols.Fact{Attribute: protocols.RoleOf, Value: string(r), Field: field, Confidence: exercised})
	}
	if m.version == version3 {
		add(protocols.RoleSNMPv3, "msgVersion")
	}
	switch m.op {
	case opGet, opGetNext, opGetBulk, opSet:
		add(protocols.RoleSNMPManager, "request")
		return facts
	case opResponse:
		if m.confirms() {
			add(protocols.RoleSNMPSink, "response to an inform")
			return facts
		}
		add(protocols.RoleSNMPAgent, "response")
	case opTrap, opTrapV1, opInform:
		add(protocols.RoleSNMPAgent, "notification")
	case opReport:
		add(protocols.RoleSNMPAgent, "report")
	}
	if m.version != version3 {
		add(protocols.RoleSNMPClear, "community")
	}
	return facts
}

// enterprises is 1.3.6.1.4.1, below which each maker has a number of its own.
const enterprises = "1.3.6.1.4.1."

// enterpriseOf returns the number of the maker whose object identifier this is.
func enterpriseOf(oid string) (number string, ok bool) {
	rest, ok := strings.CutPrefix(oid, enterprises)
	number, _, _ = strings.Cut(rest, ".")
	return number, ok && number != "" && number != "0"
}

// identity are what the header tells of a sender that speaks of itself.
func (m *message) identity() []protocols.Fact {
	if m.op == opTrapV1 {
		if number, ok := enterpriseOf(dotted(m.enterprise)); ok {
			return []protocols.Fact{{Attribute: protocols.Enterprise, Value: number, Field: "trap enterprise", Confidence: implied}}
		}
		return nil
	}
	if m.version != version3 || m.reportable {
		return nil // of a request it is the receiver's
	}
	return engineFacts(m.engine)
}

// The lengths of an engine's id: RFC 3411 section 5, SnmpEngineID.
const (
	minEngine = 5
	maxEngine = 32
)

// engineFacts states an engine's id, and who numbered it: the first bit says that the
// next 31 are an enterprise's number.
func engineFacts(id []byte) []protocols.Fact {
	if len(id) < minEngine || len(id) > maxEngine {
		return nil
	}
	facts := []protocols.Fact{{Attribute: protocols.EngineID, Value: hex.EncodeToString(id), Field: "msgAuthoritativeEngineID", Confidence: selfSaid}}
	if n := binary.BigEndian.Uint32(id) &^ (1 << 31); n != 0 && id[0]&0x80 != 0 {
		facts = append(facts, protocols.Fact{
			Attribute: protocols.Enterprise, Value: strconv.FormatUint(uint64(n), 10), Field: "msgAuthoritativeEngineID", Confidence: implied,
		})
	}
	return facts
}

// say adds a fact about the system that the message tells, unless it is empty, or the
// message has told it: a message that repeats an object is believed once.
func (a *agent) say(attribute protocols.Attribute, value, field string, confidence float64) {
	told := slices.ContainsFunc(a.system, func(f protocols.Fact) bool { return f.Attribute == attribute })
	if value != "" && !told {
		a.system = append(a.system, protocols.Fact{Attribute: attribute, Value: value, Field: field, Confidence: confidence})
	}
}

// product states what names the product, all of it together, whenever something of it
// came; and the address of the agent's own interface, once.
func (a *agent) product(s protocols.Segment, out *protocols.Sink) {
	if a.fresh {
		a.fresh = false
		if len(a.chassis) == 1 && !a.stack {
			observe(s, out, a.chassis[0].facts("entPhysical"))
		}
		if a.printer.is {
			observe(s, out, append(a.printer.facts("printer"), kind("mib:printer", "hrDeviceType")))
		}
		if a.ups != (unit{}) {
			observe(s, out, append(a.ups.facts("upsIdent"), kind("mib:ups", "upsIdent")))
		}
	}
	if a.ownSaid || !a.ownKnown {
		return
	}
	for _, i := range a.interfaces {
		if i.index == a.own && !i.mac.IsZero() && !i.mac.IsGroup() {
			a.ownSaid = true
			observe(s, out, []protocols.Fact{{Attribute: protocols.HardwareAddress, Value: i.mac.String(), Field: "ifPhysAddress", Confidence: ownAddress}})
		}
	}
}

func kind(code, field string) protocols.Fact {
	return protocols.Fact{Attribute: protocols.DeviceType, Value: code, Field: field, Confidence: selfSaid}
}

// facts are those of a unit, under the name of its table.
func (u unit) facts(table string) (facts []protocols.Fact) {
	for _, f := range []struct {
		attribute protocols.Attribute
		value     string
		column    string
	}{
		{protocols.Manufacturer, u.maker, "manufacturer"}, {protocols.Model, u.model, "model"}, {protocols.SerialNumber, u.serial, "serial number"},
		{protocols.HardwareVersion, u.hardware, "hardware revision"}, {protocols.FirmwareVersion, u.firmware, "firmware revision"},
		{protocols.SoftwareVersion, u.software, "software revision"},
	} {
		if f.value != "" {
			facts = append(facts, protocols.Fact{Attribute: f.attribute, Value: f.value, Field: table + " " + f.column, Confidence: ownTable})
		}
	}
	return facts
}

// observe hands on facts about the sender.
func observe(s protocols.Segment, out *protocols.Sink, facts []protocols.Fact) {
	out.Observe(protocols.Observation{
		When: s.When, Speaker: s.From, Listener: s.To, About: protocols.Subject{Kind: protocols.AboutSpeaker}, Facts: facts,
	})
}
