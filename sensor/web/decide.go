package web

import (
	"net/http"
	"strconv"
)

// decide serves every form by which a person decides something, and goes back to
// the page that it came from.
func (s *Server) decide(w http.ResponseWriter, r *http.Request) {
	v, ok := s.who(r)
	if !ok {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	back := localPath(r.FormValue("back"))
	if !v.honest(r) {
		s.trouble(w, r, http.StatusForbidden, "This form is older than your session. Go back, reload the page and try again.")
		return
	}
	a := Action{By: v.Name, Subject: r.FormValue("subject"), ID: r.FormValue("id"), Verb: r.FormValue("verb"),
		Device: r.FormValue("device"), Reason: r.FormValue("reason")}
	a.Hours, _ = strconv.ParseFloat(r.FormValue("hours"), 64) //nolint:errcheck // 0 is refused where hours are needed
	need := Act
	if a.Subject == "switch" {
		need = Admin
	}
	if !v.May(need) {
		s.trouble(w, r, http.StatusForbidden, "Your account may read only. An administrator can give it the role "+string(need)+".")
		return
	}
	says, err := s.o.House.Act(r.Context(), a)
	if err != nil {
		s.sessions.say(r, notice{refused: err.Error()})
	} else {
		s.sessions.say(r, notice{done: says})
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}
