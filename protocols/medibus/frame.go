package medibus

// Octets of the framing (Protocol Definition, "Structure of Commands", "Structure of
// Responses", "Allowable Characters").
const (
	soh = 0x01 // begins a response
	esc = 0x1B // begins a command
	cr  = 0x0D // ends both
	etx = 0x03 // ends a text inside a response
	dc1 = 0x11 // go on sending
	dc3 = 0x13 // stop sending
	can = 0x18 // what was begun is broken off
	// curve marks realtime octets, which stand anywhere, inside frames too.
	curve = 0x80
	// lastCurve is the highest of them: values from 0x80, sync commands from 0xC0,
	// sync octets from 0xD0.
	lastCurve = 0xDF
	// minFrame is a code and a checksum of two digits.
	minFrame = 3
)

// frame is an open command or response.
type frame struct {
	begin byte
	sum   byte // of all octets so far, modulo 256
	long  bool // has more than maxFrame octets
	body  []byte
}

// verdict says what one octet did to the frames of a direction.
type verdict uint8

const (
	nothing verdict = iota
	whole           // a frame ended, and its checksum fits
	corrupt         // a frame ended, and its checksum does not fit
	overlong
	broken // frames were given up
)

// line is one direction. Its frames are used again and again.
type line struct {
	frames [maxNested]frame
	open   int // how many frames are open
}

// take takes one octet that is no curve. After whole, the frame is ended.
func (l *line) take(c byte) (verdict, *frame) {
	switch c {
	case soh, esc:
		return l.begin(c)
	case cr:
		return l.end()
	case dc1, dc3:
		return nothing, nil
	case can:
		return l.abandon(), nil
	}
	if l.open == 0 {
		return nothing, nil
	}
	f := &l.frames[l.open-1]
	if len(f.body) == maxFrame {
		f.long = true
		return nothing, nil
	}
	f.body = append(f.body, c)
	f.sum += c
	return nothing, nil
}

// begin opens a frame. A command may stand inside a response; any other frame that
// is open then has lost its end.
func (l *line) begin(c byte) (verdict, *frame) {
	v := nothing
	if c == soh {
		v = l.abandon()
	} else if l.open > 0 && l.frames[l.open-1].begin == esc {
		v = broken
		l.open--
	}
	f := &l.frames[l.open]
	f.begin, f.sum, f.long, f.body = c, c, false, f.body[:0]
	l.open++
	return v, nil
}

func (l *line) end() (verdict, *frame) {
	if l.open == 0 {
		return nothing, nil
	}
	l.open--
	f := &l.frames[l.open]
	switch {
	case f.long:
		return overlong, nil
	case len(f.body) < minFrame || !f.fits():
		return corrupt, nil
	}
	f.body = f.body[:len(f.body)-2]
	return whole, f
}

// fits compares the checksum, two hexadecimal digits, with the octets before it.
func (f *frame) fits() bool {
	n := len(f.body) - 2
	high, ok := digit(f.body[n])
	low, ok2 := digit(f.body[n+1])
	return ok && ok2 && high<<4|low == f.sum-f.body[n]-f.body[n+1]
}

// abandon gives up all open frames.
func (l *line) abandon() verdict {
	if l.open == 0 {
		return nothing
	}
	l.open = 0
	return broken
}

// digit is the value of a hexadecimal digit; devices send capital letters.
func digit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// code reads two hexadecimal digits.
func code(b []byte) (byte, bool) {
	high, ok := digit(b[0])
	low, ok2 := digit(b[1])
	return high<<4 | low, ok && ok2
}
