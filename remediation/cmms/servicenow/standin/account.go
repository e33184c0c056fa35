package standin

import (
	"crypto/subtle"
	"net/http"
	"strings"
)

// knows reports whether the request comes from an account, and refuses it
// otherwise.
func (s *Server) knows(w http.ResponseWriter, r *http.Request) bool {
	if s.o.User == "" && s.o.ClientID == "" {
		return true
	}
	user, password, ok := r.BasicAuth()
	if ok && s.o.User != "" && same(user, s.o.User) && same(password, s.o.Password) {
		return true
	}
	if token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		if until, known := s.tokens[token]; known && s.o.Now().Before(until) {
			return true
		}
	}
	w.Header().Set("WWW-Authenticate", `BASIC realm="Service-now"`)
	refuse(w, http.StatusUnauthorized, "User Not Authenticated", "Required to provide Auth information")
	return false
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// signIn gives a token (oauth_token.do).
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counted++
	if s.interferes(w) {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	good := s.o.ClientID != "" && same(r.PostFormValue("client_id"), s.o.ClientID) && same(r.PostFormValue("client_secret"), s.o.ClientSecret)
	switch r.PostFormValue("grant_type") {
	case "client_credentials":
	case "password":
		good = good && same(r.PostFormValue("username"), s.o.User) && same(r.PostFormValue("password"), s.o.Password)
	default:
		good = false
	}
	if !good {
		reply(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client", "error_description": "access_denied"})
		return
	}
	token := "token-" + s.newID()
	s.tokens[token] = s.o.Now().Add(s.o.TokenLife)
	reply(w, http.StatusOK, map[string]any{"access_token": token, "scope": "useraccount", "token_type": "Bearer",
		"expires_in": int(s.o.TokenLife.Seconds())})
}
