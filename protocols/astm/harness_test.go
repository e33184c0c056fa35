package astm_test

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/astm"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// The two ends of every conversation in these tests, and its time.
var (
	opener   = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.20"), Port: 40000, MAC: protocols.MAC{0x00, 0x09, 0xfb, 0x00, 0x00, 0x01}}
	acceptor = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.2"), Port: 9100, MAC: protocols.MAC{0x02, 0, 0, 0, 0, 2}}
	noon     = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
)

type heard = protocoltest.Heard

// bit is a run of octets in one direction.
type bit struct {
	back bool
	text string
	when time.Time // noon when zero
}

func segment(b bit) protocols.Segment {
	s := protocols.Segment{When: b.when, From: opener, To: acceptor, Bytes: []byte(b.text)}
	if s.When.IsZero() {
		s.When = noon
	}
	if b.back {
		s.Direction, s.From, s.To = protocols.FromAcceptor, acceptor, opener
	}
	return s
}

// listen plays a conversation in pieces of at most size octets (0: whole).
func listen(size int, bits ...bit) *heard {
	return play(protocols.Context{OpenerKnown: true}, size, bits...)
}

func play(c protocols.Context, size int, bits ...bit) *heard {
	h := &heard{}
	out := h.Sink(protocols.ASTM)
	s := astm.New().Open(c)
	for _, b := range bits {
		for len(b.text) > 0 {
			n := len(b.text)
			if size > 0 {
				n = min(n, size)
			}
			if s.Segment(segment(bit{b.back, b.text[:n], b.when}), out) != 0 {
				panic("frames have no lengths to skip by")
			}
			b.text = b.text[n:]
		}
	}
	s.Close(out)
	return h
}

// frame writes one frame as LIS01-A2, section 6.3, says: the sum of everything from
// the number to the end of text, modulo 256, in two capital hexadecimal digits.
func frame(number int, text string, last bool) string {
	end := "\x17"
	if last {
		end = "\x03"
	}
	body := fmt.Sprintf("%d%s%s", number%8, text, end)
	sum := 0
	for _, c := range []byte(body) {
		sum += int(c)
	}
	return fmt.Sprintf("\x02%s%02X\r\n", body, sum%256)
}

// transmission frames each record by itself, in parts of at most size characters.
func transmission(size int, records ...string) string {
	out, number := "\x05", 0
	for _, r := range records {
		for r += "\r"; len(r) > 0; {
			n := min(size, len(r))
			number++
			out += frame(number, r[:n], n == len(r))
			r = r[n:]
		}
	}
	return out + "\x04"
}

func lines(records ...string) string { return strings.Join(records, "\r") + "\r" }
