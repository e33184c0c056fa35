package banner

import (
	"bytes"
	"slices"

	"github.com/auscult/auscult/protocols"
)

// greeting collects the whole lines of what a server says first.
type greeting struct {
	text   []byte // whole lines that are kept, each with '\n'
	line   []byte // the open one, as far as maxLine
	long   bool   // it is longer
	lines  int
	octets int              // of all lines
	said   []protocols.Fact // what it told so far
}

// take adds an octet of text and returns the line that it ended, without its end; long
// tells that only its beginning is there. Tabs are spaces; other control characters are
// passed over, and so are empty lines: a line may end in two octets. The line is valid
// until the next call.
func (g *greeting) take(c byte) (line []byte, long bool) {
	g.octets++
	switch {
	case c == '\n' || c == '\r':
		line, long = g.line, g.long
		if len(line) > 0 {
			g.lines++
		}
		g.line, g.long = g.line[:0], false
		return line, long
	case c == '\t':
		c = ' '
	case c < ' ':
		return nil, false
	case c > '~':
		c = '?'
	}
	if g.long = len(g.line) >= maxLine; !g.long {
		g.line = append(g.line, c)
	}
	return nil, false
}

// keep adds a whole line to the text.
func (g *greeting) keep(line []byte) { g.text = append(append(g.text, line...), '\n') }

// full reports that a greeting is longer than any that is known.
func (g *greeting) full() bool { return g.lines >= maxLines || g.octets >= maxGreeting }

// prompts reports whether the open line asks for a name or a password: what comes
// next is typed, or the echo of it.
func (g *greeting) prompts() bool {
	line := bytes.TrimRight(g.line, " ")
	if !bytes.HasSuffix(line, []byte(":")) {
		return false
	}
	line = bytes.TrimRight(line[:len(line)-1], " ")
	for _, word := range [...]string{"login", "username", "user name", "login name", "user", "password", "passwd", "passcode", "account"} {
		if n := len(line) - len(word); n >= 0 && bytes.EqualFold(line[n:], []byte(word)) {
			return true
		}
	}
	return false
}

// asks reports whether the open line may be a prompt for a command: a mark of a shell
// at its end, whatever stands in front.
func (g *greeting) asks() bool {
	n := len(g.line)
	if n == 0 {
		return false
	}
	switch g.line[n-1] {
	case '>', '$':
		return true
	case ' ':
		return n > 1 && (g.line[n-2] == '#' || g.line[n-2] == '?')
	}
	return false
}

// waits reports whether the open line ends as prompts do. It is for where a server
// pauses: it may have waited for an answer.
func (g *greeting) waits() bool {
	line := bytes.TrimRight(g.line, " ")
	return len(line) > 0 && bytes.IndexByte([]byte(":>#$?"), line[len(line)-1]) >= 0
}

// told returns what the whole lines tell, where that is more than before.
func (g *greeting) told(by Greetings, p protocols.Name) []protocols.Fact {
	facts := by.Greets(p, string(g.text))
	kept := facts[:0]
	for _, f := range facts {
		if f, ok := formed(f); ok {
			kept = append(kept, f)
		}
	}
	if len(kept) == 0 || slices.Equal(kept, g.said) {
		return nil
	}
	g.said = kept
	return slices.Clone(kept)
}

// forget lets go of all text.
func (g *greeting) forget() { *g = greeting{} }
