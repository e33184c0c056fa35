package register_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/register"
)

// store keeps buckets in memory. Update works on a copy, so that an error leaves
// everything as it was.
type store struct {
	buckets map[string]map[string]string
	seq     uint64
	full    bool // the disk is full: every commit fails
	commits int
}

func newStore() *store { return &store{buckets: map[string]map[string]string{}} }

var errDiskFull = errors.New("no space left on device")

func (s *store) View(fn func(inventory.Tx) error) error { return fn(tx{s}) }

func (s *store) Update(fn func(inventory.Tx) error) error {
	work := &store{buckets: s.dump(), seq: s.seq}
	if err := fn(tx{work}); err != nil {
		return err
	}
	if s.full {
		return errDiskFull
	}
	s.buckets, s.seq, s.commits = work.buckets, work.seq, s.commits+1
	return nil
}

func (s *store) Backup(io.Writer) error { return errors.New("not here") }
func (s *store) Close() error           { return nil }

func (s *store) dump() map[string]map[string]string {
	copied := map[string]map[string]string{}
	for name, b := range s.buckets {
		copied[name] = maps.Clone(b)
	}
	return copied
}

type tx struct{ s *store }

func (t tx) Bucket(name string) inventory.Bucket {
	if t.s.buckets[name] == nil {
		t.s.buckets[name] = map[string]string{}
	}
	return bucket{t.s, t.s.buckets[name]}
}

type bucket struct {
	s *store
	m map[string]string
}

func (b bucket) Get(key []byte) []byte {
	if v, ok := b.m[string(key)]; ok {
		return []byte(v)
	}
	return nil
}
func (b bucket) Put(k, v []byte) error { b.m[string(k)] = string(v); return nil }
func (b bucket) Delete(k []byte) error { delete(b.m, string(k)); return nil }
func (b bucket) Scan(prefix []byte, fn func(k, v []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(b.m)) {
		if strings.HasPrefix(k, string(prefix)) {
			if err := fn([]byte(k), []byte(b.m[k])); err != nil {
				return err
			}
		}
	}
	return nil
}
func (b bucket) NextSequence() (uint64, error) { b.s.seq++; return b.s.seq, nil }

// lexicon knows a few made-up makers with several spellings.
type lexicon struct{}

func (lexicon) Manufacturer(name string) (string, bool) {
	switch strings.ToLower(strings.Join(strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" .,-", r) }), " ")) {
	case "norda", "norda medical", "norda medical systems", "norda gmbh":
		return "Norda Medical", true
	case "velin", "velin ab", "kestra", "velin infusion":
		return "Velin", true
	case "aurik", "aurik imaging":
		return "Aurik Imaging", true
	case "pelto", "pelto diagnostics":
		return "Pelto Diagnostics", true
	// The makers of the shared sample.
	case "bd", "carefusion", "alaris", "becton dickinson":
		return "BD", true
	case "ge", "g e healthcare", "ge healthcare", "ge medical systems":
		return "GE Healthcare", true
	case "philips", "philips medical systems", "philips healthcare":
		return "Philips", true
	case "toshiba", "toshiba medical", "canon medical":
		return "Canon Medical", true
	case "fuji", "fujifilm", "fujifilm corporation", "fuji photo film co ltd":
		return "Fujifilm", true
	case "mortara", "sysmex", "roche", "zoll", "smiths medical", "drager", "offis":
		return strings.ToLower(name), true
	}
	return strings.TrimSpace(name), false
}

func (lexicon) Model(maker, model string) (string, bool) {
	switch {
	case strings.Contains(strings.ToUpper(model), "V-PUMP"):
		return "V-Pump", true
	case strings.Contains(strings.ToUpper(model), "V-SYRINGE"):
		return "V-Syringe", true
	}
	return strings.TrimSpace(model), false
}

func (lexicon) Vendor(mac string) string {
	if strings.HasPrefix(mac, "00:20:aa") {
		return "Norda Medical"
	}
	return ""
}

func (lexicon) PlaceholderSerial(s string) bool { return strings.EqualFold(s, "SERIAL-TBA") }

var (
	day0 = time.Date(2026, 10, 1, 6, 0, 0, 0, time.UTC)
	day1 = day0.AddDate(0, 0, 7)
)

func open(t testing.TB, s inventory.Store) *register.Register {
	t.Helper()
	r, err := register.Open(s, register.Options{Site: "hill", Lexicon: lexicon{}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func importText(t testing.TB, r *register.Register, kind register.Kind, text string, at time.Time, m *register.Mapping) register.Report {
	t.Helper()
	report, err := r.Import(kind, "some/folder/"+string(kind)+".csv", strings.NewReader(text), at, m)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func asset(t testing.TB, r *register.Register, control string) inventory.Asset {
	t.Helper()
	for _, a := range r.Assets() {
		if a.ControlNumber == control {
			return a
		}
	}
	t.Fatalf("no asset %s", control)
	return inventory.Asset{}
}

func device(t testing.TB, list []inventory.Device, id string) inventory.Device {
	t.Helper()
	for _, d := range list {
		if d.ID == id || slices.Contains(d.Aliases, id) {
			return d
		}
	}
	t.Fatalf("no device %s", id)
	return inventory.Device{}
}

func text(t testing.TB, report register.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
