package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"
)

// Options is what the server needs.
type Options struct {
	House       House
	Accounts    *Accounts
	Certificate tls.Certificate
	Session     time.Duration
	// MetricsToken guards /metrics; it is never logged. Without one /metrics
	// answers nobody.
	MetricsToken string
	Gatherer     prometheus.Gatherer // nil for none
	// Ready says why the sensor is not ready, or nil.
	Ready   func() error
	Version string
	Site    string
	Now     func() time.Time // nil for the system's clock
	Log     *slog.Logger     // nil for none
}

// Server is the page and the API.
type Server struct {
	o        Options
	sessions *sessions
	throttle *throttle
	signing  chan struct{}     // who waits for a password to be hashed
	formKey  [sha256.Size]byte // seals the sign-in form
	pages    *pages
	mux      *http.ServeMux
	guard    *http.CrossOriginProtection
}

const (
	// requestTime bounds how long one request may take to be read and answered.
	requestTime = 30 * time.Second
	// headerTime bounds the handshake and the header: slow senders are let go.
	headerTime = 5 * time.Second
	// listTime bounds how long a signed-in script may take to read all devices.
	listTime = 5 * time.Minute
	// maxForm bounds a form or a JSON body that a person sends.
	maxForm = 64 << 10
	// maxHeader holds the longest search and two cookies with room to spare.
	maxHeader = 16 << 10
	// maxConnections is ten times the browsers of one hospital's technicians.
	maxConnections = 512
	// maxStreams bounds the requests that one connection has open.
	maxStreams = 32
)

// New returns a server; Serve starts it.
func New(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if o.Gatherer == nil {
		o.Gatherer = prometheus.NewRegistry()
	}
	p, err := loadPages(o.Now)
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, sessions: newSessions(o.Session, o.Now), pages: p, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection(),
		throttle: &throttle{failed: map[string]failures{}, now: o.Now}, signing: make(chan struct{}, signInsAtOnce)}
	if _, err := rand.Read(s.formKey[:]); err != nil {
		return nil, fmt.Errorf("page: make a key: %w", err)
	}
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

// ServeHTTP adds what every answer carries, and refuses what another site's page
// sends.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if err := s.guard.Check(r); err != nil {
		problem(w, http.StatusForbidden, "this request came from another site's page; open the page of auscult itself")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	s.mux.ServeHTTP(w, r)
}

// Serve answers on the listener over TLS until ctx ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: requestTime,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeader, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ErrorLog:  slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{s.o.Certificate}},
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ServeTLS(netutil.LimitListener(l, maxConnections), "", "") }()
	select {
	case err := <-failed:
		return fmt.Errorf("page: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), headerTime)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close() // a reader that is still there after the grace does not keep the daemon
	}
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// healthz says that the process answers; it tells nothing else, since it is open.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok") }

// readyz says whether the sensor works. Why it does not is for those who hold an
// account or the token of the metrics: it names taps.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	var err error
	if s.o.Ready != nil {
		err = s.o.Ready()
	}
	if err == nil {
		text(w, http.StatusOK, "ready")
		return
	}
	says := "not ready; the coverage page and the log say why"
	if _, refused := s.who(r); refused == nil || s.scraper(r) {
		says = "not ready: " + err.Error()
	}
	text(w, http.StatusServiceUnavailable, says)
}

func text(w http.ResponseWriter, status int, says string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, says) // the client is gone
}

// scraper reports whether a request carries the token of the metrics.
func (s *Server) scraper(r *http.Request) bool {
	given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	want, got := sha256.Sum256([]byte(s.o.MetricsToken)), sha256.Sum256([]byte(given))
	return bearer && s.o.MetricsToken != "" && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// metrics asks for its own bearer token: a scraper has no account.
func (s *Server) metrics() http.Handler {
	inner := promhttp.HandlerFor(s.o.Gatherer, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.scraper(r) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="auscult metrics"`)
			text(w, http.StatusUnauthorized, "metrics need the bearer token of metrics.token_file")
			return
		}
		inner.ServeHTTP(w, r)
	})
}
