package http

// nativeXML reads the native DICOM model in XML (PS3.19 annex A.1) as if it were JSON:
// the tag of a DicomAttribute is a name, and Value is the text or the item of it.
type nativeXML struct {
	markup
	on     listener
	path   []byte
	outer  [maxDepth]int // length of the path outside of each open element
	depth  int
	kept   []byte // of a value that is wanted
	wanted bool
	long   bool
}

func newNativeXML(on listener) *nativeXML {
	x := &nativeXML{on: on}
	x.markup.on = x
	return x
}

func (x *nativeXML) open(name []byte) {
	x.outer[x.depth] = len(x.path)
	x.depth++
	x.wanted = false
	if x.depth == 1 {
		if string(name) != "NativeDicomModel" {
			x.failed = broken
		}
		x.on.enter(x.path)
	}
	switch string(name) {
	case "NativeDicomModel", "DicomAttribute", "Item":
	case "Value":
		x.join(name)
		x.wanted, x.long = x.on.wants(x.path), false
	default: // parts of the name of a person, and references to bulk data
		x.join([]byte("?"))
	}
}

func (x *nativeXML) join(name []byte) {
	path, ok := joined(x.path, name)
	if x.path = path; !ok {
		x.failed = tooMuch
	}
}

func (x *nativeXML) wantsValue(name []byte) bool { return string(name) == "tag" }

// attribute takes the tag of a DicomAttribute. The items of a sequence stand in
// Item elements, where JSON has Value.
func (x *nativeXML) attribute(_, value []byte) {
	if len(x.path) > 0 {
		x.join([]byte("Value"))
	}
	x.join(value)
}

func (x *nativeXML) chars(b []byte) {
	switch {
	case !x.wanted || x.long:
	case len(x.kept)+len(b) > maxText:
		x.long = true
	default:
		x.kept = append(x.kept, b...)
	}
}

func (x *nativeXML) shut() {
	if x.wanted && !x.long {
		x.on.value(x.path, x.kept)
	}
	clear(x.kept)
	x.kept, x.wanted = x.kept[:0], false
	x.depth--
	if x.path = x.path[:x.outer[x.depth]]; x.depth == 0 {
		x.on.leave(x.path)
	}
}
