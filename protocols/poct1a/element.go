package poct1a

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
)

// isRoot reports whether the name that was read is that of a root element.
func (st *stream) isRoot() bool {
	st.name[st.length] = '>'
	return rootAt(st.name[:st.length+1]) == protocols.Yes
}

// named takes octets of an element's name and what ends it.
func (st *stream) named(c byte, e *event) {
	if c == '<' {
		st.broken(c, e)
		return
	}
	if c != '>' && c != '/' && !space(c) {
		if st.length == maxName {
			st.fail(protocols.LimitReached, e)
			return
		}
		st.name[st.length] = c
		st.length++
		return
	}
	st.place = rest
	if !st.closing {
		st.element(e)
	}
	if st.place == rest {
		st.within(c, e)
	}
}

// element begins an element: the root of a document, or one inside it. A root
// inside a document shows that the one before was cut.
func (st *stream) element(e *event) {
	element := st.name[:st.length]
	switch root := st.isRoot(); {
	case root && st.depth > 0:
		e.count(protocols.Truncated)
		st.start()
	case root:
		st.start()
	case st.depth == 0:
		st.fail(protocols.Unsupported, e)
	default:
		st.field = fieldOf(st.document.kind, element)
		st.taking = false
	}
}

// start begins a document.
func (st *stream) start() {
	st.rootLength = copy(st.root[:], st.name[:st.length])
	st.document = document{kind: kindOf(st.name[:st.length])}
	st.depth, st.passed, st.field, st.taking = 0, 0, none, false
}

// within takes octets of a tag behind the element's name.
func (st *stream) within(c byte, e *event) {
	switch st.place {
	case rest:
		st.between(c, e)
	case attribute:
		st.attribute(c, e)
	case equals:
		switch {
		case space(c):
		case c == '"' || c == '\'':
			st.place, st.quote = value, c
			st.taking = st.isV && st.v == 1 && st.document.vacant(st.field)
		default:
			st.broken(c, e)
		}
	case value: // run has taken all but the quote
		st.place, st.taking = rest, false
		if c == '<' {
			st.broken(c, e)
		}
	}
}

// between takes an octet between attributes.
func (st *stream) between(c byte, e *event) {
	switch {
	case space(c):
	case c == '>':
		st.end(e)
	case c == '/':
		st.empty = true
	case c == '<' || c == '"' || c == '\'' || st.closing:
		st.broken(c, e)
	default:
		if st.attributes++; st.attributes > maxAttributes {
			st.fail(protocols.LimitReached, e)
			return
		}
		st.place, st.v, st.isV = attribute, 0, false
		st.attribute(c, e)
	}
}

// attribute takes an octet of an attribute's name.
func (st *stream) attribute(c byte, e *event) {
	switch {
	case c == '=':
		st.place = equals
	case space(c): // before the equals sign
	case c == '>' || c == '<' || c == '/' || c == '"':
		st.broken(c, e)
	case st.v == maxName:
		st.fail(protocols.LimitReached, e)
	default:
		st.isV = c == 'V' || c == 'v'
		st.v++
	}
}

// end ends a tag.
func (st *stream) end(e *event) {
	st.place, st.taking = content, false
	switch {
	case st.closing:
		st.close(e)
	case st.depth == maxDepth:
		st.fail(protocols.LimitReached, e)
	default:
		st.depth++
		if st.empty {
			st.close(e)
			return
		}
		st.taking = st.document.vacant(st.field)
	}
}

// close ends an element, and the document with its root. Some devices end elements
// with another name: the depth counts.
func (st *stream) close(e *event) {
	st.document.end(st.field)
	st.field = none
	st.depth--
	isRoot := bytes.Equal(st.name[:st.length], st.root[:st.rootLength])
	switch {
	case isRoot:
		st.place = between
		e.count(protocols.Parsed)
		e.document = &st.document
	case st.depth <= 0:
		st.fail(protocols.Malformed, e)
	}
}

// search takes octets of a name that may be a root's.
func (st *stream) search(c byte, e *event) {
	switch {
	case c == '<':
		st.length, st.closing = 0, false
	case c == '/' && st.length == 0 && !st.closing:
		st.closing = true
	case c == '>' || c == '/' || space(c):
		st.found(c, e)
	case st.length == maxName:
		st.place = seeking
	default:
		st.name[st.length] = c
		st.length++
	}
}

// found goes on with a root that a search has come to. The end of one says that
// such a document was sent.
func (st *stream) found(c byte, e *event) {
	if st.place = seeking; !st.isRoot() {
		return
	}
	st.lost = false
	e.count(protocols.Resynchronised)
	if st.closing {
		e.glimpsed = kindOf(st.name[:st.length])
		st.place = between
		if c != '>' {
			st.seek()
		}
		return
	}
	st.attributes, st.empty, st.place = 0, false, rest
	st.start()
	st.within(c, e)
}
