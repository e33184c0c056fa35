package sdc

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// target is a device that a discovery message tells of.
type target struct {
	endpoint string // its address in WS-Addressing: stable over restarts
	medical  bool   // its types say so
	scopes   scopes
	hosts    []netip.Addr
}

// kind is what a discovery message is.
type kind uint8

const (
	noKind kind = iota
	hello
	bye
	probe
	matches
	resolve
)

func kindOf(local []byte) kind {
	switch string(local) {
	case "Hello":
		return hello
	case "Bye":
		return bye
	case "Probe":
		return probe
	case "ProbeMatches", "ResolveMatches":
		return matches
	case "Resolve":
		return resolve
	}
	return noKind
}

// element is what a text belongs to.
type element uint8

const (
	noElement element = iota
	endpointElement
	typesElement
	scopesElement
	addressesElement
)

// found reads what a discovery message holds: the element behind Body and its
// children, and one level deeper for matches.
type found struct {
	xml     *markup
	kind    kind
	open    bool // in a target
	level   int  // of the target
	element element
	text    int // level of the element
	targets []target
	over    bool
}

const bodyLevel = 2 // Envelope, Body

// begin takes an element inside Body.
func (f *found) begin(depth int, v vocabulary, local []byte) bool {
	switch {
	case depth == bodyLevel+1 && v == discovery:
		f.kind = kindOf(local)
		if f.kind == hello || f.kind == bye || f.kind == probe {
			f.target(depth)
		}
	case depth == bodyLevel+2 && f.kind == matches && v == discovery && (string(local) == "ProbeMatch" || string(local) == "ResolveMatch"):
		f.target(depth)
	case f.open && f.element == noElement:
		return f.part(depth, v, local)
	}
	return false
}

func (f *found) target(level int) {
	if len(f.targets) == maxMatches {
		f.over = true
		return
	}
	f.targets = append(f.targets, target{})
	f.open, f.level, f.element = true, level, noElement
}

func (f *found) part(depth int, v vocabulary, local []byte) bool {
	e := noElement
	switch {
	case v == addressing && string(local) == "Address" && depth == f.level+2:
		e = endpointElement
	case v != discovery || depth != f.level+1:
	case string(local) == "Types":
		e = typesElement
	case string(local) == "Scopes":
		e = scopesElement
	case string(local) == "XAddrs":
		e = addressesElement
	}
	f.element, f.text = e, depth
	return e != noElement
}

// end takes the end of an element, with its text.
func (f *found) end(depth int, text []byte) {
	switch {
	case f.open && depth == f.level:
		f.open = false
	case f.open && f.element != noElement && depth == f.text:
		f.fill(&f.targets[len(f.targets)-1], text)
		f.element = noElement
	}
}

func (f *found) fill(t *target, text []byte) {
	switch f.element {
	case endpointElement:
		t.endpoint = strings.TrimSpace(string(text))
	case typesElement:
		t.medical = f.xml.medical(text)
	case scopesElement:
		t.scopes = readScopes(text)
	case addressesElement:
		t.hosts = addresses(text)
	}
}

// sdc reports whether a target is an SDC device.
func (t *target) sdc() bool { return t.medical || t.scopes.sdc() }

// subject tells whom a target is: the sender, if an address is its own or a Hello
// gives none; else who holds the first address. A match without addresses may be a
// proxy's, and is nobody's.
func (t *target) subject(k kind, speaker netip.Addr) (about protocols.Subject, ok bool) {
	switch {
	case slices.Contains(t.hosts, speaker.WithZone("").Unmap()), len(t.hosts) == 0 && k == hello:
		return protocols.Subject{Kind: protocols.AboutSpeaker}, true
	case len(t.hosts) > 0:
		return protocols.Subject{Kind: protocols.AboutAddress, Addr: t.hosts[0]}, true
	}
	return protocols.Subject{}, false
}
