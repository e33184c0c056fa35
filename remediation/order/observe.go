package order

import (
	"fmt"
	"sort"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

const (
	// NotObservableAfter is how long a device may stay silent after its work was
	// reported done before a person is asked: a device in use speaks daily; after a
	// week it is stored, moved or behind something that is not heard.
	NotObservableAfter = 7 * 24 * time.Hour
	// SettleTime is how long after the report of done work the old fault may still
	// be heard without counting: an update is often reported before the restart. It
	// is also how far apart two statements must be to be two.
	SettleTime = 10 * time.Minute
)

// Verification states, as remediation.Verification names them.
const (
	pending       = "pending"
	verified      = "verified"
	stillPresent  = "still_present"
	notObservable = "not_observable"
)

// Seen is what the wire shows since the last time.
type Seen struct {
	// Findings by id, as they stand now.
	Findings map[string]remediation.Finding
	// Heard returns when the finding's device last said, on the wire, what the
	// finding stands on; zero when it never did. LastStatement answers it.
	Heard func(f remediation.Finding) time.Time
}

// Observed compares the orders with what the wire now shows, inside the caller's
// transaction: done work is verified or found wanting, an order whose cause is
// gone ends, and a person is asked where the wire cannot tell.
func (d *Desk) Observed(tx inventory.Tx, seen Seen, now time.Time) ([]Change, error) {
	w := d.begin(tx, now)
	var open []string
	err := scanRecords(tx, func(r *record) error {
		if !r.State.Final() && r.State != remediation.StateSubmitting {
			w.records[r.ID] = r
			open = append(open, r.ID)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	sort.Strings(open)
	for _, id := range open {
		if err := w.observe(w.records[id], seen); err != nil {
			return nil, err
		}
	}
	return w.finish()
}

func verifyingSays(r *record) string {
	if r.Verification.By == remediation.ByAttest {
		return "the work is reported done; the wire cannot show it, so a person attests"
	}
	return "the work is reported done; waiting to hear the device: " + orElse(r.Verification.Predicate, "the cause must be gone")
}

// stillOpen handles an order of which at least one finding is still open.
func (w *work) stillOpen(r *record, v verdict) error {
	w.takeBack(r)
	if !r.done() {
		return nil
	}
	if v.present.IsZero() {
		return w.silent(r)
	}
	r.Verification.State, r.Verification.ObservedAt = stillPresent, v.present.UTC()
	says := "reported done, but still seen on the network at " + v.present.UTC().Format(time.RFC3339)
	w.change(r, VerifyFailed, byUs, remediation.StateVerifyFailed, says)
	if err := w.tell(r, "This was "+says+". Please reopen. "+r.Verification.Predicate); err != nil {
		return err
	}
	if w.d.o.FollowUp {
		return w.reissue(r, Decided, byUs, "still seen after it was reported done")
	}
	return nil
}

// accepted ends an order whose risk somebody accepted or mitigated otherwise.
func (w *work) accepted(r *record, v verdict) error {
	says := "the risk was accepted"
	if v.mitigated > 0 {
		says = "the risk is mitigated in another way"
	}
	if err := w.tell(r, "No longer needed: "+says+". Please close this order."); err != nil {
		return err
	}
	w.forget(r)
	return w.end(r, NoAction, byUs, remediation.StateNoAction, says)
}

// paper handles an order whose cause is gone by the register's word alone: one
// that nobody was told ends, the others need a person, since only the wire or a
// person ends work (DESIGN.md, invariant 12).
func (w *work) paper(r *record) error {
	if r.unsent() {
		w.forget(r)
		return w.end(r, NoAction, byUs, remediation.StateNoAction, "the register says that the cause is gone; nobody had been told")
	}
	return w.silent(r)
}

// silent asks a person when the wire has said nothing for too long.
func (w *work) silent(r *record) error {
	if r.State != remediation.StateVerifying || r.Verification.By != remediation.ByWire ||
		r.Verification.State == notObservable || w.now.Sub(r.DoneAt) < NotObservableAfter {
		return nil
	}
	r.Verification.State = notObservable
	days := int(NotObservableAfter.Hours() / 24)
	says := fmt.Sprintf("nothing was heard that shows the result for %d days after the work; look at the device and attest", days)
	w.change(r, NotObservable, byUs, r.State, says)
	return nil
}

// close ends an order whose cause is shown, or attested, to be gone.
func (w *work) close(r *record, code Code, by string, how remediation.Verifiability, says string) error {
	// Told, but not said to be done there: its own people close it.
	if r.told() || r.State == remediation.StateVerifyFailed || r.done() && !r.reported() {
		if err := w.tell(r, "The network shows that the cause is gone. This order can be closed."); err != nil {
			return err
		}
	}
	r.Verification.By, r.Verification.State = how, verified
	if r.Verification.ObservedAt.IsZero() || how == remediation.ByAttest {
		r.Verification.ObservedAt = w.now
	}
	w.forget(r)
	return w.end(r, code, by, remediation.StateVerified, says)
}

// forget notes that the findings are closed, so that their coming back counts as
// a change. Attested ones stay as they were: the wire may go on saying the same,
// and a person has answered it.
func (w *work) forget(r *record) {
	if r.Verification.By == remediation.ByAttest && r.Verification.State == verified {
		return
	}
	for c, e := range r.Evidence {
		e.Status = remediation.Resolved
		r.Evidence[c] = e
	}
}
