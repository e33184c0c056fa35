package protocols

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Name identifies a protocol in evidence, metrics and rules, in lower case.
type Name string

// The protocols that this release dissects.
const (
	DICOM       Name = "dicom"
	HL7         Name = "hl7"
	ASTM        Name = "astm"         // ASTM E1381 and E1394, CLSI LIS01 and LIS02
	POCT1A      Name = "poct1a"       // CLSI POCT01-A
	IntelliVue  Name = "intellivue"   // Philips Data Export
	CARESCAPE   Name = "carescape"    // GE Unity network
	MEDIBUS     Name = "medibus"      // Dräger, and MEDIBUS.X
	SDC         Name = "sdc"          // IEEE 11073 service-oriented device connectivity, over HTTP
	WSDiscovery Name = "ws-discovery" // how SDC devices are found
	PHD         Name = "ieee11073-20601"
	HTTP        Name = "http"
	FHIR        Name = "fhir" // over HTTP
	DHCP        Name = "dhcp"
	ARP         Name = "arp"
	TLS         Name = "tls"
	SSH         Name = "ssh"
	Telnet      Name = "telnet" // a terminal in clear, on any port, that negotiates or that the knowledge base knows
	FTP         Name = "ftp"
	MDNS        Name = "mdns"
	LLMNR       Name = "llmnr"
	NBNS        Name = "nbns"    // NetBIOS name service
	Browser     Name = "browser" // announcements in NetBIOS datagrams
	SMB         Name = "smb"
	SNMP        Name = "snmp"
	LLDP        Name = "lldp"
	CDP         Name = "cdp" // Cisco's discovery protocol, which others speak as well
	// IP is the name under which sightings without a dissector are reported.
	IP Name = "ip"
)

// MAC is a 48-bit link address (IEEE 802-2014, section 8). The zero value means
// "not known".
type MAC [6]byte

// IsZero reports whether the address is not known.
func (m MAC) IsZero() bool { return m == MAC{} }

// IsGroup reports whether the address names a group (broadcast, multicast): the
// I/G bit of IEEE 802-2014, section 8.2.2.
func (m MAC) IsGroup() bool { return m[0]&0x01 != 0 }

// IsLocal reports whether the address was assigned locally (randomised, virtual
// machine): the U/L bit of IEEE 802-2014, section 8.2.2. Such an address has no
// maker.
func (m MAC) IsLocal() bool { return m[0]&0x02 != 0 }

// chassisBlock is how many addresses in a row the makers of network equipment give to
// one chassis at most: 1,024 for the largest modular switches, 64 and fewer for others.
const chassisBlock = 1024

// SameChassis reports whether two addresses can be of one chassis: the same maker's, and
// as near to each other as its interfaces are numbered.
func (m MAC) SameChassis(other MAC) bool {
	if m.IsZero() || other.IsZero() || m.IsGroup() || other.IsGroup() || [3]byte(m[:3]) != [3]byte(other[:3]) {
		return false
	}
	number := func(a MAC) int { return int(a[3])<<16 | int(a[4])<<8 | int(a[5]) }
	d := number(m) - number(other)
	return d < chassisBlock && -d < chassisBlock
}

// String writes the address in lower case with colons.
func (m MAC) String() string {
	var b [17]byte
	for i, octet := range m {
		hex.Encode(b[i*3:], []byte{octet})
		if i < 5 {
			b[i*3+2] = ':'
		}
	}
	return string(b[:])
}

// ParseMAC reads an address in any common notation: colons, dashes, dots or none.
func ParseMAC(s string) (MAC, error) {
	var m MAC
	bare := strings.Map(func(r rune) rune {
		if strings.ContainsRune(":-. ", r) {
			return -1
		}
		return r
	}, s)
	if len(bare) != 12 {
		return MAC{}, fmt.Errorf("MAC address %q: want 12 hexadecimal digits, as in 00:1b:a9:81:82:83", s)
	}
	if _, err := hex.Decode(m[:], []byte(bare)); err != nil {
		return MAC{}, fmt.Errorf("MAC address %q: %w; want hexadecimal digits only", s, err)
	}
	return m, nil
}

// Assignable reports whether an address can be one host's, and names it beyond its link.
func Assignable(a netip.Addr) bool {
	if a = a.Unmap(); a.Is4() && (a.As4()[0] == 0 || a.As4()[0] >= 240) { // RFC 1122, section 3.2.1.3; RFC 1112, section 4
		return false
	}
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && !a.IsLoopback() && !a.IsLinkLocalUnicast()
}

// Transport is what carries a conversation.
type Transport uint8

// Link means a link-layer frame without IP (ARP).
const (
	TCP Transport = iota + 1
	UDP
	ICMP
	Link
)

// String names the transport in lower case.
func (t Transport) String() string {
	switch t {
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case ICMP:
		return "icmp"
	case Link:
		return "link"
	}
	return "unknown"
}

// Endpoint is one side of a conversation as the wire shows it. It is a
// comparable value and owns nothing.
type Endpoint struct {
	Addr netip.Addr // invalid for link frames
	Port uint16     // 0 where the transport has none
	MAC  MAC        // of the frame: a router's when the speaker is behind one
	VLAN uint16     // innermost 802.1Q tag, 0 for none
	Hops uint8      // IPv4 TTL or IPv6 hop limit as received; 0 for a receiver
	// Tunnelled says that it was heard inside a tunnel over IP that is not the mirror's
	// own. Anybody who can send a datagram can put words there into anybody's mouth.
	Tunnelled bool
}

// Direction tells which side of a conversation speaks.
type Direction uint8

// FromOpener is the side that sent the SYN, or spoke first where no SYN was seen.
const (
	FromOpener Direction = iota
	FromAcceptor
)

// Other is the opposite direction.
func (d Direction) Other() Direction { return d ^ 1 }

// Conversation is who talked to whom, in which protocol, how much, how
// one-sided. Flow reports one when it is recognised, at intervals, and at its end.
type Conversation struct {
	Site, Tap   string
	Transport   Transport
	Protocol    Name // "" while unknown
	Opener      Endpoint
	Acceptor    Endpoint
	OpenerKnown bool      // a SYN or a dissector told who opened it
	Bytes       [2]uint64 // payload bytes since the last report, by Direction
	Packets     [2]uint64 // packets since the last report, by Direction
	First, Last time.Time // wire time
	Ended       bool
}
