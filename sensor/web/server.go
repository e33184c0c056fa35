package web

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Options is what the server needs.
type Options struct {
	House       House
	Accounts    *Accounts
	Certificate tls.Certificate
	Session     time.Duration
	// MetricsToken guards /metrics; it is never logged.
	MetricsToken string
	Gatherer     prometheus.Gatherer
	// Ready says why the sensor is not ready, or nil.
	Ready   func() error
	Version string
	Site    string
	Now     func() time.Time
	Log     *slog.Logger
}

// Server is the page and the API.
type Server struct {
	o        Options
	sessions *sessions
	throttle *throttle
	pages    *pages
	mux      *http.ServeMux
}

// requestTime bounds how long one request may take to be read and answered.
const requestTime = 30 * time.Second

// maxForm bounds a form or a JSON body that a person sends.
const maxForm = 64 << 10

// New returns a server; Serve starts it.
func New(o Options) (*Server, error) {
	p, err := loadPages()
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, sessions: newSessions(o.Session, o.Now), pages: p, mux: http.NewServeMux(),
		throttle: &throttle{failed: map[string]failures{}, now: o.Now}}
	s.routes()
	return s, nil
}

func (s *Server) routes() {
	s.mux.HandleFunc("GET /healthz", s.healthz)
	s.mux.HandleFunc("GET /readyz", s.readyz)
	s.mux.Handle("GET /metrics", s.metrics())
	s.mux.HandleFunc("GET /assets/{name}", s.asset)
	s.mux.HandleFunc("GET /login", s.loginPage)
	s.mux.HandleFunc("POST /login", s.login)
	s.mux.HandleFunc("POST /logout", s.logout)
	s.pageRoutes()
	s.apiRoutes()
}

// ServeHTTP adds what every answer carries.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	s.mux.ServeHTTP(w, r)
}

// Serve answers on the listener over TLS until ctx ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: requestTime, WriteTimeout: requestTime,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog:  slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{s.o.Certificate}},
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ServeTLS(l, "", "") }()
	select {
	case err := <-failed:
		return fmt.Errorf("page: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// healthz says that the process answers; it tells nothing else, since it is open.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok") }

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if s.o.Ready != nil {
		if err := s.o.Ready(); err != nil {
			text(w, http.StatusServiceUnavailable, err.Error())
			return
		}
	}
	text(w, http.StatusOK, "ready")
}

func text(w http.ResponseWriter, status int, says string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, says) //nolint:errcheck // the client is gone
}

// metrics asks for its own bearer token: a scraper has no account.
func (s *Server) metrics() http.Handler {
	inner := promhttp.HandlerFor(s.o.Gatherer, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if s.o.MetricsToken == "" || subtle.ConstantTimeCompare([]byte(given), []byte(s.o.MetricsToken)) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="auscult metrics"`)
			text(w, http.StatusUnauthorized, "metrics need the bearer token of metrics.token_file")
			return
		}
		inner.ServeHTTP(w, r)
	})
}
