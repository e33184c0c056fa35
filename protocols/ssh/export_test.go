package ssh

import (
	"unsafe"

	"github.com/auscult/auscult/protocols"
)

// Bounds for the tests of them.
const (
	MaxPrelude = maxPrelude
	MaxPacket  = maxPacket
)

// KeptBytes is how much memory a session holds.
func KeptBytes(p protocols.Session) int {
	s := p.(*session)
	n := int(unsafe.Sizeof(*s))
	for d := range s.halves {
		n += cap(s.halves[d].kept)
	}
	return n
}
