package sdc

import "bytes"

// tagOctet takes octets of a start tag or an end tag.
func (m *markup) tagOctet(c byte) {
	switch m.state {
	case inStartName:
		m.startName(c)
	case inTag:
		m.between(c)
	case inAttribute, atEquals, atQuote:
		m.attributeName(c)
	case inValue:
		m.attributeValue(c)
	case inEmpty:
		if c != '>' {
			m.failed = broken
			return
		}
		if m.begins(); m.failed == sound {
			m.ends()
		}
	case inEndName:
		m.endName(c)
	}
}

func (m *markup) startName(c byte) {
	switch {
	case nameOctet(c):
		m.grow(c)
	case len(m.names)+len(m.name) > maxElements*maxName || m.depth == maxElements:
		m.failed = tooMuch
	default:
		// The name stays in place: it is needed when the element ends.
		m.starts[m.depth] = len(m.names)
		m.names = append(m.names, m.name...)
		m.state = inTag
		m.between(c)
	}
}

func (m *markup) grow(c byte) {
	if m.name = append(m.name, c); len(m.name) > maxName {
		m.failed = tooMuch
	}
}

func (m *markup) between(c byte) {
	switch {
	case blank(c):
	case c == '>':
		m.begins()
	case c == '/':
		m.state = inEmpty
	case nameOctet(c):
		if len(m.attrs) == maxAttributes {
			m.failed = tooMuch
			return
		}
		m.state, m.name = inAttribute, append(m.name[:0], c)
	default:
		m.failed = broken
	}
}

func (m *markup) attributeName(c byte) {
	switch {
	case m.state == inAttribute && nameOctet(c):
		m.grow(c)
	case blank(c):
		if m.state == inAttribute {
			m.state = atEquals
		}
	case c == '=' && m.state != atQuote:
		m.state = atQuote
	case (c == '"' || c == '\'') && m.state == atQuote:
		m.state, m.quote, m.value, m.cut = inValue, c, m.value[:0], false
	default:
		m.failed = broken
	}
}

func (m *markup) attributeValue(c byte) {
	switch c {
	case m.quote:
		if m.cut {
			m.value = m.value[:0]
		}
		at := len(m.arena)
		m.arena = append(append(m.arena, m.name...), m.value...)
		split := at + len(m.name)
		m.attrs = append(m.attrs, attribute{m.arena[at:split:split], m.arena[split:len(m.arena):len(m.arena)]})
		m.state = inTag
	case '&':
		m.state, m.entity = inValueEntity, m.entity[:0]
	case '<':
		m.failed = broken
	default:
		m.valueOctets([]byte{c})
	}
}

func (m *markup) valueOctets(b []byte) {
	if m.cut = m.cut || len(m.value)+len(b) > maxValue; !m.cut {
		m.value = append(m.value, b...)
	}
}

// begins opens an element: its namespaces first, which its own name may need.
func (m *markup) begins() {
	m.state, m.rooted = inContent, true
	m.bound[m.depth] = len(m.bindings)
	for _, a := range m.attrs {
		prefix, declares := bytes.CutPrefix(a.name, []byte("xmlns"))
		if !declares || len(prefix) > 0 && prefix[0] != ':' {
			continue
		}
		if len(m.bindings) == maxBindings {
			m.failed = tooMuch
			return
		}
		m.bindings = append(m.bindings, binding{string(bytes.TrimPrefix(prefix, []byte(":"))), string(a.value)})
	}
	name := m.names[m.starts[m.depth]:]
	m.depth++
	prefix, local := qualified(name)
	m.text, m.cut = m.text[:0], false
	m.keep = m.on.begin(m.depth, m.space(prefix), local, m.attrs)
}

// qualified takes a name apart: Namespaces in XML 1.0, section 4.
func qualified(name []byte) (prefix, local []byte) {
	if p, l, ok := bytes.Cut(name, []byte(":")); ok {
		return p, l
	}
	return nil, name
}

// space finds the namespace of a prefix, or "".
func (m *markup) space(prefix []byte) string {
	for i := len(m.bindings) - 1; i >= 0; i-- {
		if m.bindings[i].prefix == string(prefix) {
			return m.bindings[i].space
		}
	}
	return ""
}

func (m *markup) endName(c byte) {
	switch {
	case nameOctet(c) && len(m.mark) == 0:
		m.grow(c)
	case blank(c) && len(m.name) > 0:
		m.mark = append(m.mark[:0], c)
	case c != '>' || m.depth == 0 || !bytes.Equal(m.name, m.names[m.starts[m.depth-1]:]):
		m.failed = broken
	default:
		m.ends()
	}
}

// ends closes the innermost element. A text that was too long is not given.
func (m *markup) ends() {
	m.state = inContent
	text := m.text
	if m.cut || !m.keep {
		text = nil
	}
	m.on.end(m.depth, text)
	clear(m.text)
	m.text, m.keep, m.cut = m.text[:0], false, false
	m.depth--
	m.names = m.names[:m.starts[m.depth]]
	m.bindings = m.bindings[:m.bound[m.depth]]
}
