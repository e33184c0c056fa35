package web

import (
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

// maxSessions bounds the table: a hospital has tens of users of this page.
const maxSessions = 1000

// sessionCookie is host-only and never readable by a script.
const sessionCookie = "__Host-auscult"

// sessions holds who is signed in, in memory: a restart signs everybody out.
type sessions struct {
	mu     sync.Mutex
	open   map[[sha256.Size]byte]session // by the hash of the token
	length time.Duration
	now    func() time.Time
}

type session struct {
	account string
	stamp   [sha256.Size]byte // of the password that opened it
	csrf    string
	ends    time.Time
	said    notice
}

// notice is what became of a person's last decision, shown once. It lives here
// and not in the address, where anybody could write it.
type notice struct{ done, refused string }

func newSessions(length time.Duration, now func() time.Time) *sessions {
	return &sessions{open: map[[sha256.Size]byte]session{}, length: length, now: now}
}

// begin signs an account in under a new token and sets the cookie; a session that
// the browser had before ends, so that nobody's token is carried over.
func (s *sessions) begin(w http.ResponseWriter, r *http.Request, a accountRecord) error {
	id, err := token()
	if err != nil {
		return err
	}
	csrf, err := token()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := key(r); ok {
		delete(s.open, old)
	}
	s.sweep()
	s.open[sha256.Sum256([]byte(id))] = session{account: a.Name, stamp: a.stamp(), csrf: csrf, ends: s.now().Add(s.length)}
	setCookie(w, sessionCookie, id, s.length)
	return nil
}

// setCookie sets one of our cookies; a negative age removes it.
func setCookie(w http.ResponseWriter, name, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, MaxAge: int(age.Seconds())})
}

// key is the place of a request's session in the table.
func key(r *http.Request) (k [sha256.Size]byte, ok bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return k, false
	}
	return sha256.Sum256([]byte(c.Value)), true
}

// sweep forgets what has ended, and the oldest where there are too many.
func (s *sessions) sweep() {
	now := s.now()
	var oldest [sha256.Size]byte
	var ends time.Time
	for k, v := range s.open {
		if !now.Before(v.ends) {
			delete(s.open, k)
			continue
		}
		if ends.IsZero() || v.ends.Before(ends) {
			oldest, ends = k, v.ends
		}
	}
	if len(s.open) >= maxSessions {
		delete(s.open, oldest)
	}
}

// of returns the session of a request.
func (s *sessions) of(r *http.Request) (v session, ok bool) {
	s.change(r, func(x *session) { v, ok = *x, true })
	return v, ok
}

// say keeps a notice for the visitor's next page.
func (s *sessions) say(r *http.Request, n notice) {
	s.change(r, func(v *session) { v.said = n })
}

// said takes the notice that was kept.
func (s *sessions) said(r *http.Request) (n notice) {
	s.change(r, func(v *session) { n, v.said = v.said, notice{} })
	return n
}

// change runs f on the request's session, where there is one that has not ended.
func (s *sessions) change(r *http.Request, f func(*session)) {
	k, ok := key(r)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.open[k]; ok && s.now().Before(v.ends) {
		f(&v)
		s.open[k] = v
	}
}

// end signs out.
func (s *sessions) end(w http.ResponseWriter, r *http.Request) {
	if k, ok := key(r); ok {
		s.mu.Lock()
		delete(s.open, k)
		s.mu.Unlock()
	}
	setCookie(w, sessionCookie, "", -time.Second)
}
