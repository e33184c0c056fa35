package medibus

import (
	"unsafe"

	"github.com/auscult/auscult/protocols"
)

// MaxFrame is the bound for the tests of it.
const MaxFrame = maxFrame

// KeptBytes is how much memory a session holds.
func KeptBytes(p protocols.Session) int {
	s := p.(*session)
	n := int(unsafe.Sizeof(*s))
	for d := range s.lines {
		for i := range s.lines[d].frames {
			n += cap(s.lines[d].frames[i].body)
		}
	}
	return n
}
