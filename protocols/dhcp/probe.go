package dhcp

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// Protocol recognises and opens DHCP. It has no state.
type Protocol struct{}

// New returns the DHCPv4 dissector.
func New() protocols.Protocol { return Protocol{} }

// Name implements protocols.Protocol.
func (Protocol) Name() protocols.Name { return protocols.DHCP }

// Transport implements protocols.Protocol.
func (Protocol) Transport() protocols.Transport { return protocols.UDP }

// Probe answers by the BOOTP operation and hardware length and by the magic
// cookie behind the fixed fields (RFC 2131, section 3). A datagram is whole, so
// it never asks for more.
func (Protocol) Probe(o protocols.Opening) protocols.Verdict {
	b := o.Bytes
	if o.Transport != protocols.UDP || len(b) < fixedLen+4 {
		return protocols.No
	}
	if b[0] != bootRequest && b[0] != bootReply || b[2] > chaddrLen || binary.BigEndian.Uint32(b[fixedLen:]) != magicCookie {
		return protocols.No
	}
	return protocols.Yes
}

// Open implements protocols.Protocol.
func (Protocol) Open(protocols.Context) protocols.Session { return session{} }
