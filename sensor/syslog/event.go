package syslog

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// The codes of the events that this release sends. They are stable and
// language-neutral: SIEM rules are written against them.
const (
	DeviceNew       = "device.new"
	FindingNew      = "finding.new"
	FindingReopened = "finding.reopened"
	FindingChanged  = "finding.changed"
	FindingClosed   = "finding.closed"
	OrderState      = "order.state"
	CaptureLoss     = "capture.loss"
	TransmitAlarm   = "transmit.alarm"
	MirrorRaised    = "mirror.raised" // something is wrong with a mirror: the field cause says what
	MirrorCleared   = "mirror.cleared"
	Heartbeat       = "heartbeat"
)

// Severity is that of RFC 5424, section 6.2.1, table 2.
type Severity uint8

// From the most urgent to the least.
const (
	Emergency Severity = iota
	Alert
	Critical
	Error
	Warning
	Notice
	Informational
	Debug
)

// Event is one thing that a SIEM is told.
type Event struct {
	ID            string // a stable code: at most 32 of a-z, 0-9, dot, hyphen
	Severity      Severity
	When          time.Time // of what happened; the zero value means now
	Site          string
	Device        string // device id
	ControlNumber string
	Says          string            // one short sentence; "" takes the code's own
	Fields        map[string]string // names of the allow-list only, see Fields
}

// Fields returns the names that Event.Fields may have, sorted. Nothing that a
// device delivers and nothing of a patient or a place at the bedside is among
// them.
func Fields() []string {
	return []string{
		"age", "assignee", "basis", "by", "cause", "caution", "change", "count", "cvss", "department", "dropped", "epss", "feed",
		"finding", "from", "interface", "ip", "kev", "life_support", "mac", "maker", "match", "model", "number", "order",
		"owner", "presence", "priority", "ratio", "risk", "serial", "state", "status", "tap", "type", "use", "version", "vlan",
	}
}

// Bounds of a message.
const (
	// maxID bounds MSGID (RFC 5424, section 6).
	maxID = 32
	// maxValue bounds a parameter's value, in octets before escaping; longer ones
	// are cut. Names and codes of the inventory are shorter.
	maxValue = 96
	// maxCutValue is used instead when the message would not fit.
	maxCutValue = 16
	// maxSays bounds the sentence, in octets: the longest tell a trouble of a mirror
	// together with what to check on the switch.
	maxSays = 480
	// maxCutSays is used instead when the message would not fit.
	maxCutSays = 160
	// maxMessage bounds a whole message: what receivers should take (RFC 5424,
	// section 6.1).
	maxMessage = 2048
)

// check reports why an event may not be sent, never with a field's value.
func (e *Event) check() error {
	if e.ID == "" || len(e.ID) > maxID || strings.Trim(e.ID, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
		return fmt.Errorf("syslog event %q: the code wants 1 to %d of a-z, 0-9, dot and hyphen; use one of the package's codes", e.ID, maxID)
	}
	if e.Severity > Debug {
		return fmt.Errorf("syslog event %s: severity %d; use 0 to 7", e.ID, e.Severity)
	}
	allowed := Fields()
	for name := range e.Fields {
		if _, found := slices.BinarySearch(allowed, name); !found && name != "control" {
			return fmt.Errorf("syslog event %s: field %q may not leave the box; use the names that syslog.Fields returns", e.ID, tidy(name, maxID))
		}
	}
	return nil
}

// sentence is the code's own text, for receivers that show nothing else.
func sentence(id string) string {
	switch id {
	case DeviceNew:
		return "A device was heard for the first time."
	case FindingNew:
		return "Something is wrong with a device."
	case FindingReopened:
		return "Something that was mended is back."
	case FindingChanged:
		return "A finding has changed."
	case FindingClosed:
		return "A finding is closed."
	case OrderState:
		return "A work order has changed its state."
	case CaptureLoss:
		return "Not every frame on the mirror port was heard."
	case TransmitAlarm:
		return "A capture interface has sent a frame."
	case MirrorRaised:
		return "Something is wrong with a mirror port."
	case MirrorCleared:
		return "What was wrong with a mirror port is over."
	case Heartbeat:
		return "The sensor is at work."
	}
	return id
}

// tidy keeps what can be read of s, at most n octets, whole characters only.
func tidy(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || r == '\ufeff' {
			return -1
		}
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.TrimSpace(s)
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 { // inside a character
		n--
	}
	return strings.TrimSpace(s[:n])
}
