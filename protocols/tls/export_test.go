package tls

import (
	"unsafe"

	"github.com/auscult/auscult/protocols"
)

// Bounds for the tests of them.
const (
	MaxHello  = maxHello
	MaxLeaf   = maxLeaf
	MaxWanted = maxWanted
	MaxRecord = maxRecord
)

// HostName is what a certificate's name is taken from.
var HostName = hostName

// KeptBytes is how much memory a session holds.
func KeptBytes(p protocols.Session) int {
	s := p.(*session)
	n := int(unsafe.Sizeof(*s))
	for d := range s.halves {
		n += cap(s.halves[d].message.kept) + cap(s.halves[d].carry)
	}
	return n
}

// Agreed is what was read of the hellos: the version offered by a direction, and
// what it chose.
func Agreed(p protocols.Session, d protocols.Direction) (offered, version, suite uint16) {
	h := &p.(*session).halves[d]
	return h.offered, h.agreed.version, h.agreed.suite
}
