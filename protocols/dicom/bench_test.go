package dicom_test

import (
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dicom"
)

// bench plays steps to sessions that have heard others before, so that what is stated
// once a minute has been, as in a long association. It reports what a message costs.
func bench(b *testing.B, before, steps []step, messages int) {
	out := protocols.NewSink(protocols.DICOM, nil, nil, nil)
	say := func(s protocols.Session, steps []step) {
		for _, st := range steps {
			from, to := endpoints(st.from)
			s.Segment(protocols.Segment{When: start, Direction: st.from, From: from, To: to, Bytes: st.data}, out)
		}
	}
	octets := 0
	for _, st := range steps {
		octets += len(st.data)
	}
	session := dicom.New().Open(protocols.Context{OpenerKnown: true})
	say(session, before)
	b.SetBytes(int64(octets))
	b.ReportAllocs()
	for b.Loop() {
		if before == nil {
			session = dicom.New().Open(protocols.Context{OpenerKnown: true})
		}
		say(session, steps)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*messages), "ns/message")
}

// BenchmarkAssociation opens a session and reads a request and its acceptance: of a
// modality with four contexts, and of a toolkit that proposes all it knows.
func BenchmarkAssociation(b *testing.B) {
	for name, contexts := range map[string]int{"modality": 4, "toolkit": 128} {
		var proposals []proposal
		var answers []answer
		for i := range contexts {
			proposals = append(proposals, proposal{byte(2*i + 1), ctStorage, []string{explicit, implicit, jpeg}})
			answers = append(answers, answer{byte(2*i + 1), 0, explicit})
		}
		b.Run(name, func(b *testing.B) {
			bench(b, nil, []step{says(opener, request("ARCHIVE", "CT01", proposals...)), says(acceptor, accept("ARCHIVE", "CT01", answers...))}, 2)
		})
	}
}

// BenchmarkObject reads a C-STORE up to its pixels and passes over those, and its
// response: of a machine that was stated already, and of one that is new each time.
func BenchmarkObject(b *testing.B) {
	for _, transfer := range []string{implicit, explicit, deflate} {
		picture := dataset(transfer, append(equipment(), pixels(4000))...)
		steps := []step{says(opener, storeRQ(1), fragments(1, lastData, picture, 16_000)), says(acceptor, storeRSP(1, 0))}
		b.Run("again/"+transfer, func(b *testing.B) { bench(b, append(associated(ctStorage, transfer), steps...), steps, 2) })
	}
	picture := dataset(explicit, append(equipment(), pixels(4000))...)
	first := append(associated(ctStorage, explicit), says(opener, storeRQ(1), fragments(1, lastData, picture, 16_000)), says(acceptor, storeRSP(1, 0)))
	b.Run("first/"+explicit, func(b *testing.B) { bench(b, nil, first, 4) })
}

// BenchmarkFind reads a worklist query and ten answers, which are passed over.
func BenchmarkFind(b *testing.B) {
	query := dataset(implicit, el(0x00100010, "PN", "ZZ*"), sequence(0x00400100, true, []element{el(0x00080060, "CS", "CT"), el(0x00400001, "AE", "CT01")}))
	entry := dataset(implicit, append(stepOf("CT01", "SCHEDULED"), el(0x00401001, "SH", "ZZ"))...)
	steps := []step{says(opener, pdata(pdv(1, lastCommand, dimse(0x0020, worklist, 7, true, -1))), pdata(pdv(1, lastData, query)))}
	for range 10 {
		steps = append(steps, says(acceptor, pdata(pdv(1, lastCommand, dimse(0x8020, worklist, 7, true, 0xFF00))), pdata(pdv(1, lastData, entry))))
	}
	steps = append(steps, says(acceptor, pdata(pdv(1, lastCommand, dimse(0x8020, worklist, 7, false, 0)))))
	bench(b, append(associated(worklist, implicit), steps...), steps, 12)
}

// BenchmarkStep reads the beginning and the end of an examination, both answered.
func BenchmarkStep(b *testing.B) {
	steps := []step{create(instance, stepOf("CT01", "IN PROGRESS")...), message(acceptor, 0x8140, mpps, 0), set(instance, "COMPLETED"), message(acceptor, 0x8120, mpps, 0)}
	bench(b, append(associated(mpps, implicit), steps...), steps, 4)
}
