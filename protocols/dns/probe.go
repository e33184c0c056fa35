package dns

import "github.com/auscult/auscult/protocols"

// multicast and linkLocal are the two protocols. They have no state.
type (
	multicast struct{}
	resolver  struct{}
)

// NewMulticast returns the dissector of multicast DNS. It is safe for concurrent use.
func NewMulticast() protocols.Protocol { return multicast{} }

// NewLinkLocal returns the dissector of LLMNR. It is safe for concurrent use.
func NewLinkLocal() protocols.Protocol { return resolver{} }

// Name implements protocols.Protocol.
func (multicast) Name() protocols.Name { return protocols.MDNS }

// Transport implements protocols.Protocol.
func (multicast) Transport() protocols.Transport { return protocols.UDP }

// Open implements protocols.Protocol.
func (multicast) Open(protocols.Context) protocols.Session { return &session{local: true} }

// Name implements protocols.Protocol.
func (resolver) Name() protocols.Name { return protocols.LLMNR }

// Transport implements protocols.Protocol.
func (resolver) Transport() protocols.Transport { return protocols.UDP }

// Open implements protocols.Protocol.
func (resolver) Open(protocols.Context) protocols.Session { return &session{} }

// Probe answers by a header without a transaction, which only multicast DNS has (RFC
// 6762 section 18.1), and a first name that it answers for.
func (multicast) Probe(o protocols.Opening) protocols.Verdict {
	h, ok := parseHead(o.Bytes)
	if o.Transport != protocols.UDP || !ok || !h.multicast() {
		return protocols.No
	}
	return protocols.Yes
}

// multicast reports whether a message is one of multicast DNS by its header and its
// first name.
func (h *head) multicast() bool {
	if h.id != 0 || h.flags&(flagOperation|flagsCode) != 0 || !h.response() && h.counts[0] == 0 {
		return false
	}
	first := name{h.message, headerLen}
	at := skipName(h.message, headerLen)
	if at < 0 || at+4 > len(h.message) {
		return false
	}
	class := uint16(h.message[at+2])<<8 | uint16(h.message[at+3])
	return class&classMask == classInternet && first.linkLocal()
}

// Probe answers by the one question of LLMNR, for the addresses of a name of one label,
// and by flags that DNS does not leave out (RFC 4795 section 2.1.1). Questions for the
// name of an address look like those of some DNS clients, and tell nothing.
func (resolver) Probe(o protocols.Opening) protocols.Verdict {
	h, ok := parseHead(o.Bytes)
	if o.Transport != protocols.UDP || !ok || !h.linkLocal() {
		return protocols.No
	}
	return protocols.Yes
}

// linkLocal reports whether a message is one of LLMNR by its header and its question.
func (h *head) linkLocal() bool {
	switch {
	case h.counts[0] != 1 || h.counts[2] != 0 || h.flags&(flagOperation|flagsUnused|flagsCode) != 0:
		return false
	case !h.response() && (h.flags&^flagConflict != 0 || h.counts[1] != 0 || h.counts[3] != 0):
		return false
	}
	q, next := h.question(headerLen)
	if next < 0 || q.class != classInternet {
		return false
	}
	return (q.kind == typeA || q.kind == typeAAAA || q.kind == typeANY) && hostLike(q.name.host(false))
}

// hostLike reports whether a label can be a host's: letters, digits, hyphens and what
// other scripts write (RFC 4795 section 2.1), and not empty.
func hostLike(label []byte) bool {
	for _, c := range label {
		if c < 0x80 && c != '-' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return len(label) > 0
}
