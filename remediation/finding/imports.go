package finding

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
)

// maxImportFiles bounds one import: all CSAF of CISA, Siemens and Cisco together
// are fewer.
const maxImportFiles = 50_000

// Outcome says what became of one imported file.
type Outcome string

// What an import can come to.
const (
	Added     Outcome = "added"
	Replaced  Outcome = "replaced"  // by a newer revision
	Unchanged Outcome = "unchanged" // the same revision was there
	Older     Outcome = "older"     // refused: a newer revision is there
)

// Imported is the outcome of one file.
type Imported struct {
	File     string    `json:"file"`
	Kind     FeedKind  `json:"kind"`
	ID       string    `json:"id"`       // the advisory's, or the catalogue's version
	Revision string    `json:"revision"` // of the file
	Released time.Time `json:"released"`
	SHA256   string    `json:"sha256"`
	Outcome  Outcome   `json:"outcome"`
	Says     string    `json:"says,omitempty"` // a sentence, where the outcome needs one
}

// Summary is the outcome of an import of several files.
type Summary struct {
	Files   []Imported `json:"files"`
	Notices []string   `json:"notices,omitempty"` // what was passed over, and why
}

// Count returns how many files came to o.
func (s Summary) Count(o Outcome) int {
	n := 0
	for _, f := range s.Files {
		if f.Outcome == o {
			n++
		}
	}
	return n
}

// parsed is one feed file, checked and ready to be kept.
type parsed struct {
	adv *advisory
	kev *catalogue
	st  stored
}

func (p parsed) id() string {
	if p.adv != nil {
		return p.adv.ID
	}
	return p.kev.version
}

// ImportFile imports one file, whole or not at all. name is for messages. An
// older revision of what is there is refused with outcome Older and no error.
func (b *Book) ImportFile(name string, body io.Reader, at time.Time) (Imported, error) {
	p, err := readFeed(name, body, at)
	if err != nil {
		return Imported{}, err
	}
	s, err := b.importAll([]parsed{p})
	if err != nil {
		return Imported{}, err
	}
	return s.Files[0], nil
}

// ImportPaths imports files and folders. Every file is read and checked before
// any is kept; one bad file refuses all. In a folder, JSON that is no feed is
// passed over with a notice; a file that is named must be one.
func (b *Book) ImportPaths(paths []string, at time.Time) (Summary, error) {
	var feeds []parsed
	var notices []string
	for _, path := range paths {
		more, notes, err := readPath(path, at)
		if err != nil {
			return Summary{}, err
		}
		feeds, notices = append(feeds, more...), append(notices, notes...)
		if len(feeds) > maxImportFiles {
			return Summary{}, fmt.Errorf("%s: more than %d feed files in one import; import folder by folder", path, maxImportFiles)
		}
	}
	if len(feeds) == 0 {
		return Summary{Notices: notices}, fmt.Errorf("no feed in %s: %w; name a folder with CSAF files", strings.Join(paths, ", "), ErrNotAFeed)
	}
	s, err := b.importAll(feeds)
	s.Notices = notices
	return s, err
}

func readPath(path string, at time.Time) (feeds []parsed, notices []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("feed %s: %w; check the path", path, err)
	}
	if !info.IsDir() {
		p, err := readFile(path, at)
		return []parsed{p}, nil, err
	}
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("feed folder %s: %w; check its permissions", path, err)
		}
		if !d.Type().IsRegular() || !strings.EqualFold(filepath.Ext(file), ".json") {
			return nil
		}
		p, err := readFile(file, at)
		if errors.Is(err, ErrNotAFeed) {
			notices = append(notices, "passed over "+err.Error())
			return nil
		}
		if err == nil {
			feeds = append(feeds, p)
		}
		return err
	})
	return feeds, notices, err
}

func readFile(path string, at time.Time) (p parsed, err error) {
	f, err := os.Open(path)
	if err != nil {
		return parsed{}, fmt.Errorf("feed %s: %w; check its permissions", path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return readFeed(path, f, at)
}

// readFeed reads and checks one file.
func readFeed(name string, r io.Reader, at time.Time) (parsed, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxFeedBytes+1))
	if err != nil {
		return parsed{}, fmt.Errorf("feed %s: %w; read it again", name, err)
	}
	if len(body) > maxFeedBytes {
		return parsed{}, fmt.Errorf("feed %s: larger than %d MiB; split it", name, maxFeedBytes>>20)
	}
	sum := sumOf(body)
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	kind, err := recognise(body)
	if err != nil {
		return parsed{}, fmt.Errorf("feed %s: %w", name, err)
	}
	p := parsed{st: stored{File: clean(filepath.Base(name), maxHeadText), ImportedAt: at.UTC(), SHA256: sum, Raw: body}}
	if kind == KEV {
		p.kev, err = parseKEV(body)
	} else {
		p.adv, err = parseCSAF(body)
	}
	if err != nil {
		return parsed{}, fmt.Errorf("feed %s: %w", name, err)
	}
	return p, nil
}

// importAll keeps what is new in one transaction, then swaps the book.
func (b *Book) importAll(feeds []parsed) (Summary, error) {
	b.importing.Lock()
	defer b.importing.Unlock()
	var s Summary
	var keep []parsed
	current := b.now.Load()
	for _, p := range feeds {
		done := current.compare(p, keep)
		if done.Outcome == Added || done.Outcome == Replaced {
			keep = append(keep, p)
		}
		s.Files = append(s.Files, done)
	}
	if len(keep) == 0 {
		return s, nil
	}
	next, err := b.with(keep)
	if err != nil {
		return Summary{}, err
	}
	err = b.store.Update(func(tx inventory.Tx) error { return save(tx, keep) })
	if err != nil {
		return Summary{}, fmt.Errorf("keep the imported feeds: %w; nothing was imported", err)
	}
	b.now.Store(next)
	return s, nil
}

func save(tx inventory.Tx, keep []parsed) error {
	for _, p := range keep {
		value, err := json.Marshal(p.st)
		if err != nil {
			return fmt.Errorf("%s: %w", p.id(), err)
		}
		bucket, key := advisoryBucket, p.id()
		if p.kev != nil {
			bucket, key = kevBucket, kevKey
		}
		if err := tx.Bucket(bucket).Put([]byte(key), value); err != nil {
			return err
		}
	}
	return nil
}

// compare says what becomes of a file, given the book and the files before it in
// the same import.
func (s *state) compare(p parsed, before []parsed) Imported {
	done := Imported{File: p.st.File, ID: p.id(), SHA256: p.st.SHA256, Outcome: Added, Kind: CSAF}
	if p.kev != nil {
		done.Kind, done.Revision, done.Released = KEV, p.kev.version, p.kev.released
		if old := latestKEV(s.x.kev, before); old != nil {
			done.Outcome = outcome(p.kev.released.Compare(old.released))
			done.Says = says(done.Outcome, old.version)
		}
		return done
	}
	done.Revision, done.Released = p.adv.Revision, p.adv.Released
	old := s.x.advisories[p.adv.ID]
	for _, b := range before {
		if b.adv != nil && b.adv.ID == p.adv.ID {
			old = b.adv
		}
	}
	if old != nil {
		done.Outcome = outcome(p.adv.newer(old))
		done.Says = says(done.Outcome, old.Revision)
	}
	return done
}

func latestKEV(old *catalogue, before []parsed) *catalogue {
	for _, b := range before {
		if b.kev != nil {
			old = b.kev
		}
	}
	return old
}

func outcome(order int) Outcome {
	switch {
	case order > 0:
		return Replaced
	case order < 0:
		return Older
	}
	return Unchanged
}

func says(o Outcome, there string) string {
	switch o {
	case Older:
		return fmt.Sprintf("revision %s is already there and newer; nothing was changed", there)
	case Replaced:
		return fmt.Sprintf("replaces revision %s", there)
	}
	return ""
}
