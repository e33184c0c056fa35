package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed templates assets
var embedded embed.FS

// view is what every page shows.
type view struct {
	Title, Active string
	Site, Version string
	Who           visitor
	CSRF          string
	Path          string // of this page, to come back to
	Notice        string // what became of the visitor's last decision
	Trouble       string // why it was refused
	Alarm         string // what a person must know on any page
	Body          any
}

// pages are the parsed templates, by name.
type pages struct{ byName map[string]*template.Template }

func loadPages() (*pages, error) {
	files, err := fs.Glob(embedded, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("page templates: %w", err)
	}
	p := &pages{byName: map[string]*template.Template{}}
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(f, "templates/"), ".html")
		if name == "frame" || name == "parts" {
			continue
		}
		t, err := template.New("frame.html").Funcs(words()).ParseFS(embedded, "templates/frame.html", "templates/parts.html", f)
		if err != nil {
			return nil, fmt.Errorf("page template %s: %w", name, err)
		}
		p.byName[name] = t
	}
	return p, nil
}

// render writes a page whole or not at all.
func (p *pages) render(w http.ResponseWriter, status int, name string, v view) {
	var out bytes.Buffer
	if err := p.byName[name].Execute(&out, v); err != nil {
		text(w, http.StatusInternalServerError, "this page could not be made; tell the makers which one")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) //nolint:errcheck // the client is gone
}

// words are the small functions that templates use.
func words() template.FuncMap {
	return template.FuncMap{
		"when": func(t time.Time) string {
			if t.IsZero() {
				return "never"
			}
			return t.UTC().Format("2 Jan 2006 15:04:05 UTC")
		},
		"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"join":    func(list []string) string { return strings.Join(list, ", ") },
		"plain":   func(v any) string { return strings.NewReplacer("_", " ", "-", " ").Replace(fmt.Sprint(v)) },
		"query":   url.QueryEscape,
		"path":    url.PathEscape,
		"bytes":   size,
		"state":   matchState,
		"percent": func(f float64) string { return fmt.Sprintf("%.0f %%", 100*f) },
	}
}

// link is one entry of the navigation.
type link struct{ Path, Name, Active string }

func links() []link {
	return []link{{"/", "Overview", "overview"}, {"/devices", "Devices", "devices"}, {"/findings", "Findings", "findings"}, {"/orders", "Orders", "orders"},
		{"/register", "Register", "register"}, {"/coverage", "Coverage", "coverage"}, {"/audit", "Decisions", "audit"}}
}

// decisionName is what a person reads on the button of a verb.
func decisionName(verb string) string {
	known := map[string]string{"send": "Send it", "hold": "Hold it", "release": "Release it", "cancel": "Cancel it", "retry": "Try again", "attest": "Attest"}
	return known[verb]
}

// size writes a number of bytes for people.
func size(n uint64) string {
	const step = 1024
	if n < step {
		return fmt.Sprintf("%d B", n)
	}
	f, units := float64(n), []string{"KiB", "MiB", "GiB", "TiB", "PiB"}
	i := -1
	for f >= step && i < len(units)-1 {
		f, i = f/step, i+1
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}

func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	body, err := embedded.ReadFile("assets/" + name)
	if err != nil {
		text(w, http.StatusNotFound, "no such file")
		return
	}
	kinds := map[string]string{"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
	_, ending, _ := strings.Cut(name, ".")
	w.Header().Set("Content-Type", kinds[ending])
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(body) //nolint:errcheck // the client is gone
}
