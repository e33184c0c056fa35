package sender

import (
	"bytes"
	"fmt"
	"slices"
)

// MLLP frames one HL7 message (HL7 MLLP, release 1, section 2).
func MLLP(message []byte) []byte {
	return slices.Concat([]byte{0x0b}, message, []byte{0x1c, '\r'})
}

// The control characters of ASTM E1381-95, section 6.
const (
	stx, etx, eot, enq, ack, etb = 0x02, 0x03, 0x04, 0x05, 0x06, 0x17
	// frameText is the most text that a frame carries there (section 6.3.1.2).
	frameText = 240
)

// ASTM lets a side send one message in frames with checksums, a record in each or in
// several, each acknowledged: ASTM E1381-95, sections 6.2 to 6.4. The message is
// records with CR behind each.
func ASTM(fromServer bool, message []byte) []Line {
	say := func(b []byte) []Line {
		return []Line{{fromServer, b}, {!fromServer, []byte{ack}}}
	}
	lines, n := say([]byte{enq}), 0
	for record := range bytes.SplitAfterSeq(message, []byte{'\r'}) {
		for len(record) > 0 {
			text := record[:min(len(record), frameText)]
			record = record[len(text):]
			last := byte(etb)
			if len(record) == 0 {
				last = etx
			}
			n++
			lines = append(lines, say(frame(n, text, last))...)
		}
	}
	return append(lines, Line{fromServer, []byte{eot}})
}

// frame is one frame: its number counts from 1 to 7, then from 0; its checksum is the
// sum of all from the number to the end of the text, in two hexadecimal digits.
func frame(n int, text []byte, last byte) []byte {
	body := slices.Concat([]byte{byte('0' + n%8)}, text, []byte{last})
	sum := byte(0)
	for _, c := range body {
		sum += c
	}
	return slices.Concat([]byte{stx}, body, fmt.Appendf(nil, "%02X\r\n", sum))
}

// POST is a request with a body and its answer without one (RFC 9112).
func POST(target, media string, body []byte) []Line {
	return []Line{
		Client(slices.Concat(fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: 192.0.2.9\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", target, media, len(body)), body)),
		Server([]byte("HTTP/1.1 204 No Content\r\n\r\n")),
	}
}
