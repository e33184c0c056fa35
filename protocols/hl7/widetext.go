package hl7

import (
	"unicode/utf16"
	"unicode/utf8"
)

// wideText turns a direction that is written in UTF-16 or UTF-32 (HL7 table 0211) into
// UTF-8, in which segments are read, and passes everything else on as it is. The block's
// own octets stay single (HL7 implementation guide, "Minimal Lower Layer Protocol"),
// which is why the guide advises against such text there; over HTTP nothing does. The
// zero value decides by the first octets.
type wideText struct {
	decided bool
	unit    int  // octets of a unit, 0 for text that is passed on
	little  bool // the low octet first
	between bool // outside of a block: single octets
	held    [5]byte
	n       int
	high    rune // the first half of a pair of UTF-16
	last    rune
	room    []byte
}

// forms of the first letters of a header, with a byte order mark or without.
type form struct {
	unit   int
	little bool
	mark   int // octets of the byte order mark
}

// formOf reads how text begins. It is not known as long as too few octets are there;
// the zero value is text in octets.
func formOf(b []byte) (f form, known bool) {
	letter := func(i int) bool { return b[i] == 'M' || b[i] == 'F' || b[i] == 'B' }
	switch {
	case len(b) == 0:
		return form{}, false
	case b[0] != 0 && b[0] < 0xfe && !letter(0), len(b) > 1 && letter(0) && b[1] != 0:
		return form{}, true
	case len(b) < 4:
		return form{}, false
	case b[0] == 0xff && b[1] == 0xfe && b[2] == 0 && b[3] == 0:
		return form{4, true, 4}, true
	case b[0] == 0xff && b[1] == 0xfe:
		return form{2, true, 2}, true
	case b[0] == 0xfe && b[1] == 0xff:
		return form{2, false, 2}, true
	case b[0] == 0 && b[1] == 0 && b[2] == 0xfe && b[3] == 0xff:
		return form{4, false, 4}, true
	case b[0] == 0 && b[1] == 0 && b[2] == 0 && letter(3):
		return form{4, false, 0}, true
	case b[0] == 0 && letter(1) && b[2] == 0:
		return form{2, false, 0}, true
	case letter(0) && b[1] == 0 && b[2] == 0 && b[3] == 0:
		return form{4, true, 0}, true
	case letter(0) && b[1] == 0 && b[3] == 0:
		return form{2, true, 0}, true
	}
	return form{}, true
}

// pass returns what is to be read of b. It is valid until the next call.
func (w *wideText) pass(b []byte) []byte {
	if w.decided && w.unit == 0 {
		return b
	}
	w.room = w.room[:0]
	for i, c := range b {
		if w.decided && w.unit == 0 {
			return append(w.room, b[i:]...)
		}
		if w.decided {
			w.take(c)
		} else {
			w.open(c)
		}
	}
	return w.room
}

// rest returns octets that were held because too few came to decide by.
func (w *wideText) rest() []byte {
	if w.decided {
		return nil
	}
	return w.held[:w.n]
}

// open takes one of the first octets: the start of a block, then the text's.
func (w *wideText) open(c byte) {
	w.held[w.n] = c
	w.n++
	b := w.held[:w.n]
	if b[0] == vt {
		b = b[1:]
	}
	f, known := formOf(b)
	if !known {
		return
	}
	all := w.held
	n := w.n
	w.decided, w.unit, w.little, w.between, w.n = true, f.unit, f.little, f.unit > 0, 0
	if f.unit == 0 {
		w.room = append(w.room, all[:n]...)
		return
	}
	start := n - len(b)
	w.room = append(w.room, all[:start]...)
	w.between = false
	for _, c := range all[start+f.mark : n] {
		w.take(c)
	}
}

// take takes one octet of text in units.
func (w *wideText) take(c byte) {
	if w.between && w.n == 0 && (c == vt || c == cr || c == lf) {
		w.room = append(w.room, c)
		w.between = c != vt
		return
	}
	w.between = false
	w.held[w.n] = c
	w.n++
	if w.n == 2 && w.held[0] == fs && c == cr && w.last == cr {
		w.room = append(w.room, fs, cr) // no segment begins with the letter that this could be
		w.between, w.n, w.last = true, 0, 0
		return
	}
	if w.n < w.unit {
		return
	}
	w.n = 0
	u := w.value()
	switch {
	case w.high != 0:
		w.write(utf16.DecodeRune(w.high, u))
		w.high = 0
	case w.unit == 2 && utf16.IsSurrogate(u):
		w.high = u
	default:
		w.write(u)
	}
}

func (w *wideText) write(u rune) {
	if u == 0xfeff {
		return // a mark at the beginning of a block
	}
	w.last = u
	w.room = utf8.AppendRune(w.room, u)
}

func (w *wideText) value() (u rune) {
	for i := range w.unit {
		at := i
		if w.little {
			at = w.unit - 1 - i
		}
		u = u<<8 | rune(w.held[at])
	}
	if u < 0 {
		return utf8.MaxRune + 1
	}
	return u
}

// narrowed writes the beginning of ASCII text in UTF-16 or UTF-32 into room, in octets,
// or returns b.
func narrowed(room, b []byte) []byte {
	f, known := formOf(b)
	if !known || f.unit == 0 {
		return b
	}
	n := 0
	for b = b[f.mark:]; len(b) >= f.unit && n < len(room); b = b[f.unit:] {
		low := f.unit - 1
		if f.little {
			low = 0
		}
		for i := range f.unit {
			if i != low && b[i] != 0 {
				return room[:n]
			}
		}
		room[n] = b[low]
		n++
	}
	return room[:n]
}
