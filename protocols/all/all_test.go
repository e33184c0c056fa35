package all_test

import (
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/all"
)

// TestInvariant05OneProtocolClaimsAnOpening: the first bytes of each protocol are
// recognised by that one alone, so the order of the list decides nothing.
func TestInvariant05OneProtocolClaimsAnOpening(t *testing.T) {
	dhcp := make([]byte, 300)
	dhcp[0], dhcp[1], dhcp[2] = 1, 1, 6
	copy(dhcp[236:], []byte{0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255})
	openings := map[protocols.Name]protocols.Opening{
		protocols.HL7:  {Transport: protocols.TCP, Bytes: []byte("\x0bMSH|^~\\&|A|B\r")},
		protocols.DHCP: {Transport: protocols.UDP, Bytes: dhcp},
		protocols.ARP:  {Transport: protocols.Link, Bytes: append([]byte{0, 1, 8, 0, 6, 4, 0, 1}, make([]byte, 20)...)},
		protocols.SSH:  {Transport: protocols.TCP, Bytes: []byte("SSH-2.0-OpenSSH_9.2\r\n")},
		"":             {Transport: protocols.TCP, Bytes: []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")},
	}
	for want, o := range openings {
		for _, p := range all.All() {
			verdict := p.Probe(o)
			if p.Name() == want && verdict != protocols.Yes {
				t.Errorf("%s does not recognise itself", want)
			}
			if p.Name() != want && verdict == protocols.Yes {
				t.Errorf("%s claims an opening of %q", p.Name(), want)
			}
		}
	}
}

// TestAllAreListedOnce: names are evidence, metrics and rules.
func TestAllAreListedOnce(t *testing.T) {
	seen := map[protocols.Name]bool{}
	for _, p := range all.All() {
		if seen[p.Name()] || p.Transport() == 0 {
			t.Errorf("%q is listed twice, or has no transport", p.Name())
		}
		seen[p.Name()] = true
	}
	if len(seen) != 6 {
		t.Errorf("%d protocols, want dicom, hl7, tls, ssh, dhcp and arp", len(seen))
	}
}
