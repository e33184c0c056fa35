package dicom

import (
	"slices"

	"github.com/auscult/auscult/protocols"
)

// strangerSays is the confidence of what one says of its software whose title the other
// side does not know.
const strangerSays = 0.4

// introduction is what a requestor said of itself. It waits for the answer: anybody may
// call by the title of a device, and an acceptor that knows its callers tells.
type introduction struct {
	by    turn
	facts []protocols.Fact // nil when none waits
}

// hold keeps what the current segment says of its sender.
func (s *session) hold(facts []protocols.Fact) {
	s.introduction = introduction{by: s.now, facts: facts}
	s.introduction.by.out = nil
}

// introduce states what waits, if anything does: as said when it was said.
func (s *session) introduce() {
	i := s.introduction
	s.introduction = introduction{}
	if len(i.facts) == 0 {
		return
	}
	s.now.out.Observe(protocols.Observation{When: i.by.when, Speaker: i.by.from, Listener: i.by.to, About: speaker(), Facts: i.facts})
}

// estrange takes the title out of what waits, and most of the trust: the acceptor does
// not know it. A title at any confidence would make the sender the device of that name.
func (i *introduction) estrange() {
	i.facts = slices.DeleteFunc(i.facts, func(f protocols.Fact) bool { return f.Attribute == protocols.AETitle })
	for n := range i.facts {
		if f := &i.facts[n]; f.Attribute != protocols.Credential { // that one was sent is so in any case
			f.Confidence = min(f.Confidence, strangerSays)
		}
	}
}
