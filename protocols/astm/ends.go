package astm

import "github.com/auscult/auscult/protocols"

// found counts what ends a search.
func (st *stream) found(e *event) {
	if st.lost {
		st.lost = false
		e.count(protocols.Resynchronised)
	}
}

// suspect keeps a frame whose checksum is wrong until it is known what becomes of
// it.
func (st *stream) suspect(e *event) {
	e.count(protocols.Malformed)
	st.doubt, st.last = true, st.frame
	st.parser.message.doubtful = true
	for i := range st.held {
		st.held[i].doubtful = true
	}
}

// resolve ends a doubt.
func (st *stream) resolve(accepted bool, e *event) {
	switch {
	case !st.doubt:
	case accepted:
		st.doubt = false
		st.found(e)
		st.believe(e)
	default:
		st.doubt, st.last = false, frame{}
		st.takeBack()
	}
}

// believe hands out the messages that have ended.
func (st *stream) believe(e *event) {
	for i := range st.held {
		e.count(st.held[i].outcome)
		if st.held[i].fresh() {
			st.ready = append(st.ready, st.held[i])
		}
	}
	st.held = st.held[:0]
	e.ready = st.ready
}

// takeBack undoes a frame.
func (st *stream) takeBack() {
	st.parser, st.held = st.saved, st.held[:0]
}

// over ends a transmission. Its message may go on in the next one, so what it said
// is handed out and it stays open.
func (st *stream) over(e *event) {
	st.resolve(true, e)
	st.last, st.place = frame{}, between
	if m := &st.parser.message; m.fresh() {
		st.ready = append(st.ready, *m)
		m.said()
	}
}

// endRecord ends a record, and the message that ends with it.
func (st *stream) endRecord(e *event) {
	found := st.parser.record.kind != 0
	switch st.parser.end() {
	case headed:
		st.endMessage(protocols.Truncated, e)
		st.parser.head()
	case ended:
		st.endMessage(protocols.Parsed, e)
		if st.place == bare {
			st.place = between
		}
	case malformed:
		if st.lost && st.place == framed {
			st.parser.record.begin() // the rest of a record whose beginning was missed
			return
		}
		st.fail(protocols.Malformed, e)
		st.line = line{}
		return
	case nothing:
	}
	if found && st.place != framed {
		st.found(e)
	}
}

// endMessage ends a message. It is held until its frame is believed.
func (st *stream) endMessage(o protocols.Outcome, e *event) {
	m := &st.parser.message
	m.outcome = o
	switch {
	case !m.begun():
	case len(st.held) == maxHeld:
		e.count(protocols.LimitReached)
	default:
		st.held = append(st.held, *m)
	}
	st.parser.message, st.parser.passed = message{}, 0
	if st.place != framed {
		st.believe(e)
	}
}

// unframed takes an octet of records without frames.
func (st *stream) unframed(c byte, e *event) {
	switch c {
	case stx, enq, eot, fs:
		st.endRecord(e)
		if st.place == seeking {
			return
		}
		if c == fs { // the end of an MLLP block
			st.endMessage(protocols.Truncated, e)
		}
		st.place = between
		st.outside(c, e)
	case cr, lf, vt:
		st.endRecord(e)
	case etx, etb: // of a frame that was joined in the middle
		if c == etx {
			st.endRecord(e)
		}
		if st.place != seeking {
			st.frame, st.place = frame{}, trailer
		}
	default:
		st.parser.octet(c)
	}
}

// fail gives up what is not believed and looks for the next frame or header. What
// whole records have said before is handed out. What is found wrong while looking
// is the same failure.
func (st *stream) fail(o protocols.Outcome, e *event) {
	if st.place == framed || st.doubt {
		st.takeBack()
	}
	if !st.lost {
		e.count(o)
	}
	if m := &st.parser.message; m.fresh() {
		st.ready = append(st.ready, *m)
	}
	st.seek()
	st.line.broken = true
}

// seek looks for the next frame or header.
func (st *stream) seek() {
	st.place, st.lost, st.doubt = seeking, true, false
	st.frame, st.last, st.held = frame{}, frame{}, st.held[:0]
	st.parser.forget()
	st.line = line{}
}

// giveUp ends what the direction was in the middle of: what whole records have said
// is handed out.
func (st *stream) giveUp() (e event) {
	st.ready = st.ready[:0]
	if st.place == framed || st.place == trailer && st.frame.number != 0 || st.doubt {
		st.takeBack()
		e.count(protocols.Truncated)
	}
	if m := &st.parser.message; m.begun() {
		if m.fresh() {
			st.ready = append(st.ready, *m)
		}
		e.count(protocols.Truncated)
	}
	e.ready = st.ready
	return e
}
