package netbios

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// Confidences, by the ladder of protocols/README.md.
const (
	registered = 0.8 // a name that the host uses, and that others on its link could dispute
	answered   = 0.6 // whoever wants to be taken for somebody answers to any name
	announced  = 0.7
	versioned  = 0.6 // an operating system by two numbers
)

// names reads the name service, datagram by datagram, and remembers nothing.
type names struct{}

// Gap implements protocols.Session: each datagram stands alone.
func (names) Gap(protocols.Direction, uint64, *protocols.Sink) {}

// Close implements protocols.Session.
func (names) Close(*protocols.Sink) {}

// Segment states what one datagram says of its sender.
func (names) Segment(s protocols.Segment, out *protocols.Sink) uint64 {
	h, r, ok := parseHead(s.Bytes)
	if !ok {
		out.Outcome(protocols.Malformed)
		return 0
	}
	told := read(h, &r, s.From.Addr.Unmap())
	out.Outcome(told.outcome)
	if told.own && told.outcome == protocols.Parsed {
		observe(s, out, nameFacts(told, s.From.MAC.IsPrivate()))
	}
	return 0
}

// told is what a message says of names.
type told struct {
	names      []entry
	own        bool // they are its sender's
	outcome    protocols.Outcome
	field      string
	confidence float64
}

// read takes the messages that tell a name of their sender. All others are known, and
// tell none.
func read(h head, r *wire.Reader, speaker netip.Addr) (t told) {
	t.outcome = protocols.Parsed
	e, ok := entry{}, true
	switch {
	case !h.answer && h.registers() && h.counts[3] == 1:
		e, t.own, ok = registration(r, speaker)
		t.names, t.field, t.confidence = []entry{e}, "registration", registered
	case !h.answer || h.operation != opQuery || h.failed || h.counts[1] != 1:
	case h.kind == typeStatus:
		t.names, t.outcome = status(r)
		t.own, t.field, t.confidence = true, "node status", registered
	default:
		if ok = e.name.read(r); ok {
			e.group, t.own, ok = addressed(r, speaker)
		}
		t.names, t.field, t.confidence = []entry{e}, "query response", answered
	}
	if !ok {
		t.outcome = protocols.Malformed
	}
	return t
}

func (h *head) registers() bool {
	switch h.operation {
	case opRegistration, opRefresh, opOtherRefresh, opMultihomed:
		return true
	}
	return false
}

// nameFacts are what names tell of the host that has them.
func nameFacts(t told, private bool) []protocols.Fact {
	var facts []protocols.Fact
	add := func(a protocols.Attribute, value string, suffix byte) {
		f := protocols.Fact{Attribute: a, Value: value, Field: fmt.Sprintf("%s <%02X>", t.field, suffix), Confidence: t.confidence}
		same := func(g protocols.Fact) bool { return g.Attribute == a && g.Value == value }
		if value != "" && !slices.ContainsFunc(facts, same) {
			facts = append(facts, f)
		}
	}
	for _, e := range t.names {
		suffix := e.name.suffix
		role := roleOf(suffix, e.group)
		switch {
		case !e.group && (suffix == suffixHost || suffix == suffixFiles):
			if !private {
				add(protocols.Hostname, protocols.HostName(e.name.trimmed()), suffix)
			}
			add(protocols.RoleOf, string(role), suffix)
		case role != "" || e.group && (suffix == suffixHost || suffix == suffixBrowsers):
			domain := protocols.DomainName(e.name.trimmed())
			add(protocols.Domain, domain, suffix)
			if domain != "" {
				add(protocols.RoleOf, string(role), suffix)
			}
		}
	}
	return facts
}

// roleOf is what having a name makes of a host, or "".
func roleOf(suffix byte, group bool) protocols.Role {
	switch {
	case suffix == suffixFiles && !group:
		return protocols.RoleOffersFiles
	case suffix == suffixControllers && group:
		return protocols.RoleDomainController
	case (suffix == suffixMaster || suffix == suffixLocalMaster) && !group:
		return protocols.RoleMasterBrowser
	}
	return ""
}

// announcements reads browser datagrams one by one, and remembers nothing.
type announcements struct{}

// Gap implements protocols.Session: each datagram stands alone.
func (announcements) Gap(protocols.Direction, uint64, *protocols.Sink) {}

// Close implements protocols.Session.
func (announcements) Close(*protocols.Sink) {}

// Segment states what a host announces of itself.
func (announcements) Segment(s protocols.Segment, out *protocols.Sink) uint64 {
	e, ok := parseEnvelope(s.Bytes)
	switch {
	case !ok:
		out.Outcome(protocols.Malformed)
		return 0
	case envelopeLen+e.length > len(s.Bytes):
		out.Outcome(protocols.Truncated)
		return 0
	case e.flags&fragmentFlags != firstAndLast:
		out.Outcome(protocols.Unsupported)
		return 0
	}
	a, outcome := parseAnnouncement(e.body)
	out.Outcome(outcome)
	if outcome != protocols.Parsed || e.origin != s.From.Addr.Unmap() {
		return 0
	}
	if facts := a.facts(&e); !s.From.MAC.IsPrivate() {
		observe(s, out, facts)
	} else {
		observe(s, out, slices.DeleteFunc(facts, func(f protocols.Fact) bool { return f.Attribute == protocols.Hostname }))
	}
	return 0
}

// facts are what an announcement tells of its sender. A domain's is made by the host
// that keeps its list. One without any kind of server takes the host off the list; one
// that names another host than its datagram tells of nobody.
func (a *announcement) facts(e *envelope) []protocols.Fact {
	who := bytes.TrimRight(a.who[:], " \x00")
	if a.kind == domainAnnouncement {
		return kept(fact(protocols.Domain, protocols.DomainName(who), "domain announcement", announced),
			fact(protocols.RoleOf, string(protocols.RoleMasterBrowser), "domain announcement", announced))
	}
	if a.server == 0 || !bytes.EqualFold(who, e.from.trimmed()) {
		return nil
	}
	const field = "host announcement"
	facts := []protocols.Fact{fact(protocols.Hostname, protocols.HostName(who), field, announced)}
	if e.to.suffix == suffixLocalMaster || e.to.suffix == suffixBrowsers {
		facts = append(facts, fact(protocols.Domain, protocols.DomainName(e.to.trimmed()), field, announced))
	}
	facts = append(facts, fact(protocols.OSVersion, a.version(), field+" OSVersion", versioned))
	for _, k := range []struct {
		bits uint32
		role protocols.Role
	}{
		{kindController, protocols.RoleDomainController}, {kindMaster, protocols.RoleMasterBrowser},
		{kindServer, protocols.RoleOffersFiles}, {kindPrintQueue, protocols.RoleOffersPrintQueue},
	} {
		if a.server&k.bits != 0 {
			facts = append(facts, fact(protocols.RoleOf, string(k.role), field+" ServerType", announced))
		}
	}
	return kept(facts...)
}

// version is the Windows version of a host: programs on other systems announce one
// that they imitate, and say that they are no Windows.
func (a *announcement) version() string {
	if a.server&kindNT == 0 || a.server&kindUnix != 0 {
		return ""
	}
	kind := "workstation"
	if a.server&(kindServerNT|kindController) != 0 {
		kind = "server"
	}
	return fmt.Sprintf("Windows NT %d.%d (%s)", a.major, a.minor, kind)
}

func fact(a protocols.Attribute, value, field string, confidence float64) protocols.Fact {
	return protocols.Fact{Attribute: a, Value: value, Field: field, Confidence: confidence}
}

// kept leaves out facts that turned out empty.
func kept(facts ...protocols.Fact) []protocols.Fact {
	return slices.DeleteFunc(facts, func(f protocols.Fact) bool { return f.Value == "" })
}

func observe(s protocols.Segment, out *protocols.Sink, facts []protocols.Fact) {
	if len(facts) == 0 {
		return
	}
	out.Observe(protocols.Observation{When: s.When, Speaker: s.From, Listener: s.To, About: protocols.Subject{Kind: protocols.AboutSpeaker}, Facts: facts})
}
