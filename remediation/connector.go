package remediation

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Ticket is what a CMMS is told: device identity, what is wrong, what to do, who
// may do it, the use state and a caution class. It never holds a drug, a rate, a
// bed or anything of a patient (DESIGN.md, invariant 2).
type Ticket struct {
	Key           string // our order key; the system must carry it
	ControlNumber string
	SerialNumber  string
	Title         string // at most 160 bytes
	Description   string // plain text
	Priority      string // P1..P4
	Queue         string
	Person        string
}

// RemoteOrder is what a CMMS says of an order.
type RemoteOrder struct {
	ID        string     // the system's own id
	Number    string     // what people call it
	Key       string     // as the system returned it: verify before use
	State     OrderState // canonical; "" when the system's word is not known
	RawState  string     // the system's own word
	Assignee  string     // who really has it
	URL       string
	UpdatedAt time.Time // the system's clock
	Note      string    // close notes, cut to 500 bytes
}

// Connector speaks to one CMMS. Implementations keep no order state and may be
// called from one goroutine at a time.
type Connector interface {
	// System names the CMMS, as in metrics and on the page.
	System() string
	// Find returns the orders that carry the key. Every returned order's Key
	// equals key; the connector verifies that itself.
	Find(ctx context.Context, key string) ([]RemoteOrder, error)
	// Create makes the order. The caller has searched first. After a
	// *ConnectorError of kind Lost the order may exist: search again later.
	Create(ctx context.Context, t Ticket) (RemoteOrder, error)
	// Read returns one order by the system's id, or an error of kind Gone.
	Read(ctx context.Context, id string) (RemoteOrder, error)
	// Note adds an internal note to an order.
	Note(ctx context.Context, id, text string) error
	// Check verifies address, credentials and tables without creating anything,
	// and returns sentences for a person.
	Check(ctx context.Context) ([]string, error)
}

// TroubleKind says what the caller should do about a connector's error.
type TroubleKind string

const (
	// Transient: try again later, with backoff, not before RetryAfter.
	Transient TroubleKind = "transient"
	// Refused: the request is wrong; never try it again unchanged.
	Refused TroubleKind = "refused"
	// Unauthorised: stop everything towards this system and tell a person once.
	Unauthorised TroubleKind = "unauthorised"
	// Gone: the order is not there.
	Gone TroubleKind = "gone"
	// Lost: the answer to a create was lost; it may have been done.
	Lost TroubleKind = "lost"
)

// ConnectorError is every error a Connector returns.
type ConnectorError struct {
	System     string
	Operation  string
	Kind       TroubleKind
	RetryAfter time.Duration // for Transient; 0 when the system did not say
	Code       int           // HTTP status, 0 when there was none
	Err        error
}

func (e *ConnectorError) Error() string {
	return fmt.Sprintf("%s %s: %v", e.System, e.Operation, e.Err)
}

func (e *ConnectorError) Unwrap() error { return e.Err }

// KindOf returns the kind of a connector's error, Transient when it has none.
func KindOf(err error) TroubleKind {
	var c *ConnectorError
	if errors.As(err, &c) {
		return c.Kind
	}
	return Transient
}
