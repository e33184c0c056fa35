// Package arp reads the Address Resolution Protocol of IPv4 over Ethernet (RFC
// 826) and IPv4 address conflict detection (RFC 5227): which link address claims
// which network address. Use it on the body of a link frame; do not use it to
// decide whether an address is a router's (a router that answers for others,
// proxy ARP, looks like a holder of many addresses: package inventory weighs
// that).
package arp
