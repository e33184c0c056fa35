package dicom

import "github.com/auscult/auscult/protocols"

// messagePhase says which part of a DIMSE message is being read.
type messagePhase uint8

const (
	noMessage messagePhase = iota
	inCommand
	inData
	inOrphan // fragments of a data set whose command is not known
)

// content is the kind of a data set that is read.
type content uint8

const (
	unread content = iota
	imageContent
	stepContent
	stepEndContent
	queryContent
	printerContent
	workitemContent
	commitContent
)

func (c content) selection() *selection {
	switch c {
	case imageContent:
		return &imageSet
	case stepContent:
		return &stepSet
	case stepEndContent:
		return &stepEndSet
	case queryContent:
		return &querySet
	case printerContent:
		return &printerSet
	case workitemContent:
		return &workitemSet
	case commitContent:
		return &commitSet
	}
	return nil
}

// message is the DIMSE message that one direction is in. The fragments of two
// messages never mix in one direction (PS3.7 section 6.3), so one is enough.
type message struct {
	phase    messagePhase
	context  byte
	command  command
	content  content
	settled  bool // what the data set says has been stated, or will not be
	reader   reader
	inflater *inflater // while a deflated data set is gathered
}

// unneeded is how many of the following octets of fragments make no difference.
func (m *message) unneeded() uint64 {
	switch {
	case m.phase == noMessage || m.phase == inOrphan:
		return endless
	case m.inflater != nil:
		return 0
	}
	return m.reader.unneeded()
}

func (m *message) pass(n uint64) {
	if m.phase == inCommand || m.phase == inData {
		m.reader.pass(n)
	}
}

// run is how many octets of the open data set are known to follow that make no
// difference, where all that is wanted of it was read: what is left of one value.
func (m *message) run() uint64 {
	if m.phase != inData || !m.settled || m.inflater != nil || !m.reader.following {
		return 0
	}
	return m.reader.skip
}

// write takes some octets of b, at least one, and returns how many.
func (m *message) write(b []byte) int {
	if m.inflater == nil {
		n := m.reader.write(b)
		return n + m.reader.traverse(b[n:])
	}
	n := m.inflater.write(b)
	if m.inflater.full() {
		m.inflate(false)
	}
	return n
}

func (m *message) inflate(whole bool) {
	m.inflater.unpack(&m.reader, whole)
	m.inflater = nil
}

// startData prepares for the data set of the command that was read. One that is
// not read at all counts as result says.
func (m *message) startData(s syntax, result protocols.Outcome) {
	m.phase, m.settled = inData, false
	want := m.content.selection()
	if want == nil {
		m.settled = true
		m.reader.follow(s, result)
		return
	}
	m.reader.reset(want, s)
	if s == deflated {
		m.inflater = &inflater{}
	}
}

// fragment opens the next PDV of a direction.
func (s *session) fragment(d protocols.Direction, context byte, isCommand bool) {
	h := &s.halves[d]
	m := &h.message
	part := inData
	if isCommand {
		part = inCommand
	}
	if m.phase == part && m.context == context || m.phase == inOrphan && !isCommand {
		return
	}
	broken := s.breakOff(d, protocols.Malformed)
	m.context = context
	if isCommand {
		h.lost = false
		m.phase = inCommand
		m.reader.reset(&commandSet, implicitLE)
		return
	}
	m.phase = inOrphan
	if !broken && !h.lost {
		s.now.out.Outcome(protocols.Malformed)
	}
}

// settle states what a data set says as soon as all that is wanted was read.
func (s *session) settle(d protocols.Direction) {
	m := &s.halves[d].message
	if m.phase != inData || m.settled || m.inflater != nil || !m.reader.done {
		return
	}
	m.settled = true
	if m.reader.result == protocols.Parsed || m.reader.result == protocols.LimitReached {
		s.stateData(d)
	}
}

// partEnd ends a command set or data set.
func (s *session) partEnd(d protocols.Direction) {
	h := &s.halves[d]
	m := &h.message
	switch m.phase {
	case inOrphan:
		m.phase = noMessage
	case inCommand:
		m.reader.finish()
		if m.reader.result == protocols.Parsed && !readCommand(&m.reader, &m.command) {
			m.reader.stop(protocols.Malformed)
		}
		if m.reader.result != protocols.Parsed {
			h.lost = true // a data set may follow
			s.endMessage(d, m.reader.result)
			return
		}
		s.commandEnd(d)
	case inData:
		if m.inflater != nil {
			m.inflate(true)
		}
		m.reader.finish()
		s.settle(d)
		s.endMessage(d, m.reader.result)
	}
}

func (s *session) commandEnd(d protocols.Direction) {
	m := &s.halves[d].message
	result := s.stateCommand(d)
	if !m.command.hasData {
		s.endMessage(d, result)
		return
	}
	m.startData(s.association.syntax(m.context), result)
}

func (s *session) endMessage(d protocols.Direction, o protocols.Outcome) {
	m := &s.halves[d].message
	m.phase, m.inflater = noMessage, nil
	s.now.out.Outcome(o)
}

// breakOff gives up an open message and counts it: as why says, or as what it
// was when all that is wanted of it had been read. It reports whether there was
// one.
func (s *session) breakOff(d protocols.Direction, why protocols.Outcome) bool {
	m := &s.halves[d].message
	if m.phase == noMessage || m.phase == inOrphan {
		m.phase = noMessage
		return false
	}
	if m.phase == inData && m.settled {
		why = m.reader.result
	}
	s.endMessage(d, why)
	return true
}
