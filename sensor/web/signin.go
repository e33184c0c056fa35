package web

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// visitor is who asks, and with what rights.
type visitor struct {
	Account
	csrf string // "" for a machine that sends its password with every request
}

// who finds the visitor of a request: a session of the page, or a script's
// bearer token or basic authentication. Guessing is slowed down.
func (s *Server) who(r *http.Request) (visitor, bool) {
	if session, ok := s.sessions.of(r); ok {
		accounts, err := s.o.Accounts.List()
		if err != nil {
			return visitor{}, false
		}
		for _, a := range accounts {
			if a.Name == session.account {
				return visitor{a, session.csrf}, true
			}
		}
		return visitor{}, false
	}
	if !s.throttle.allowed(origin(r)) {
		return visitor{}, false
	}
	var a Account
	if bearer, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); given {
		var ok bool
		a, ok = s.o.Accounts.Bearer(bearer)
		return s.judge(r, a, ok)
	}
	name, password, ok := r.BasicAuth()
	if !ok {
		return visitor{}, false
	}
	a, ok = s.o.Accounts.Check(name, password)
	return s.judge(r, a, ok)
}

// judge counts a failure, so that guessing is slowed down.
func (s *Server) judge(r *http.Request, a Account, ok bool) (visitor, bool) {
	if !ok {
		s.throttle.fail(origin(r))
		return visitor{}, false
	}
	s.throttle.succeed(origin(r))
	return visitor{Account: a}, true
}

func origin(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// honest reports whether a request that changes something was meant: it carries
// the session's token, or comes from a script that signs each request.
func (v visitor) honest(r *http.Request) bool {
	if v.csrf == "" {
		return r.Header.Get("Origin") == ""
	}
	given := r.FormValue("csrf")
	if given == "" {
		given = r.Header.Get("X-CSRF-Token")
	}
	return subtle.ConstantTimeCompare([]byte(given), []byte(v.csrf)) == 1
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	s.pages.render(w, http.StatusOK, "login", view{Title: "Sign in", Site: s.o.Site, Version: s.o.Version, Body: loginView{Next: localPath(r.FormValue("next"))}})
}

type loginView struct{ Next, Trouble string }

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	next, name := localPath(r.FormValue("next")), strings.TrimSpace(r.FormValue("account"))
	refuse := func(status int, says string) {
		s.pages.render(w, status, "login", view{Title: "Sign in", Site: s.o.Site, Version: s.o.Version, Body: loginView{next, says}})
	}
	if !s.throttle.allowed(origin(r)) {
		refuse(http.StatusTooManyRequests, "Too many attempts. Wait half a minute, then try again.")
		return
	}
	a, ok := s.o.Accounts.Check(name, r.FormValue("password"))
	if !ok {
		s.throttle.fail(origin(r))
		s.o.Log.Warn("sign-in refused", "from", origin(r))
		refuse(http.StatusUnauthorized, "That account and password do not go together.")
		return
	}
	s.throttle.succeed(origin(r))
	if err := s.sessions.begin(w, a.Name); err != nil {
		refuse(http.StatusInternalServerError, "Signing in did not work. Try again.")
		return
	}
	s.o.Log.Info("signed in", "account", a.Name, "from", origin(r))
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if v, ok := s.who(r); ok && v.honest(r) {
		s.sessions.end(w, r)
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// localPath keeps a redirect on this host.
func localPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n") {
		return "/"
	}
	return p
}
