package dhcp

import "github.com/auscult/auscult/protocols"

// maxLabel bounds one label of a host name (RFC 1035, section 2.3.4).
const maxLabel = 63

// fqdnHost reads the name of option 81 (RFC 4702, section 2): flags, two result
// octets, then the name in DNS wire form when bit E is set, as text otherwise.
func fqdnHost(v []byte) string {
	const encoded = 0x04
	if len(v) < 4 {
		return ""
	}
	name := v[3:]
	if v[0]&encoded == 0 {
		return protocols.HostName(name)
	}
	n := int(name[0])
	if n == 0 || n > maxLabel || n > len(name)-1 {
		return ""
	}
	return protocols.HostName(name[1 : 1+n])
}
