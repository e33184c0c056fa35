package netbios

import (
	"bytes"

	"github.com/auscult/auscult/protocols/wire"
)

// The suffixes that are read: the sixteenth octet of a name ([MS-NBTE] 1.8 and the
// table of NetBIOS suffixes of [MS-BRWS] 3.2). Suffix 03 may be a user: it is not.
const (
	suffixHost        = 0x00 // unique: the computer; group: its workgroup or domain
	suffixFiles       = 0x20 // unique: the computer, with its file service
	suffixMaster      = 0x1b // unique: the domain's master browser
	suffixControllers = 0x1c // group: the domain's controllers
	suffixLocalMaster = 0x1d // unique: the master browser of the workgroup on this link
	suffixBrowsers    = 0x1e // group: who takes part in its elections
)

const (
	encodedLen = 32 // the first label: RFC 1002 section 4.1
	plainLen   = 15 // without the suffix
	// maxScope bounds a name's scope: RFC 1002 section 4.1 bounds a name at 255.
	maxScope = 255
)

// name is a decoded NetBIOS name.
type name struct {
	text   [plainLen]byte
	suffix byte
}

func (n *name) trimmed() []byte { return bytes.TrimRight(n.text[:], " \x00") }

// read takes a name in the form of RFC 1001 section 14.1, two letters from A to P for
// each octet, and its scope. It reports whether there is one.
func (n *name) read(r *wire.Reader) bool { return r.U8() == encodedLen && n.readLabel(r) }

// readLabel takes a name whose length octet has been read.
func (n *name) readLabel(r *wire.Reader) bool {
	label := r.Bytes(encodedLen)
	if !encoded(label) {
		return false
	}
	for i := range n.text {
		n.text[i] = octet(label, i)
	}
	n.suffix = octet(label, plainLen)
	return skipScope(r)
}

func octet(label []byte, i int) byte { return (label[2*i]-'A')<<4 | (label[2*i+1] - 'A') }

// encoded reports whether a label holds a name in first-level encoding.
func encoded(label []byte) bool {
	for _, c := range label {
		if c < 'A' || c > 'P' {
			return false
		}
	}
	return len(label) == encodedLen
}

// skipScope passes over the labels behind the first. A pointer there is followed by
// nothing that is read.
func skipScope(r *wire.Reader) bool {
	for passed := 0; passed <= maxScope; {
		n := int(r.U8())
		if n == 0 {
			return !r.Failed()
		}
		if n > 63 {
			return false
		}
		r.Skip(n)
		passed += 1 + n
	}
	return false
}
