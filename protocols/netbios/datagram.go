package netbios

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// A datagram (RFC 1002 section 4.4.1) and the transaction inside ([MS-CIFS] 2.2.4.33,
// [MS-MAIL] 2.2.1).
const (
	directUnique    = 0x10
	broadcast       = 0x12
	fragmentFlags   = 0x03
	firstAndLast    = 0x02 // this is the first fragment, and no more follow
	reservedFlags   = 0xf0
	envelopeLen     = 14
	smbHeader       = 32
	smbTransaction  = 0x25
	mailslotWords   = 17
	mailslotDataAt  = 24 // the data's offset, among the words
	mailslot        = "\\MAILSLOT\\BROWSE\x00"
	announcementLen = 32
)

// The announcements that are read, and the bits of a server type: [MS-BRWS] 2.2.1,
// 2.2.6, 2.2.10, and [MS-SRVS] 2.2.2.7. Others ask, or choose a master.
const (
	hostAnnouncement   = 0x01
	domainAnnouncement = 0x0c
	masterAnnouncement = 0x0f

	kindServer     = 0x00000002
	kindController = 0x00000008 | 0x00000010
	kindPrintQueue = 0x00000200
	kindUnix       = 0x00000800
	kindNT         = 0x00001000
	kindServerNT   = 0x00008000
	kindMaster     = 0x00040000
)

// envelope is a datagram with the names of both ends.
type envelope struct {
	flags    byte
	origin   netip.Addr
	length   int
	from, to name
	body     []byte
}

// parseEnvelope reads a datagram's header and its names.
func parseEnvelope(b []byte) (e envelope, ok bool) {
	r := wire.NewReader(b)
	kind := r.U8()
	e.flags = r.U8()
	r.Skip(2)
	origin := r.Bytes(4)
	r.Skip(2)
	e.length = int(r.U16(binary.BigEndian))
	offset := r.U16(binary.BigEndian)
	if r.Failed() || kind < directUnique || kind > broadcast || e.flags&reservedFlags != 0 || offset != 0 {
		return envelope{}, false
	}
	e.origin = netip.AddrFrom4([4]byte(origin))
	if !e.from.read(&r) || !e.to.read(&r) {
		return envelope{}, false
	}
	e.body = r.Rest()
	return e, true
}

// announcement is what a host tells the browsers of its network.
type announcement struct {
	kind         byte
	who          [plainLen + 1]byte
	major, minor byte
	server       uint32
}

// parseAnnouncement reads the transaction in a datagram.
func parseAnnouncement(b []byte) (a announcement, outcome protocols.Outcome) {
	data, outcome := mailslotData(b)
	if outcome != protocols.Parsed {
		return announcement{}, outcome
	}
	r := wire.NewReader(data)
	a.kind = r.U8()
	switch a.kind {
	case hostAnnouncement, masterAnnouncement, domainAnnouncement:
	default:
		return announcement{}, protocols.Unsupported
	}
	r.Skip(1 + 4) // updates, periodicity
	copy(a.who[:], r.Bytes(len(a.who)))
	a.major, a.minor = r.U8(), r.U8()
	a.server = r.U32(binary.LittleEndian)
	r.Skip(4) // the browser's own version, or a signature
	if r.Failed() {
		return announcement{}, protocols.Truncated
	}
	return a, protocols.Parsed
}

// mailslotData finds the data of a write to the browsers' mailslot.
func mailslotData(b []byte) ([]byte, protocols.Outcome) {
	if len(b) < smbHeader+1 || !bytes.HasPrefix(b, []byte("\xffSMB")) || b[4] != smbTransaction {
		return nil, protocols.Unsupported
	}
	r := wire.NewReader(b[smbHeader:])
	words := r.Bytes(2 * int(r.U8()))
	count := int(r.U16(binary.LittleEndian))
	slot := r.Bytes(min(len(mailslot), r.Len()))
	switch {
	case r.Failed() || count < len(slot):
		return nil, protocols.Truncated
	case len(words) != 2*mailslotWords:
		return nil, protocols.Malformed
	case !bytes.EqualFold(slot, []byte(mailslot)):
		return nil, protocols.Unsupported
	}
	n, at := int(binary.LittleEndian.Uint16(words[mailslotDataAt-2:])), int(binary.LittleEndian.Uint16(words[mailslotDataAt:]))
	if at < len(b)-r.Len() || at+n > len(b) {
		return nil, protocols.Malformed
	}
	return b[at : at+n], protocols.Parsed
}
