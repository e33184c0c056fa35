package poct1a

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
)

// place is where a direction of the conversation stands.
type place uint8

const (
	between   place = iota // before a document
	content                // in the text of an element
	tag                    // behind <
	name                   // in the name of an element
	rest                   // in a tag, before an attribute or the end
	attribute              // in the name of an attribute
	equals                 // before its value
	value                  // in its value
	skipped                // in a comment, a CDATA section or a processing instruction
	markup                 // behind <!
	seeking                // lost; looking for the tag of a root element
	sought                 // in a name that may be one
)

// event is what the stream found: at most one document and one outcome.
type event struct {
	document *document // valid until the stream is asked again
	glimpsed kind      // of a document whose beginning was missed
	outcome  protocols.Outcome
	counted  bool
}

func (e *event) count(o protocols.Outcome) { e.outcome, e.counted = o, true }

// stream takes one direction apart into documents. Its memory is one document's
// wanted values and three names.
type stream struct {
	place      place
	lost       bool // the next document is a resynchronisation
	closing    bool // the tag ends an element
	empty      bool // the tag ends the element that it begins
	taking     bool // content or value is of the allow-list
	quote      byte
	until      string // what ends what is skipped
	matched    int    // octets of it
	opening    int    // octets behind <! that have been seen
	attributes int
	depth      int
	passed     int
	field      field
	length     int // of the element's name
	name       [maxName + 1]byte
	v          int // octets of an attribute's name; it is V when it is one, and fits
	isV        bool
	rootLength int
	root       [maxName]byte
	document   document
}

// next consumes octets of b until something is found.
func (st *stream) next(b []byte) (n int, e event) {
	for n < len(b) && !e.counted && e.document == nil {
		run := st.run(b[n:])
		if run == 0 {
			st.octet(b[n], &e)
			run = 1
		}
		n += run
		if st.passed += run; st.passed > maxDocument && st.place != seeking && st.place != sought {
			st.fail(protocols.LimitReached, &e)
		}
	}
	return n, e
}

// run returns how many octets of b can be passed over, or taken, at once.
func (st *stream) run(b []byte) int {
	end := byte('<')
	switch st.place {
	case content, seeking:
	case value:
		end = st.quote
	default:
		return 0
	}
	n := bytes.IndexByte(b, end)
	if n < 0 {
		n = len(b)
	}
	if end != '<' { // which has no place in a value: the document was cut
		if cut := bytes.IndexByte(b[:n], '<'); cut >= 0 {
			n = cut
		}
	}
	if st.taking && st.place != seeking {
		st.document.values[st.field].add(b[:n])
	}
	return n
}

func (st *stream) octet(c byte, e *event) {
	switch st.place {
	case between:
		st.outside(c, e)
	case content: // run has taken all but <
		st.place = tag
	case tag:
		st.begin(c, e)
	case name:
		st.named(c, e)
	case rest, attribute, equals, value:
		st.within(c, e)
	case skipped:
		st.skip(c)
	case markup:
		st.declare(c, e)
	case seeking:
		st.place, st.length, st.closing = sought, 0, false
	case sought:
		st.search(c, e)
	}
}

// outside waits for a document.
func (st *stream) outside(c byte, e *event) {
	switch {
	case c == '<':
		st.place, st.passed, st.depth = tag, 0, 0
	case blank(c):
		st.passed = 0
	default:
		st.fail(protocols.Malformed, e)
	}
}

// begin decides what a tag is.
func (st *stream) begin(c byte, e *event) {
	st.closing, st.empty, st.attributes, st.length = false, false, 0, 0
	switch {
	case c == '?':
		st.place, st.until, st.matched = skipped, "?>", 0
	case c == '!':
		st.place, st.opening = markup, 0
	case c == '/' && st.depth > 0:
		st.place, st.closing = name, true
	case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_':
		st.place, st.length = name, 1
		st.name[0] = c
	default:
		st.broken(c, e)
	}
}

// declare tells comments and CDATA sections from declarations, of which none has a
// place here: entities are how a few octets become millions.
func (st *stream) declare(c byte, e *event) {
	const comment, cdata = "--", "[CDATA["
	switch i := st.opening; {
	case i < len(comment) && c == comment[i] && (i == 0 || st.until == "-->"):
		st.until = "-->"
		if i+1 == len(comment) {
			st.place, st.matched = skipped, 0
		}
	case st.depth > 0 && c == cdata[i] && (i == 0 || st.until == "]]>"):
		st.until = "]]>"
		if i+1 == len(cdata) {
			st.place, st.matched = skipped, 0
		}
	default:
		st.fail(protocols.LimitReached, e)
		return
	}
	st.opening++
}

// skip passes over a comment, a CDATA section or a processing instruction. Values
// are never in CDATA sections.
func (st *stream) skip(c byte) {
	switch {
	case c == st.until[st.matched]:
		st.matched++
	case st.matched == 2 && c == st.until[0] && st.until[0] == st.until[1]:
		// one more of what the end begins with
	case c == st.until[0]:
		st.matched = 1
	default:
		st.matched = 0
	}
	if st.matched == len(st.until) {
		st.place = content
		if st.depth == 0 {
			st.place = between
		}
	}
}

// fail gives the document up and looks for the next. What is found wrong while
// looking is the same failure.
func (st *stream) fail(o protocols.Outcome, e *event) {
	if !st.lost {
		e.count(o)
	}
	st.seek()
}

// broken gives the document up at an octet that may begin the next one.
func (st *stream) broken(c byte, e *event) {
	st.fail(protocols.Malformed, e)
	if c == '<' {
		st.place, st.length, st.closing = sought, 0, false
	}
}

func (st *stream) seek() {
	st.place, st.lost, st.depth, st.passed = seeking, true, 0, 0
	st.taking, st.field = false, none
}

// unfinished reports whether a document has begun.
func (st *stream) unfinished() bool {
	return st.place != between && st.place != seeking && st.place != sought
}
