package medibus

import (
	"math/bits"

	"github.com/auscult/auscult/protocols"
)

// dissector is the Protocol. It has no state.
type dissector struct{}

// New returns the MEDIBUS dissector. It is safe for concurrent use.
func New() protocols.Protocol { return dissector{} }

func (dissector) Name() protocols.Name           { return protocols.MEDIBUS }
func (dissector) Transport() protocols.Transport { return protocols.TCP }

func (dissector) Open(protocols.Context) protocols.Session { return &session{} }

// Probe recognises two commands or responses with a known code, a checksum that fits
// and nothing but curves between them; in a stream that was joined later, also
// records of curves.
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	b := o.Bytes
	if o.Midstream {
		b = b[joint(b):]
	}
	v := framed(b)
	if v == protocols.More && len(o.Bytes) >= protocols.ProbeLimit {
		v = protocols.No
		if o.Midstream && records(o.Bytes) {
			v = protocols.Yes
		}
	}
	return v
}

// wantedFrames is how many frames tell the protocol: each has 32 bits that must fit.
const wantedFrames = 2

// joint is where the first frame may begin in a stream that was joined inside one:
// the rest of that frame is text, and curves.
func joint(b []byte) int {
	for i, c := range b {
		if c == soh || c == esc || c > lastCurve || c < curve && !allowed(c) && !between(c) && c != cr {
			return i
		}
	}
	return len(b)
}

// between reports the marks of flow control, which stand anywhere.
func between(c byte) bool { return c == dc1 || c == dc3 }

// check is a frame whose octets are not kept.
type check struct {
	begin, sum   byte
	before, last byte // the last two octets, which are the checksum at the end
	length       int
}

func (k *check) fits() bool {
	high, ok := digit(k.before)
	low, ok2 := digit(k.last)
	return k.length >= minFrame && ok && ok2 && high<<4|low == k.sum-k.before-k.last
}

// framed judges octets that begin with a frame or with curves: each must have its
// place, and each frame its checksum.
func framed(b []byte) protocols.Verdict {
	var stack [maxNested]check
	found, open := 0, 0
	for _, c := range b {
		switch {
		case between(c) || c >= curve && c <= lastCurve:
		case c == soh && open == 0 || c == esc && (open == 0 || open == 1 && stack[0].begin == soh):
			stack[open] = check{begin: c, sum: c}
			open++
		case open == 0:
			return protocols.No
		case c == cr:
			open--
			if !stack[open].fits() {
				return protocols.No
			}
			if found++; found == wantedFrames {
				return protocols.Yes
			}
		case !stack[open-1].take(c):
			return protocols.No
		}
	}
	return protocols.More
}

// take takes an octet and reports whether it may stand there.
func (k *check) take(c byte) bool {
	if !allowed(c) || k.length == 0 && !known(c) {
		return false
	}
	k.before, k.last, k.sum = k.last, c, k.sum+c
	k.length++
	return true
}

// allowed reports an octet that may stand inside a frame.
func allowed(c byte) bool { return c >= ' ' && c <= '~' || c == etx || c == nak }

// known reports the code of a command (Protocol Definition, "Command Codes" and
// "Realtime-Extension Commands").
func known(c byte) bool {
	switch c {
	case nak, noOperation, timeChanged, configureData, initialise, identify, realtimeConfiguration,
		configureRealtime, stop, realtimeChanged, trendStatus, trend:
		return true
	}
	return c >= alarms3 && c <= alarms2
}

// records judges octets that are all curves: a sync octet with a bit for each of four
// values, and each value in two octets; or a sync command with its argument
// (Protocol Definition, "Structure of Realtime-Data Records").
func records(b []byte) bool {
	const sync, command, value = 0xD0, 0xC0, 0x80
	whole := 0
	for i := 0; i < len(b) && b[i]&0xF0 != sync; {
		b = b[1:] // the rest of a record
	}
	for len(b) > 1 && whole < minRecords {
		n := 2
		if b[0]&0xF0 == sync {
			n = 1 + 2*bits.OnesCount8(b[0]&0x0F)
		}
		if n < 2 || n > len(b) || b[0]&0xE0 != command {
			return false
		}
		for i, c := range b[1:n] {
			if b[0]&0xF0 == sync && c&0xC0 != value || b[0]&0xF0 == command && (i > 0 || c&0xF0 != command) {
				return false
			}
		}
		if n > 2 {
			whole++
		}
		b = b[n:]
	}
	return whole >= minRecords
}
