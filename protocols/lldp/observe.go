package lldp

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"

	"github.com/auscult/auscult/protocols"
)

// Confidences, by the ladder of protocols/README.md. Anybody on the link could say it.
const (
	inventory  = 0.8 // model and serial number of its own, as LLDP-MED has them
	selfSaid   = 0.8
	managed    = 0.7 // an address that may be another's, who manages it
	enabled    = 0.75
	configured = 0.7 // what somebody has set on it
	stackTells = 0.5
)

// session reads frame by frame and remembers nothing.
type session struct{}

// Segment states what one frame says.
func (session) Segment(s protocols.Segment, out *protocols.Sink) uint64 {
	var room [32]tlv
	a, outcome := parse(s.Bytes, room[:0])
	out.Outcome(outcome)
	if outcome != protocols.Parsed && outcome != protocols.LimitReached || a.leaving {
		return 0
	}
	st := statement{facts: a.place()}
	for _, t := range a.more {
		st.take(t)
	}
	if len(st.facts) == 0 {
		return 0
	}
	out.Observe(protocols.Observation{When: s.When, Speaker: s.From, Listener: s.To, About: a.subject(s.From.MAC), Facts: st.facts})
	return 0
}

// Gap and Close have nothing to do: each frame stands alone.
func (session) Gap(protocols.Direction, uint64, *protocols.Sink) {}

func (session) Close(*protocols.Sink) {}

// subject is the chassis where the frame comes from one of its interfaces, and the
// interface alone otherwise.
func (a *announcement) subject(from protocols.MAC) protocols.Subject {
	if mac, ok := a.chassisMAC(); ok && mac != from && mac.SameChassis(from) {
		return protocols.Subject{Kind: protocols.AboutAddress, MAC: mac}
	}
	return protocols.Subject{Kind: protocols.AboutSpeaker}
}

// chassisMAC is the address of the chassis, by its name or by PROFINET's element.
func (a *announcement) chassisMAC() (mac protocols.MAC, ok bool) {
	if a.chassisKind == chassisMAC && len(a.chassis) == len(mac) {
		return protocols.MAC(a.chassis), true
	}
	for _, t := range a.more {
		whose, which, what, ok := t.organized()
		if ok && whose == profibus && which == profibusChassis && len(what) == len(mac) {
			return protocols.MAC(what), true
		}
	}
	return mac, false
}

// place states by which port it speaks, and how it names itself where that is a word.
func (a *announcement) place() (facts []protocols.Fact) {
	switch a.portKind {
	case portAlias: // somebody wrote it
		facts = add(facts, protocols.OwnPort, protocols.PlaceText(string(a.port)), "port id", selfSaid)
	case portName, portLocal:
		facts = add(facts, protocols.OwnPort, word(a.port), "port id", selfSaid)
	case portMAC:
		if len(a.port) == 6 {
			facts = add(facts, protocols.OwnPort, protocols.MAC(a.port).String(), "port id", selfSaid)
		}
	}
	if a.chassisKind == chassisLocal {
		facts = add(facts, protocols.ChassisID, word(a.chassis), "chassis id", selfSaid)
	}
	return facts
}

// word is a text that may stand in an observation, or "".
func word(v []byte) string {
	text, _ := protocols.Text(string(v))
	return text
}

// statement gathers what the elements of one frame say.
type statement struct {
	facts     []protocols.Fact
	endpoint  bool // LLDP-MED: it is no network equipment
	addresses int
	vlans     int
}

func (st *statement) add(a protocols.Attribute, value, field string, confidence float64) {
	st.facts = add(st.facts, a, value, field, confidence)
}

// add appends a fact unless it is empty or said already.
func add(facts []protocols.Fact, a protocols.Attribute, value, field string, confidence float64) []protocols.Fact {
	f := protocols.Fact{Attribute: a, Value: value, Field: field, Confidence: confidence}
	if value == "" || len(facts) >= protocols.MaxFacts || slices.Contains(facts, f) {
		return facts
	}
	return append(facts, f)
}

func (st *statement) take(t tlv) {
	switch t.kind {
	case tlvPortText:
		st.add(protocols.OwnPort, protocols.PlaceText(string(t.value)), "port description", configured)
	case tlvName:
		st.add(protocols.Hostname, protocols.HostName(t.value), "system name", selfSaid)
	case tlvDescription:
		st.add(protocols.SystemDescription, protocols.Description(string(t.value)), "system description", stackTells)
		st.add(protocols.SoftwareVersion, protocols.DescribedVersion(string(t.value)), "system description", stackTells)
	case tlvCapabilities:
		st.capabilities(t.value)
	case tlvManagement:
		st.management(t.value)
	case tlvOrganization:
		st.organization(t)
	}
}

// does are the capabilities that say what a device is for: section 8.5.8, table 8-4.
var does = [...]struct {
	bit  uint16
	role protocols.Role
}{
	{1 << 2, protocols.RoleBridge}, {1 << 3, protocols.RoleAccessPoint}, {1 << 4, protocols.RoleRouter}, {1 << 5, protocols.RoleTelephone},
	{1 << 7, protocols.RoleStation},
}

// capabilities states what it has and does: what is not enabled is not done.
func (st *statement) capabilities(v []byte) {
	if len(v) != 4 {
		return
	}
	on := binary.BigEndian.Uint16(v) & binary.BigEndian.Uint16(v[2:])
	for _, d := range does {
		if on&d.bit != 0 {
			st.add(protocols.RoleOf, string(d.role), "system capabilities", enabled)
		}
	}
}

// The families of addresses: IANA, address family numbers.
const (
	familyIPv4 = 1
	familyIPv6 = 2
)

// management states where the device is managed: section 8.5.9. It is evidence, and binds
// no address to a device: it may be a controller's.
func (st *statement) management(v []byte) {
	if len(v) < 2 || int(v[0]) < 1 || int(v[0]) > len(v)-1 || st.addresses >= maxAddresses {
		return
	}
	address, ok := netip.AddrFromSlice(v[2 : 1+int(v[0])])
	if !ok || address.Is4() != (v[1] == familyIPv4) || address.Is6() != (v[1] == familyIPv6) || !protocols.Assignable(address) {
		return
	}
	st.addresses++
	st.add(protocols.IPAddress, address.String(), "management address", managed)
}

func (st *statement) organization(t tlv) {
	whose, which, what, ok := t.organized()
	switch {
	case !ok:
	case whose == ieee8021:
		st.vlan(which, what)
	case whose == tia:
		st.endpointSays(which, what)
	}
}

// The elements of IEEE 802.1: annex D.2.
const (
	vlanOfPort = 1
	vlanName   = 3
)

func (st *statement) vlan(which byte, v []byte) {
	switch {
	case which == vlanOfPort && len(v) == 2:
		if id := binary.BigEndian.Uint16(v); vlanID(id) {
			st.add(protocols.PortVLAN, strconv.Itoa(int(id)), "port VLAN ID", configured)
		}
	case which == vlanName && len(v) > 3 && int(v[2]) <= len(v)-3 && st.vlans < maxVLANs:
		name := protocols.PlaceText(string(v[3 : 3+int(v[2])]))
		if id := binary.BigEndian.Uint16(v); vlanID(id) && name != "" {
			st.vlans++
			st.add(protocols.VLANName, strconv.Itoa(int(id))+" "+name, "VLAN name", configured)
		}
	}
}

// vlanID reports a number that a VLAN can have: IEEE 802.1Q-2018 table 9-2.
func vlanID(id uint16) bool { return id >= 1 && id < 4095 }
