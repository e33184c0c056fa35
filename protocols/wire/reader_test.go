package wire_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/auscult/auscult/protocols/wire"
)

func TestReads(t *testing.T) {
	r := wire.NewReader([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9})
	if a, b, c := r.U8(), r.U16(binary.BigEndian), r.U32(binary.LittleEndian); a != 1 || b != 0x0203 || c != 0x07060504 {
		t.Errorf("read %x %x %x", a, b, c)
	}
	if r.Len() != 2 || r.Offset() != 7 || r.Failed() {
		t.Errorf("left %d at %d, failed %v", r.Len(), r.Offset(), r.Failed())
	}
	if rest := r.Rest(); !bytes.Equal(rest, []byte{8, 9}) || cap(rest) != 2 {
		t.Errorf("rest %x with room for %d: an append would write into the frame", rest, cap(rest))
	}
}

func TestAnOverrunLasts(t *testing.T) {
	r := wire.NewReader([]byte{1, 2})
	if r.U32(binary.BigEndian) != 0 || !r.Failed() || r.U8() != 0 || r.Rest() != nil {
		t.Error("a read after an overrun gave something")
	}
	r = wire.NewReader([]byte{1})
	if r.Bytes(-1) != nil || !r.Failed() {
		t.Error("a negative length was accepted")
	}
}

// FuzzReader asserts that what is read is what was given, in order, and never
// more.
func FuzzReader(f *testing.F) {
	f.Add([]byte("abcdef"), []byte{1, 2, 4, 0})
	f.Fuzz(func(t *testing.T, body, steps []byte) {
		r := wire.NewReader(body)
		var got []byte
		for _, s := range steps {
			got = append(got, r.Bytes(int(s%9))...)
			if r.Offset()+r.Len() != len(body) {
				t.Fatalf("%d read and %d left of %d", r.Offset(), r.Len(), len(body))
			}
		}
		if !bytes.HasPrefix(body, got) || len(got) != r.Offset() {
			t.Fatalf("read %x of %x", got, body)
		}
	})
}
