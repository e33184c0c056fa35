package all_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/all"
)

// opens is the beginning of a conversation of a protocol.
type opens struct {
	name  protocols.Name
	on    protocols.Transport
	bytes []byte
}

// openings has at least one for each protocol, written from its definition.
func openings(t testing.TB) []opens {
	dhcp := make([]byte, 300)
	dhcp[0], dhcp[1], dhcp[2] = 1, 1, 6
	copy(dhcp[236:], []byte{0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255})
	associate := slices.Concat([]byte{1, 0, 0, 0, 0, 90, 0, 1, 0, 0}, []byte("ARCHIVE         SCANNER         "), make([]byte, 32),
		[]byte{0x10, 0, 0, 21}, []byte("1.2.840.10008.3.1.1.1"))
	binary.BigEndian.PutUint32(associate[2:], uint32(len(associate)-6))
	const envelope = `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01">`
	return []opens{
		{protocols.DICOM, protocols.TCP, associate},
		{protocols.HL7, protocols.TCP, []byte("\x0bMSH|^~\\&|A|B\r")},
		{protocols.ASTM, protocols.TCP, []byte("H|\\^&|||XN-550^00-24^22723|||||||P|E1394-97|20260102115800\r")},
		{protocols.POCT1A, protocols.TCP, []byte(`<HEL.R01><HDR><HDR.message_type V="HEL.R01"/>`)},
		{protocols.MEDIBUS, protocols.TCP, slices.Concat(stream(t, "../medibus/testdata/evita.hex")...)},
		{protocols.IntelliVue, protocols.UDP, stream(t, "../intellivue/testdata/poll.hex")[0]},
		{protocols.CARESCAPE, protocols.UDP, stream(t, "../carescape/testdata/bedside.hex")[0]},
		{protocols.WSDiscovery, protocols.UDP, []byte(`<?xml version="1.0"?>` + envelope + `<e:Body><d:Probe/></e:Body></e:Envelope>`)},
		{protocols.PHD, protocols.TCP, slices.Concat([]byte{0xe2, 0, 0, 50, 0x80, 0, 0, 0, 0, 1, 0, 42, 0x50, 0x79, 0, 38}, make([]byte, 38))},
		{protocols.HTTP, protocols.TCP, []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")},
		{protocols.HTTP, protocols.TCP, []byte("POST /x HTTP/1.1\r\nContent-Type: application/soap+xml\r\n\r\n" + envelope)},
		{protocols.HTTP, protocols.TCP, []byte("HTTP/1.0 200 OK\r\nContent-Type: application/hl7-v2\r\n\r\nMSH|^~\\&|A|B\r")},
		{protocols.TLS, protocols.TCP, stream(t, "../tls/testdata/openssl-tls12.hex")[0]},
		{protocols.SSH, protocols.TCP, []byte("SSH-2.0-OpenSSH_9.2\r\n")},
		{protocols.Telnet, protocols.TCP, []byte("\xff\xfd\x18\xff\xfd\x20\xff\xfb\x01")},
		{protocols.Telnet, protocols.TCP, []byte("\xff\xfb\x01\xff\xfb\x03\r\nward login: ")},
		{protocols.FTP, protocols.TCP, []byte("220 (vsFTPd 3.0.3)\r\n")},
		{protocols.DHCP, protocols.UDP, dhcp},
		{protocols.SNMP, protocols.UDP, stream(t, "../snmp/testdata/switch.hex")[0]},
		{protocols.LLDP, protocols.Link, stream(t, "../lldp/testdata/switch.hex")[0]},
		{protocols.CDP, protocols.Link, stream(t, "../cdp/testdata/switch.hex")[0]},
		{protocols.ARP, protocols.Link, append([]byte{0, 1, 8, 0, 6, 4, 0, 1}, make([]byte, 20)...)},
		{protocols.SMB, protocols.TCP, stream(t, "../smb/testdata/smb1-guest.hex")[0]},
		{protocols.NBNS, protocols.UDP, stream(t, "../netbios/testdata/names.hex")[0]},
		{protocols.Browser, protocols.UDP, stream(t, "../netbios/testdata/browser.hex")[0]},
		{protocols.MDNS, protocols.UDP, stream(t, "../dns/testdata/mdns.hex")[0]},
		{protocols.LLMNR, protocols.UDP, slices.Concat([]byte{0x47, 0x11, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4}, []byte("ct01"), []byte{0, 0, 1, 0, 1})},
		{"", protocols.UDP, slices.Concat([]byte{0x47, 0x11, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4}, []byte("ct01"), []byte{5}, []byte("local"), []byte{0, 0, 1, 0, 1})},
		{"", protocols.TCP, []byte("220 mail.example.org ESMTP\r\n")},
		{"", protocols.UDP, []byte("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n")},
		{"", protocols.UDP, []byte(`<?xml version="1.0"?><status/>`)},
	}
}

// TestInvariant05OneProtocolClaimsAnOpening: the first bytes of each protocol are
// recognised by that one alone, so the order of the list decides nothing. On another
// transport nobody recognises them.
func TestInvariant05OneProtocolClaimsAnOpening(t *testing.T) {
	tested := map[protocols.Name]bool{}
	for _, o := range openings(t) {
		tested[o.name] = true
		for _, on := range []protocols.Transport{protocols.TCP, protocols.UDP, protocols.Link} {
			for _, p := range all.All() {
				verdict := p.Probe(protocols.Opening{Transport: on, Bytes: o.bytes[:min(len(o.bytes), protocols.ProbeLimit)]})
				own := p.Name() == o.name && on == o.on
				if own && verdict != protocols.Yes {
					t.Errorf("%s does not recognise itself", o.name)
				}
				if !own && verdict == protocols.Yes {
					t.Errorf("%s claims an opening of %q over %s", p.Name(), o.name, on)
				}
			}
		}
	}
	for _, p := range all.All() {
		if !tested[p.Name()] {
			t.Errorf("there is no opening of %s", p.Name())
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
	if len(seen) != 24 {
		t.Errorf("%d protocols, want 24: a protocol that is added gets an opening above", len(seen))
	}
}
