package dicom

import (
	"slices"

	"github.com/auscult/auscult/protocols"
)

// presentation is what is known of one presentation context.
type presentation struct {
	class    sopClass
	abstract uint32 // of the abstract syntax, shortened
	offered  uint8  // transfer syntaxes proposed, 255 for more
	proposed syntax // the last of them
	settled  bool   // the acceptor has answered
	accepted bool
	syntax   syntax // as accepted
}

// association is what is known of both ends and of what they agreed.
type association struct {
	requested bool // an A-ASSOCIATE-RQ was read
	requestor protocols.Direction
	calling   string
	called    string
	accepted  bool      // by an A-ASSOCIATE-AC, or by an answer from the acceptor
	answered  bool      // an A-ASSOCIATE-AC was read
	receives  [2]uint32 // the longest P-DATA-TF body that a side takes, 0 for any
	contexts  [contextCount]presentation
	serves    []uint32 // SOP classes that the requestor offers to serve, shortened
	rejected  bool     // by an A-ASSOCIATE-RJ: nothing is served, by nobody
}

// refuses reports whether a context may not be used, as far as is known.
func (a *association) refuses(id byte) bool {
	if a == nil || !a.requested && !a.answered {
		return false
	}
	p := a.contexts[id>>1]
	return p == presentation{} || p.settled && !p.accepted
}

// longest is the length up to which a P-DATA-TF from d is believed to be one
// where framing was lost: what the other side announced, headers added because
// some stacks count them.
func (a *association) longest(d protocols.Direction) uint32 {
	if a == nil || a.receives[d.Other()] == 0 {
		return maxHuntedPDU
	}
	return min(a.receives[d.Other()], maxHuntedPDU-pduHeader-pdvHeader) + pduHeader + pdvHeader
}

// syntax is how the data sets of a context are encoded. Where the answer was not
// seen, a single proposal can only have been accepted.
func (a *association) syntax(id byte) syntax {
	p := a.contexts[id>>1]
	switch {
	case p.settled && p.accepted:
		return p.syntax
	case !p.settled && p.offered == 1:
		return p.proposed
	}
	return syntaxUnknown
}

// request takes over what an A-ASSOCIATE-RQ said.
func (a *association) request(d protocols.Direction, rq *associate) {
	early := a.answered && !a.requested && a.requestor == d
	if !early {
		*a = association{}
	}
	a.requested, a.requestor, a.called, a.calling = true, d, rq.called, rq.calling
	a.receives[d], a.serves, a.rejected = rq.longest, rq.serves, false
	for i, p := range rq.contexts {
		c := &a.contexts[i]
		c.class, c.abstract, c.offered, c.proposed = p.class, p.abstract, p.offered, p.proposed
	}
}

// answer takes over what an A-ASSOCIATE-AC said. Of the titles, which it only
// repeats (PS3.8 section 9.3.3), those of the request count where it was seen.
func (a *association) answer(d protocols.Direction, ac *associate) {
	if !a.requested {
		*a = association{requestor: d.Other(), called: ac.called, calling: ac.calling}
	}
	a.answered, a.accepted, a.rejected = true, true, false
	a.receives[d] = ac.longest
	for i, p := range ac.contexts {
		c := &a.contexts[i]
		c.settled, c.accepted, c.syntax = p.settled, p.accepted, p.syntax
	}
}

// reversed returns the services in which both ends agreed that the requestor serves:
// it offered that, and the acceptor consented (PS3.7 section D.3.3.4).
func (a *association) reversed(consented []uint32) []sopClass {
	var classes []sopClass
	for _, p := range a.contexts {
		agreed := p.accepted && p.abstract != 0 && slices.Contains(a.serves, p.abstract) && slices.Contains(consented, p.abstract)
		if agreed && !slices.Contains(classes, p.class) {
			classes = append(classes, p.class)
		}
	}
	return classes
}

// shortened tells one SOP class of an association from another in four octets. A
// collision would need two classes of one association among four billion values.
func shortened(uid []byte) uint32 {
	const offset, prime = 2166136261, 16777619 // FNV-1a, 32 bits
	h := uint32(offset)
	for _, c := range uid {
		h = (h ^ uint32(c)) * prime
	}
	return h
}
