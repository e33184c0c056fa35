package syslog

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parts of a message that do not change.
const (
	// exampleEnterprise is the private enterprise number that RFC 5612 sets aside
	// for documentation. A project that is given its own number puts it into
	// Options.EnterpriseNumber; rules of a SIEM that name the element change then.
	exampleEnterprise = 32473
	appName           = "auscult"
	// logAudit is the facility "log audit" (RFC 5424, table 1).
	logAudit = 13
	// sequenceModulus: meta sequenceId counts from 1 to 2147483647 and starts over
	// (RFC 5424, section 7.3.1).
	sequenceModulus = 1<<31 - 1
)

// format writes RFC 5424 messages for one origin.
type format struct {
	facility   uint8
	hostname   string
	enterprise uint32
}

// message writes e under its number. It fits into maxMessage.
func (f format) message(e *Event, number uint64) []byte {
	b := f.write(e, number, maxValue, maxSays)
	if len(b) > maxMessage {
		b = f.write(e, number, maxCutValue, maxCutSays)
	}
	return b
}

func (f format) write(e *Event, number uint64, longest, sentenceAtMost int) []byte {
	b := make([]byte, 0, 512)
	b = append(b, '<')
	b = strconv.AppendUint(b, uint64(f.facility)*8+uint64(e.Severity), 10)
	b = append(b, ">1 "...)
	b = e.When.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z")
	b = append(b, ' ')
	b = append(b, f.hostname...)
	b = append(b, " "+appName+" - "...) // no PROCID: it would change with every start
	b = append(b, e.ID...)
	b = append(b, ` [meta sequenceId="`...)
	b = strconv.AppendUint(b, (number-1)%sequenceModulus+1, 10)
	b = append(b, `"][`+appName+`@`...)
	b = strconv.AppendUint(b, uint64(f.enterprise), 10)
	b = parameter(b, "event", strconv.FormatUint(number, 10), longest)
	b = parameter(b, "site", e.Site, longest)
	b = parameter(b, "device", e.Device, longest)
	b = parameter(b, "control", e.control(), longest)
	b = e.parameters(b, longest)
	b = append(b, "] "...)
	says := tidy(e.Says, sentenceAtMost)
	if says == "" {
		says = sentence(e.ID)
	}
	return append(b, says...)
}

func (e *Event) control() string {
	if e.ControlNumber != "" {
		return e.ControlNumber
	}
	return e.Fields["control"]
}

// parameters writes the fields in the order of their names.
func (e *Event) parameters(b []byte, longest int) []byte {
	names := make([]string, 0, len(e.Fields))
	for name := range e.Fields {
		if name != "control" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		b = parameter(b, name, e.Fields[name], longest)
	}
	return b
}

// parameter writes one SD-PARAM, escaped by RFC 5424, section 6.3.3; an empty
// value is left out.
func parameter(b []byte, name, value string, longest int) []byte {
	value = tidy(value, longest)
	if value == "" {
		return b
	}
	b = append(b, ' ')
	b = append(b, name...)
	b = append(b, `="`...)
	for i := range len(value) {
		if c := value[i]; c == '"' || c == '\\' || c == ']' {
			b = append(b, '\\')
		}
		b = append(b, value[i])
	}
	return append(b, '"')
}

// hostname keeps what HOSTNAME may hold: printable ASCII without spaces, at most
// 255 octets (RFC 5424, section 6).
func hostname(s string) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), 255)]
}

// clock gives the event a time if it has none.
func (e *Event) clock(now func() time.Time) {
	if e.When.IsZero() {
		e.When = now()
	}
}
