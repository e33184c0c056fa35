package all

import (
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/arp"
	"github.com/auscult/auscult/protocols/astm"
	"github.com/auscult/auscult/protocols/banner"
	"github.com/auscult/auscult/protocols/carescape"
	"github.com/auscult/auscult/protocols/cdp"
	"github.com/auscult/auscult/protocols/dhcp"
	"github.com/auscult/auscult/protocols/dicom"
	"github.com/auscult/auscult/protocols/dns"
	"github.com/auscult/auscult/protocols/hl7"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/intellivue"
	"github.com/auscult/auscult/protocols/lldp"
	"github.com/auscult/auscult/protocols/medibus"
	"github.com/auscult/auscult/protocols/netbios"
	"github.com/auscult/auscult/protocols/poct1a"
	"github.com/auscult/auscult/protocols/sdc"
	"github.com/auscult/auscult/protocols/smb"
	"github.com/auscult/auscult/protocols/snmp"
	"github.com/auscult/auscult/protocols/ssh"
	"github.com/auscult/auscult/protocols/tls"
)

// Known is what dissectors are told of the place where they listen. The zero value tells
// nothing.
type Known struct {
	Greetings banner.Greetings // of telnet and FTP
	Zone      *time.Location   // that clocks without a zone keep
}

// All returns every dissector, knowing nothing: Knowing with the zero value.
func All() []protocols.Protocol { return Knowing(Known{}) }

// Knowing returns every dissector, in the order in which they are asked. HTTP stands before those whose messages it carries: joined late, a
// request with such a message is theirs too by what they see. The caller owns the slice.
func Knowing(k Known) []protocols.Protocol {
	g, messages := k.Greetings, hl7.In(k.Zone)
	return []protocols.Protocol{
		dicom.New(), http.New(carried(messages)...), messages, astm.New(), poct1a.New(), intellivue.New(), carescape.New(), medibus.New(),
		sdc.NewDiscovery(), sdc.NewAssociation(), tls.New(), ssh.New(), dhcp.New(), arp.New(),
		banner.NewTelnet(g), banner.NewFTP(g),
		smb.New(), netbios.NewNameService(), netbios.NewBrowser(), dns.NewMulticast(), dns.NewLinkLocal(),
		snmp.New(), lldp.New(), cdp.New(),
	}
}

// carried are the protocols that HTTP carries and other rooms read: the media type
// of SOAP 1.2 (RFC 3902), those that senders of HL7 version 2 use, and that of DICOM
// files (RFC 3240). Behind a body of HL7 that came whole MLLP's end mark is put, without
// which a message is not known to be whole: the length says of HTTP's what the mark says
// of MLLP's.
func carried(messages hl7.Protocol) []http.Reader {
	return []http.Reader{
		{Name: protocols.SDC, Media: []string{"application/soap+xml"}, Open: sdc.OpenBody},
		{Name: protocols.HL7, Media: []string{"application/hl7-v2", "application/hl7-v2+er7", "x-application/hl7-v2+er7"}, Open: messages.OpenBody, End: "\r\x1c\r"},
		{Name: protocols.DICOM, Media: []string{"application/dicom"}, Series: dicom.Instances},
	}
}
