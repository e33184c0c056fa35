package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
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
	Search        string // what the visitor looks for
	At            time.Time
	Notice        string // what became of the visitor's last decision
	Trouble       string // why it was refused
	Alarms        []string
	Body          any
}

// pages are the parsed templates, by name.
type pages struct{ byName map[string]*template.Template }

func loadPages(now func() time.Time) (*pages, error) {
	files, err := fs.Glob(embedded, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("page templates: %w", err)
	}
	p := &pages{byName: map[string]*template.Template{}}
	for _, f := range files {
		name := strings.TrimSuffix(path.Base(f), ".html")
		if name == "frame" || name == "parts" {
			continue
		}
		t, err := template.New("frame.html").Funcs(words(now)).ParseFS(embedded, "templates/frame.html", "templates/parts.html", f)
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
	_, _ = w.Write(out.Bytes()) // the client is gone
}

// link is one entry of the navigation.
type link struct{ Path, Name, Active string }

func links() []link {
	return []link{{"/", "Overview", "overview"}, {"/devices", "Devices", "devices"}, {"/findings", "Findings", "findings"}, {"/orders", "Orders", "orders"},
		{"/register", "Register", "register"}, {"/coverage", "Coverage", "coverage"}, {"/audit", "Decisions", "audit"}}
}

func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	body, err := embedded.ReadFile("assets/" + name)
	if err != nil {
		text(w, http.StatusNotFound, "no such file")
		return
	}
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
	w.Header().Set("Content-Type", kinds[path.Ext(name)])
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(body) // the client is gone
}
