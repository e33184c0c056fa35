package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/auscult/auscult/remediation"
)

// decide serves every form by which a person decides something, and goes back to
// the page that it came from.
func (s *Server) decide(w http.ResponseWriter, r *http.Request) {
	v, ok := s.signedIn(r)
	if !ok {
		s.signInFirst(w, r)
		return
	}
	if err := r.ParseForm(); err != nil {
		status, says := s.statusOf(formError(err))
		s.trouble(w, r, v, status, says)
		return
	}
	if !v.honest(r) {
		s.trouble(w, r, v, http.StatusForbidden, "This form is older than your session. Go back, reload the page and try again.")
		return
	}
	f := r.PostForm
	says, err := s.carryOut(r, v, Action{Subject: f.Get("subject"), ID: f.Get("id"), Verb: f.Get("verb"), Device: f.Get("device"), Reason: f.Get("reason")})
	var refused failure
	switch {
	case errors.As(err, &refused) && refused.status != http.StatusConflict && refused.status != http.StatusNotFound:
		s.trouble(w, r, v, refused.status, refused.says)
		return
	case err != nil:
		s.sessions.say(r, notice{refused: sentence(err.Error())})
	default:
		s.sessions.say(r, notice{done: sentence(says)})
	}
	http.Redirect(w, r, localPath(f.Get("back")), http.StatusSeeOther)
}

// formError keeps a form that is too large apart from one that is none.
func formError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return failf(http.StatusBadRequest, "This is no form of ours.")
}

// verbForm is one decision as the page offers it: opened, explained, confirmed.
type verbForm struct {
	Verb   string
	Name   string // what opens it
	Says   string // what it does
	Button string // what does it
	Reason bool   // whether a reason is needed
	Grave  bool   // cannot be taken back with a click
	Open   bool   // shown open: it is what the order waits for
}

// decisions are the forms that fit an order's state; the order itself refuses
// what does not, with what is possible.
func decisions(o *remediation.WorkOrder, hasSuccessor bool) []verbForm {
	var all []verbForm
	for i, verb := range verbs(o, hasSuccessor) {
		f := formOf(verb, o)
		f.Open = i == 0 && (verb == "send" || verb == "attest")
		all = append(all, f)
	}
	return all
}

func formOf(verb string, o *remediation.WorkOrder) verbForm {
	there := o.CMMS.Number != "" || o.CMMS.RemoteID != ""
	switch verb {
	case "send":
		return verbForm{Verb: verb, Name: "Send", Button: "Send this order", Says: "The order is made in the hospital’s CMMS and goes to " + assigneeWords(o.Assignee) + "."}
	case "attest":
		if done(o.State) {
			return verbForm{Verb: verb, Name: "Attest that it is mended", Button: "I attest that the cause is gone", Reason: true,
				Says: "The wire cannot show this end. Your name and reason stand in the record of decisions."}
		}
		return verbForm{Verb: verb, Name: "Attest at the device", Button: "I am at the device: work may start", Reason: true,
			Says: "Only for a person who stands at the device and sees that nobody depends on it. It holds for 4 hours at most, and ends when the device is reported in use again."}
	case "hold":
		f := verbForm{Verb: verb, Name: "Hold", Button: "Hold this order", Reason: true, Says: "It is not told to the CMMS until somebody releases it."}
		if there {
			f.Says = "Its work may not start until somebody releases it; the CMMS is told so."
		}
		return f
	case "release":
		return verbForm{Verb: verb, Name: "Release", Button: "Release this order", Reason: true, Says: "Ends the hold of a person, or lets it go before the hour’s budget is free again."}
	case "retry":
		f := verbForm{Verb: verb, Name: "Try again", Button: "Make this order again", Reason: true, Says: "A new order is made for the same cause, linked to this one."}
		if o.State == remediation.StateRejected {
			f.Button, f.Says = "Try to send it again", "The CMMS refused this order. Mend the reason first, or it refuses again."
		}
		return f
	}
	f := verbForm{Verb: "cancel", Name: "Cancel", Button: "Yes, cancel this order", Reason: true, Grave: true,
		Says: "It ends here and is not made again until more is known of its cause, or a person tries again. The finding stays open."}
	if there {
		f.Says += " The CMMS is asked to close its order."
	}
	return f
}

// verbs are the decisions that fit an order's state, as the desk of orders knows
// them.
func verbs(o *remediation.WorkOrder, hasSuccessor bool) []string {
	switch o.State {
	case remediation.StateDraft:
		return []string{"send", "hold", "cancel"}
	case remediation.StateHeld:
		if personHolds(o.Tell.Holds) || holds(o.Tell.Holds, remediation.Budget) {
			return []string{"release", "cancel"}
		}
		return []string{"hold", "cancel"}
	case remediation.StateReady:
		return []string{"hold", "cancel"}
	case remediation.StateVerifyFailed, remediation.StateRejected, remediation.StateLost:
		return []string{"retry", "cancel"}
	case remediation.StateWorkDone, remediation.StateVerifying:
		if o.Verification.By == remediation.ByAttest || o.Verification.State == "not_observable" {
			return []string{"attest"}
		}
	case remediation.StateCancelled, remediation.StateNoAction:
		if !hasSuccessor {
			return []string{"retry"}
		}
	}
	if !told(o.State) {
		return nil
	}
	var can []string
	if holds(o.Start.Holds, remediation.InUse, remediation.UseUnknown, remediation.OnStandby, remediation.SecondRelease) {
		can = append(can, "attest")
	}
	if personHolds(o.Start.Holds) {
		return append(can, "release", "cancel")
	}
	return append(can, "hold", "cancel")
}

func holds(list []remediation.Hold, codes ...remediation.HoldCode) bool {
	return slices.ContainsFunc(list, func(h remediation.Hold) bool { return slices.Contains(codes, h.Code) })
}

// personHolds reports whether a person holds an order: the desk gives such a hold
// the code of a change approval, and says who.
func personHolds(list []remediation.Hold) bool {
	return slices.ContainsFunc(list, func(h remediation.Hold) bool {
		return h.Code == remediation.ChangeApproval && strings.HasPrefix(h.Says, "held by ")
	})
}

func assigneeWords(a remediation.Assignee) string {
	switch {
	case a.Person != "" && a.Team != "":
		return a.Person + " (" + a.Team + ")"
	case a.Person != "":
		return a.Person
	case a.Queue != "":
		return a.Queue
	}
	return "nobody yet"
}
