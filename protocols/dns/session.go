package dns

import (
	"bytes"
	"net/netip"
	"slices"

	"github.com/auscult/auscult/protocols"
)

// Confidences, by the ladder of protocols/README.md.
const (
	selfSaid    = 0.75 // a name that others on the link could dispute
	answered    = 0.6  // LLMNR: whoever wants to be taken for somebody answers to any name
	sharedName  = 0.5  // others have it, too: RFC 4795 section 2.1.1, bit C
	offers      = 0.7
	productSaid = 0.7
	systemSaid  = 0.4
)

// session reads datagrams. It remembers for each direction the name under which its
// sender has given its own address, because services are announced without it as well.
type session struct {
	local bool // multicast DNS
	own   [2]ownName
}

// ownName is a host's name in this conversation, as its flat form.
type ownName struct {
	addr netip.Addr
	flat [maxName]byte
	n    int
}

// Gap implements protocols.Session: each datagram stands alone.
func (*session) Gap(protocols.Direction, uint64, *protocols.Sink) {}

// Close implements protocols.Session.
func (*session) Close(*protocols.Sink) {}

// Segment states what one datagram says of its sender.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	h, ok := parseHead(seg.Bytes)
	if !ok || s.local && !h.multicast() || !s.local && !h.linkLocal() {
		out.Outcome(protocols.Malformed)
		return 0
	}
	records, outcome := h.parse()
	out.Outcome(outcome)
	if outcome != protocols.Parsed || !h.response() {
		return 0
	}
	var facts []protocols.Fact
	if s.local {
		facts = s.multicast(&h, records, seg)
	} else if h.flags&flagTentative == 0 {
		facts = answeredName(&h, records, seg)
	}
	if len(facts) > 0 {
		out.Observe(protocols.Observation{
			When: seg.When, Speaker: seg.From, Listener: seg.To, About: protocols.Subject{Kind: protocols.AboutSpeaker}, Facts: facts,
		})
	}
	return 0
}

// answeredName is the name for which LLMNR gives the sender's own address: that of the
// question, and no other.
func answeredName(h *head, records int, seg protocols.Segment) (facts []protocols.Fact) {
	q, _ := h.question(headerLen)
	confidence := answered
	if h.flags&flagConflict != 0 {
		confidence = sharedName
	}
	h.each(records, func(r *record) {
		if len(facts) == 0 && r.class == classInternet && r.ttl > 0 && r.address() == seg.From.Addr.Unmap() && r.name.equal(q.name) {
			facts = nameFact(r.name.host(false), recordField(r), confidence, seg.From.MAC)
		}
	})
	return facts
}

func nameFact(label []byte, field string, confidence float64, mac protocols.MAC) []protocols.Fact {
	host := protocols.HostName(label)
	if host == "" || mac.IsPrivate() {
		return nil
	}
	return []protocols.Fact{{Attribute: protocols.Hostname, Value: host, Field: field, Confidence: confidence}}
}

func recordField(r *record) string {
	if r.kind == typeAAAA {
		return "AAAA record"
	}
	return "A record"
}

// multicast takes what a response of multicast DNS says of its sender: first under
// which name it is the sender's, then what that host offers and is.
func (s *session) multicast(h *head, records int, seg protocols.Segment) []protocols.Fact {
	own := &s.own[seg.Direction&1]
	if own.addr != seg.From.Addr.Unmap() {
		*own = ownName{addr: seg.From.Addr.Unmap()}
	}
	var facts []protocols.Fact
	given := false // of several names for one address the first is taken
	h.each(records, func(r *record) {
		label := r.name.host(true)
		switch {
		case label == nil || r.class&classMask != classInternet || r.address() != own.addr || !own.addr.IsValid():
		case r.ttl == 0 && own.is(r.name):
			own.n = 0
		case r.ttl > 0 && !given && own.take(r.name):
			given = true
			facts = nameFact(label, recordField(r), selfSaid, seg.From.MAC)
		}
	})
	if own.n > 0 {
		facts = append(facts, own.offers(h, records)...)
	}
	return facts
}

// holds reports whether an attribute is stated already.
func holds(facts []protocols.Fact, a protocols.Attribute) bool {
	return slices.ContainsFunc(facts, func(f protocols.Fact) bool { return f.Attribute == a })
}

func (o *ownName) is(n name) bool {
	var b [maxName]byte
	flat, ok := n.flat(b[:0])
	return ok && o.n > 0 && bytes.EqualFold(flat, o.flat[:o.n])
}

func (o *ownName) take(n name) bool {
	flat, ok := n.flat(o.flat[:0])
	o.n = 0
	if ok {
		o.n = len(flat)
	}
	return ok
}
