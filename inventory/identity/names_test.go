package identity_test

import (
	"slices"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// A host tells its name in several protocols and in two spellings.
func TestOneNameInTwoSpellings(t *testing.T) {
	h := newHouse(t)
	h.say(protocols.NBNS, host("10.0.3.10", macA), routed("10.0.3.255"), aboutSpeaker, fact(protocols.Hostname, "CT01"))
	h.say(protocols.MDNS, host("10.0.3.10", macA), routed("224.0.0.251"), aboutSpeaker, fact(protocols.Hostname, "ct01"))
	h.say(protocols.SMB, host("10.0.3.10", macA), host("10.0.3.2", macB), aboutSpeaker, fact(protocols.Hostname, "alias"))
	h.say(protocols.SMB, host("10.0.3.10", macA), host("10.0.3.2", macB), aboutSpeaker, fact(protocols.Hostname, "Ct01"))
	if d := h.ip("10.0.3.10"); !slices.Equal(d.Hostnames, []string{"alias", "CT01"}) {
		t.Errorf("hostnames %q", d.Hostnames)
	}
}

// Whoever takes another host's name stays who it is: a name joins nothing.
func TestInvariant04AForgedNameJoinsNothing(t *testing.T) {
	h := newHouse(t)
	for ip, mac := range map[string]string{"10.0.3.10": macA, "10.0.3.11": macB} {
		h.say(protocols.LLMNR, host(ip, mac), routed("10.0.3.20"), aboutSpeaker, fact(protocols.Hostname, "CT01"))
		h.say(protocols.NBNS, host(ip, mac), routed("10.0.3.255"), aboutSpeaker, fact(protocols.Hostname, "CT01"), fact(protocols.Domain, "RADIOLOGY"))
	}
	h.count(2)
	if h.ip("10.0.3.10").ID == h.ip("10.0.3.11").ID {
		t.Error("two hosts became one by their name")
	}
}
