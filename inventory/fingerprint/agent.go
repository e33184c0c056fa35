package fingerprint

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/auscult/auscult/protocols"
)

// maxTokens bounds the words and numbers of a drug's name that are weighed: names
// in pump libraries have under ten. A longer text can still be hazardous by its
// beginning; it is never plain fluid.
const maxTokens = 64

// cutLength is where a text may be a part of a longer one: no name of a fluid comes
// near the bound of an observation's texts, so what reaches it is never plain fluid.
const cutLength = protocols.MaxText

// agentText is the name of a drug in pieces: words in lower case without accents,
// numbers with a point and no closing zeros, and the signs "%" and "+". The pieces
// stand in one buffer without gaps, so that any neighbours can be looked up as one:
// "5-FU", "5 FU" and "5FU" are the same. Two numbers keep a gap between them.
type agentText struct {
	text   [2*maxName + maxTokens]byte
	length int
	tokens [maxTokens]token
	count  int
	// odd: there was something that is neither piece nor separator, or too much.
	odd bool
}

type token struct {
	from, to uint16
	kind     tokenKind
}

type tokenKind uint8

const (
	wordToken tokenKind = iota
	numberToken
	signToken
)

// readAgent cuts a name into pieces. It does not allocate for ASCII.
func (a *agentText) readAgent(name string) {
	a.odd = len(name) >= cutLength
	if len(name) > maxName {
		name = name[:maxName]
	}
	name = norm.NFKD.String(name)
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		switch {
		case unicode.Is(unicode.Mn, r):
			i += size
		case isDigit(r) || r == '.' && digitAt(name, i+1):
			i = a.number(name, i)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			i = a.word(name, i)
		default:
			a.sign(r)
			i += size
		}
	}
}

// piece begins a new piece and reports whether there is room for it.
func (a *agentText) piece(kind tokenKind) bool {
	if a.count == maxTokens {
		a.odd = true
		return false
	}
	if kind == numberToken && a.count > 0 && a.tokens[a.count-1].kind == numberToken {
		a.put(' ')
	}
	a.tokens[a.count] = token{uint16(a.length), uint16(a.length), kind}
	a.count++
	return true
}

func (a *agentText) put(r rune) {
	if a.length+utf8.UTFMax > len(a.text) {
		a.odd = true
		return
	}
	a.length += utf8.EncodeRune(a.text[a.length:], r)
}

func (a *agentText) close() { a.tokens[a.count-1].to = uint16(a.length) }

// word takes letters, over accents and apostrophes: "Ringer's" is one word.
func (a *agentText) word(s string, i int) int {
	room := a.piece(wordToken)
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		letter := unicode.IsLetter(r) || unicode.IsDigit(r) && !isDigit(r)
		if !letter && !unicode.Is(unicode.Mn, r) && r != '\'' && r != '’' {
			break
		}
		if letter && room {
			a.letter(unicode.ToLower(r))
		}
		i += size
	}
	if room {
		a.close()
	}
	return i
}

func (a *agentText) letter(r rune) {
	if r == 'ß' {
		a.put('s')
		r = 's'
	}
	a.put(r)
}

// number takes digits with one point or comma. ".9" and "0,90" are both 0.9.
func (a *agentText) number(s string, i int) int {
	end, point := i, -1
	for ; end < len(s); end++ {
		if isDigit(rune(s[end])) {
			continue
		}
		if point >= 0 || s[end] != '.' && s[end] != ',' || !digitAt(s, end+1) {
			break
		}
		point = end
	}
	if !a.piece(numberToken) {
		return end
	}
	digits := s[i:end]
	if point >= 0 {
		fraction := strings.TrimRight(s[point+1:end], "0")
		a.putAll(s[i:point], point == i)
		if fraction != "" {
			a.put('.')
		}
		digits = fraction
	}
	a.putAll(digits, false)
	a.close()
	return end
}

func (a *agentText) putAll(digits string, zero bool) {
	if zero {
		a.put('0')
	}
	for _, r := range digits {
		a.put(r)
	}
}

// sign takes what is neither letter nor digit. Separators mean nothing; what is
// not known to be one makes the text odd.
func (a *agentText) sign(r rune) {
	switch r {
	case '&':
		r = '+'
	case '%', '+':
	case ' ', '\t', '-', '–', '—', '_', '/', '\u2044', '(', ')', '[', ']', ':', ';', ',', '.', '\'', '’', '®':
		return
	default:
		a.odd = true
		return
	}
	if a.piece(signToken) {
		a.put(r)
		a.close()
	}
}

// span is the text of the pieces from i up to but without j. It belongs to a.
func (a *agentText) span(i, j int) []byte { return a.text[a.tokens[i].from:a.tokens[j-1].to] }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func digitAt(s string, i int) bool { return i < len(s) && isDigit(rune(s[i])) }
