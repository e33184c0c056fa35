package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
	open   map[[32]byte]session // by the hash of the token
	length time.Duration
	now    func() time.Time
}

type session struct {
	account string
	csrf    string
	ends    time.Time
	said    notice
}

// notice is what became of a person's last decision, shown once. It lives here
// and not in the address, where anybody could write it.
type notice struct{ done, refused string }

func newSessions(length time.Duration, now func() time.Time) *sessions {
	return &sessions{open: map[[32]byte]session{}, length: length, now: now}
}

func token() (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("make a session token: %w", err)
	}
	return hex.EncodeToString(raw), nil
}

// begin signs an account in and sets the cookie.
func (s *sessions) begin(w http.ResponseWriter, account string) error {
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
	s.sweep()
	s.open[sha256.Sum256([]byte(id))] = session{account: account, csrf: csrf, ends: s.now().Add(s.length)}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: id, Path: "/", Secure: true, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, MaxAge: int(s.length.Seconds())})
	return nil
}

// sweep forgets what has ended, and the oldest where there are too many.
func (s *sessions) sweep() {
	now := s.now()
	var oldest [32]byte
	var ends time.Time
	for k, v := range s.open {
		if now.After(v.ends) {
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
func (s *sessions) of(r *http.Request) (session, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return session{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.open[sha256.Sum256([]byte(c.Value))]
	return v, ok && s.now().Before(v.ends)
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

func (s *sessions) change(r *http.Request, f func(*session)) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(c.Value))
	if v, ok := s.open[key]; ok {
		f(&v)
		s.open[key] = v
	}
}

// end signs out.
func (s *sessions) end(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(sessionCookie); err == nil {
		s.mu.Lock()
		delete(s.open, sha256.Sum256([]byte(c.Value)))
		s.mu.Unlock()
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", Secure: true, HttpOnly: true, MaxAge: -1, SameSite: http.SameSiteStrictMode})
}

// endAll signs an account out everywhere, after its password changed.
func (s *sessions) endAll(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, v := range s.open {
		if v.account == account {
			delete(s.open, k)
		}
	}
}

// throttle slows down guessing: after tries failures an address or account
// waits. It is bounded and forgets by itself.
type throttle struct {
	mu     sync.Mutex
	failed map[string]failures
	now    func() time.Time
}

type failures struct {
	count int
	until time.Time
}

const (
	freeTries    = 5
	throttleWait = 30 * time.Second
	maxThrottled = 10_000
)

func (t *throttle) allowed(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.failed[key]
	return f.count < freeTries || t.now().After(f.until)
}

func (t *throttle) fail(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.failed) >= maxThrottled {
		t.failed = map[string]failures{} // an attack from everywhere: start over rather than grow
	}
	f := t.failed[key]
	t.failed[key] = failures{f.count + 1, t.now().Add(throttleWait)}
}

func (t *throttle) succeed(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.failed, key)
}
