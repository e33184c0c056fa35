package sdc

import (
	"bytes"
	"unicode/utf8"
)

// markup reads XML 1.0 with namespaces, in pieces of any size, as far as SOAP needs
// it. It tells its listener of elements, and copies only the texts it wants.
type markup struct {
	on       listener
	state    markupState
	names    []byte // of the open elements, one behind the other
	starts   [maxElements]int
	bound    [maxElements]int // bindings in force outside of each
	depth    int
	rooted   bool // the root element was seen
	bindings []binding
	attrs    []attribute
	name     []byte
	value    []byte // of an attribute
	arena    []byte // of all attributes of the element
	text     []byte
	keep     bool
	cut      bool
	entity   []byte
	quote    byte
	mark     []byte // the beginning of <!, <? and ]]> sequences
	failed   failure
}

// listener is told what a markup finds. The slices are the reader's.
type listener interface {
	// begin tells of an element with its namespace, and reports whether its text is
	// wanted. Names of attributes come as written; of their namespaces, only that of
	// XML Schema instances would matter, and xsi is its prefix everywhere.
	begin(depth int, space string, local []byte, attrs []attribute) (text bool)
	// end tells of its end, with its text as far as it was wanted.
	end(depth int, text []byte)
}

type binding struct{ prefix, space string }

// attribute is one attribute as it was written. A value that was too long is empty.
type attribute struct{ name, value []byte }

// failure says why nothing more can be read.
type failure uint8

const (
	sound failure = iota
	broken
	refused // what SOAP forbids
	tooMuch
)

type markupState uint8

const (
	inContent markupState = iota
	inEntity
	inOpen // behind <
	inMark // behind <! or <?
	inDeclaration
	inComment
	inLiteral // a CDATA section
	inStartName
	inTag // between the attributes
	inAttribute
	atEquals
	atQuote
	inValue
	inValueEntity
	inEmpty // behind / in a tag
	inEndName
)

// reset begins a new document.
func (m *markup) reset() {
	*m = markup{on: m.on, arena: m.arena[:0], names: m.names[:0], bindings: m.bindings[:0], attrs: m.attrs[:0], name: m.name[:0],
		value: m.value[:0], text: m.text[:0], entity: m.entity[:0], mark: m.mark[:0]}
}

// write reads octets, and reports whether more can be read.
func (m *markup) write(b []byte) bool {
	for i := 0; i < len(b) && m.failed == sound; i++ {
		if m.state == inContent {
			n := bytes.IndexAny(b[i:], "<&")
			if n < 0 {
				n = len(b) - i
			}
			m.content(b[i : i+n])
			if i += n; i == len(b) {
				break
			}
		}
		m.octet(b[i])
	}
	return m.failed == sound
}

// whole reports whether the root element has ended.
func (m *markup) whole() bool {
	return m.failed == sound && m.rooted && m.depth == 0 && m.state == inContent
}

// content takes character data.
func (m *markup) content(b []byte) {
	if m.depth == 0 {
		for _, c := range b {
			if !blank(c) && c < utf8.RuneSelf { // a byte order mark may stand first
				m.failed = broken
				return
			}
		}
		return
	}
	switch {
	case !m.keep || m.cut:
	case len(m.text)+len(b) > maxText:
		m.cut = true
	default:
		m.text = append(m.text, b...)
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func (m *markup) octet(c byte) {
	switch m.state {
	case inContent:
		m.state = inOpen
		if c == '&' {
			m.state, m.entity = inEntity, m.entity[:0]
		}
	case inEntity, inValueEntity:
		m.entityOctet(c)
	case inOpen, inMark, inDeclaration, inComment, inLiteral:
		m.markOctet(c)
	default:
		m.tagOctet(c)
	}
}

// entityOctet gathers a reference: the five of XML, and characters by number.
func (m *markup) entityOctet(c byte) {
	if c != ';' {
		if m.entity = append(m.entity, c); len(m.entity) > 8 {
			m.failed = broken
		}
		return
	}
	r, ok := character(m.entity)
	if !ok {
		m.failed = refused
		return
	}
	var encoded [utf8.UTFMax]byte
	text := encoded[:utf8.EncodeRune(encoded[:], r)]
	if m.state == inEntity {
		m.state = inContent
		m.content(text)
		return
	}
	m.state = inValue
	m.valueOctets(text)
}

func character(name []byte) (rune, bool) {
	switch string(name) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], rune(10)
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	r := rune(0)
	for _, c := range digits {
		v, ok := digit(c)
		if r = r*base + v; !ok || v >= base || r > utf8.MaxRune {
			return 0, false
		}
	}
	return r, len(digits) > 0 && r > 0 && utf8.ValidRune(r)
}

func digit(c byte) (rune, bool) {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0'), true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10, true
	}
	return 0, false
}

// markOctet takes octets of what is no element: comments, CDATA sections, the XML
// declaration. Everything else behind <! and <? is refused.
func (m *markup) markOctet(c byte) {
	switch m.state {
	case inOpen:
		m.opens(c)
	case inMark:
		m.mark = append(m.mark, c)
		m.marked()
	case inDeclaration:
		m.until(c, "?>")
	case inComment:
		m.until(c, "-->")
	default:
		m.content([]byte{c})
		if m.until(c, "]]>"); m.state == inContent && m.keep && !m.cut {
			m.text = m.text[:len(m.text)-len("]]>")]
		}
	}
}

// until goes on with content behind an end mark.
func (m *markup) until(c byte, end string) {
	if len(m.mark) == len(end) {
		m.mark = append(m.mark[:0], m.mark[1:]...)
	}
	m.mark = append(m.mark, c)
	if string(m.mark) == end {
		m.state = inContent
	}
}

func (m *markup) opens(c byte) {
	m.name, m.mark = m.name[:0], m.mark[:0]
	switch {
	case c == '/':
		m.state = inEndName
	case c == '!', c == '?' && !m.rooted:
		m.state, m.mark = inMark, append(m.mark, c)
	case nameOctet(c) && !(m.rooted && m.depth == 0):
		m.state, m.attrs, m.arena = inStartName, m.attrs[:0], m.arena[:0]
		m.name = append(m.name, c)
	case c == '?':
		m.failed = refused
	default:
		m.failed = broken
	}
}

// marked tells what begins with <! or <?.
func (m *markup) marked() {
	for _, known := range [...]struct {
		mark string
		next markupState
	}{{"!--", inComment}, {"![CDATA[", inLiteral}, {"?xml ", inDeclaration}} {
		switch {
		case string(m.mark) == known.mark:
			if m.state, m.mark = known.next, m.mark[:0]; known.next == inLiteral && m.depth == 0 {
				m.failed = broken
			}
			return
		case len(m.mark) < len(known.mark) && string(m.mark) == known.mark[:len(m.mark)]:
			return
		}
	}
	m.failed = refused
}

// nameOctet reports the octets of names, a superset of XML 1.0 section 2.3.
func nameOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ':' || c == '_' || c == '-' || c == '.' || c >= utf8.RuneSelf
}
