package poct1a

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/auscult/auscult/protocols"
)

// text is a value of the allow-list as it was sent, with its references.
type text struct {
	n    uint8 // maxField fits
	full bool  // it is longer than may be kept, and dropped
	b    [maxField]byte
}

func (t *text) add(b []byte) {
	if t.full || int(t.n)+len(b) > maxField {
		t.full, t.n = true, 0
		return
	}
	t.n += uint8(copy(t.b[t.n:], b))
}

// document is what has been kept of one document.
type document struct {
	kind     kind
	values   [fieldCount]text
	observed stamp // the newest time of an observation
}

// vacant reports whether a value is still to come: the first one counts.
func (d *document) vacant(f field) bool { return f != none && d.values[f].n == 0 && !d.values[f].full }

// end takes a whole value that may come several times.
func (d *document) end(f field) {
	if f != observed {
		return
	}
	if at := stampOf(d.get(f)); d.observed.absent() || at.at.After(d.observed.at) {
		d.observed = at
	}
	d.values[f] = text{}
}

// get returns a value with its references resolved, "" where it may not stand in
// an observation.
func (d *document) get(f field) string {
	t := &d.values[f]
	s, ok := resolve(string(t.b[:t.n]))
	if !ok {
		return ""
	}
	s, _ = protocols.Text(strings.TrimSpace(s))
	return s
}

// resolve replaces the references that XML 1.0, sections 4.1 and 4.6, defines
// without a declaration, and refuses all others.
func resolve(s string) (string, bool) {
	if !strings.Contains(s, "&") {
		return s, true
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "&")
		out.WriteString(before)
		if !found {
			return out.String(), true
		}
		name, after, closed := strings.Cut(rest, ";")
		r := reference(name)
		if !closed || r == 0 {
			return "", false
		}
		out.WriteRune(r)
		s = after
	}
}

func reference(name string) rune {
	switch name {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	return numbered(name)
}

// numbered reads a character reference: "#38", "#x26".
func numbered(name string) rune {
	digits, found := strings.CutPrefix(name, "#")
	if !found {
		return 0
	}
	base := 10
	if hex, is := strings.CutPrefix(digits, "x"); is {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || n > utf8.MaxRune {
		return 0
	}
	return rune(n)
}
