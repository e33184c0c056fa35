package http

import "bytes"

// scanner reads JSON (RFC 8259) in pieces of any size, and copies only the texts
// that its listener wants. Arrays are transparent: a value in one has the path of
// the array. An array in an array, which neither FHIR nor DICOM has, matches no path. It is strict about structure, and lenient about what numbers look like.
type scanner struct {
	on     listener
	state  scanState
	levels [maxDepth]level
	depth  int
	path   []byte // names of all levels, joined by dots
	text   []byte
	keep   bool
	key    bool // the text is a name
	cut    bool // the text is longer than what is kept
	// unwanted says that the value before, of the same array, was not wanted.
	unwanted bool
	hex      rune
	digits   int
	high     rune // the first half of a surrogate pair
	failed   failure
}

// listener is told what a scanner finds. The slices are the scanner's.
type listener interface {
	enter(path []byte)       // an object begins
	leave(path []byte)       // it ends
	wants(path []byte) bool  // shall the value be kept?
	value(path, text []byte) // a text, a number, true, false or null
	name(path []byte)        // a name was read; path ends in it
}

// failure says why nothing more can be read.
type failure uint8

const (
	sound failure = iota
	broken
	tooMuch
)

type level struct {
	array bool
	path  int // length of the path of the container
}

type scanState uint8

const (
	atValue     scanState = iota
	atFirst               // of an array: a value or its end
	atName                // of an object, behind a comma
	atFirstName           // a name or the end of an object
	atColon
	atComma
	inText
	inEscape
	inHex
	inLiteral
	atEnd
)

// write reads octets, and reports whether more can be read.
func (s *scanner) write(b []byte) bool {
	for i := 0; i < len(b) && s.failed == sound; {
		switch s.state {
		case inText:
			i += s.plain(b[i:])
		case inLiteral:
			i += s.literals(b[i:])
		}
		if i == len(b) {
			break
		}
		s.octet(b[i])
		i++
	}
	return s.failed == sound
}

func (s *scanner) failure() failure { return s.failed }

// whole reports whether one value has been read to its end.
func (s *scanner) whole() bool { return s.failed == sound && s.state == atEnd }

func (s *scanner) octet(c byte) {
	switch s.state {
	case inText, inEscape, inHex:
		s.textOctet(c)
		return
	case inLiteral:
		s.valueEnds()
	}
	if c == ' ' || c == '\t' || c == '\r' || c == '\n' {
		return
	}
	switch s.state {
	case atValue, atFirst:
		s.valueBegins(c)
	case atName, atFirstName:
		s.nameBegins(c)
	case atColon:
		if s.state = atValue; c != ':' {
			s.failed = broken
		}
	case atComma:
		s.separator(c)
	default:
		s.failed = broken
	}
}

func (s *scanner) valueBegins(c byte) {
	switch {
	case c == ']' && s.state == atFirst:
		s.pop()
	case c == '{', c == '[':
		s.push(c == '[')
	case c == '"':
		s.textBegins(false)
	case literal(c):
		s.textBegins(false)
		s.state = inLiteral
		if s.keep {
			s.text = append(s.text, c)
		}
	default:
		s.failed = broken
	}
}

func (s *scanner) textBegins(key bool) {
	s.state, s.key, s.cut, s.high = inText, key, false, 0
	s.text = s.text[:0]
	if s.keep = key; !key && !s.unwanted {
		s.keep = s.on.wants(s.path)
	}
}

func (s *scanner) nameBegins(c byte) {
	switch {
	case c == '}' && s.state == atFirstName:
		s.pop()
	case c == '"':
		s.textBegins(true)
	default:
		s.failed = broken
	}
}

// nameEnds goes on behind a name. One that is too long matches nothing.
func (s *scanner) nameEnds() {
	if s.cut {
		s.text = append(s.text[:0], '?')
	}
	s.path = s.path[:s.levels[s.depth-1].path]
	if !s.join(s.text) {
		return
	}
	s.state, s.unwanted = atColon, false
	s.on.name(s.path)
}

func (s *scanner) join(name []byte) bool {
	path, ok := joined(s.path, name)
	if s.path = path; !ok {
		s.failed = tooMuch
	}
	return ok
}

// joined adds a name to a path, unless the path gets too long. A name that is empty or
// has a dot would read as a path, and is replaced by one that matches nothing.
func joined(path, name []byte) ([]byte, bool) {
	if len(name) == 0 || bytes.IndexByte(name, '.') >= 0 {
		name = []byte("?")
	}
	if len(path)+1+len(name) > maxPath {
		return path, false
	}
	if len(path) > 0 {
		path = append(path, '.')
	}
	return append(path, name...), true
}

func (s *scanner) valueEnds() {
	if s.keep && !s.cut {
		s.on.value(s.path, s.text)
	}
	clear(s.text)
	s.text, s.unwanted = s.text[:0], !s.keep
	s.after()
}

// after goes on behind a value.
func (s *scanner) after() {
	s.state = atComma
	if s.depth == 0 {
		s.state = atEnd
	}
}

func (s *scanner) push(array bool) {
	s.unwanted = false
	if s.depth == maxDepth {
		s.failed = tooMuch
		return
	}
	if array && s.depth > 0 && s.levels[s.depth-1].array && !s.join(nil) {
		return
	}
	s.levels[s.depth] = level{array, len(s.path)}
	s.depth++
	s.state = atFirst
	if !array {
		s.state = atFirstName
		s.on.enter(s.path)
	}
}

func (s *scanner) pop() {
	s.unwanted = false
	s.depth--
	l := s.levels[s.depth]
	s.path = s.path[:l.path]
	if !l.array {
		s.on.leave(s.path)
	}
	s.after()
}

func (s *scanner) separator(c byte) {
	l := s.levels[s.depth-1]
	s.path = s.path[:l.path]
	switch {
	case c == ',' && l.array:
		s.state = atValue
	case c == ',':
		s.state = atName
	case c == ']' && l.array, c == '}' && !l.array:
		s.pop()
	default:
		s.failed = broken
	}
}
