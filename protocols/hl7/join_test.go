package hl7_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// TestJoinAnywhere joins a conversation at every octet of its first message: what the
// second says is said, and of the first nothing, or all of it.
func TestJoinAnywhere(t *testing.T) {
	second := strings.ReplaceAll(root, "PX-100", "PX-200")
	for name, ends := range map[string][2]string{"framed": {"\x0b", "\r\x1c\r"}, "unframed": {"", "\r"}, "framed, LF": {"\x0b", "\n\x1c\r"}} {
		write := func(rows ...string) string { return ends[0] + strings.Join(rows, "\r") + ends[1] }
		first := write(msh, "PID|1||CANARY^MSH", root, ready)
		text := first + write(msh, "PID|1||CANARY", second, ready)
		for at := 1; at < len(first); at++ {
			h := play(text[at:], 0, true)
			var serials []string
			for _, o := range h.Observations {
				for _, f := range o.Facts {
					if f.Attribute == protocols.SerialNumber {
						serials = append(serials, f.Value)
					}
				}
			}
			if got := strings.Join(serials, " "); got != "PX-200" && !(at == 1 && ends[0] != "" && got == "PX-100 PX-200") {
				t.Fatalf("%s, joined at %d: %q", name, at, got)
			}
			if strings.Contains(h.Texts(), "CANARY") {
				t.Fatalf("%s, joined at %d: a patient shows", name, at)
			}
		}
	}
}

// TestOneDirection: what one side says is said without the other.
func TestOneDirection(t *testing.T) {
	sent, answered := bit{text: block(msh, root, ready)}, bit{true, block(ack, "MSA|AA|1")}
	both, alone, answers := listen(0, sent, answered), listen(0, sent), listen(0, answered)
	if got := alone.Print() + answers.Print(); strings.ReplaceAll(got, "outcomes [parsed] refused 0\n", "")+"outcomes [parsed parsed] refused 0\n" != both.Print() {
		t.Errorf("alone\n%s\nboth\n%s", got, both.Print())
	}
}

// TestBlocksAndBatches puts messages into blocks in every way that senders do.
func TestBlocksAndBatches(t *testing.T) {
	message := strings.Join([]string{msh, root, ready}, "\r")
	join := func(parts ...string) string { return strings.Join(parts, "\r") }
	const fhs, bhs = `FHS|^~\&|A`, `BHS|^~\&|A`
	cases := []struct {
		name, text string
		messages   int
	}{
		{"two in one block", "\x0b" + join(message, message) + "\r\x1c\r", 2},
		{"the header again inside of a block", "\x0b" + join(message, msh, "ZZZ|1") + "\r\x1c\r", 2},
		{"batch", "\x0b" + join(bhs, message, message, "BTS|2") + "\r\x1c\r", 2},
		{"file of a batch", "\x0b" + join(fhs, bhs, message, message, "BTS|2", "FTS|1") + "\r\x1c\r", 2},
		{"file without a batch", "\x0b" + join(fhs, message, "FTS|1") + "\r\x1c\r", 1},
		{"file of two batches", "\x0b" + join(fhs, bhs, message, "BTS|1", bhs, message, "BTS|1", "FTS|2") + "\r\x1c\r", 2},
		{"a block for each segment of a batch", "\x0b" + fhs + "\r\x1c\r\x0b" + bhs + "\r\x1c\r" + block(msh, root, ready) + "\x0bBTS|1\r\x1c\r\x0bFTS|1\r\x1c\r", 1},
		{"batch without a block", join(fhs, bhs, message, message, "BTS|2", "FTS|1") + "\r", 2},
		{"batch with its own delimiters", "\x0b" + join(`FHS$%~\&$A`, `BHS*%~\&*A`, message, "BTS|1") + "\r\x1c\r", 1},
		{"trailers without fields", "\x0b" + join(bhs, message, "BTS", "FTS") + "\r\x1c\r", 1},
	}
	for _, c := range cases {
		for ends, text := range map[string]string{"CR": c.text, "LF": strings.ReplaceAll(c.text, "\r", "\n"), "CRLF": strings.ReplaceAll(c.text, "\r", "\r\n")} {
			for _, size := range []int{0, 1, 5} {
				h := listen(size, bit{text: text})
				if got := h.Counted(protocols.Parsed); got != c.messages || len(h.Outcomes) != got {
					t.Errorf("%s, %s, in pieces of %d: outcomes %q, want %d messages", c.name, ends, size, outcomes(h), c.messages)
				}
			}
		}
	}
}

// TestOrdersAreNotDelivered: an order that programs a pump says nothing of the pump.
func TestOrdersAreNotDelivered(t *testing.T) {
	for _, kind := range []string{"RGV^O15^RGV_O15", "RDE^O11", "RDS^O13", "ORM^O01", "OMP^O09", "RAS^O17"} {
		header := strings.Replace(msh, "ORU^R01", kind, 1) + "|||||||||IHE_PCD_003^IHE PCD"
		h := listen(0, bit{text: block(header, "RXG|1||20260102||^heparin|100||265266^mL/h^MDC", root, strings.Replace(ready, "ready", "infusing", 1))})
		if h.Uses(protocols.AboutDescribed) != 0 || described(h) != 0 || strings.Contains(h.Texts(), "heparin") {
			t.Errorf("%s:\n%s", kind, h.Print())
		}
	}
}
