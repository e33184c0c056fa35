package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Action says what was done. The set is closed: scripts and collectors rely on it.
type Action string

// The closed list of actions.
const (
	OrderCreated       Action = "order.created"
	OrderDecided       Action = "order.decided" // policy's word changed
	OrderSubmitted     Action = "order.submitted"
	OrderState         Action = "order.state" // the CMMS or the wire moved it
	OrderAlert         Action = "order.alert" // an assignment, a duplicate, a refusal: a person must look
	OrderSend          Action = "order.send"  // from here on: people's decisions
	OrderAttest        Action = "order.attest"
	OrderHold          Action = "order.hold"
	OrderRelease       Action = "order.release"
	OrderCancel        Action = "order.cancel"
	OrderRetry         Action = "order.retry"
	OrdersStopped      Action = "orders.stopped"
	OrdersResumed      Action = "orders.resumed"
	MatchConfirmed     Action = "match.confirmed"
	MatchRejected      Action = "match.rejected"
	DeviceMerged       Action = "device.merged"
	DeviceSplit        Action = "device.split"
	FindingAccepted    Action = "finding.accepted"
	FindingReopened    Action = "finding.reopened"
	RegisterImported   Action = "register.imported"
	FeedImported       Action = "feed.imported"
	ConfigurationTaken Action = "configuration.taken"
	StateRestored      Action = "state.restored"
	UserAdded          Action = "user.added"
	UserRemoved        Action = "user.removed"
	UserPassword       Action = "user.password"
	SignInRefused      Action = "signin.refused"
)

// Actions returns the closed list.
func Actions() []Action {
	return []Action{OrderCreated, OrderDecided, OrderSubmitted, OrderState, OrderAlert, OrderSend, OrderAttest, OrderHold,
		OrderRelease, OrderCancel, OrderRetry, OrdersStopped, OrdersResumed, MatchConfirmed, MatchRejected, DeviceMerged,
		DeviceSplit, FindingAccepted, FindingReopened, RegisterImported, FeedImported, ConfigurationTaken, StateRestored,
		UserAdded, UserRemoved, UserPassword, SignInRefused}
}

// Bounds of an entry's texts, in bytes, and of its reasons: an entry is a line, not
// a report. What is longer is cut and ends in an ellipsis.
const (
	MaxName    = 128 // Who, Subject
	MaxText    = 256 // Before, After, one reason
	MaxReasons = 32
)

// Entry is one decision. Seq, PrevHash and Hash are given by Append.
type Entry struct {
	Seq      uint64    `json:"seq"` // from 1, without gaps
	At       time.Time `json:"at"`  // UTC
	Who      string    `json:"who"` // an account, "auscult" or "cmms"
	What     Action    `json:"what"`
	Subject  string    `json:"subject"` // an id: of an order, a device, a file
	Before   string    `json:"before,omitempty"`
	After    string    `json:"after,omitempty"`
	Reasons  []string  `json:"reasons,omitempty"`
	PrevHash string    `json:"prev_hash"` // of the entry before; 64 zeros for the first
	Hash     string    `json:"hash"`      // SHA-256 of this entry without it, hexadecimal
}

// zeroHash stands before the first entry.
var zeroHash = strings.Repeat("0", 2*sha256.Size)

// clean brings the entry into the form in which it is stored.
func (e Entry) clean() (Entry, error) {
	e.Who, e.Subject = cut(e.Who, MaxName), cut(e.Subject, MaxName)
	switch {
	case !slices.Contains(Actions(), e.What):
		return Entry{}, fmt.Errorf("audit: %q is no action of the closed list; use one of audit.Actions", cut(string(e.What), MaxName))
	case e.Who == "" || e.Subject == "":
		return Entry{}, fmt.Errorf("audit: %s needs who did it and to what; give both", e.What)
	case e.At.IsZero():
		return Entry{}, fmt.Errorf("audit: %s needs a time; give it", e.What)
	}
	e.At = e.At.UTC().Round(0)
	e.Before, e.After = cut(e.Before, MaxText), cut(e.After, MaxText)
	reasons := e.Reasons
	e.Reasons = nil
	for i, r := range reasons {
		if i == MaxReasons-1 && len(reasons) > MaxReasons {
			e.Reasons = append(e.Reasons, fmt.Sprintf("and %d more", len(reasons)-i))
			break
		}
		e.Reasons = append(e.Reasons, cut(r, MaxText))
	}
	return e, nil
}

// canonical is the one form of an entry: its fields in a fixed order, no spaces,
// every character as JSON writes it.
func (e Entry) canonical() ([]byte, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("audit: entry %d: %w", e.Seq, err)
	}
	return b, nil
}

// seal returns the entry's hash: over everything but the hash itself.
func (e Entry) seal() (string, error) {
	e.Hash = ""
	b, err := e.canonical()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// cut makes one clean line of at most n bytes.
func cut(s string, n int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool { return r < ' ' || r == 0x7f || r == ' ' }), " ")
	if len(s) <= n {
		return s
	}
	const dots = "…"
	end := n - len(dots)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + dots
}
