package arp

import (
	"encoding/binary"
	"net/netip"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// headerLen covers hardware type, protocol type and the two address lengths.
const headerLen = 6

// ethernetIPv4 is hardware type 1 (Ethernet), protocol type 0800 (IPv4), lengths
// 6 and 4 (RFC 826; IANA arp-parameters).
var ethernetIPv4 = [headerLen]byte{0x00, 0x01, 0x08, 0x00, 6, 4}

// The operations of RFC 826. Others (reverse and inverse ARP) are passed over.
const (
	opRequest = 1
	opReply   = 2
)

// packet is the sender's half of an ARP packet. The target half is what the
// sender believes or asks, never a statement of the target.
type packet struct {
	op       uint16
	sender   protocols.MAC
	senderIP netip.Addr
}

// parse reads one packet; padding after it is allowed (IEEE 802.3 minimum frame).
func parse(b []byte) (packet, protocols.Outcome) {
	r := wire.NewReader(b)
	header := r.Bytes(headerLen)
	p := packet{op: r.U16(binary.BigEndian)}
	copy(p.sender[:], r.Bytes(len(p.sender)))
	address := r.Bytes(4)
	r.Skip(len(p.sender) + 4) // the target half must be there, and is not read
	if r.Failed() {
		return packet{}, protocols.Truncated
	}
	if [headerLen]byte(header) != ethernetIPv4 || p.op != opRequest && p.op != opReply {
		return packet{}, protocols.Unsupported
	}
	p.senderIP = netip.AddrFrom4([4]byte(address))
	return p, protocols.Parsed
}
