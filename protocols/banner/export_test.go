package banner

import (
	"unsafe"

	"github.com/auscult/auscult/protocols"
)

// Bounds and forms for the tests of them.
const (
	MaxLine     = maxLine
	MaxLines    = maxLines
	MaxGreeting = maxGreeting
	MaxOpening  = maxOpening
)

// Formed is formed.
func Formed(f protocols.Fact) (protocols.Fact, bool) { return formed(f) }

// KeptBytes is how much memory a session holds, without what it has stated.
func KeptBytes(s protocols.Session) int {
	switch s := s.(type) {
	case *terminal:
		return int(unsafe.Sizeof(*s)) + cap(s.greets.text) + cap(s.greets.line)
	case *control:
		return int(unsafe.Sizeof(*s)) + cap(s.reply.text) + cap(s.reply.line) + cap(s.first[0]) + cap(s.first[1])
	}
	return 0
}
