package snmp

import "github.com/auscult/auscult/protocols"

// Kept tells how many rows and interfaces a session holds of the acceptor's end.
func Kept(s protocols.Session) (rows, interfaces int) {
	a := s.(*session).ends[protocols.FromAcceptor]
	return len(a.chassis), len(a.interfaces)
}
