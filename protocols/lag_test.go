package protocols_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// TestLag: a message is late by its sender's own earlier ones, and a clock that is
// set back by an hour is believed once that has lasted.
func TestLag(t *testing.T) {
	const tolerance = 10 * time.Minute
	type message struct {
		wire, lag time.Duration
		late      bool
	}
	const minute, hour = time.Minute, time.Hour
	for name, messages := range map[string][]message{
		"any lag is the first":          {{0, 7 * hour, false}, {minute, 7 * hour, false}},
		"a little more":                 {{0, 0, false}, {minute, tolerance, false}, {2 * minute, tolerance, false}},
		"one that waited":               {{0, 0, false}, {minute, 11 * minute, true}, {2 * minute, 0, false}},
		"little by little is late":      {{0, 0, false}, {minute, 9 * minute, false}, {2 * minute, 18 * minute, true}},
		"nearer to the wire":            {{0, 20 * minute, false}, {minute, 0, false}, {2 * minute, 20 * minute, true}},
		"two hours stay late":           {{0, 0, false}, {minute, 2 * hour, true}, {30 * minute, 2 * hour, true}},
		"the end of summer time":        {{0, 0, false}, {minute, hour, true}, {11 * minute, hour, true}, {12 * minute, hour, false}, {13 * minute, hour, false}},
		"an hour, and then not":         {{0, 0, false}, {minute, hour, true}, {2 * minute, 0, false}, {12 * minute, hour, true}},
		"an hour, and then much longer": {{0, 0, false}, {minute, hour, true}, {2 * minute, 3 * hour, true}, {12 * minute, hour, true}},
	} {
		var l protocols.Lag
		for i, m := range messages {
			if got := l.Late(m.lag, time.Unix(0, 0).Add(m.wire), tolerance); got != m.late {
				t.Errorf("%s: message %d is late: %v", name, i, got)
			}
		}
	}
}
