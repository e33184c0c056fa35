package dhcp

import (
	"encoding/hex"
	"net/netip"
	"strconv"

	"github.com/auscult/auscult/protocols"
)

// Confidences, by the ladder of protocols/README.md: what a host says of itself
// in a general protocol, and what its server gave it.
const (
	selfSaid    = 0.8
	serverGave  = 0.9
	stackTells  = 0.5 // option lists and class words tell of software, not of a device
	relayClaims = 0.7
)

// session reads datagram by datagram and remembers nothing.
type session struct{}

// Segment states what one datagram says.
func (session) Segment(s protocols.Segment, out *protocols.Sink) uint64 {
	m, outcome := parse(s.Bytes)
	out.Outcome(outcome)
	if outcome != protocols.Parsed {
		return 0
	}
	if m.op == bootRequest {
		m.observeClient(s, out)
	} else {
		m.observeServer(s, out)
	}
	return 0
}

// Gap and Close have nothing to do: each datagram stands alone.
func (session) Gap(protocols.Direction, uint64, *protocols.Sink) {}

func (session) Close(*protocols.Sink) {}

// observeClient states what a client says of itself, and who relays it.
func (m *message) observeClient(s protocols.Segment, out *protocols.Sink) {
	if m.giaddr.IsValid() {
		observe(s, out, about(m.giaddr, protocols.MAC{}), role(protocols.RoleDHCPRelay, "giaddr", relayClaims))
	}
	if m.client.IsZero() {
		return
	}
	facts := []protocols.Fact{role(protocols.RoleDHCPClient, "option 53", selfSaid), hardware(m.client)}
	facts = append(facts, m.clientFacts()...)
	holds := m.ciaddr
	if m.kind == discover || m.kind == decline {
		holds = netip.Addr{} // neither has an address (RFC 2131, table 5)
	}
	if holds.IsValid() && m.kind != release {
		facts = append(facts, ip(holds, "ciaddr", selfSaid))
	}
	observe(s, out, about(holds, m.client), facts...)
}

func (m *message) clientFacts() []protocols.Fact {
	facts := m.nameFacts()
	if v := m.options.get(optVendorClass); len(v) > 0 {
		facts = append(facts, protocols.Fact{Attribute: protocols.VendorClass, Value: vendorClass(v), Field: "option 60", Confidence: stackTells})
	}
	if v := m.options.get(optParameterList); len(v) > 0 {
		facts = append(facts, protocols.Fact{Attribute: protocols.ParameterList, Value: decimals(v), Field: "option 55", Confidence: stackTells})
	}
	if v := m.options.get(optClientID); len(v) > 0 && 2*len(v) <= protocols.MaxText {
		facts = append(facts, protocols.Fact{Attribute: protocols.ClientID, Value: hex.EncodeToString(v), Field: "option 61", Confidence: selfSaid})
	}
	return kept(facts)
}

// nameFacts are the host name and the switch port, which replies repeat.
func (m *message) nameFacts() []protocols.Fact {
	var facts []protocols.Fact
	if name := protocols.HostName(m.options.get(optHostName)); name != "" && !m.client.IsPrivate() {
		facts = append(facts, protocols.Fact{Attribute: protocols.Hostname, Value: name, Field: "option 12", Confidence: selfSaid})
	}
	if name := fqdnHost(m.options.get(optFQDN)); name != "" && !m.client.IsPrivate() {
		facts = append(facts, protocols.Fact{Attribute: protocols.Hostname, Value: name, Field: "option 81", Confidence: selfSaid})
	}
	if port := ascii(circuitText(m.options.circuit())); port != "" {
		facts = append(facts, protocols.Fact{Attribute: protocols.SwitchPort, Value: port, Field: "option 82", Confidence: relayClaims})
	}
	return facts
}

// observeServer states who gives addresses, and what an acknowledgement gave. An
// offer is not a lease.
func (m *message) observeServer(s protocols.Segment, out *protocols.Sink) {
	m.observeWhoServes(s, out)
	if m.kind != ack || m.client.IsZero() {
		return
	}
	lease, field := m.yiaddr, "yiaddr"
	if !lease.IsValid() {
		lease, field = m.ciaddr, "ciaddr" // the answer to an INFORM gives no address
	}
	if !lease.IsValid() {
		return
	}
	facts := []protocols.Fact{hardware(m.client), ip(lease, field, serverGave)}
	observe(s, out, about(lease, m.client), append(facts, m.nameFacts()...)...)
}

// observeWhoServes tells the server from the relay that passes its answer on to
// the client: between those two the datagram goes to giaddr.
func (m *message) observeWhoServes(s protocols.Segment, out *protocols.Sink) {
	passedOn := m.giaddr.IsValid() && s.To.Addr.Unmap() != m.giaddr
	if !passedOn {
		observe(s, out, protocols.Subject{Kind: protocols.AboutSpeaker}, role(protocols.RoleDHCPServer, "option 53", selfSaid))
		return
	}
	observe(s, out, about(m.giaddr, protocols.MAC{}), role(protocols.RoleDHCPRelay, "giaddr", relayClaims))
	// A relay may put itself into option 54 (RFC 5107); then the server is unknown.
	if server := m.options.server(); server.IsValid() && server != m.giaddr {
		observe(s, out, about(server, protocols.MAC{}), role(protocols.RoleDHCPServer, "option 54", relayClaims))
	}
}

func observe(s protocols.Segment, out *protocols.Sink, subject protocols.Subject, facts ...protocols.Fact) {
	out.Observe(protocols.Observation{When: s.When, Speaker: s.From, Listener: s.To, About: subject, Facts: facts})
}

func about(addr netip.Addr, mac protocols.MAC) protocols.Subject {
	return protocols.Subject{Kind: protocols.AboutAddress, Addr: addr, MAC: mac}
}

func role(r protocols.Role, field string, confidence float64) protocols.Fact {
	return protocols.Fact{Attribute: protocols.RoleOf, Value: string(r), Field: field, Confidence: confidence}
}

func hardware(m protocols.MAC) protocols.Fact {
	return protocols.Fact{Attribute: protocols.HardwareAddress, Value: m.String(), Field: "chaddr", Confidence: selfSaid}
}

func ip(a netip.Addr, field string, confidence float64) protocols.Fact {
	return protocols.Fact{Attribute: protocols.IPAddress, Value: a.String(), Field: field, Confidence: confidence}
}

// kept leaves out facts that turned out empty.
func kept(facts []protocols.Fact) []protocols.Fact {
	out := facts[:0]
	for _, f := range facts {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// ascii returns printable ASCII text, or "" for anything else.
func ascii(v []byte) string {
	text, ok := protocols.Text(string(v))
	if !ok {
		return ""
	}
	for i := range len(text) {
		if text[i] > 0x7e {
			return ""
		}
	}
	return text
}

// circuitText takes off the type and length octets that some switches put before
// a text (type 1, then the length of the rest).
func circuitText(v []byte) []byte {
	if len(v) > 2 && v[0] == 1 && int(v[1]) == len(v)-2 {
		return v[2:]
	}
	return v
}

// decimals writes an option list as numbers with commas, in the order sent; ""
// when it would be longer than a text may be.
func decimals(v []byte) string {
	out := make([]byte, 0, protocols.MaxText)
	for i, n := range v {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendUint(out, uint64(n), 10)
	}
	if len(out) > protocols.MaxText {
		return ""
	}
	return string(out)
}
