package ssh

import "github.com/auscult/auscult/protocols"

// The confidence of statements.
const (
	// exercised: a role that was seen at work, told by the protocol itself.
	exercised = 0.9
	// opened: a role told by who opened the connection.
	opened = 0.8
	// programTells: the string tells of a program that many products share, less
	// than what a device protocol says of its application.
	programTells = 0.5
)

const (
	fieldSoftware = "identification softwareversion"
	fieldMethods  = "SSH_MSG_KEXINIT"
	fieldOpener   = "SSH_MSG_KEXINIT of the TCP opener"
	fieldAcceptor = "SSH_MSG_KEXINIT of the TCP acceptor"
)

// stateRole states whether the sender is client or server, where that is known.
func (s *session) stateRole(d protocols.Direction, marked protocols.Role) {
	role, field, confidence := marked, fieldMethods, exercised
	if marked == "" {
		if !s.openerKnown {
			return
		}
		role, field, confidence = protocols.RoleSSHClient, fieldOpener, opened
		if d == protocols.FromAcceptor {
			role, field = protocols.RoleSSHServer, fieldAcceptor
		}
	}
	s.observe(protocols.Fact{Attribute: protocols.RoleOf, Value: string(role), Field: field, Confidence: confidence})
}

// observe hands on a fact about the sender of the current segment.
func (s *session) observe(f protocols.Fact) {
	s.now.out.Observe(protocols.Observation{
		When: s.now.when, Speaker: s.now.from, Listener: s.now.to,
		About: protocols.Subject{Kind: protocols.AboutSpeaker}, Facts: []protocols.Fact{f},
	})
}
