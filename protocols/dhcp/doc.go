// Package dhcp reads DHCP for IPv4 (RFC 2131, options of RFC 2132, 3046, 3396,
// 4702): what a client says of itself, and which address its server gave it. Use
// it on UDP datagrams of any port; do not use it for DHCPv6.
//
// A client asks for an address long before it holds one, so an address is stated
// only from an acknowledgement, or from a client that already uses it (ciaddr).
// Facts are about the client's hardware address as the message holds it: a
// relayed datagram comes from the relay's. Host names that carry a person's name
// (telephones, tablets) are left out, and so is what has not the form of a vendor class.
package dhcp
