package http

import (
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
)

// metadata reads DICOM objects as JSON or XML (PS3.18 annex F, PS3.19 annex A): what
// STOW and the metadata of WADO carry beside or instead of files, and what answers to
// queries list. Only equipment is read, and it is a referenced machine's, as in files.
type metadata struct {
	scan   document
	on     *session
	answer bool
	begun  bool
	closed bool
	now    turn
	facts  []protocols.Fact
	stated int // machines
}

// machineTable bounds the machines that one side of a conversation is remembered to
// have told of; modalities have one, and the study in an archive some.
const machineTable = 8

// repeatAfter is when a machine is told of again, so that "last seen" follows a long
// conversation without one statement an object.
const repeatAfter = time.Minute

// machines are digests of what was told, and when.
type machines struct {
	known [machineTable]struct {
		digest uint64
		at     time.Time
	}
	next int // to be forgotten
}

func (s *session) newMetadata(answer, xml bool) protocols.Session {
	m := &metadata{on: s, answer: answer}
	if m.scan = (&scanner{on: m}); xml {
		m.scan = newNativeXML(m)
	}
	return m
}

// Segment reads octets of the body. An object is stated when it has ended.
func (m *metadata) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	if m.closed {
		return protocols.Everything
	}
	m.now = turn{when: seg.When, direction: seg.Direction & 1, from: seg.From, to: seg.To, out: out}
	defer func() { m.now.out = nil }()
	m.begun = true
	switch ok := m.scan.write(seg.Bytes); {
	case m.stated > maxDevices:
		out.Outcome(protocols.LimitReached)
		m.closed = true
		return protocols.Everything
	case !ok:
		out.Outcome(failed(m.scan.failure()))
		m.closed = true
		return protocols.Everything
	}
	return 0
}

// failed is the outcome of a text of which nothing more can be read.
func failed(f failure) protocols.Outcome {
	if f == tooMuch {
		return protocols.LimitReached
	}
	return protocols.Malformed
}

// Gap gives the body up: neither notation can be read behind a hole.
func (m *metadata) Gap(_ protocols.Direction, _ uint64, out *protocols.Sink) {
	m.Close(out)
}

// Close counts the body.
func (m *metadata) Close(out *protocols.Sink) {
	switch {
	case m.closed || !m.begun:
	case m.scan.whole():
		out.Outcome(protocols.Parsed)
	default:
		out.Outcome(protocols.Truncated)
	}
	m.closed, m.facts = true, nil
}

func (m *metadata) name([]byte) {}

// enter begins an object. Arrays are transparent, so that all stand at the top.
func (m *metadata) enter(path []byte) {
	if len(path) == 0 {
		m.facts = m.facts[:0]
	}
}

// equipment is what is read of an object: PS3.3 section C.7.5.1, and what tells the
// kind of machine. Its statements are those of the DICOM data set.
var equipment = map[string]protocols.Fact{
	"00080070.Value":                {Attribute: protocols.Manufacturer, Field: "(0008,0070)", Confidence: declared},
	"00081090.Value":                {Attribute: protocols.Model, Field: "(0008,1090)", Confidence: declared},
	"00181000.Value":                {Attribute: protocols.SerialNumber, Field: "(0018,1000)", Confidence: declared},
	"00181020.Value":                {Attribute: protocols.SoftwareVersion, Field: "(0018,1020)", Confidence: declared},
	"0018100A.Value.00181009.Value": {Attribute: protocols.UDI, Field: "(0018,100A)/(0018,1009)", Confidence: declared},
	"00181002.Value":                {Attribute: protocols.DeviceUID, Field: "(0018,1002)", Confidence: declared},
	"00081010.Value":                {Attribute: protocols.StationName, Field: "(0008,1010)", Confidence: declaredName},
	"00080055.Value":                {Attribute: protocols.AETitle, Field: "(0008,0055)", Confidence: declaredName},
	"00080060.Value":                {Attribute: protocols.Modality, Field: "(0008,0060)", Confidence: declared},
	"00181003.Value":                {Attribute: protocols.DeviceLabel, Field: "(0018,1003)", Confidence: declaredByPeople},
	"00081040.Value":                {Attribute: protocols.Department, Field: "(0008,1040)", Confidence: declaredByPeople},
	"00080080.Value":                {Attribute: protocols.Institution, Field: "(0008,0080)", Confidence: declaredByPeople},
	"00181016.Value":                {Attribute: protocols.SecondaryMaker, Field: "(0018,1016)", Confidence: declaredName},
	"00181018.Value":                {Attribute: protocols.SecondaryModel, Field: "(0018,1018)", Confidence: declaredName},
	"00181019.Value":                {Attribute: protocols.SecondarySystem, Field: "(0018,1019)", Confidence: declaredName},
	"00080016.Value":                {Attribute: protocols.DeviceType, Field: "(0008,0016)", Confidence: exercised},
}

func (m *metadata) wants(path []byte) bool {
	_, ok := equipment[string(path)]
	return ok
}

func (m *metadata) value(path, text []byte) {
	f := equipment[string(path)]
	value := strings.TrimSpace(string(text))
	if value == "" || string(text) == "null" || len(m.facts) == maxFacts || !formedInDICOM(f.Attribute, value) {
		return
	}
	f.Value = value
	if f.Attribute == protocols.DeviceType {
		f.Value = "sop:" + value
	}
	m.facts = append(m.facts, f)
}

// leave states an object that has ended, when it names a machine: the modality and the
// department of a study, which queries list, name none.
func (m *metadata) leave(path []byte) {
	if len(path) > 0 || m.stated > maxDevices {
		return
	}
	named := slices.ContainsFunc(m.facts, func(f protocols.Fact) bool {
		return f.Attribute == protocols.Manufacturer || f.Attribute == protocols.SerialNumber || f.Attribute == protocols.UDI
	})
	if !named || m.told() {
		return
	}
	if m.stated++; m.stated > maxDevices {
		return
	}
	m.now.state(protocols.Subject{Kind: protocols.AboutReferenced}, slices.Clone(m.facts), nil)
	if m.answer { // it keeps objects, and was asked
		m.now.state(protocols.Subject{Kind: protocols.AboutSpeaker}, []protocols.Fact{{
			Attribute: protocols.RoleOf, Value: string(protocols.RoleDICOMForwarder), Field: "metadata in an answer", Confidence: exercised,
		}}, nil)
	}
}

// told reports whether the same was told a moment ago, and remembers it.
func (m *metadata) told() bool {
	side := &m.on.said[m.now.direction]
	if side.machines == nil {
		side.machines = &machines{}
	}
	return side.machines.recently(digestOf(m.facts), m.now.when)
}

func (m *machines) recently(digest uint64, now time.Time) bool {
	for i := range m.known {
		known := &m.known[i]
		if known.digest != digest || known.at.IsZero() {
			continue
		}
		if now.Sub(known.at) < repeatAfter {
			return true
		}
		known.at = now
		return false
	}
	m.known[m.next].digest, m.known[m.next].at = digest, now
	m.next = (m.next + 1) % machineTable
	return false
}

// digestOf tells facts apart. A collision costs one statement.
func digestOf(facts []protocols.Fact) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a, 64 bits
	h := uint64(offset)
	for _, f := range facts {
		for _, s := range [...]string{f.Field, f.Value} {
			for i := range len(s) {
				h = (h ^ uint64(s[i])) * prime
			}
			h = (h ^ 0xff) * prime
		}
	}
	return h
}
