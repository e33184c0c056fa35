package http

import "bytes"

// line gathers the start line or one field of a head, and copies only what is read
// of it.
type line struct {
	kept   []byte
	mode   lineMode
	cut    bool // longer than what is kept
	wado   int  // how much of wadoQuery the query has just said
	isWADO bool
}

type lineMode uint8

const (
	keeping lineMode = iota // up to a bound that the caller names
	query                   // of a target: nothing is kept
	passing                 // to the end of the line
)

// wadoQuery marks a WADO-URI request: PS3.18 section 9.1.2.1.
const wadoQuery = "requestType=WADO"

func (l *line) reset() { *l = line{kept: l.kept[:0]} }

// keep appends an octet, if there is room.
func (l *line) keep(c byte, bound int) {
	if len(l.kept) >= bound {
		l.cut = true
		return
	}
	l.kept = append(l.kept, c)
}

// start takes one octet of a start line. The query of a target is never kept.
func (l *line) start(c byte) {
	switch {
	case l.mode == query && c == ' ':
		l.mode = passing // to be kept again: the version follows
		l.kept = append(l.kept, c)
	case l.mode == query:
		l.ask(c)
	case c == '?' && l.mode == keeping && bytes.IndexByte(l.kept, ' ') > 0 && !bytes.HasPrefix(l.kept, []byte(version1)):
		l.mode = query
	case c == ' ' && l.cut:
		l.kept = append(l.kept, c)
		l.mode = passing
	default:
		bound := maxTarget
		if l.mode == passing {
			bound += len(" HTTP/1.1\r") + 1
		}
		l.keep(c, bound)
	}
}

// ask follows the query for the mark of WADO-URI.
func (l *line) ask(c byte) {
	switch {
	case l.isWADO:
	case c == wadoQuery[l.wado]:
		l.wado++
		if l.wado == len(wadoQuery) {
			l.isWADO, l.wado = true, 0
		}
	case c == wadoQuery[0]:
		l.wado = 1
	default:
		l.wado = 0
	}
}

// startLine reads a gathered start line. It reports false for what is none.
func (l *line) startLine() (head, bool) {
	h := head{length: unknown}
	b := bytes.TrimSuffix(l.kept, []byte("\r"))
	switch at := startLineIn(b); {
	case at != 0:
		return h, false
	case b[0] == 'H' && string(b[:len(version1)]) == version1:
		h.status = int(b[9]-'0')*100 + int(b[10]-'0')*10 + int(b[11]-'0')
		return h, true
	}
	first, last := bytes.IndexByte(b, ' '), bytes.LastIndexByte(b, ' ')
	h.request, h.method, h.wado = true, string(b[:first]), l.isWADO
	if !l.cut {
		h.path = string(b[first+1 : last])
	}
	return h, true
}
