package dicom_test

import (
	"encoding/binary"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dicom"
)

// wire gives a session the packets of one direction as flow does: it drops what
// the session does not need, and tells of what is missing beyond that.
type wire struct {
	result
	session protocols.Session
	to      *protocols.Sink
	wary    bool // let nothing be predicted
	skip    uint64
	seen    uint64 // octets that came as far as this
}

func newWire() *wire {
	w := &wire{session: dicom.New().Open(protocols.Context{OpenerKnown: true})}
	w.to = w.sink()
	return w
}

// packet is the next octets of the stream.
func (w *wire) packet(b []byte) {
	n := min(w.skip, uint64(len(b)))
	w.skip -= n
	w.seen += uint64(len(b))
	if b = b[n:]; len(b) == 0 {
		return
	}
	if w.wary {
		dicom.Forget(w.session)
	}
	from, to := endpoints(opener)
	w.skip = w.session.Segment(protocols.Segment{When: start, Direction: opener, From: from, To: to, Bytes: b}, w.to)
	w.longest = max(w.longest, w.skip)
}

// lost is octets of the stream that nobody saw.
func (w *wire) lost(n uint64) {
	unwanted := min(w.skip, n)
	w.skip -= unwanted
	if n -= unwanted; n > 0 {
		w.skip = 0
		w.session.Gap(opener, n, w.to)
	}
}

// astray is octets that nobody saw, of which nobody knows how many: what is
// skipped is void.
func (w *wire) astray() {
	w.skip = 0
	w.session.Gap(opener, 0, w.to)
}

// packets cuts the stream anywhere, also inside what is skipped.
func (w *wire) packets(b []byte, size int) *wire {
	for len(b) > 0 {
		n := min(size, len(b))
		w.packet(b[:n])
		b = b[n:]
	}
	return w
}

// honoured jumps over what is skipped, as a kernel that drops it.
func (w *wire) honoured(b []byte, size int) *wire {
	for len(b) > 0 {
		n := min(max(uint64(size), w.skip), uint64(len(b)))
		if w.skip > 0 {
			n = min(w.skip, uint64(len(b)))
			w.skip -= n
			w.skipped += n
		} else {
			w.packet(b[:n])
		}
		b = b[n:]
	}
	return w
}

func (w *wire) close() *wire {
	w.session.Close(w.to)
	return w
}

// cut splits a data set into P-DATA-TF PDUs whose n-th carries size(n) octets, in
// so many PDVs.
func cut(id byte, data []byte, pdvs int, size func(n int) int) []byte {
	var b []byte
	for n := 0; ; n++ {
		var parts [][]byte
		for i := 0; i < pdvs && len(data) > 0; i++ {
			m, control := min(size(n), len(data)), byte(moreData)
			if m == len(data) {
				control = lastData
			}
			parts = append(parts, pdv(id, control, data[:m]))
			data = data[m:]
		}
		if b = append(b, pdata(parts...)...); len(data) == 0 {
			return b
		}
	}
}

// pdus are PDUs of one length, which counts the PDV header, as DCMTK sends them.
func pdus(id byte, data []byte, length int) []byte {
	return cut(id, data, 1, func(int) int { return length - 6 })
}

// bulk is a stream of one picture that is made as it is read: head and n octets of
// pixels, in PDUs of one length.
type bulk struct {
	head   []byte
	pixels uint64
	length uint64 // of the PDU bodies
}

func (s bulk) fragment() uint64 { return s.length - 6 }
func (s bulk) data() uint64     { return uint64(len(s.head)) + s.pixels }

func (s bulk) size() uint64 {
	n := (s.data() + s.fragment() - 1) / s.fragment()
	return s.data() + 12*n
}

// fill writes what stands at a place of the stream.
func (s bulk) fill(at uint64, b []byte) {
	for len(b) > 0 {
		k, in := at/(s.length+6), at%(s.length+6)
		left, control := s.data()-k*s.fragment(), byte(moreData)
		if left <= s.fragment() {
			control = lastData
		}
		n := min(left, s.fragment())
		header := binary.BigEndian.AppendUint32([]byte{4, 0}, uint32(n+6))
		header = append(binary.BigEndian.AppendUint32(header, uint32(n+2)), 1, control)
		m := 0
		if in < 12 {
			m = copy(b, header[in:])
		} else {
			m = int(min(n-(in-12), uint64(len(b))))
			s.octets(k*s.fragment()+in-12, b[:m])
		}
		at, b = at+uint64(m), b[m:]
	}
}

func (s bulk) octets(at uint64, b []byte) {
	for i := range b {
		if j := at + uint64(i); j < uint64(len(s.head)) {
			b[i] = s.head[j]
		} else {
			b[i] = byte(j * 2654435761 >> 16)
		}
	}
}

// play gives a wire the stream, whose skips are honoured late octets after they
// were asked for.
func (s bulk) play(w *wire, late uint64) {
	s.playFrom(w, 0, late, func() bool { return false })
}

// playFrom begins at a place and ends when it is told; it returns where.
func (s bulk) playFrom(w *wire, at, late uint64, enough func() bool) uint64 {
	buffer, size := make([]byte, 1460), s.size()
	for at < size && !enough() {
		if w.skip > late {
			n := min(w.skip-late, size-at)
			w.skip, at = w.skip-n, at+n
			continue
		}
		n := min(uint64(len(buffer)), size-at)
		s.fill(at, buffer[:n])
		w.packet(buffer[:n])
		at += n
	}
	return at
}

// TestInvariant07BulkIsNotSeen stores 200 MB in PDUs as DCMTK sends them: less
// than a hundredth may come to user space, when the kernel begins to drop 64 KiB
// after it was asked, or 1.25 MB (a millisecond at 10 Gbit/s).
func TestInvariant07BulkIsNotSeen(t *testing.T) {
	const n = 200 << 20
	head := dataset(explicit, equipment()...)
	head = encoderOf(explicit).header(head, 0x7FE00010, "OW", n)
	for _, tt := range []struct{ length, late uint64 }{{16378, 64 << 10}, {16378, 1250 << 10}, {131066, 64 << 10}, {1 << 20, 64 << 10}} {
		w := newWire()
		for _, st := range associated(ctStorage, explicit) {
			from, to := endpoints(st.from)
			w.session.Segment(protocols.Segment{When: start, Direction: st.from, From: from, To: to, Bytes: st.data}, w.to)
		}
		w.packet(storeRQ(1))
		bulk{head: head, pixels: n, length: tt.length}.play(w, tt.late)
		w.packet(pdata(pdv(1, lastCommand, dimse(0x0030, verifySOP, 9, false, -1))))
		w.close()
		share := 100 * float64(w.seen) / n
		t.Logf("PDUs of %d octets, dropped %d octets late: %d of %d octets seen, %.3f %%", tt.length, tt.late, w.seen, n, share)
		if share >= 1 {
			t.Errorf("%.2f %% of the object seen", share)
		}
		wantLines(t, w.lines()[2:], []string{"opener on speaker: role=dicom-store-scu", equipmentLine, "opener on speaker: role=dicom-verification-scu"})
		wantOutcome(t, &w.result, protocols.Parsed, 4)
		wantOutcome(t, &w.result, protocols.Truncated, 0)
	}
}
