package dhcp

import (
	"encoding/binary"
	"net/netip"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// The fixed part of a message (RFC 2131, figure 1).
const (
	bootRequest = 1
	bootReply   = 2
	chaddrLen   = 16
	snameLen    = 64
	fileLen     = 128
	fixedLen    = 236
	// magicCookie 99.130.83.99 begins the options (RFC 2131, section 3).
	magicCookie = 0x63825363
	// ethernet is hardware type 1 (IANA arp-parameters), with 6 octets.
	ethernet = 1
)

// message is one DHCP message. Its slices belong to the datagram, except options
// that were sent in parts.
type message struct {
	op      byte
	kind    messageType
	client  protocols.MAC // zero when chaddr is not one Ethernet station
	ciaddr  netip.Addr    // what the client says it uses
	yiaddr  netip.Addr    // what the server gives
	giaddr  netip.Addr    // the relay
	options options
}

// messageType is option 53 (RFC 2132, section 9.6).
type messageType byte

const (
	discover messageType = 1
	offer    messageType = 2
	request  messageType = 3
	decline  messageType = 4
	ack      messageType = 5
	nak      messageType = 6
	release  messageType = 7
	inform   messageType = 8
)

// op is the BOOTP operation that a message type must come with.
func (k messageType) op() byte {
	switch k {
	case discover, request, decline, release, inform:
		return bootRequest
	case offer, ack, nak:
		return bootReply
	}
	return 0
}

// parse reads one datagram. Anything but Parsed leaves nothing to state.
func parse(b []byte) (message, protocols.Outcome) {
	r := wire.NewReader(b)
	m := message{op: r.U8()}
	hardware, length := r.U8(), r.U8()
	r.Skip(1 + 4 + 2 + 2) // hops, xid, secs, flags
	m.ciaddr, m.yiaddr = address(&r), address(&r)
	r.Skip(4) // siaddr: where to boot from
	m.giaddr = address(&r)
	chaddr := r.Bytes(chaddrLen)
	sname, file := r.Bytes(snameLen), r.Bytes(fileLen)
	cookie := r.U32(binary.BigEndian)
	if r.Failed() {
		return message{}, protocols.Truncated
	}
	if cookie != magicCookie {
		return message{}, protocols.Malformed
	}
	if hardware == ethernet && int(length) == len(m.client) {
		m.client = station(chaddr)
	}
	if !m.options.read(r.Rest(), file, sname) {
		return message{}, protocols.Malformed
	}
	return m, m.classify()
}

// classify sets the message type and says whether it fits the operation.
func (m *message) classify() protocols.Outcome {
	kind := m.options.get(optMessageType)
	if kind == nil {
		return protocols.Unsupported // plain BOOTP (RFC 951)
	}
	if len(kind) != 1 {
		return protocols.Malformed
	}
	m.kind = messageType(kind[0])
	switch m.kind.op() {
	case m.op:
		return protocols.Parsed
	case 0:
		return protocols.Unsupported // lease query, reconfigure and the like
	}
	return protocols.Malformed
}

// address reads an IPv4 address, invalid unless one host can hold it.
func address(r *wire.Reader) netip.Addr {
	b := r.Bytes(4)
	if b == nil {
		return netip.Addr{}
	}
	return holdable(b)
}

func holdable(b []byte) netip.Addr {
	a := netip.AddrFrom4([4]byte(b))
	if b[0] == 0 || b[0] >= 240 || a.IsMulticast() || a.IsLoopback() { // 240/4 and broadcast: RFC 1112, section 4
		return netip.Addr{}
	}
	return a
}

func station(chaddr []byte) protocols.MAC {
	m := protocols.MAC(chaddr[:6])
	if m.IsGroup() {
		return protocols.MAC{}
	}
	return m
}
