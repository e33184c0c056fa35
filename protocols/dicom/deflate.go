package dicom

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"

	"github.com/auscult/auscult/protocols"
)

// inflater holds the first octets of a deflated data set (PS3.5 annex A.5: raw
// RFC 1951) until there are enough of them, or all, and then reads what they
// unpack to.
type inflater struct {
	packed []byte
}

// write keeps some octets, at least one. It must not be called when full.
func (f *inflater) write(b []byte) int {
	n := min(len(b), maxDeflated-len(f.packed))
	f.packed = append(f.packed, b[:n]...)
	return n
}

func (f *inflater) full() bool { return len(f.packed) == maxDeflated }

// unpack reads what was kept into r and lets go of it. whole says that the data
// set has ended.
func (f *inflater) unpack(r *reader, whole bool) {
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(f.packed)), maxInflated))
	cut := len(plain) == maxInflated || (!whole && errors.Is(err, io.ErrUnexpectedEOF))
	f.packed = nil
	r.reset(r.want, explicitLE)
	if err != nil && !cut {
		r.stop(protocols.Malformed)
		return
	}
	for b := plain; len(b) > 0 && !r.done; {
		if n := min(r.unneeded(), uint64(len(b))); n > 0 {
			r.pass(n)
			b = b[n:]
			continue
		}
		b = b[r.write(b):]
	}
	switch {
	case r.done:
		r.hurry() // what follows was packed
	case cut:
		r.dropUnfinished()
		r.stop(protocols.LimitReached)
	default:
		r.finish()
	}
}

// dropUnfinished forgets a value of which not all octets came.
func (r *reader) dropUnfinished() {
	if r.left > 0 {
		r.kept = r.kept[:len(r.kept)-1]
		r.left = 0
	}
}
