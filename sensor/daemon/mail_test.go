package daemon_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/testbed/sender"
)

// mail is one file of messages: what two hosts say, and when.
type mail struct {
	name  string
	when  time.Time
	turns []turn
}

// turn is one message. From the server it is an answer.
type turn struct {
	answer bool
	text   []byte
}

// framing is one way in which messages of a kind lie in a conversation.
type framing struct {
	name  string
	lines func(m mail) []sender.Line
	// endless: nothing says where a message ends, so that what it says of use may be
	// only half of it.
	endless bool
}

// framings are the ways for the kind of message that a file begins with.
func (m mail) framings() []framing {
	text := m.turns[0].text
	each := func(f func(t turn) []sender.Line) func(mail) []sender.Line {
		return func(m mail) (all []sender.Line) {
			for _, t := range m.turns {
				all = append(all, f(t)...)
			}
			return all
		}
	}
	as := func(dress func([]byte) []byte) func(mail) []sender.Line {
		return each(func(t turn) []sender.Line { return []sender.Line{{FromServer: t.answer, Data: dress(t.text)}} })
	}
	bare := func(b []byte) []byte { return b }
	switch {
	case bytes.HasPrefix(text, []byte("MSH")):
		post := each(func(t turn) []sender.Line {
			if t.answer {
				return nil // HTTP answers by itself
			}
			return sender.POST("/hl7", "application/hl7-v2", t.text)
		})
		return []framing{{"MLLP", as(sender.MLLP), false}, {"bare", as(bare), true}, {"HTTP", post, false}}
	case bytes.HasPrefix(text, []byte("H")):
		frames := each(func(t turn) []sender.Line { return sender.ASTM(t.answer, t.text) })
		return []framing{{"frames", frames, false}, {"bare", as(bare), false}}
	case bytes.HasPrefix(text, []byte("<")):
		return []framing{{"bare", as(bare), false}}
	}
	return []framing{{"as it lies", as(bare), false}}
}

func found(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("nothing at %s: %v", pattern, err)
	}
	return paths
}

// ownMail reads a conversation of a room's tests: messages with blank lines between
// them, those of the server behind <<.
func ownMail(t *testing.T, path string) mail {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m := mail{name: filepath.Base(path), when: moment(raw)}
	for text := range strings.SplitSeq(strings.TrimSpace(string(raw)), "\n\n") {
		text, answer := strings.CutPrefix(text, "<<")
		m.turns = append(m.turns, turn{answer, []byte(strings.ReplaceAll(text, "\n", "\r") + "\r")})
	}
	return m
}

// readings are a file as it lies and, where it is in frames of ASTM, its records.
func readings(raw []byte) [][]byte {
	raw = bytes.TrimRight(raw, "\n")
	switch {
	case bytes.HasPrefix(raw, []byte("MSH")):
		return [][]byte{append(bytes.ReplaceAll(raw, []byte{'\n'}, []byte{'\r'}), '\r')}
	case !bytes.Contains(raw, []byte("\x021H")):
		return [][]byte{raw}
	}
	return [][]byte{raw, records(raw)}
}

// trailer is the end of a frame of ASTM E1381 and the beginning of the next.
var trailer = regexp.MustCompile(`(\r?)[\x03\x17][0-9A-F]{2}[\r\n]*`)

// records takes the frames off ASTM records.
func records(raw []byte) []byte {
	text := trailer.ReplaceAll(raw, []byte("\r"))
	text = regexp.MustCompile(`\x02[0-7]`).ReplaceAll(text, nil)
	return bytes.Trim(text, "\x04\x05\n")
}

// stamps are moments as the three protocols write them.
var stamps = regexp.MustCompile(`(20\d\d)-?(\d\d)-?(\d\d)T?(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?([-+]\d\d:?\d\d)?`)

// moment is a second after the first moment that a file names, so that what it tells
// is news when it is heard. A file that names none is of monday.
func moment(raw []byte) time.Time {
	part := stamps.FindSubmatch(raw)
	if part == nil {
		return monday
	}
	zone := strings.ReplaceAll(string(part[7]), ":", "")
	if zone == "" {
		zone = "+0000"
	}
	at, err := time.Parse("20060102150405-0700", string(bytes.Join(part[1:7], nil))+zone)
	if err != nil {
		return monday
	}
	return at.UTC().Add(time.Second)
}
