package netbios

import "github.com/auscult/auscult/protocols"

// nameService and announcer are the two protocols. They have no state.
type (
	nameService struct{}
	announcer   struct{}
)

// NewNameService returns the dissector of the NetBIOS name service. It is safe for
// concurrent use.
func NewNameService() protocols.Protocol { return nameService{} }

// NewBrowser returns the dissector of browser announcements, which NetBIOS datagrams
// carry. It is safe for concurrent use.
func NewBrowser() protocols.Protocol { return announcer{} }

// Name implements protocols.Protocol.
func (nameService) Name() protocols.Name { return protocols.NBNS }

// Transport implements protocols.Protocol.
func (nameService) Transport() protocols.Transport { return protocols.UDP }

// Open implements protocols.Protocol.
func (nameService) Open(protocols.Context) protocols.Session { return names{} }

// Name implements protocols.Protocol.
func (announcer) Name() protocols.Name { return protocols.Browser }

// Transport implements protocols.Protocol.
func (announcer) Transport() protocols.Transport { return protocols.UDP }

// Open implements protocols.Protocol.
func (announcer) Open(protocols.Context) protocols.Session { return announcements{} }

// Probe answers by operation and counts, a first name in the encoding that nothing
// else uses, and the type and class behind it (RFC 1002 section 4.2).
func (nameService) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.UDP {
		return protocols.No
	}
	if _, _, ok := parseHead(o.Bytes); !ok {
		return protocols.No
	}
	return protocols.Yes
}

// Probe answers by a datagram header whose offset is zero, and by the encoded names of
// both ends behind it (RFC 1002 section 4.4).
func (announcer) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.UDP {
		return protocols.No
	}
	if _, ok := parseEnvelope(o.Bytes); !ok {
		return protocols.No
	}
	return protocols.Yes
}
