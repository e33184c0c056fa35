package all

import (
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/arp"
	"github.com/auscult/auscult/protocols/dhcp"
	"github.com/auscult/auscult/protocols/dicom"
	"github.com/auscult/auscult/protocols/hl7"
	"github.com/auscult/auscult/protocols/ssh"
	"github.com/auscult/auscult/protocols/tls"
)

// All returns every dissector, in the order in which they are asked. The caller
// owns the slice.
func All() []protocols.Protocol {
	return []protocols.Protocol{dicom.New(), hl7.New(), tls.New(), ssh.New(), dhcp.New(), arp.New()}
}
