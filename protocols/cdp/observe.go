package cdp

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// Confidences, by the ladder of protocols/README.md. Anybody on the link could say it.
const (
	selfSaid   = 0.8
	platform   = 0.75 // the product, without a serial number
	managed    = 0.7  // an address that may be another's, who manages it
	enabled    = 0.75
	configured = 0.7 // what somebody has set on it
	stackTells = 0.5
)

// session reads frame by frame and remembers nothing.
type session struct{}

// Segment states what one frame says.
func (session) Segment(s protocols.Segment, out *protocols.Sink) uint64 {
	var room [32]tlv
	all, outcome := parse(s.Bytes, room[:0])
	out.Outcome(outcome)
	if outcome != protocols.Parsed && outcome != protocols.LimitReached {
		return 0
	}
	st := statement{about: protocols.Subject{Kind: protocols.AboutSpeaker}, from: s.From.MAC}
	for _, t := range all {
		st.take(t)
	}
	st.product()
	out.Observe(protocols.Observation{When: s.When, Speaker: s.From, Listener: s.To, About: st.about, Facts: st.facts})
	return 0
}

// Gap and Close have nothing to do: each frame stands alone.
func (session) Gap(protocols.Direction, uint64, *protocols.Sink) {}

func (session) Close(*protocols.Sink) {}

// statement gathers what the elements of one frame say.
type statement struct {
	about             protocols.Subject
	from              protocols.MAC
	facts             []protocols.Fact
	device            string
	platform, version string
	addresses         int
}

func (st *statement) add(a protocols.Attribute, value, field string, confidence float64) {
	f := protocols.Fact{Attribute: a, Value: value, Field: field, Confidence: confidence}
	if value == "" || len(st.facts) >= protocols.MaxFacts || slices.Contains(st.facts, f) {
		return
	}
	st.facts = append(st.facts, f)
}

func (st *statement) take(t tlv) {
	switch t.kind {
	case tlvDevice:
		st.device = text(t.value)
	case tlvAddresses:
		st.addressList(t.value, "address")
	case tlvManagement:
		st.addressList(t.value, "management address")
	case tlvPort:
		st.add(protocols.OwnPort, text(t.value), "port ID", selfSaid)
	case tlvCapabilities:
		st.capabilities(t.value)
	case tlvVersion:
		st.version = string(t.value)
	case tlvPlatform:
		st.platform = text(t.value)
	case tlvHello:
		st.hello(t.value)
	case tlvNativeVLAN:
		st.nativeVLAN(t.value)
	case tlvSystemName:
		st.add(protocols.Hostname, protocols.HostName(t.value), "system name", selfSaid)
	case tlvSystemObject:
		st.add(protocols.SystemObject, objectID(t.value), "system object ID", selfSaid)
	case tlvLocation:
		if len(t.value) > 1 {
			st.add(protocols.Location, protocols.PlaceText(string(t.value[1:])), "location", selfSaid)
		}
	}
}

// text is a text that may stand in an observation, or "".
func text(v []byte) string {
	s, _ := protocols.Text(string(v))
	return s
}

// nativeVLAN states the VLAN of untagged frames: IEEE 802.1Q-2018 table 9-2.
func (st *statement) nativeVLAN(v []byte) {
	if len(v) != 2 {
		return
	}
	if id := binary.BigEndian.Uint16(v); id >= 1 && id < 4095 {
		st.add(protocols.PortVLAN, strconv.Itoa(int(id)), "native VLAN", configured)
	}
}

// does are the capabilities that say what a device is for. Transparent bridging is what
// access points say, source-route bridging and repeating are of the past, and snooping
// is no purpose.
var does = [...]struct {
	bit  uint32
	role protocols.Role
}{
	{1 << 0, protocols.RoleRouter}, {1 << 3, protocols.RoleBridge}, {1 << 7, protocols.RoleTelephone},
}

func (st *statement) capabilities(v []byte) {
	if len(v) != 4 {
		return
	}
	on := binary.BigEndian.Uint32(v)
	for _, d := range does {
		if on&d.bit != 0 {
			st.add(protocols.RoleOf, string(d.role), "capabilities", enabled)
		}
	}
}

// clusterHello begins a hello of switches that can be managed together: Cisco's number,
// and that of the protocol.
var clusterHello = [5]byte{0x00, 0x00, 0x0c, 0x01, 0x12}

// ownAddress is where the switch's own address stands in it (packet-cdp.c of Wireshark).
const ownAddress = 5 + 4 + 4 + 4 + 6

// hello takes the address of the switch as the chassis, where the frame comes from one
// of its interfaces.
func (st *statement) hello(v []byte) {
	if len(v) < ownAddress+6 || [5]byte(v[:5]) != clusterHello {
		return
	}
	if own := protocols.MAC(v[ownAddress : ownAddress+6]); own != st.from && own.SameChassis(st.from) {
		st.about = protocols.Subject{Kind: protocols.AboutAddress, MAC: own}
	}
}

// The ways in which an address is given: a network layer protocol of one octet (IP is
// CCH), and an EtherType behind LLC and SNAP.
const (
	nlpid    = 1
	nlpidIP  = 0xcc
	ieee8022 = 2
)

// addressList states addresses. They are evidence, and bind nothing to a device.
func (st *statement) addressList(v []byte, field string) {
	if len(v) < 4 {
		return
	}
	n := binary.BigEndian.Uint32(v)
	for v = v[4:]; n > 0 && st.addresses < maxAddresses; n-- {
		address, rest, ok := nextAddress(v)
		if !ok {
			return
		}
		if v = rest; protocols.Assignable(address) {
			st.addresses++
			st.add(protocols.IPAddress, address.String(), field, managed)
		}
	}
}

// nextAddress reads one address with how it is given; an invalid one where it is of no
// IP protocol.
func nextAddress(v []byte) (a netip.Addr, rest []byte, ok bool) {
	if len(v) < 2 || len(v) < 2+int(v[1])+2 {
		return a, nil, false
	}
	kind, protocol := v[0], v[2:2+int(v[1])]
	v = v[2+int(v[1]):]
	n := int(binary.BigEndian.Uint16(v))
	if n > len(v)-2 {
		return a, nil, false
	}
	value, rest := v[2:2+n], v[2+n:]
	ip4 := kind == nlpid && len(protocol) == 1 && protocol[0] == nlpidIP && n == 4
	ip6 := kind == ieee8022 && len(protocol) == 8 && protocol[6] == 0x86 && protocol[7] == 0xdd && n == 16
	if ip4 || ip6 {
		a, _ = netip.AddrFromSlice(value)
	}
	return a, rest, true
}

// objectID writes the encoded identifier that a device repeats of its SNMP agent.
func objectID(v []byte) string {
	if len(v) == 0 || v[0] != 0x2b { // 1.3: all that agents have
		return ""
	}
	out, n := []byte("1.3"), uint64(0)
	for i, o := range v[1:] {
		if n = n<<7 | uint64(o&0x7f); n > 1<<32-1 {
			return ""
		}
		if o&0x80 == 0 {
			out = strconv.AppendUint(append(out, '.'), n, 10)
			n = 0
		} else if i == len(v)-2 {
			return ""
		}
	}
	s, _ := protocols.Text(string(out))
	return s
}

// product states name, serial number, maker, model and software. CDP has no element for
// a maker; a platform or a version that begins with Cisco's name is Cisco's, and what
// another maker puts there is only its own description.
func (st *statement) product() {
	name, serial := nameOf(st.device)
	if !endsInMAC(name) {
		st.add(protocols.Hostname, protocols.HostName([]byte(name)), "device ID", selfSaid)
	}
	model, said := cutFold(st.platform, "cisco ")
	ciscos := said || strings.HasPrefix(st.version, "Cisco ")
	switch {
	case ciscos:
		st.add(protocols.Manufacturer, "Cisco", "platform", platform)
		st.add(protocols.Model, model, "platform", platform)
		st.add(protocols.SerialNumber, serial, "device ID", selfSaid)
	default:
		st.add(protocols.SystemDescription, protocols.Description(st.platform), "platform", stackTells)
	}
	st.add(protocols.SystemDescription, protocols.Description(st.version), "version", stackTells)
	st.add(protocols.SoftwareVersion, protocols.DescribedVersion(st.version), "version", stackTells)
}

// endsInMAC reports a name that an access point makes of its address ("APb838.61f3.05ac"):
// its first label alone would name half of one.
func endsInMAC(name string) bool {
	const dotted = len("b838.61f3.05ac")
	if len(name) < dotted {
		return false
	}
	tail := name[len(name)-dotted:]
	_, err := protocols.ParseMAC(tail)
	return err == nil && tail[4] == '.' && tail[9] == '.'
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return strings.TrimSpace(s[len(prefix):]), true
}

// nameOf takes the serial number out of a device's name: some systems write
// "name(serial)", older ones "serial(name)".
func nameOf(device string) (name, serial string) {
	name, inside, found := strings.Cut(device, "(")
	inside, ends := strings.CutSuffix(inside, ")")
	switch {
	case !found || !ends:
		return device, ""
	case ciscoSerial(inside):
		return name, inside
	case ciscoSerial(name):
		return inside, name
	}
	return device, ""
}

// ciscoSerial reports a serial number as Cisco writes them: three letters of the place,
// four digits of year and week, four characters.
func ciscoSerial(s string) bool {
	const length = 11
	if len(s) != length {
		return false
	}
	for i := range length {
		letter, digit := s[i] >= 'A' && s[i] <= 'Z', s[i] >= '0' && s[i] <= '9'
		if i < 3 && !letter || i >= 3 && i < 7 && !digit || i >= 7 && !letter && !digit {
			return false
		}
	}
	return true
}
