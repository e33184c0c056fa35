package tls

import "github.com/auscult/auscult/protocols"

// role is what a direction has shown itself to be.
type role uint8

const (
	unknownRole role = iota
	client
	server
)

// The confidence of statements.
const (
	// exercised: a role that was seen at work.
	exercised = 0.9
	// certified: a name that whoever issued a certificate gave the service on this
	// host. Certificates are copied, shipped by makers, and outlive renaming.
	certified = 0.4
	// registered: what a port is registered for. It decides nothing by itself.
	registered = 0.5
)

// dicomPort is registered for DICOM over TLS (IANA dicom-tls; PS3.15 annex B.1). What
// is said there is sealed, so the port is all that tells.
const dicomPort = 2762

// isClient states that the sender of a ClientHello is a client, and asks for
// nothing more of it.
func (s *session) isClient(d protocols.Direction) {
	h := &s.halves[d]
	h.role = client
	s.observe(protocols.Fact{Attribute: protocols.RoleOf, Value: string(protocols.RoleTLSClient), Field: "ClientHello", Confidence: exercised})
	s.end(d, protocols.Parsed)
}

// isServer states that the sender of a ServerHello is a server. Behind one of TLS
// 1.3 all is sealed.
func (s *session) isServer(d protocols.Direction) {
	h := &s.halves[d]
	h.role, h.message = server, message{}
	s.observe(protocols.Fact{Attribute: protocols.RoleOf, Value: string(protocols.RoleTLSServer), Field: "ServerHello", Confidence: exercised})
	if s.now.from.Port == dicomPort {
		s.observe(protocols.Fact{Attribute: protocols.RoleOf, Value: string(protocols.RoleDICOMTLSServer), Field: "ServerHello from port 2762", Confidence: registered})
	}
	if h.agreed.version > tls12 {
		s.end(d, protocols.Parsed)
		return
	}
	s.now.out.Outcome(protocols.Parsed)
}

// named states the host name in a server's certificate, if it has one.
func (s *session) named(d protocols.Direction, der []byte) {
	name, field, ok := hostName(der)
	if !ok {
		s.end(d, protocols.Malformed)
		return
	}
	if name != "" {
		s.observe(protocols.Fact{Attribute: protocols.CertificateName, Value: name, Field: field, Confidence: certified})
	}
	s.end(d, protocols.Parsed)
}

// observe hands on a fact about the sender of the current segment.
func (s *session) observe(f protocols.Fact) {
	s.now.out.Observe(protocols.Observation{
		When: s.now.when, Speaker: s.now.from, Listener: s.now.to,
		About: protocols.Subject{Kind: protocols.AboutSpeaker}, Facts: []protocols.Fact{f},
	})
}
