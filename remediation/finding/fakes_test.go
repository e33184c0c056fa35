package finding_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation/finding"
)

// memory is an inventory.Store in memory, one writer at a time, whose failed
// transactions change nothing.
type memory struct {
	buckets map[string]map[string][]byte
	fail    error // returned by the next Update, after its function has run
}

func newMemory() *memory { return &memory{buckets: map[string]map[string][]byte{}} }

// keys counts what is kept.
func (m *memory) keys() int {
	n := 0
	for _, b := range m.buckets {
		n += len(b)
	}
	return n
}

func (m *memory) View(fn func(inventory.Tx) error) error { return fn(memoryTx{m.buckets}) }

func (m *memory) Update(fn func(inventory.Tx) error) error {
	next := map[string]map[string][]byte{}
	for name, b := range m.buckets {
		next[name] = maps.Clone(b)
	}
	if err := fn(memoryTx{next}); err != nil {
		return err
	}
	if err := m.fail; err != nil {
		m.fail = nil
		return err
	}
	m.buckets = next
	return nil
}

func (m *memory) Backup(io.Writer) error { return nil }
func (m *memory) Close() error           { return nil }

type memoryTx struct{ buckets map[string]map[string][]byte }

func (t memoryTx) Bucket(name string) inventory.Bucket {
	if t.buckets[name] == nil {
		t.buckets[name] = map[string][]byte{}
	}
	return memoryBucket{t.buckets[name]}
}

type memoryBucket struct{ m map[string][]byte }

func (b memoryBucket) Get(key []byte) []byte { return b.m[string(key)] }

func (b memoryBucket) Put(key, value []byte) error {
	b.m[string(key)] = slices.Clone(value)
	return nil
}

func (b memoryBucket) Delete(key []byte) error {
	delete(b.m, string(key))
	return nil
}

func (b memoryBucket) Scan(prefix []byte, fn func(k, v []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(b.m)) {
		if strings.HasPrefix(k, string(prefix)) {
			if err := fn([]byte(k), b.m[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b memoryBucket) NextSequence() (uint64, error) { return 1, nil }

// words is a lexicon of a few synonyms.
type words struct {
	makers map[string]string // lower case, as written
	models map[string]string // canonical maker and lower-case model
}

var lexicon = words{
	makers: map[string]string{
		"bd": "BD", "becton, dickinson and company (bd)": "BD", "carefusion": "BD", "alaris": "BD",
		"ge": "GE Healthcare", "g.e. healthcare": "GE Healthcare", "ge healthcare": "GE Healthcare", "general electric (ge)": "GE Healthcare",
		"toshiba_mec": "Canon Medical", "toshiba": "Canon Medical", "toshiba medical systems": "Canon Medical",
		"philips medical systems": "Philips", "philips": "Philips", "phillips": "Philips",
		"fuji photo film co., ltd.": "Fujifilm", "fuji": "Fujifilm", "fujifilm": "Fujifilm",
		"mortara instrument, inc.": "Hillrom", "mortara": "Hillrom", "hillrom": "Hillrom", "welch allyn": "Hillrom",
		"baxter international inc.": "Baxter", "baxter": "Baxter",
		"zoll": "Zoll", "sysmex": "Sysmex", "roche": "Roche", "roche diagnostics": "Roche", "smiths medical": "Smiths Medical",
		"drager": "Draeger", "dräger": "Draeger", "draeger": "Draeger", "acme": "Acme", "acme pumps inc.": "Acme",
	},
	models: map[string]string{
		"BD/alaris pcu 8015": "Alaris 8015", "BD/8015 pcu": "Alaris 8015", "BD/8015": "Alaris 8015", "BD/alaris 8015": "Alaris 8015",
		"Hillrom/el250": "ELI 250", "Hillrom/eli 250": "ELI 250",
		// A lexicon that folds too much must not confirm the neighbour.
		"Hillrom/welch allyn eli 250c/bur 250c resting electrocardiograph": "ELI 250",
		"Philips/mx450": "IntelliVue MX450",
	},
}

func (w words) Manufacturer(name string) (string, bool) {
	if c, ok := w.makers[strings.ToLower(strings.TrimSpace(name))]; ok {
		return c, true
	}
	for _, c := range w.makers {
		if c == name {
			return c, true
		}
	}
	return strings.TrimSpace(name), false
}

func (w words) Model(maker, model string) (string, bool) {
	canon, _ := w.Manufacturer(maker)
	if c, ok := w.models[canon+"/"+strings.ToLower(model)]; ok {
		return c, true
	}
	return strings.TrimSpace(model), false
}

// Owner: Welch Allyn and Hillrom belong to Baxter.
func (words) Owner(maker string) string {
	if maker == "Hillrom" {
		return "Baxter"
	}
	return ""
}

func (words) Vendor(string) string          { return "" }
func (words) PlaceholderSerial(string) bool { return false }

var (
	day0 = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	day1 = day0.Add(24 * time.Hour)
)

func open(t testing.TB) (*finding.Book, *memory) {
	t.Helper()
	m := newMemory()
	b, err := finding.Open(m, lexicon)
	if err != nil {
		t.Fatal(err)
	}
	return b, m
}

// onWire is a device that says maker, model and versions itself.
func onWire(id, maker, model string, versions ...string) inventory.Device {
	d := inventory.Device{ID: id, Site: "stv", Presence: inventory.OnNetwork, Manufacturer: maker, Model: model, SoftwareVersions: versions,
		FirstSeen: day0, LastSeen: day0}
	for _, v := range versions {
		d.Evidence = append(d.Evidence, inventory.Evidence{Attribute: string(protocols.SoftwareVersion), Value: v, Protocol: "hl7", Field: "OBX-5", FirstSeen: day0, LastSeen: day0})
	}
	return d
}

// onPaper is a device that only the register knows.
func onPaper(id, maker, model, version string) inventory.Device {
	return inventory.Device{ID: id, Site: "stv", Presence: inventory.RegisterOnly, Manufacturer: maker, Model: model,
		Asset: &inventory.AssetView{ControlNumber: "1", Manufacturer: maker, Model: model, Software: version, Status: inventory.Active, AsOf: day0.Add(-72 * time.Hour)}}
}

// leaf is one product of a made-up advisory.
type leaf struct {
	product, version string
	full             string // "" for product and version
	status           string // "" for known_affected
}

// csaf writes a made-up advisory in the form that CISA's have.
func csaf(id, revision, vendor string, remedies [][2]string, leaves ...leaf) string {
	var branches, ids []string
	status := map[string][]string{}
	for i, l := range leaves {
		pid := fmt.Sprintf("CSAFPID-%04d", i+1)
		if l.full == "" {
			l.full = vendor + " " + l.product + ": " + l.version
		}
		if l.status == "" {
			l.status = "known_affected"
		}
		branches = append(branches, fmt.Sprintf(`{"category":"product_name","name":%q,"branches":[{"category":"product_version_range","name":%q,"product":{"name":%q,"product_id":%q}}]}`,
			l.product, l.version, l.full, pid))
		ids = append(ids, pid)
		status[l.status] = append(status[l.status], pid)
	}
	var fixes []string
	list, _ := json.Marshal(ids)
	for _, r := range remedies {
		fixes = append(fixes, fmt.Sprintf(`{"category":%q,"details":%q,"product_ids":%s}`, r[0], r[1], list))
	}
	ps, _ := json.Marshal(status)
	return fmt.Sprintf(`{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","title":"Made up for tests","publisher":{"category":"other","name":"Test data","namespace":"https://example.org"},
"tracking":{"id":%q,"version":%q,"status":"final","current_release_date":"2026-10-0%cT00:00:00Z","initial_release_date":"2026-10-01T00:00:00Z","revision_history":[]}},
"product_tree":{"branches":[{"category":"vendor","name":%q,"branches":[%s]}]},
"vulnerabilities":[{"cve":"CVE-2099-0001","product_status":%s,"remediations":[%s],"scores":[{"products":%s,"cvss_v3":{"baseScore":8.2,"version":"3.1"}}]}]}`,
		id, revision, revision[0], vendor, strings.Join(branches, ","), ps, strings.Join(fixes, ","), list)
}

var update12 = [][2]string{{"vendor_fix", "Update to version 12.3 or later."}}

func load(t testing.TB, b *finding.Book, files ...string) {
	t.Helper()
	for i, f := range files {
		if _, err := b.ImportFile(fmt.Sprintf("made-%d.json", i), strings.NewReader(f), day0); err != nil {
			t.Fatal(err)
		}
	}
}

// same renders a value for comparison.
func same(v any) string {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}
