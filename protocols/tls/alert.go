package tls

import "github.com/auscult/auscult/protocols"

// Alerts: RFC 8446 section 6, RFC 5246 section 7.2.
const (
	alertLength  = 2
	alertWarning = 1
	alertFatal   = 2
	alertClose   = 0 // close_notify
)

// readAlert takes octets of an alert in clear. A fatal one, and the end of the
// conversation, leave nothing to read.
func (s *session) readAlert(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	n := copy(h.alert[h.alerted:], b)
	if h.alerted += n; h.alerted < alertLength {
		return n
	}
	h.alerted = 0
	level, description := h.alert[0], h.alert[1]
	switch {
	case level != alertWarning && level != alertFatal || !knownAlert(description):
		s.end(d, protocols.Malformed)
	case level == alertFatal || description == alertClose:
		s.end(d, protocols.Parsed)
	default:
		s.now.out.Outcome(protocols.Parsed)
	}
	return n
}

// knownAlert tells whether an alert description is assigned: the TLS Alerts
// registry of IANA, with those that SSL 3.0 and TLS 1.0 alone had.
func knownAlert(description byte) bool {
	switch description {
	case 0, 10, 20, 21, 22, 30, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 60,
		70, 71, 80, 86, 90, 100, 109, 110, 111, 112, 113, 114, 115, 116, 120, 121:
		return true
	}
	return false
}
