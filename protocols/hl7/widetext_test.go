package hl7_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
)

// wide writes text in UTF-16 or UTF-32.
func wide(text string, unit int, order binary.AppendByteOrder) string {
	var out []byte
	for _, r := range text {
		if unit == 4 {
			out = order.AppendUint32(out, uint32(r))
			continue
		}
		for _, u := range utf16.Encode([]rune{r}) {
			out = order.AppendUint16(out, u)
		}
	}
	return string(out)
}

// TestUTF16AndUTF32 reads a message in units of two and of four octets: in blocks
// whose own octets are single, in blocks that are written in units too, and without.
func TestUTF16AndUTF32(t *testing.T) {
	const mark = "\ufeff"
	model := `OBX|3|ST|531969^MDC_ID_MODEL_NUMBER^MDC|1.0.0.1|Süd ഇ ポ 𝒜|||||R`
	text := strings.Join([]string{msh + "||||||UNICODE UTF-16", "PID|1||CANARY", strings.Replace(root, "^Duo", "^", 1), model, ready, ""}, "\r")
	want := listen(0, bit{text: block(msh+"||||||UNICODE UTF-8", "PID|1||CANARY", strings.Replace(root, "^Duo", "^", 1), model, ready)})
	if want.Get(protocols.AboutDescribed, protocols.Model) != "Süd ഇ ポ 𝒜" {
		t.Fatalf("the example says nothing:\n%s", want.Print())
	}
	for name, order := range map[string]binary.AppendByteOrder{"high octet first": binary.BigEndian, "low octet first": binary.LittleEndian} {
		for _, unit := range []int{2, 4} {
			for framing, octets := range map[string]string{
				"single octets":      "\x0b" + wide(text, unit, order) + "\x1c\r",
				"with a mark":        "\x0b" + wide(mark+text, unit, order) + "\x1c\r",
				"the next behind it": "\x0b" + wide(text, unit, order) + "\x1c\r\x0b" + wide("MSH|", unit, order),
				"end in units":       "\x0b" + wide(text+"\x1c\r", unit, order),
			} {
				for _, size := range []int{0, 1, 3, 7} {
					h := listen(size, bit{text: octets})
					if got := strings.TrimSuffix(h.Print(), "outcomes [parsed truncated] refused 0\n"); got != strings.TrimSuffix(want.Print(), "outcomes [parsed] refused 0\n") && h.Print() != want.Print() {
						t.Errorf("%s, %d octets, %s, in pieces of %d:\n%s", name, unit, framing, size, h.Print())
					}
				}
				o := protocols.Opening{Transport: protocols.TCP, Bytes: []byte(octets)}
				if got := hl7.New().Probe(o); got != protocols.Yes {
					t.Errorf("%s, %d octets, %s: verdict %d", name, unit, framing, got)
				}
			}
		}
	}
	for _, other := range []string{"\x00\x00\x00\x00", "\xff\xfe\x00\x01abcd", "M\x00\x00\x01", "\x00M\x00X\x00H\x00|"} {
		if got := hl7.New().Probe(protocols.Opening{Transport: protocols.TCP, Bytes: []byte(other)}); got == protocols.Yes {
			t.Errorf("%q is recognised", other)
		}
	}
}
