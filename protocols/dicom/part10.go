package dicom

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// Instances returns what opens the Part 10 files (PS3.10 section 7.1) that one
// conversation over HTTP carries: bodies and parts of application/dicom (PS3.18
// section 8.7.3.1). A session reads one file, states what a C-STORE of the same
// object would state of the machine that made it, and then needs headers only: it
// asks for the values between them to be skipped, the pixels among them.
//
// What one file states, the next of the same direction does not state again for a
// while. The sessions of one conversation share that memory, so that they are used
// from one goroutine; files may be open side by side, as streams of HTTP/2 are.
func Instances() func(protocols.Context) protocols.Session {
	series := newSession(protocols.Context{})
	return func(protocols.Context) protocols.Session { return &instance{series: series} }
}

// writtenBy is the confidence of what file meta information says of the program that
// wrote a file. That need not be the machine: archives and routers write files, too.
// It is stated of the machine all the same, never of the sender, who may pass on
// files as it got them.
const writtenBy = 0.4

// File meta information: PS3.10 table 7.1-1.
const (
	tagGroupLength   tag = 0x0002_0000
	tagMediaClass    tag = 0x0002_0002
	tagTransfer      tag = 0x0002_0010
	tagImplClass     tag = 0x0002_0012
	tagImplVersion   tag = 0x0002_0013
	tagSourceTitle   tag = 0x0002_0016
	metaGroup            = 0x0002
	preamble             = 128 // PS3.10 section 7.1
	fileSign             = "DICM"
	groupLengthTaken     = shortHeader + 4 // the element (0002,0000) itself
)

var metaSet = choose(at(tagGroupLength), at(tagMediaClass), at(tagTransfer), at(tagImplClass), at(tagImplVersion), at(tagSourceTitle))

// metaSources say of the writer of a file.
var metaSources = []source{
	{at(tagSourceTitle), "(0002,0016)", protocols.AETitle, aeTitle, writtenBy},
	{at(tagImplClass), "(0002,0012)", protocols.Implementation, uid, writtenBy},
	{at(tagImplVersion), "(0002,0013)", protocols.ImplVersion, text, writtenBy},
}

// filePart says which part of a file the next octet belongs to.
type filePart uint8

const (
	inPreamble filePart = iota
	inMeta
	inObject
	fileOver // nothing more is wanted
)

// instance reads one Part 10 file.
type instance struct {
	series  *session // what the conversation has stated
	message message  // its reader, for the meta information and then for the object
	part    filePart
	passed  int     // octets of preamble and sign
	group   [2]byte // of the next element, while it may end the meta information
	have    int
	settled bool
	writer  []protocols.Fact
	class   string // (0002,0002)
	last    turn   // when and between whom octets came
	from    protocols.Direction
}

// Segment reads octets of the file. What it returns reaches to the end of the open
// value, and not farther than maxAhead: what a length that lies can hide is bounded.
func (p *instance) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	p.last = turn{when: seg.When, from: seg.From, to: seg.To}
	p.from = seg.Direction & 1
	p.series.now = p.last
	p.series.now.out = out
	for b := seg.Bytes; len(b) > 0 && p.part != fileOver; {
		b = b[p.take(b):]
	}
	p.series.now = turn{}
	if p.part == fileOver || p.settled && p.message.reader.closed() {
		return protocols.Everything
	}
	n := min(p.unneeded(), maxAhead)
	p.message.reader.pass(n)
	return n
}

// unneeded is how many of the following octets make no difference.
func (p *instance) unneeded() uint64 {
	if p.part == inPreamble || p.message.inflater != nil {
		return 0
	}
	return p.message.reader.unneeded()
}

// take takes some octets of b, at least one unless the part changes.
func (p *instance) take(b []byte) int {
	if n := min(p.unneeded(), uint64(len(b))); n > 0 {
		p.message.reader.pass(n)
		return int(n)
	}
	switch p.part {
	case inPreamble:
		return p.sign(b)
	case inMeta:
		return p.meta(b)
	}
	n := p.message.write(b)
	p.settle()
	return n
}

// sign takes octets of the preamble, which may hold anything, and of the sign.
func (p *instance) sign(b []byte) int {
	if p.passed < preamble {
		n := min(preamble-p.passed, len(b))
		p.passed += n
		return n
	}
	if b[0] != fileSign[p.passed-preamble] {
		p.end(protocols.Malformed)
		return 1
	}
	if p.passed++; p.passed == preamble+len(fileSign) {
		p.part = inMeta
		p.message.reader.reset(&metaSet, explicitLE) // always: PS3.10 section 7.1
	}
	return 1
}

// meta takes octets of the file meta information. It ends with its group; the length
// of the group is asked only where what follows has no elements to look at.
func (p *instance) meta(b []byte) int {
	r := &p.message.reader
	n := 1
	switch between := r.have == 0 && r.left == 0 && r.depth == 0; {
	case !between:
		n = r.write(b)
	case p.have == 0 && p.metaEnds():
		p.startObject()
		return 0
	default:
		p.group[p.have] = b[0]
		if p.have++; p.have == len(p.group) {
			p.nextElement()
		}
	}
	if p.part == inMeta && r.closed() {
		p.end(broken(r.result))
	}
	return n
}

// broken is the outcome of meta information that could not be followed to its end.
func broken(o protocols.Outcome) protocols.Outcome {
	if o == protocols.LimitReached {
		return o
	}
	return protocols.Malformed
}

// metaEnds reports whether a deflated object begins here.
func (p *instance) metaEnds() bool {
	r := &p.message.reader
	length := r.value(at(tagGroupLength))
	return len(length) == 4 && syntaxOf(trimUID(r.value(at(tagTransfer)))) == deflated &&
		r.pos == groupLengthTaken+uint64(binary.LittleEndian.Uint32(length))
}

// nextElement goes on with the meta information or with the object, as the group of
// the element tells.
func (p *instance) nextElement() {
	p.have = 0
	r := &p.message.reader
	switch {
	case binary.LittleEndian.Uint16(p.group[:]) == metaGroup:
		r.write(p.group[:])
		return
	case r.elements == 0: // there always is some
		p.end(protocols.Malformed)
		return
	}
	p.startObject()
	for b := p.group[:]; len(b) > 0; {
		b = b[p.message.write(b):]
	}
}

// startObject keeps what the meta information says, and prepares for the data set.
func (p *instance) startObject() {
	r := &p.message.reader
	for i := range metaSources {
		p.writer = append(p.writer, r.stated(&metaSources[i], decoder{})...)
	}
	if u := trimUID(r.value(at(tagMediaClass))); isUID(u) {
		p.class = string(u)
	}
	s := syntaxOf(trimUID(r.value(at(tagTransfer))))
	p.part, p.message.content = inObject, imageContent
	p.message.startData(s, protocols.Parsed)
}

// settle states what the object says as soon as all that is wanted was read.
func (p *instance) settle() {
	r := &p.message.reader
	if p.settled || p.message.inflater != nil || !r.done {
		return
	}
	p.settled = true
	if r.result != protocols.Parsed && r.result != protocols.LimitReached {
		p.end(r.result)
		return
	}
	p.state()
}

// state states what a stored object says of the equipment that made it. A sender of
// images of two machines is neither.
func (p *instance) state() {
	r, said := &p.message.reader, &p.series.halves[p.from].spoken
	if said.recently(r.digest(), p.series.now.when) {
		return
	}
	facts := r.imageFacts(p.class)
	shown := machineOf(facts)
	class, field := p.class, "(0002,0002)"
	if u := trimUID(r.value(at(tagSOPClass))); class == "" && isUID(u) {
		class, field = string(u), "(0008,0016)"
	}
	if class != "" {
		facts = append(facts, protocols.Fact{Attribute: protocols.DeviceType, Value: "sop:" + class, Field: field, Confidence: exercised})
	}
	p.series.observe(protocols.Subject{Kind: protocols.AboutReferenced}, append(facts, p.writers(title(r.value(at(tagStationAE))))...), nil)
	switch {
	case said.machine == (machine{}):
		said.machine = shown
	case said.machine.differs(shown):
		p.series.stateRole(p.from, protocols.RoleDICOMForwarder, "images of two machines")
	}
}

// writers are the statements about the writer of the file. The program is known to
// be the machine's own where writer and station have one title.
func (p *instance) writers(station string) []protocols.Fact {
	own := len(p.writer) > 0 && p.writer[0].Attribute == protocols.AETitle && p.writer[0].Value == station
	if own {
		for i := range p.writer {
			p.writer[i].Confidence = toolkit
		}
		return p.writer[1:] // the title is stated already
	}
	return p.writer
}

// end counts the file, once.
func (p *instance) end(o protocols.Outcome) {
	if p.part != fileOver {
		p.series.now.out.Outcome(o)
	}
	p.part, p.message.inflater = fileOver, nil
}

// Gap gives the file up. What was stated of it stays.
func (p *instance) Gap(_ protocols.Direction, _ uint64, out *protocols.Sink) {
	p.message.inflater = nil
	p.Close(out)
}

// Close counts the file. A data set that ends before all that is wanted was read
// counts as cut: every object has elements behind that (PS3.3 section C.7.2.1, the
// study). One that is deflated tells its end itself.
func (p *instance) Close(out *protocols.Sink) {
	p.series.now = p.last
	p.series.now.out = out
	if p.message.inflater != nil {
		p.message.inflate(true)
		p.settle()
	}
	if p.settled {
		p.end(p.message.reader.result)
	} else {
		p.end(protocols.Truncated)
	}
	p.series.now = turn{}
}
