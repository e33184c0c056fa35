package medibus_test

import (
	"fmt"
	"slices"
)

// This generator follows the Protocol Definition RS 232 MEDIBUS. It shares nothing
// with the parser.

const (
	escape = 0x1B
	header = 0x01
)

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// framed adds the checksum, the sum of all octets so far, as two digits, and the end.
func framed(begin byte, code byte, body string) []byte {
	b := append([]byte{begin, code}, body...)
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	return fmt.Appendf(b, "%02X\r", sum%256)
}

func command(code byte, arguments ...string) []byte {
	body := ""
	for _, a := range arguments {
		body += a
	}
	return framed(escape, code, body)
}

func response(code byte, body string) []byte { return framed(header, code, body) }

// identification names a device, with its own revision and that of the protocol.
func identification(number, name, revision string) []byte {
	return response(0x52, fmt.Sprintf("%s'%s'%-11s", number, name, revision))
}

// value is a measured value: a code and four characters.
func value(code byte, v string) string { return fmt.Sprintf("%02X%4s", code, v) }

// text is a text message.
func text(code byte, s string) string { return fmt.Sprintf("%02X%c%s\x03", code, '0'+len(s), s) }

// setting is a device setting: a code and five characters.
func setting(code byte, v string) string { return fmt.Sprintf("%02X%5s", code, v) }

// alarm is a priority, a code and a phrase of twelve characters.
func alarm(priority byte, code byte, phrase string) string {
	return fmt.Sprintf("%c%02X%-12.12s", priority, code, phrase)
}

// record is a sync octet for a number of streams, and their values of 12 bits.
func record(values ...uint16) []byte {
	b := []byte{0xD0 | byte(1<<len(values)-1)}
	for _, v := range values {
		b = append(b, 0x80|byte(v&0x3F), 0x80|byte(v>>6&0x3F))
	}
	return b
}

// phase is a sync command: inspiration or expiration begins.
func phase(expiration byte) []byte { return []byte{0xC6, 0xC0 | expiration} }
