package tls

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols/wire"
)

// extensionVersions is supported_versions: RFC 8446 section 4.2.1.
const extensionVersions = 43

// The versions that are told apart: RFC 8446 section 4.1.2.
const (
	ssl30 = 0x0300
	tls12 = 0x0303
	tls13 = 0x0304
)

// parseClientHello reads the highest version that a client offers: RFC 8446
// section 4.1.2, RFC 5246 section 7.4.1.2.
func parseClientHello(b []byte) (offered uint16, ok bool) {
	r := wire.NewReader(b)
	offered = r.U16(binary.BigEndian)
	r.Skip(32)
	session := int(r.U8())
	r.Skip(session)
	suites := int(r.U16(binary.BigEndian))
	r.Skip(suites)
	methods := int(r.U8())
	r.Skip(methods)
	if r.Failed() || offered>>8 != 3 || session > maxSessionID || suites < 2 || suites%2 != 0 || methods == 0 {
		return 0, false
	}
	versions, ok := extension(&r, extensionVersions)
	if !ok || len(versions) == 0 {
		return offered, ok
	}
	list := wire.NewReader(versions)
	if n := int(list.U8()); n != list.Len() || n%2 != 0 {
		return 0, false
	}
	for list.Len() > 0 {
		// Reserved values (RFC 8701) and drafts are no versions.
		if v := list.U16(binary.BigEndian); v >= ssl30 && v <= tls13 {
			offered = max(offered, v)
		}
	}
	return offered, true
}

// parseServerHello reads what a server chose: RFC 8446 section 4.1.3, RFC 5246
// section 7.4.1.3.
func parseServerHello(b []byte) (a agreement, ok bool) {
	r := wire.NewReader(b)
	a.version = r.U16(binary.BigEndian)
	r.Skip(32)
	session := int(r.U8())
	r.Skip(session)
	a.suite = r.U16(binary.BigEndian)
	r.U8() // compression
	if r.Failed() || a.version>>8 != 3 || session > maxSessionID {
		return agreement{}, false
	}
	chosen, ok := extension(&r, extensionVersions)
	if !ok || len(chosen) != 0 && len(chosen) != 2 {
		return agreement{}, false
	}
	if len(chosen) == 2 { // TLS 1.3 or a draft of it: there is nothing else to choose
		a.version = tls13
	}
	return a, true
}

// extension returns the content of one extension, nil where it is missing. It
// reports false when the extensions do not fill what is left of the hello.
func extension(r *wire.Reader, wanted uint16) (content []byte, ok bool) {
	if r.Len() == 0 {
		return nil, true // before TLS 1.2 there need be none
	}
	if int(r.U16(binary.BigEndian)) != r.Len() {
		return nil, false
	}
	for r.Len() > 0 && !r.Failed() {
		kind := r.U16(binary.BigEndian)
		if b := r.Bytes(int(r.U16(binary.BigEndian))); kind == wanted {
			content = b
		}
	}
	return content, !r.Failed()
}
