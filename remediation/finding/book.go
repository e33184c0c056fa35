package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/auscult/auscult/inventory"
)

// The buckets of this room.
const (
	advisoryBucket = "finding.advisories" // by advisory id: stored
	kevBucket      = "finding.kev"        // kevKey: stored
	findingBucket  = "finding.findings"   // by site, device and cause, each ended by a zero byte: Finding as JSON
	kevKey         = "catalogue"
)

// stored is an imported file as it is kept: whole, so that a later release may
// read more of it.
type stored struct {
	File       string          `json:"file"`
	ImportedAt time.Time       `json:"imported_at"`
	SHA256     string          `json:"sha256"` // of the file as imported
	Raw        json.RawMessage `json:"raw"`
}

// Book holds the feeds and says what is wrong with devices. It is safe for
// concurrent use: readers see one state of the feeds, imports swap it whole.
type Book struct {
	store inventory.Store
	lex   inventory.Lexicon

	importing sync.Mutex // one import at a time
	now       atomic.Pointer[state]
}

// state is everything that an import changes.
type state struct {
	x     *index
	files map[string]meta // by advisory id; kevKey for KEV
}

type meta struct {
	file       string
	importedAt time.Time
	sha256     string
}

// Open reads the feeds from the store. lex may be nil; then every name stands
// for itself.
func Open(store inventory.Store, lex inventory.Lexicon) (*Book, error) {
	b := &Book{store: store, lex: lex}
	x, err := newIndex(lex)
	if err != nil {
		return nil, err
	}
	s := &state{x: x, files: map[string]meta{}}
	if err := store.View(s.load); err != nil {
		return nil, fmt.Errorf("read the imported feeds: %w; import the feeds again, or restore a backup", err)
	}
	x.build()
	b.now.Store(s)
	return b, nil
}

func (b *Book) index() *index { return b.now.Load().x }

func (s *state) load(tx inventory.Tx) error {
	err := tx.Bucket(advisoryBucket).Scan(nil, func(k, v []byte) error {
		st, err := decodeStored(v)
		if err != nil {
			return fmt.Errorf("advisory %s: %w", k, err)
		}
		a, err := parseCSAF(st.Raw)
		if err != nil {
			return fmt.Errorf("advisory %s: %w", k, err)
		}
		s.keep(a, st)
		return nil
	})
	if err != nil {
		return err
	}
	v := tx.Bucket(kevBucket).Get([]byte(kevKey))
	if v == nil {
		return nil
	}
	st, err := decodeStored(v)
	if err != nil {
		return fmt.Errorf("KEV catalogue: %w", err)
	}
	if s.x.kev, err = parseKEV(st.Raw); err != nil {
		return fmt.Errorf("KEV catalogue: %w", err)
	}
	s.files[kevKey] = metaOf(st)
	return nil
}

func decodeStored(v []byte) (stored, error) {
	var st stored
	if err := json.Unmarshal(v, &st); err != nil {
		return stored{}, errors.New("its entry in the state file is damaged")
	}
	return st, nil
}

func metaOf(st stored) meta {
	return meta{file: st.File, importedAt: st.ImportedAt, sha256: st.SHA256}
}

func (s *state) keep(a *advisory, st stored) {
	s.x.advisories[a.ID] = a
	s.files[a.ID] = metaOf(st)
}

// with returns a new state that also holds the parsed feeds. The old one stays
// as it is for whoever reads it.
func (b *Book) with(feeds []parsed) (*state, error) {
	x, err := newIndex(b.lex)
	if err != nil {
		return nil, err
	}
	old := b.now.Load()
	maps.Copy(x.advisories, old.x.advisories)
	x.kev, x.offers = old.x.kev, old.x.offers
	s := &state{x: x, files: maps.Clone(old.files)}
	for _, p := range feeds {
		if p.adv != nil {
			s.keep(p.adv, p.st)
		} else {
			x.kev, s.files[kevKey] = p.kev, metaOf(p.st)
		}
	}
	x.build()
	return s, nil
}

// FeedInfo says what is in the book of one feed.
type FeedInfo struct {
	Name       string    `json:"name"` // the publisher, or the catalogue
	Kind       FeedKind  `json:"kind"`
	Count      int       `json:"count"`       // advisories, or CVEs
	Newest     time.Time `json:"newest"`      // date of the newest document
	ImportedAt time.Time `json:"imported_at"` // of the newest import
}

// Feeds lists what was imported, by kind and name.
func (b *Book) Feeds() []FeedInfo {
	s := b.now.Load()
	byName := map[string]*FeedInfo{}
	for id, a := range s.x.advisories {
		f := byName[a.Publisher]
		if f == nil {
			f = &FeedInfo{Name: a.Publisher, Kind: CSAF}
			byName[a.Publisher] = f
		}
		f.Count++
		f.Newest, f.ImportedAt = later(f.Newest, a.Released), later(f.ImportedAt, s.files[id].importedAt)
	}
	var out []FeedInfo
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, *byName[name])
	}
	if k := s.x.kev; k != nil {
		out = append(out, FeedInfo{Name: "CISA KEV " + k.version, Kind: KEV, Count: len(k.added), Newest: k.released, ImportedAt: s.files[kevKey].importedAt})
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func sumOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
