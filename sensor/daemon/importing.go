package daemon

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory/register"
	"github.com/auscult/auscult/remediation/audit"
	"github.com/auscult/auscult/remediation/finding"
)

// FoundPrefix marks a file that was found in a folder rather than named: it may
// turn out to be no feed.
const FoundPrefix = "found:"

func (h *House) opImport(_ context.Context, r Request) (Answer, error) {
	if len(r.Files) == 0 {
		return Answer{}, usagef("register import: no file")
	}
	if err := readable(register.Kind(r.Args["kind"])); err != nil {
		return Answer{}, err
	}
	asOf, err := day(r.Args["as_of"], h.now())
	if err != nil {
		return Answer{}, err
	}
	var mapping *register.Mapping
	if len(r.Files) > 1 {
		if mapping, err = register.ReadMapping(r.Files[1].Name, bytes.NewReader(r.Files[1].Body)); err != nil {
			return Answer{}, err
		}
	}
	kind, file := register.Kind(r.Args["kind"]), r.Files[0]
	report, err := h.register.Import(kind, file.Name, bytes.NewReader(file.Body), asOf, mapping)
	if err != nil {
		return Answer{}, err
	}
	var says strings.Builder
	if err := report.WriteText(&says); err != nil {
		return Answer{}, err
	}
	entry := audit.Entry{Who: r.By, What: audit.RegisterImported, Subject: string(kind) + " " + file.Name, After: "SHA-256 " + report.SHA256,
		Reasons: []string{fmt.Sprintf("%d added, %d changed, %d unchanged, %d refused", report.Added, report.Changed, report.Unchanged, report.Refused)}}
	if err := h.record(entry); err != nil {
		return Answer{}, err
	}
	return Answer{Says: strings.Split(strings.TrimRight(says.String(), "\n"), "\n")}, h.decideAfterImport()
}

// readable refuses a kind of record that this release does not read.
func readable(kind register.Kind) error {
	kinds := register.Kinds()
	if slices.Contains(kinds, kind) {
		return nil
	}
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return usagef("register import --kind %s: this release reads %s; the nearest is %q", kind, strings.Join(names, ", "), configs.Nearest(string(kind), names))
}

// day reads the date of an export; nothing means now.
func day(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return now, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usagef("date %q: want YYYY-MM-DD", s)
}

func (h *House) opFeeds(_ context.Context, r Request) (Answer, error) {
	files := make([]finding.File, len(r.Files))
	for i, f := range r.Files {
		name, found := strings.CutPrefix(f.Name, FoundPrefix)
		files[i] = finding.File{Name: filepath.Clean(name), Body: f.Body, Found: found}
	}
	summary, err := h.book.ImportFiles(files, h.now())
	if err != nil {
		return Answer{}, err
	}
	var a Answer
	for _, n := range summary.Notices {
		a.say("%s", n)
	}
	for _, f := range summary.Files {
		if f.Says != "" {
			a.say("%s: %s", f.File, f.Says)
		}
	}
	if err := h.recordFeeds(r.By, summary); err != nil {
		return Answer{}, err
	}
	a.say("%d added, %d replaced, %d unchanged, %d older than what is there", summary.Count(finding.Added), summary.Count(finding.Replaced),
		summary.Count(finding.Unchanged), summary.Count(finding.Older))
	return a, h.decideAfterImport()
}

// decideAfterImport shows what follows from new records: in a state file, as of
// the last moment that was decided, so that importing does not move "today".
// Where nothing was decided yet the first replay does it: what was found now would
// be younger than the capture, and nothing in the capture could end it.
func (h *House) decideAfterImport() error {
	last := h.view.Load().At
	switch {
	case h.taps != nil:
		return h.decide(h.now())
	case last.IsZero():
		h.deciding.Lock()
		defer h.deciding.Unlock()
		return h.publish(h.join(h.now()), nil, last)
	}
	return h.decide(last)
}
