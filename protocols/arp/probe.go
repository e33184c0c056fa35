package arp

import "github.com/auscult/auscult/protocols"

// Protocol recognises and opens ARP. It has no state.
type Protocol struct{}

// New returns the ARP dissector.
func New() protocols.Protocol { return Protocol{} }

// Name implements protocols.Protocol.
func (Protocol) Name() protocols.Name { return protocols.ARP }

// Transport implements protocols.Protocol.
func (Protocol) Transport() protocols.Transport { return protocols.Link }

// Probe answers by the fixed first six octets of a packet for IPv4 over Ethernet
// (RFC 826, "Packet format"). A link frame is whole, so it never asks for more.
func (Protocol) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.Link || len(o.Bytes) < headerLen {
		return protocols.No
	}
	if [headerLen]byte(o.Bytes[:headerLen]) != ethernetIPv4 {
		return protocols.No
	}
	return protocols.Yes
}

// Open implements protocols.Protocol.
func (Protocol) Open(protocols.Context) protocols.Session { return session{} }
