package http

import "bytes"

// markup reads XML 1.0 in pieces of any size, as far as records need it: elements,
// attributes and texts, of which it copies only what its listener wants. It expands
// nothing but the five entities of XML and characters by number, and refuses a
// document type. Prefixes of names are passed over.
type markup struct {
	on     elements
	state  markupState
	names  []byte // of the open elements, one behind the other
	starts [maxDepth]int
	depth  int
	rooted bool
	name   []byte // of a tag or an attribute
	text   []byte // of an attribute, or an entity's name
	entity []byte
	mark   []byte // the last octets of what is passed over to an end mark
	quote  byte
	keep   bool // the attribute is wanted
	cut    bool // it is longer than what is kept
	failed failure
}

// elements is told what a markup finds. The slices are the reader's.
type elements interface {
	open(name []byte)             // an element begins
	wantsValue(name []byte) bool  // shall the attribute be kept?
	attribute(name, value []byte) // one that was wanted and is not too long
	chars(b []byte)               // a piece of a text, unescaped
	shut()                        // the innermost element ends
}

type markupState uint8

const (
	inChars markupState = iota
	inEntity
	inOpen     // behind <
	inBang     // behind <!
	inComment  // up to -->
	inSection  // a CDATA section, up to ]]>
	inOrder    // a processing instruction, up to ?>
	inTagName  // of a start tag
	inTag      // between attributes
	inAttrName // and what stands up to the quote
	inAttr     // a value
	inAttrEntity
	inSlash // behind the / of an empty element
	inEndName
)

// write reads octets, and reports whether more can be read.
func (m *markup) write(b []byte) bool {
	for i := 0; i < len(b) && m.failed == sound; i++ {
		if m.state == inChars {
			n := plainChars(b[i:])
			m.characters(b[i : i+n])
			if i += n; i == len(b) || m.failed != sound {
				break
			}
		}
		m.octet(b[i])
	}
	return m.failed == sound
}

func plainChars(b []byte) int {
	if i := bytes.IndexByte(b, '<'); i >= 0 {
		b = b[:i]
	}
	if i := bytes.IndexByte(b, '&'); i >= 0 {
		b = b[:i]
	}
	return len(b)
}

// whole reports whether the root element has ended, and nothing is open.
func (m *markup) whole() bool {
	return m.failed == sound && m.rooted && m.depth == 0 && m.state == inChars
}

func (m *markup) failure() failure { return m.failed }

func (m *markup) characters(b []byte) {
	if m.depth > 0 {
		m.on.chars(b)
		return
	}
	for _, c := range b {
		if !blank(c) && (m.rooted || c != 0xef && c != 0xbb && c != 0xbf) { // a byte order mark may stand first
			m.failed = broken
			return
		}
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// nameOctet reports the octets of names, a superset of XML 1.0 section 2.3.
func nameOctet(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == ':' || c >= 0x80
}

func (m *markup) octet(c byte) {
	switch m.state {
	case inChars:
		if m.state = inOpen; c == '&' {
			m.state, m.entity = inEntity, m.entity[:0]
		}
	case inEntity, inAttrEntity:
		m.entityOctet(c)
	case inOpen:
		m.opens(c)
	case inBang:
		m.bang(c)
	case inComment:
		m.until(c, "-->")
	case inOrder:
		m.until(c, "?>")
	case inSection:
		m.section(c)
	default:
		m.tagOctet(c)
	}
}

// opens takes the octet behind <.
func (m *markup) opens(c byte) {
	m.name, m.mark = m.name[:0], m.mark[:0]
	switch {
	case c == '!':
		m.state = inBang
	case c == '?':
		m.state = inOrder
	case c == '/' && m.depth > 0:
		m.state = inEndName
	case nameOctet(c) && !(m.rooted && m.depth == 0):
		m.state = inTagName
		m.grow(c)
	default:
		m.failed = broken
	}
}

// bang tells a comment or a CDATA section. Anything else behind <! is refused: it
// declares a document type, and with it entities.
func (m *markup) bang(c byte) {
	m.mark = append(m.mark, c)
	switch at := string(m.mark); {
	case at == "--":
		m.state, m.mark = inComment, m.mark[:0]
	case at == "[CDATA[" && m.depth > 0:
		m.state, m.mark = inSection, m.mark[:0]
	case at != "-" && (len(at) > len("[CDATA[") || at != "[CDATA["[:len(at)]):
		m.failed = broken
	}
}

// until passes over octets up to an end mark.
func (m *markup) until(c byte, end string) {
	if len(m.mark) == len(end) {
		m.mark = append(m.mark[:0], m.mark[1:]...)
	}
	if m.mark = append(m.mark, c); string(m.mark) == end {
		m.state, m.mark = inChars, m.mark[:0]
	}
}

// section hands on what stands in a CDATA section. Of its end mark, octets are held
// back that may belong to it.
func (m *markup) section(c byte) {
	const end = "]]>"
	if m.mark = append(m.mark, c); string(m.mark) == end {
		m.state, m.mark = inChars, m.mark[:0]
		return
	}
	for len(m.mark) > 0 && string(m.mark) != end[:len(m.mark)] {
		m.on.chars(m.mark[:1])
		m.mark = append(m.mark[:0], m.mark[1:]...)
	}
}
