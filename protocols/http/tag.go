package http

import (
	"bytes"
	"unicode/utf8"
)

// tagOctet takes an octet of a tag.
func (m *markup) tagOctet(c byte) {
	switch m.state {
	case inTagName:
		m.tagName(c)
	case inTag:
		m.between(c)
	case inAttrName:
		m.attributeName(c)
	case inAttr:
		m.attributeValue(c)
	case inSlash:
		if c != '>' {
			m.failed = broken
			return
		}
		m.ends()
	default:
		m.endName(c)
	}
}

func (m *markup) grow(c byte) {
	if m.name = append(m.name, c); len(m.name) > maxKey {
		m.failed = tooMuch
	}
}

// tagName opens an element when its name has ended.
func (m *markup) tagName(c byte) {
	switch {
	case nameOctet(c):
		m.grow(c)
	case m.depth == maxDepth:
		m.failed = tooMuch
	default:
		m.starts[m.depth] = len(m.names)
		m.names = append(m.names, m.name...)
		m.depth++
		m.rooted, m.state = true, inTag
		m.on.open(local(m.name))
		m.between(c)
	}
}

// local is a name without its prefix: Namespaces in XML 1.0, section 4.
func local(name []byte) []byte { return name[bytes.LastIndexByte(name, ':')+1:] }

func (m *markup) between(c byte) {
	switch {
	case blank(c):
	case c == '>':
		m.state = inChars
	case c == '/':
		m.state = inSlash
	case nameOctet(c):
		m.state, m.name, m.quote = inAttrName, m.name[:0], 0
		m.grow(c)
	default:
		m.failed = broken
	}
}

// attributeName takes the name, the equals sign, and blanks around it, up to the
// quote. Behind the name, quote says what came: a blank, or the sign.
func (m *markup) attributeName(c byte) {
	switch {
	case nameOctet(c) && m.quote == 0:
		m.grow(c)
	case blank(c):
		m.quote = max(m.quote, ' ')
	case c == '=' && m.quote != '=':
		m.quote = '='
	case (c == '"' || c == '\'') && m.quote == '=':
		m.state, m.quote, m.text, m.cut = inAttr, c, m.text[:0], false
		m.keep = m.on.wantsValue(local(m.name))
	default:
		m.failed = broken
	}
}

func (m *markup) attributeValue(c byte) {
	switch {
	case c == m.quote:
		if m.state = inTag; m.keep && !m.cut {
			m.on.attribute(local(m.name), m.text)
		}
		clear(m.text)
	case c == '&':
		m.state, m.entity = inAttrEntity, m.entity[:0]
	case c == '<':
		m.failed = broken
	default:
		m.keepValue([]byte{c})
	}
}

func (m *markup) keepValue(b []byte) {
	switch {
	case !m.keep || m.cut:
	case len(m.text)+len(b) > maxText:
		m.cut = true
	default:
		m.text = append(m.text, b...)
	}
}

func (m *markup) endName(c byte) {
	switch {
	case nameOctet(c) && len(m.mark) == 0:
		m.grow(c)
	case blank(c):
		m.mark = append(m.mark[:0], c)
	case c != '>' || !bytes.Equal(m.name, m.names[m.starts[m.depth-1]:]):
		m.failed = broken
	default:
		m.ends()
	}
}

func (m *markup) ends() {
	m.on.shut()
	m.depth--
	m.names = m.names[:m.starts[m.depth]]
	m.state = inChars
}

// maxEntity bounds the name of an entity: "#x10FFFF".
const maxEntity = 8

// entityOctet gathers a reference to a character.
func (m *markup) entityOctet(c byte) {
	if c != ';' {
		if m.entity = append(m.entity, c); len(m.entity) > maxEntity {
			m.failed = broken
		}
		return
	}
	r, ok := character(m.entity)
	if !ok {
		m.failed = broken
		return
	}
	b := utf8.AppendRune(m.entity[:0], r)
	if m.state == inAttrEntity {
		m.state = inAttr
		m.keepValue(b)
		return
	}
	m.state = inChars
	m.characters(b)
}

// character reads a reference: XML 1.0 sections 4.1 and 4.6.
func character(name []byte) (rune, bool) {
	for _, known := range [...]struct {
		name string
		r    rune
	}{{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}} {
		if string(name) == known.name {
			return known.r, true
		}
	}
	digits, hexadecimal := bytes.CutPrefix(name, []byte("#x"))
	if !hexadecimal {
		digits, _ = bytes.CutPrefix(name, []byte("#"))
	}
	if len(digits) == 0 || len(digits) == len(name) {
		return 0, false
	}
	r := rune(0)
	for _, c := range digits {
		v, ok := digit(c)
		switch {
		case !ok || !hexadecimal && v > 9:
			return 0, false
		case hexadecimal:
			r = r<<4 | rune(v)
		default:
			r = r*10 + rune(v)
		}
	}
	return r, r > 0 && utf8.ValidRune(r)
}
