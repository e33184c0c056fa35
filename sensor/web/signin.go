package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// visitor is who asks, and with what rights.
type visitor struct {
	Account
	csrf string // "" for a machine that sends its password or token with every request
}

// signedIn finds the visitor of a page: only a session counts, so that a
// password which the browser attaches by itself opens none.
func (s *Server) signedIn(r *http.Request) (visitor, bool) {
	session, ok := s.sessions.of(r)
	if !ok {
		return visitor{}, false
	}
	account, err := s.o.Accounts.find(session.account)
	if err != nil || account.stamp() != session.stamp {
		return visitor{}, false
	}
	return visitor{account.Account, session.csrf}, true
}

// refusal is why nobody was signed in.
type refusal struct {
	status int
	says   string
}

var (
	refuseUnknown = refusal{http.StatusUnauthorized, "sign in with an account; auscult user add makes one"}
	refuseWrong   = refusal{http.StatusUnauthorized, "That account and password do not go together."}
	refuseOften   = refusal{http.StatusTooManyRequests, "Too many attempts. Wait half a minute, then try again."}
	refuseBusy    = refusal{http.StatusServiceUnavailable, "Too many people sign in at this moment. Try again in a few seconds."}
)

// who finds the visitor of the API: a session of the page, or a script's bearer
// token or basic authentication.
func (s *Server) who(r *http.Request) (visitor, *refusal) {
	if v, ok := s.signedIn(r); ok {
		return v, nil
	}
	if scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "bearer") {
		if a, ok := s.o.Accounts.Bearer(given); ok { // random: no guessing to slow down
			return visitor{Account: a}, nil
		}
		return visitor{}, &refuseUnknown
	}
	name, password, ok := r.BasicAuth()
	if !ok {
		return visitor{}, &refuseUnknown
	}
	a, refused := s.password(r, name, password)
	return visitor{Account: a.Account}, refused
}

// signInsAtOnce bounds how many requests wait for a password to be hashed.
const signInsAtOnce = 16

// password checks a name and password, and slows guessing down by address and by
// account.
func (s *Server) password(r *http.Request, name, password string) (accountRecord, *refusal) {
	select {
	case s.signing <- struct{}{}:
		defer func() { <-s.signing }()
	default:
		return accountRecord{}, &refuseBusy
	}
	from, account := "from "+origin(r), "account "+name[:min(len(name), maxAccountName)]
	before, ok := s.throttle.try(from, freeTries)
	if !ok {
		return accountRecord{}, &refuseOften
	}
	accountBefore, ok := s.throttle.try(account, freeAccountTries)
	if !ok {
		return accountRecord{}, &refuseOften
	}
	a, ok := s.o.Accounts.check(name, password)
	if !ok {
		s.o.Log.Warn("sign-in refused", "from", origin(r))
		return accountRecord{}, &refuseWrong
	}
	s.throttle.forgive(from, before)
	s.throttle.forgive(account, accountBefore)
	return a, nil
}

// honest reports whether a request that changes something was meant: it carries
// the session's token, or comes from a script that signs each request itself and
// is no browser, which would name the page that it comes from.
func (v visitor) honest(r *http.Request) bool {
	if v.csrf == "" {
		return r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == ""
	}
	given := r.PostFormValue("csrf")
	if given == "" {
		given = r.Header.Get("X-CSRF-Token")
	}
	return subtle.ConstantTimeCompare([]byte(given), []byte(v.csrf)) == 1
}

// signInCookie ties the form of the sign-in page to the browser that was given
// it, so that nobody can sign a stranger in as himself.
const signInCookie = "__Host-auscult-sign-in"

// signInTime is how long a person may leave the sign-in page open.
const signInTime = time.Hour

type loginView struct{ Next, Token, Trouble string }

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	next := localPath(r.FormValue("next"))
	if _, ok := s.signedIn(r); ok {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	s.signInForm(w, http.StatusOK, next, "")
}

func (s *Server) signInForm(w http.ResponseWriter, status int, next, trouble string) {
	nonce, err := token()
	if err != nil {
		text(w, http.StatusInternalServerError, "this page could not be made; try again")
		return
	}
	setCookie(w, signInCookie, nonce, signInTime)
	s.pages.render(w, status, "login", view{Title: "Sign in", Site: s.o.Site, Body: loginView{next, s.sealNonce(nonce), trouble}})
}

// sealNonce makes the form's half of the pair out of the cookie's.
func (s *Server) sealNonce(nonce string) string {
	m := hmac.New(sha256.New, s.formKey[:])
	m.Write([]byte(nonce))
	return hex.EncodeToString(m.Sum(nil))
}

// ownForm reports whether the sign-in form was given to this very browser.
func (s *Server) ownForm(r *http.Request) bool {
	c, err := r.Cookie(signInCookie)
	return err == nil && hmac.Equal([]byte(s.sealNonce(c.Value)), []byte(r.PostFormValue("token")))
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	next, name := localPath(r.PostFormValue("next")), strings.TrimSpace(r.PostFormValue("account"))
	if !s.ownForm(r) {
		s.signInForm(w, http.StatusForbidden, next, "This form was too old, or the browser refuses cookies. Try once more.")
		return
	}
	a, refused := s.password(r, name, r.PostFormValue("password"))
	if refused != nil {
		s.signInForm(w, refused.status, next, refused.says)
		return
	}
	if err := s.sessions.begin(w, r, a); err != nil {
		s.signInForm(w, http.StatusInternalServerError, next, "Signing in did not work. Try again.")
		return
	}
	setCookie(w, signInCookie, "", -time.Second)
	s.o.Log.Info("signed in", "account", a.Name, "from", origin(r))
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if v, ok := s.signedIn(r); ok && v.honest(r) {
		s.sessions.end(w, r)
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// maxPath bounds an address to come back to.
const maxPath = 1024

// localPath keeps a redirect on this host: a path that a browser cannot take for
// another one's address, or "/".
func localPath(p string) string {
	u, err := url.Parse(p)
	odd := func(c rune) bool { return c <= ' ' || c == '\\' || c >= 0x7f }
	if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil || len(p) > maxPath || !strings.HasPrefix(p, "/") ||
		strings.HasPrefix(p, "//") || strings.ContainsFunc(p, odd) || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, "/\\") {
		return "/"
	}
	return p
}
