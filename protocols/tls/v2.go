package tls

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// oldHelloSign is how many octets tell a hello in the form of SSL 2.0, by which
// old clients offer SSL 3.0 and later: RFC 5246 section E.2.
const oldHelloSign = 11

// oldHello judges whether b begins with such a hello: five lengths that agree.
func oldHello(b []byte) protocols.Verdict {
	h := [oldHelloSign]byte{}
	have := copy(h[:], b)
	specs, session, challenge := binary.BigEndian.Uint16(h[5:]), binary.BigEndian.Uint16(h[7:]), binary.BigEndian.Uint16(h[9:])
	switch {
	case have == 0:
		return protocols.More
	case h[0]&0x80 == 0 || have > 2 && h[2] != typeClientHello:
		return protocols.No
	case have > 3 && h[3] != 3 && h[3] != 0:
		return protocols.No
	case have > 4 && !(h[3] == 3 && h[4] <= 4 || h[3] == 0 && h[4] == 2):
		return protocols.No
	case have < oldHelloSign:
		return protocols.More
	case specs == 0 || specs%3 != 0 || session != 0 && session != 16 || challenge < 16 || challenge > 32:
		return protocols.No
	case int(binary.BigEndian.Uint16(h[:])&0x7fff) != oldHelloSign-2+int(specs)+int(session)+int(challenge):
		return protocols.No
	}
	return protocols.Yes
}
