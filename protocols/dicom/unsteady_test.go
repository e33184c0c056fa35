package dicom_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dicom"
)

// unsteady is one C-STORE of which nothing can be predicted: short PDUs that
// alternate, and behind the wanted elements many of which only headers are read.
func unsteady() []byte {
	els := equipment()
	for i := range 60 {
		els = append(els, el(0x00291001+uint32(i), "LO", fmt.Sprint("value ", i)))
	}
	data := dataset(explicit, append(els, el(0x7FE00010, "OW", string(noise(60_000))))...)
	b, sizes := storeRQ(1), []int{2000, 2400}
	for n := 0; len(data) > sizes[n%2]; n++ {
		b, data = append(b, pdata(pdv(1, moreData, data[:sizes[n%2]]))...), data[sizes[n%2]:]
	}
	return append(b, pdata(pdv(1, lastData, data))...)
}

// responses are responses of a query, of which no data set is read.
func responses() []byte {
	entry := dataset(implicit, el(0x00080005, "CS", "ISO_IR 100"), el(0x00100010, "PN", "ZZCANARY^WORKLIST"), el(0x00100020, "LO", "ZZID-1"))
	one := slices.Concat(pdata(pdv(1, lastCommand, dimse(0x8020, worklist, 2, true, 0xFF00))), pdata(pdv(1, lastData, entry)))
	return bytes.Repeat(one, 100)
}

// BenchmarkUnpredicted reads what no prediction helps with.
func BenchmarkUnpredicted(b *testing.B) {
	for name, stream := range map[string][]byte{"store": unsteady(), "responses": responses()} {
		b.Run(name, func(b *testing.B) {
			session, sink := dicom.New().Open(protocols.Context{}), (&result{}).sink()
			b.SetBytes(int64(len(stream)))
			b.ReportAllocs()
			for b.Loop() {
				playPictures(session, sink, stream)
			}
		})
	}
}
