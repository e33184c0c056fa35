package servicenow

import (
	"strings"

	"github.com/auscult/auscult/remediation"
)

// defaultStates are the state values of the base system, as a new instance has
// them. Sites change them, so the configuration can too; an unknown value is
// reported and never guessed.
func defaultStates(table string) map[string]remediation.OrderState {
	switch table {
	case "incident":
		return map[string]remediation.OrderState{
			"1": remediation.StateSubmitted,  // New
			"2": remediation.StateInProgress, // In Progress
			"3": remediation.StateWaiting,    // On Hold
			"6": remediation.StateWorkDone,   // Resolved
			"7": remediation.StateWorkDone,   // Closed
			"8": remediation.StateCancelled,  // Canceled
		}
	case "wm_order":
		return map[string]remediation.OrderState{
			"1":  remediation.StateSubmitted,    // Draft
			"10": remediation.StateSubmitted,    // Awaiting Qualification
			"15": remediation.StateAcknowledged, // Qualified
			"16": remediation.StateAcknowledged, // Assigned
			"17": remediation.StateAcknowledged, // Accepted
			"18": remediation.StateInProgress,   // Work in Progress
			"3":  remediation.StateWorkDone,     // Closed Complete
			"4":  remediation.StateRejected,     // Closed Incomplete
			"7":  remediation.StateCancelled,    // Canceled
		}
	case "task":
		return map[string]remediation.OrderState{
			"-5": remediation.StateSubmitted,  // Pending
			"1":  remediation.StateSubmitted,  // Open
			"2":  remediation.StateInProgress, // Work in Progress
			"3":  remediation.StateWorkDone,   // Closed Complete
			"4":  remediation.StateRejected,   // Closed Incomplete
			"7":  remediation.StateCancelled,  // Closed Skipped
		}
	}
	return map[string]remediation.OrderState{}
}

// canonical reports whether a CMMS may put an order into that state.
func canonical(s remediation.OrderState) bool {
	switch s {
	case remediation.StateSubmitted, remediation.StateAcknowledged, remediation.StateScheduled, remediation.StateInProgress,
		remediation.StateWaiting, remediation.StateWorkDone, remediation.StateRejected, remediation.StateCancelled:
		return true
	}
	return false
}

// state maps a raw value; a new order that somebody has is acknowledged.
func (c *Connector) state(raw, assignee string) remediation.OrderState {
	s := c.o.States[raw]
	if s == remediation.StateSubmitted && assignee != "" {
		return remediation.StateAcknowledged
	}
	return s
}

// defaultPriority expresses P1 to P4. On incident the priority is computed from
// impact and urgency by the base system's table, and writing it does nothing.
func defaultPriority(table string) map[string]map[string]string {
	if table == "incident" || strings.HasPrefix(table, "incident_") {
		return map[string]map[string]string{
			"P1": {"impact": "1", "urgency": "1"},
			"P2": {"impact": "2", "urgency": "1"},
			"P3": {"impact": "2", "urgency": "2"},
			"P4": {"impact": "2", "urgency": "3"},
		}
	}
	return map[string]map[string]string{
		"P1": {"priority": "1"}, "P2": {"priority": "2"}, "P3": {"priority": "3"}, "P4": {"priority": "4"},
	}
}
