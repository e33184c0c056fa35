package dicom

import (
	"unsafe"

	"github.com/auscult/auscult/protocols"
)

// KeptBytes is how much memory a session holds, for the tests of its bounds.
func KeptBytes(p protocols.Session) int {
	s := p.(*session)
	n := int(unsafe.Sizeof(*s)) + 4*cap(s.association.serves) + cap(s.introduction.facts)*int(unsafe.Sizeof(protocols.Fact{}))
	for d := range s.halves {
		h := &s.halves[d]
		n += cap(h.message.reader.text) + cap(h.message.reader.kept)*int(unsafe.Sizeof(value{}))
		n += cap(h.spoken.roles) * int(unsafe.Sizeof(saidRole{}))
		if h.message.inflater != nil {
			n += cap(h.message.inflater.packed)
		}
		if h.associate != nil {
			n += int(unsafe.Sizeof(*h.associate)) + 4*cap(h.associate.serves) + maxPrivate*(16+maxItem)
		}
	}
	return n
}

// Forget makes a session observe the length of PDUs anew, so that it predicts
// nothing from what came before.
func Forget(p protocols.Session) {
	s := p.(*session)
	for d := range s.halves {
		s.halves[d].stride = stride{}
	}
}
