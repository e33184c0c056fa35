package http

// fhirXML reads FHIR as XML (R4 section 2.6.1) as if it were JSON: the same names at
// the same places, the type of a resource being the name of its element, which is
// the only one with a capital letter. What the narrative holds is passed over.
type fhirXML struct {
	markup
	on    listener
	path  []byte
	outer [maxDepth]step
	depth int
	inDiv int // elements open of a narrative
}

// step is one open element.
type step struct {
	path   int  // length of the path outside
	object bool // the listener was told of it
}

func newFHIRXML(on listener) *fhirXML {
	x := &fhirXML{on: on}
	x.markup.on = x
	return x
}

func (x *fhirXML) open(name []byte) {
	s := step{path: len(x.path)}
	switch capital := name[0] >= 'A' && name[0] <= 'Z'; {
	case x.inDiv > 0 || string(name) == "div":
		x.inDiv++
		return
	case x.depth == 0 && !capital:
		x.failed = broken
		return
	case capital:
		s.object = true
		x.on.enter(x.path)
		x.join([]byte("resourceType"))
		x.on.name(x.path)
		if x.on.wants(x.path) {
			x.on.value(x.path, name)
		}
		x.path = x.path[:s.path]
	default:
		x.join(name)
		// These hold a resource, and are none.
		if s.object = string(name) != "resource" && string(name) != "contained"; s.object {
			x.on.enter(x.path)
		}
	}
	x.outer[x.depth] = s
	x.depth++
}

// join adds a name to the path.
func (x *fhirXML) join(name []byte) {
	path, ok := joined(x.path, name)
	if x.path = path; !ok {
		x.failed = tooMuch
	}
}

func (x *fhirXML) wantsValue(name []byte) bool {
	return x.inDiv == 0 && string(name) == "value" && x.on.wants(x.path)
}

func (x *fhirXML) attribute(_, value []byte) { x.on.value(x.path, value) }

func (x *fhirXML) chars([]byte) {}

func (x *fhirXML) shut() {
	if x.inDiv > 0 {
		x.inDiv--
		return
	}
	x.depth--
	s := x.outer[x.depth]
	// A resource ends at its own path, which is that around its element.
	if s.object {
		x.on.leave(x.path)
	}
	x.path = x.path[:s.path]
}
