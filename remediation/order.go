package remediation

import (
	"time"

	"github.com/auscult/auscult/inventory"
)

// HoldCode says why an order may not be told, or its work not be started. The
// set is closed.
type HoldCode string

const (
	MatchUnconfirmed HoldCode = "match_unconfirmed"
	NoEligiblePerson HoldCode = "no_eligible_person"
	NoDoableRemedy   HoldCode = "no_doable_remedy"
	ObserveMode      HoldCode = "observe_mode"
	Budget           HoldCode = "budget"
	InUse            HoldCode = "in_use"
	UseUnknown       HoldCode = "use_unknown"
	OutsideWindow    HoldCode = "outside_window"
	ChangeApproval   HoldCode = "change_approval"
	SecondRelease    HoldCode = "second_release"
	OnStandby        HoldCode = "standby"
	ContractBlock    HoldCode = "contract_block"
	RecallHold       HoldCode = "recall_hold"
	Parts            HoldCode = "parts"
	Vendor           HoldCode = "vendor"
)

// Hold is one reason why something waits.
type Hold struct {
	Code  HoldCode  `json:"code"`
	Says  string    `json:"says"`           // a short sentence for people; no drug, no bed
	Until time.Time `json:"until,omitzero"` // when it ends by itself, where that is known
}

// Gate is one of the two gates: open when nothing holds it.
type Gate struct {
	OK    bool   `json:"ok"`
	Holds []Hold `json:"holds"`
}

// Window is when disruptive work fits.
type Window struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	Why  string    `json:"why,omitempty"`
}

// StartGate is the second gate with its window.
type StartGate struct {
	Gate
	Window *Window `json:"window,omitempty"`
}

// Assignee is to whom an order goes.
type Assignee struct {
	Queue  string `json:"queue,omitempty"` // a provider's or coordinator's queue, or a shop
	Team   string `json:"team,omitempty"`
	Person string `json:"person,omitempty"`
	Why    string `json:"why"`
}

// Refusal records that a person may not do this work on this device today.
type Refusal struct {
	Person string `json:"person"`
	Why    string `json:"why"`
}

// Mode says how far the program goes by itself.
type Mode string

const (
	Observe Mode = "observe" // computes everything, tells nobody
	Draft   Mode = "draft"   // a person sends each order
	Auto    Mode = "auto"    // sends what may be told
)

// Decision is what policy says of one device and cause, with every input and
// reason. It is pure: the same inputs give the same decision.
type Decision struct {
	Device        string             `json:"device"`
	ControlNumber string             `json:"control_number,omitempty"`
	Findings      []string           `json:"findings"`
	Activity      inventory.Activity `json:"activity"`
	Priority      string             `json:"priority"` // P1..P4
	Mode          Mode               `json:"mode"`
	Tell          Gate               `json:"tell"`
	Start         StartGate          `json:"start"`
	Assignee      Assignee           `json:"assignee"`
	Eligible      []string           `json:"eligible"`
	Refused       []Refusal          `json:"refused"`
	Reasons       []string           `json:"reasons"` // every rule that was applied, in order
	At            time.Time          `json:"at"`      // "today" of the decision
}

// OrderState is where an order stands.
type OrderState string

const (
	StateDraft        OrderState = "draft"
	StateHeld         OrderState = "held"
	StateReady        OrderState = "ready"
	StateSubmitting   OrderState = "submitting"
	StateSubmitted    OrderState = "submitted"
	StateAcknowledged OrderState = "acknowledged"
	StateScheduled    OrderState = "scheduled"
	StateWaiting      OrderState = "waiting"
	StateInProgress   OrderState = "in_progress"
	StateWorkDone     OrderState = "work_done"
	StateVerifying    OrderState = "verifying"
	StateVerified     OrderState = "verified_closed"
	StateVerifyFailed OrderState = "verify_failed"
	StateRejected     OrderState = "rejected"
	StateLost         OrderState = "lost"
	StateCancelled    OrderState = "cancelled"
	StateNoAction     OrderState = "no_action"
	StateSuperseded   OrderState = "superseded"
)

// Final reports whether the state never changes again.
func (s OrderState) Final() bool {
	switch s {
	case StateVerified, StateCancelled, StateNoAction, StateSuperseded:
		return true
	}
	return false
}

// WorkOrder is one piece of work on one device.
type WorkOrder struct {
	ID            string             `json:"id"`
	Site          string             `json:"site"`
	Key           string             `json:"key"` // of device, cause and generation; the CMMS carries it
	Device        string             `json:"device"`
	ControlNumber string             `json:"control_number,omitempty"`
	Findings      []string           `json:"findings"`
	Type          string             `json:"type"`
	Priority      string             `json:"priority"`
	Title         string             `json:"title"`
	State         OrderState         `json:"state"`
	Tell          Gate               `json:"tell"`
	Start         StartGate          `json:"start"`
	Activity      inventory.Activity `json:"activity"`
	Assignee      Assignee           `json:"assignee"`
	Eligible      []string           `json:"eligible"`
	Refused       []Refusal          `json:"refused"`
	CMMS          CMMSLink           `json:"cmms"`
	Verification  Verification       `json:"verification"`
	History       []OrderEvent       `json:"history"`
	Generation    int                `json:"generation"` // rises only by a deliberate re-issue
	OpenedAt      time.Time          `json:"opened_at"`
	UpdatedAt     time.Time          `json:"updated_at"`
}

// CMMSLink is where the order lives in the hospital's system.
type CMMSLink struct {
	System   string    `json:"system,omitempty"`
	Number   string    `json:"number,omitempty"`
	RemoteID string    `json:"remote_id,omitempty"`
	State    string    `json:"state,omitempty"` // the system's own word
	URL      string    `json:"url,omitempty"`
	SyncedAt time.Time `json:"synced_at,omitzero"`
	// Sync is ok | stale | error | dead_letter; Trouble says what and what to do.
	Sync    string `json:"sync,omitempty"`
	Trouble string `json:"trouble,omitempty"`
}

// Verification is how the end of the work is shown.
type Verification struct {
	By         Verifiability `json:"by"`
	State      string        `json:"state,omitempty"` // pending | verified | still_present | not_observable
	Predicate  string        `json:"predicate,omitempty"`
	ObservedAt time.Time     `json:"observed_at,omitzero"`
}

// OrderEvent is one step in an order's life.
type OrderEvent struct {
	At    time.Time  `json:"at"`
	State OrderState `json:"state"`
	By    string     `json:"by"` // a person's account, "auscult", or "cmms"
	Says  string     `json:"says"`
}
