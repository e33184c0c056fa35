package banner

// place says what the next octet of a direction is.
type place uint8

const (
	inText place = iota
	inCommand
	inOption
	inContents
	inContentsCommand
	inEscape   // behind ESC: a terminal's control sequence, ECMA-48
	inSequence // behind ESC [
)

// commands takes one direction apart into text and commands: RFC 854, RFC 855. It
// keeps no contents of options.
type commands struct {
	place  place
	verb   byte
	told   bool // a command was read that only one of both sides sends
	serves bool // and that side is the server
	broken bool // a command that is none
}

const esc = 0x1b

// octet takes the next octet and returns it where it is text.
func (h *commands) octet(c byte) (text byte, ok bool) {
	switch h.place {
	case inText:
		return c, h.begins(c)
	case inCommand:
		h.place = inText
		return c, h.command(c)
	case inOption:
		h.place = inText
		h.option(c)
	case inContents:
		if c == iac {
			h.place = inContentsCommand
		}
	case inContentsCommand:
		if h.place = inContents; c == se {
			h.place = inText
		}
	case inEscape:
		if h.place = inText; c == '[' {
			h.place = inSequence
		}
	case inSequence:
		if c >= '@' && c <= '~' {
			h.place = inText
		}
	}
	return 0, false
}

// begins reports whether an octet of text is one for people.
func (h *commands) begins(c byte) bool {
	switch c {
	case iac:
		h.place = inCommand
	case esc:
		h.place = inEscape
	case 0:
	default:
		return true
	}
	return false
}

// command takes the octet behind IAC. A second IAC is an octet of text.
func (h *commands) command(c byte) (text bool) {
	switch {
	case c == iac:
		return true
	case c == sb:
		h.place = inContents
	case c >= will:
		h.place, h.verb = inOption, c
	case c < se:
		h.broken = true
	}
	return false
}

// option takes the octet behind a verb. Who asks for, or offers, what describes a
// terminal is told by RFC 1091, 1073, 1079, 1096 and 1572: the server asks, and the
// client has it. A server echoes (RFC 857); either may ask the other one to, and GNU's
// server does.
func (h *commands) option(c byte) {
	switch {
	case terminals(c):
		h.told, h.serves = true, h.verb == do || h.verb == dont
	case c == optEcho && h.verb == will:
		h.told, h.serves = true, true
	}
}
