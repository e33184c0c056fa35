package hl7_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
)

// body plays one body of HTTP in pieces, and returns how much of it was read.
func body(text string, size int) (h *heard, octets int) {
	h = &heard{}
	out := h.Sink(protocols.HL7)
	s := hl7.New().OpenBody(protocols.Context{})
	for octets < len(text) {
		n := min(size, len(text)-octets)
		skip := s.Segment(segment(bit{text: text[octets : octets+n]}), out)
		if octets += n; skip > 0 {
			break
		}
	}
	s.Close(out)
	return h, octets
}

// TestBodyIsGivenUpInsideOfADocument: of a document nothing more is asked for, of a
// result the rows behind one are read.
func TestBodyIsGivenUpInsideOfADocument(t *testing.T) {
	document := "OBX|1|ED|1^x^L||^^^Base64^" + strings.Repeat("QUJD", 1<<16) + "||||||F"
	cases := []struct {
		kind string
		most int
	}{
		{"MDM^T02", 100_000}, {"MDM^T02^MDM_T02", 100_000}, {"ORU^R01", 2 << 20}, {"OUL^R22", 2 << 20},
	}
	for _, c := range cases {
		text := strings.Join([]string{strings.Replace(msh, "ORU^R01", c.kind, 1), document, root, ready, ""}, "\r")
		var first string
		for _, size := range []int{1400, 1, 7, 4096} {
			h, octets := body(text, size)
			if octets > c.most || c.most > len(text) && octets != len(text) {
				t.Errorf("%s in pieces of %d: %d octets read, want at most %d", c.kind, size, octets, c.most)
			}
			if got := outcomes(h); got != "parsed" {
				t.Errorf("%s in pieces of %d: outcomes %q", c.kind, size, got)
			}
			if first == "" {
				first = h.Print()
			}
			if h.Print() != first {
				t.Errorf("%s in pieces of %d:\n%s\nwant\n%s", c.kind, size, h.Print(), first)
			}
		}
	}
	h := listen(0, bit{text: block(strings.Replace(msh, "ORU^R01", "MDM^T02", 1), document) + block(msh, root, ready)})
	if got := outcomes(h); got != "parsed parsed" {
		t.Errorf("over MLLP: outcomes %q: what follows a document is lost", got)
	}
}
