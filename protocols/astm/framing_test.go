package astm_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/astm"
)

const (
	header = `H|\^&|||DCA VANTAGE^04.04.00.00^S900001|||||||P||20260102115800`
	result = "R|1|^^^Alb|CANARY-VALUE|mg/L||||F|||20260102115500"
	end    = "L|1|N"
)

var model = protocols.Model

// TestFraming states one instrument that measures, however the records are framed.
func TestFraming(t *testing.T) {
	whole := lines(header, "P|1|CANARY", result, end)
	cases := map[string]string{
		"a record a frame":              transmission(240, header, "P|1|CANARY", result, end),
		"records that go on":            transmission(9, header, "P|1|CANARY", result, end),
		"a message a frame":             "\x05" + frame(1, whole, true) + "\x04",
		"64,000 characters":             "\x05" + frame(1, lines(header, "M|1|"+strings.Repeat("x", 63_000), result, end), true) + "\x04",
		"without establishment":         frame(1, whole, true),
		"end of block for each":         frame(1, header+"\r", false) + frame(2, result+"\r", false) + frame(3, end+"\r", true),
		"bare":                          whole,
		"bare, CR LF":                   strings.ReplaceAll(whole, "\r", "\r\n"),
		"bare, lower case":              "h" + whole[1:],
		"in an MLLP block":              "\x0b" + whole + "\x1c\r",
		"last record without its end":   "\x05" + frame(1, strings.TrimSuffix(whole, "\r"), true) + "\x04",
		"line ends lost behind frames":  strings.ReplaceAll(transmission(240, header, result, end), "\r\n", "\n"),
		"lower-case checksum":           "\x05" + strings.ToLower(frame(1, "", true))[:0] + lowerSums(header, result, end) + "\x04",
		"frame numbers of their own":    "\x05" + frame(1, header+"\r", true) + frame(1, result+"\r", true) + frame(1, end+"\r", true) + "\x04",
		"without a terminator":          transmission(240, header, result),
		"split between transmissions":   transmission(240, header) + "\x05" + frame(2, result+"\r", true) + frame(3, end+"\r", true) + "\x04",
		"junk before, then a header":    "\x15\x06\r\n" + whole,
		"escape in a field not wanted":  transmission(240, header, `C|1|I|a\F\b|G`, result, end),
		"a field of three mebibytes":    lines(header, "M|1|"+strings.Repeat("x", 3<<20), result, end),
		"delimiters of their own":       lines("H*~%!***DCA VANTAGE%04.04.00.00%S900001*******P**20260102115800", "R*1*%%%Alb*1*mg/L", "L*1*N"),
		"header with one delimiter few": lines(`H|\^|||DCA VANTAGE^04.04.00.00^S900001`, result, end),
	}
	for name, text := range cases {
		h := listen(0, bit{text: text})
		if h.Get(protocols.AboutSpeaker, model) != "DCA VANTAGE" || h.Uses(protocols.AboutSpeaker) != 1 || h.Get(protocols.AboutSpeaker, protocols.SerialNumber) != "S900001" {
			t.Errorf("%s:\n%s", name, h.Print())
		}
		if small := listen(1, bit{text: text[:min(len(text), 100_000)]}); len(text) < 100_000 && small.Print() != h.Print() {
			t.Errorf("%s, octet by octet:\n%s\nwhole\n%s", name, small.Print(), h.Print())
		}
	}
}

func lowerSums(records ...string) (out string) {
	for i, r := range records {
		f := frame(i+1, r+"\r", true)
		out += f[:len(f)-4] + strings.ToLower(f[len(f)-4:])
	}
	return out
}

// broken is a frame with a wrong checksum.
func broken(number int, text string) string {
	f := frame(number, text, true)
	wrong := "00"
	if f[len(f)-4:len(f)-2] == wrong {
		wrong = "01"
	}
	return f[:len(f)-4] + wrong + "\r\n"
}

func forward(s string) bit { return bit{text: s} }
func answer(s string) bit  { return bit{back: true, text: s} }

// TestChecksums follows frames that are wrong, refused, sent again or lost.
func TestChecksums(t *testing.T) {
	head, other := header+"\r", strings.Replace(header, "S900001", "S900002", 1)+"\r"
	rest := frame(2, result+"\r", true) + frame(3, end+"\r", true) + "\x04"
	cases := []struct {
		name      string
		bits      []bit
		serial    string
		uses      int
		malformed int
		again     int
	}{
		{"refused and sent again", []bit{forward("\x05" + broken(1, other)), answer("\x15"), forward(frame(1, head, true)), answer("\x06"), forward(rest)}, "S900001", 1, 1, 0},
		{"sent again, one direction", []bit{forward("\x05" + broken(1, other) + frame(1, head, true) + rest)}, "S900001", 1, 1, 0},
		{"taken as it is", []bit{forward("\x05" + broken(1, other)), answer("\x06"), forward(rest)}, "S900002", 1, 1, 0},
		{"gone on with, one direction", []bit{forward("\x05" + broken(1, other) + rest)}, "S900002", 1, 1, 0},
		{"given up", []bit{forward("\x05" + broken(1, other)), answer("\x15"), forward("\x04")}, "", 0, 1, 0},
		{"begun anew", []bit{forward("\x05" + broken(1, other) + "\x05" + frame(1, head, true) + rest)}, "S900001", 1, 1, 0},
		{"the last that was heard", []bit{forward("\x05" + broken(1, other))}, "", 0, 1, 0},
		{"sound, and refused", []bit{forward("\x05" + frame(1, head, true)), answer("\x15"), forward(frame(1, head, true)), answer("\x06"), forward(rest)}, "S900001", 1, 0, 1},
		{"a result twice", []bit{forward("\x05" + frame(1, head, true) + frame(2, result+"\r", true) + rest)}, "S900001", 1, 0, 1},
		{"the end twice", []bit{forward("\x05" + frame(1, head, true) + frame(2, result+"\r", true) + frame(3, end+"\r", true) + frame(3, end+"\r", true) + "\x04")}, "S900001", 1, 0, 1},
		{"a message twice", []bit{forward("\x05" + frame(1, lines(header, result, end), true) + frame(1, lines(header, result, end), true) + "\x04")}, "S900001", 1, 0, 1},
		{"the next message alike", []bit{forward("\x05" + frame(1, lines(header, result, end), true) + "\x04\x05" + frame(1, lines(header, result, end), true) + "\x04")}, "S900001", 2, 0, 0},
		{"checksum missing", []bit{forward("\x05\x021" + head + "\x03\r\n" + rest)}, "S900001", 1, 1, 0},
	}
	for _, c := range cases {
		h := listen(0, c.bits...)
		if h.Get(protocols.AboutSpeaker, protocols.SerialNumber) != c.serial || h.Uses(protocols.AboutSpeaker) != c.uses ||
			h.Counted(protocols.Malformed) != c.malformed || h.Counted(protocols.Resynchronised) != c.again {
			t.Errorf("%s:\n%s", c.name, h.Print())
		}
		if small := listen(1, c.bits...); small.Print() != h.Print() {
			t.Errorf("%s, octet by octet:\n%s\nwhole\n%s", c.name, small.Print(), h.Print())
		}
	}
}

// TestADoubtfulFrameIsLoose: what a wrong checksum covers is no strong evidence.
func TestADoubtfulFrameIsLoose(t *testing.T) {
	h := listen(0, forward("\x05"+broken(1, lines(header, result, end))+"\x04"))
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			if f.Attribute != protocols.RoleOf && f.Confidence > 0.6 {
				t.Errorf("%+v", f)
			}
		}
	}
	if h.Get(protocols.AboutSpeaker, model) == "" {
		t.Error("nothing is stated; the test proves nothing")
	}
}

// TestGaps: what whole records said before a hole is stated, and what follows it is
// found again.
func TestGaps(t *testing.T) {
	text := transmission(240, header, "P|1|CANARY", result, end)
	for _, second := range []string{text, lines(header, result, end)} {
		for at := range len(text) {
			h := &heard{}
			out := h.Sink(protocols.ASTM)
			s := astm.New().Open(protocols.Context{})
			s.Segment(segment(forward(text[:at])), out)
			s.Gap(protocols.FromOpener, 1, out)
			s.Segment(segment(forward(text[min(at+1, len(text)):]+second)), out)
			s.Close(out)
			if h.Get(protocols.AboutSpeaker, model) == "" || h.Uses(protocols.AboutSpeaker) == 0 || strings.Contains(h.Texts(), "CANARY") {
				t.Fatalf("hole at %d of %q:\n%s", at, text, h.Print())
			}
		}
	}
}

// TestBadInput: nothing is stated, and what follows is read.
func TestBadInput(t *testing.T) {
	good := transmission(240, header, result, end)
	cases := map[string]string{
		"another language":        "\x02\x1emtrsl|\x1epi|\x1d00\n",
		"frame number out of use": "\x029H|\\^&|||DCA\r\x0300\r\n",
		"header without end":      "H|" + strings.Repeat("|", 300) + "\r",
		"delimiters that repeat":  "H|^^^|||DCA VANTAGE\r",
		"text":                    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"frame in a frame":        "\x05\x021H|\\^&|||DCA",
		"enquiry in a frame":      "\x05\x021H|\\^&|||DCA\x05",
		"a line too long":         "\x05\x021M|1|" + strings.Repeat("x", 17<<20) + "\r",
	}
	for name, text := range cases {
		alone := listen(0, forward(text))
		if len(alone.Observations) != 0 || len(alone.Outcomes) == 0 || alone.Counted(protocols.Parsed) > 0 {
			t.Errorf("%s:\n%s", name, alone.Print())
		}
		if h := listen(0, forward(text+good)); h.Get(protocols.AboutSpeaker, model) != "DCA VANTAGE" {
			t.Errorf("%s, then a message:\n%s", name, h.Print())
		}
	}
}

// TestAnotherTransmission: a record that a transmission left open goes on in the
// next one, or does not, by the number of the frame.
func TestAnotherTransmission(t *testing.T) {
	open := "\x05" + frame(1, header+"\r"+"R|1|^^^Alb|CANARY|mg", false) + "\x04"
	other := strings.Replace(header, "S900001", "S900002", 1) + "\r"
	cases := []struct {
		name, next, serial string
		cut                int
	}{
		{"goes on", "\x05" + frame(2, "/L||||F|||20260102115500\r"+end+"\r", true) + "\x04", "", 0},
		{"begins anew", "\x05" + frame(1, other+end+"\r", true) + "\x04", "S900002", 1},
	}
	for _, c := range cases {
		h := listen(0, forward(open+c.next))
		if h.Uses(protocols.AboutSpeaker) != 1 || h.Counted(protocols.Malformed) != 0 || h.Counted(protocols.Parsed) != 1 ||
			h.Counted(protocols.Truncated) != c.cut || h.Get(protocols.AboutDescribed, protocols.SerialNumber) != c.serial {
			t.Errorf("%s:\n%s", c.name, h.Print())
		}
	}
}

// TestRestsOfRecords: behind a hole the rest of a record is passed over, and the
// results that follow it count. A result that is only told by the record behind it
// was not read, nor was its time: it may be old.
func TestRestsOfRecords(t *testing.T) {
	for text, uses := range map[string]int{
		frame(3, "tient^CANARY|x\r"+result+"\r", true):               1,
		frame(3, "O'CANARY|x\r", true) + frame(4, result+"\r", true): 1,
		"lost|x\r" + result + "\rC|1|I|CANARY|G\r":                   0,
		"lost|x\rC|1|I|CANARY|G\r" + result + "\r":                   1,
	} {
		for _, size := range []int{0, 1} {
			h := play(protocols.Context{Midstream: true}, size, forward(text))
			if h.Uses(protocols.AboutSpeaker) != uses || h.Get(protocols.AboutSpeaker, protocols.RoleOf) != string(protocols.RoleASTMResultSender) ||
				h.Counted(protocols.Malformed) != 0 || h.Counted(protocols.Resynchronised) != 1 {
				t.Errorf("%q:\n%s", text, h.Print())
			}
		}
	}
}

// TestHalvesOfCharacters: behind an octet beyond ASCII a separator may be half of a
// character, so that staff would be read as an instrument.
func TestHalvesOfCharacters(t *testing.T) {
	h := listen(0, forward(lines(`H|\^&|||ARCHITECT^1.00^900000001^x`, "R|1|^^^0021|\x83|\x83|\x83||||||CANARY7|", end)))
	if strings.Contains(h.Texts(), "CANARY7") || h.Get(protocols.AboutSpeaker, model) != "ARCHITECT" {
		t.Error(h.Print())
	}
	h = listen(0, forward(lines("H|\\^&|\x83||CANARY7||", result, end)))
	if strings.Contains(h.Texts(), "CANARY7") {
		t.Error(h.Print())
	}
}
