package sdc

// envelope reads one SOAP message: what is in its body, by vocabulary.
type envelope struct {
	xml   markup
	soap  bool // the root is an envelope of SOAP 1.2
	body  bool // inside Body
	empty bool // nothing that this room reads was in it
	found found
	state participants
}

// start makes an envelope ready for a new message.
func (e *envelope) start() {
	e.xml.on = e
	e.xml.reset()
	e.soap, e.body, e.empty = false, false, true
	e.found = found{xml: &e.xml}
	e.state = participants{xml: &e.xml}
}

// begin implements listener.
func (e *envelope) begin(depth int, space string, local []byte, attrs []attribute) bool {
	v := vocabularyOf(space)
	switch depth {
	case 1:
		e.soap = v == soap && string(local) == "Envelope"
		return false
	case bodyLevel:
		e.body = e.soap && v == soap && string(local) == "Body"
		return false
	}
	if !e.body {
		return false
	}
	e.empty = e.empty && v <= addressing
	if e.found.begin(depth, v, local) {
		return true
	}
	return e.found.kind == noKind && e.state.begin(depth, v, local, attrs)
}

// end implements listener.
func (e *envelope) end(depth int, text []byte) {
	switch {
	case !e.body:
	case depth == bodyLevel:
		e.body = false
	case e.found.kind != noKind:
		e.found.end(depth, text)
	default:
		e.state.end(depth, text)
	}
}
