package smb

import (
	"unsafe"

	"github.com/auscult/auscult/protocols"
)

// MaxMessage is for the tests of the bounds.
const MaxMessage = maxMessage

// KeptBytes is how much memory a session holds.
func KeptBytes(p protocols.Session) int {
	s := p.(*session)
	n := int(unsafe.Sizeof(*s))
	for d := range s.halves {
		n += cap(s.halves[d].kept)
	}
	return n
}
