package astm

import (
	"bytes"
	"time"

	"github.com/auscult/auscult/protocols"
)

// text is a short field that outlives its record without an allocation.
type text struct {
	n uint8 // maxField fits
	b [maxField]byte
}

func (t *text) set(b []byte)  { t.n = uint8(copy(t.b[:], b)) }
func (t *text) bytes() []byte { return t.b[:t.n] }

// message is what the records of one message have said so far. It is a plain
// value, so that a frame that is not believed can be taken back.
type message struct {
	outcome    protocols.Outcome
	header     bool // a header came
	doubtful   bool // a frame with a wrong checksum is in it
	batch      bool // stored results that were sent on demand (H-11)
	processing byte // H-12: P, T, D or Q
	delimiters delimiters
	sender     text      // H-5
	receiver   text      // H-10
	sent       time.Time // H-14, read as UTC
	measured   time.Time // the newest R-13 or O-23, read as UTC
	before     time.Time // the newest time that a result is younger than, read as UTC
	results    int       // records since something was stated last
	orders     int
	queries    int
	other      bool // any other record
	named      bool // the sender has been stated
	used       int  // instruments
	instrument [maxInstruments]text
}

// begun reports whether there is anything in the message.
func (m *message) begun() bool { return m.header || m.results+m.orders+m.queries > 0 || m.other }

// said notes that all of this was stated.
func (m *message) said() {
	m.named = m.named || m.header
	m.results, m.orders, m.queries = 0, 0, 0
}

// fresh reports whether there is something to state.
func (m *message) fresh() bool {
	return m.header && !m.named || m.results+m.orders+m.queries > 0
}

// readHeader takes a header record.
func (m *message) readHeader(r *record) {
	m.header = true
	m.sender.set(r.get(5))
	m.receiver.set(r.get(10))
	m.batch = bytes.Contains(r.get(11), []byte("BATCH"))
	if p := bytes.TrimSpace(r.get(12)); len(p) > 0 {
		m.processing = p[0] &^ 0x20
	}
	m.sent = timeOf(r.get(14))
}

// readOrder takes the times of an order record: when its results were reported, and
// when its specimen was ordered, collected and received.
func (m *message) readOrder(r *record) {
	m.measured = newest(m.measured, r, 23)
	for _, field := range [...]int{7, 8, 15} {
		m.before = newest(m.before, r, field)
	}
}

// newest returns the later of a time and one that stands in a field.
func newest(t time.Time, r *record, field int) time.Time {
	if at := timeOf(r.get(field)); at.After(t) {
		return at
	}
	return t
}

// readResult takes a whole result record, which was counted when it began.
func (m *message) readResult(r *record) {
	m.measured = newest(m.measured, r, 13)
	m.before = newest(m.before, r, 12)
	id := r.get(14)
	if len(id) == 0 || m.used == maxInstruments {
		return
	}
	for i := range m.used {
		if bytes.Equal(m.instrument[i].bytes(), id) {
			return
		}
	}
	m.instrument[m.used].set(id)
	m.used++
}

// timeOf reads YYYYMMDDHHMM[SS] (LIS02-A2, section 5.6.2) as UTC, or returns the
// zero time. A day alone tells nothing of minutes.
func timeOf(b []byte) time.Time {
	b = bytes.TrimSpace(b)
	if len(b) != 12 && len(b) != 14 {
		return time.Time{}
	}
	var part [6]int // year, month, day, hour, minute, second
	for i, c := range b {
		if c < '0' || c > '9' {
			return time.Time{}
		}
		p := &part[max(0, i-2)/2]
		*p = *p*10 + int(c-'0')
	}
	t := time.Date(part[0], time.Month(part[1]), part[2], part[3], part[4], part[5], 0, time.UTC)
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	if part != [6]int{year, int(month), day, hour, minute, second} {
		return time.Time{}
	}
	return t
}
