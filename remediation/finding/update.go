package finding

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// Changes lists, by finding id in ascending order, what an Update altered.
type Changes struct {
	New      []string
	Changed  []string // status, basis, evidence or remedy
	Reopened []string
	Resolved []string
	Merged   []string // ended because their device merged into another
}

// Any reports whether anything changed.
func (c Changes) Any() bool {
	return len(c.New)+len(c.Changed)+len(c.Reopened)+len(c.Resolved)+len(c.Merged) > 0
}

// maxEvidence bounds the sentences of a finding; the oldest go first.
const maxEvidence = 40

// Update evaluates the devices and merges the outcome with what is stored, in
// the caller's transaction. A finding keeps its id and its first time for ever,
// through merges of devices too. One whose cause is gone is resolved only when
// the device itself, its record or the advisory says so: a device that merely is
// not heard keeps its findings. all is every finding of the store afterwards,
// ordered by site, device and cause.
func (b *Book) Update(tx inventory.Tx, devices []inventory.Device, now time.Time) (changes Changes, all []remediation.Finding, err error) {
	u := &update{x: b.index(), bucket: tx.Bucket(findingBucket), now: now.UTC()}
	if err := u.load(); err != nil {
		return Changes{}, nil, err
	}
	for i := range devices {
		if err := u.device(&devices[i]); err != nil {
			return Changes{}, nil, err
		}
	}
	u.changes.sort()
	for _, key := range slices.Sorted(mapKeys(u.stored)) {
		all = append(all, u.stored[key].Finding)
	}
	return u.changes, all, nil
}

// Findings returns every stored finding, ordered by site, device and cause.
func Findings(tx inventory.Tx) ([]remediation.Finding, error) {
	u := &update{bucket: tx.Bucket(findingBucket)}
	if err := u.load(); err != nil {
		return nil, err
	}
	var all []remediation.Finding
	for _, key := range slices.Sorted(mapKeys(u.stored)) {
		all = append(all, u.stored[key].Finding)
	}
	return all, nil
}

func mapKeys(m map[string]kept) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (c *Changes) sort() {
	for _, list := range [][]string{c.New, c.Changed, c.Reopened, c.Resolved, c.Merged} {
		slices.Sort(list)
	}
}

// update is one run of Book.Update.
type update struct {
	x       *index
	bucket  inventory.Bucket
	now     time.Time
	stored  map[string]kept
	causes  map[string][]string // by site and device
	ids     map[string]bool     // in use
	changes Changes
}

func storeKey(site, device, cause string) string {
	return site + "\x00" + device + "\x00" + cause + "\x00"
}

func (u *update) load() error {
	u.stored, u.causes, u.ids = map[string]kept{}, map[string][]string{}, map[string]bool{}
	return u.bucket.Scan(nil, func(k, v []byte) error {
		var f kept
		if err := json.Unmarshal(v, &f); err != nil {
			return fmt.Errorf("a finding in the state file is damaged: %w; restore a backup", jsonError(err))
		}
		u.stored[string(k)], u.ids[f.ID] = f, true
		place := f.Site + "\x00" + f.Device
		u.causes[place] = append(u.causes[place], f.Cause)
		return nil
	})
}

// device brings the findings of one device up to date.
func (u *update) device(d *inventory.Device) error {
	for _, alias := range d.Aliases {
		if err := u.adopt(d, alias); err != nil {
			return err
		}
	}
	known := u.x.know(*d)
	seen := map[string]bool{}
	for _, f := range u.x.evaluate(*d, u.now) {
		seen[f.Cause] = true
		if err := u.merge(d, &known, f); err != nil {
			return err
		}
	}
	for _, cause := range slices.Clone(u.causes[d.Site+"\x00"+d.ID]) {
		if seen[cause] {
			continue
		}
		if err := u.settle(d, &known, u.stored[storeKey(d.Site, d.ID, cause)]); err != nil {
			return err
		}
	}
	return nil
}

// adopt moves the findings of a merged device under the one that it is now. The
// older of two findings for one cause keeps its id.
func (u *update) adopt(d *inventory.Device, alias string) error {
	place := d.Site + "\x00" + alias
	for _, cause := range u.causes[place] {
		old := storeKey(d.Site, alias, cause)
		f := u.stored[old]
		key := storeKey(d.Site, d.ID, cause)
		if mine, ok := u.stored[key]; ok {
			if mine.FirstSeen.Before(f.FirstSeen) || (mine.FirstSeen.Equal(f.FirstSeen) && mine.ID < f.ID) {
				f, mine = mine, f
			}
			f.Status = keepOpen(f.Finding, mine.Finding)
			u.changes.Merged = append(u.changes.Merged, mine.ID)
		} else {
			u.causes[d.Site+"\x00"+d.ID] = append(u.causes[d.Site+"\x00"+d.ID], cause)
		}
		if err := u.bucket.Delete([]byte(old)); err != nil {
			return err
		}
		delete(u.stored, old)
		f.Device = d.ID
		if err := u.put(f); err != nil {
			return err
		}
	}
	delete(u.causes, place)
	return nil
}

// keepOpen keeps a merged finding open when either of the two was.
func keepOpen(f, other remediation.Finding) remediation.FindingStatus {
	if !f.Open() && f.Status == remediation.Resolved && other.Open() {
		return other.Status
	}
	return f.Status
}

// merge joins a fresh finding with the stored one of the same device and cause.
func (u *update) merge(d *inventory.Device, known *facts, fresh remediation.Finding) error {
	f := kept{Finding: fresh, Stood: known.stands()}
	old, ok := u.stored[storeKey(f.Site, f.Device, f.Cause)]
	if !ok {
		f.ID = u.fresh(fresh)
		u.changes.New = append(u.changes.New, f.ID)
		u.causes[f.Site+"\x00"+f.Device] = append(u.causes[f.Site+"\x00"+f.Device], f.Cause)
		return u.put(f)
	}
	f.ID, f.FirstSeen = old.ID, old.FirstSeen
	why := ""
	if old.Basis == remediation.OnWire { // what the register said gives way to what is heard
		why = withheld(d, known, old)
	}
	if why != "" {
		f.Stood = old.Stood // what is not believed is not what the finding stands on
	}
	switch {
	case old.Status == remediation.Resolved:
		f.Evidence = append(f.Evidence, fmt.Sprintf("It was resolved before and is back since %s.", day(u.now)))
		u.changes.Reopened = append(u.changes.Reopened, f.ID)
		return u.put(f)
	case old.Status == remediation.Accepted || old.Status == remediation.Mitigated:
		f.Status = old.Status // a person's word stands
	case fades(old.Finding, fresh):
		return nil
	case why != "" && strength(fresh.Status) < strength(old.Status):
		return u.hold(old, why)
	}
	if altered(old.Finding, f.Finding) {
		u.changes.Changed = append(u.changes.Changed, f.ID)
	}
	return u.put(f)
}

// fresh returns an id that no other finding has. A finding that moved in a merge
// took its id along; where the merge is undone, the device that it came from gets
// another one for the same cause.
func (u *update) fresh(f remediation.Finding) string {
	id := f.ID
	for n := 2; u.ids[id]; n++ {
		id = ID(f.Site, fmt.Sprintf("%s\x00%d", f.Device, n), f.Cause)
	}
	return id
}

// fades reports whether the fresh finding only knows less than the stored one:
// what was heard is not unheard because the device is silent.
func fades(old, f remediation.Finding) bool {
	return old.Basis == remediation.OnWire && old.Status == remediation.ConfirmedFinding &&
		(f.Basis == remediation.OnRegister || f.Status == remediation.UnknownVersion)
}

func altered(old, f remediation.Finding) bool {
	f.LastSeen, old.LastSeen = time.Time{}, time.Time{}
	return !reflect.DeepEqual(normal(old), normal(f))
}

// normal makes findings comparable that went through JSON.
func normal(f any) string {
	b, err := json.Marshal(f)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// settle resolves a stored finding whose cause is gone, when something says so and
// nothing speaks against believing it.
func (u *update) settle(d *inventory.Device, known *facts, f kept) error {
	if f.Status == remediation.Resolved {
		return nil
	}
	why := u.x.gone(d, known, f.Finding)
	if why == "" {
		return nil
	}
	if hold := withheld(d, known, f); hold != "" {
		return u.hold(f, hold)
	}
	f.Status = remediation.Resolved
	f.Evidence = withSentence(f.Evidence, why)
	u.changes.Resolved = append(u.changes.Resolved, f.ID)
	return u.put(f)
}

func (u *update) put(f kept) error {
	key := storeKey(f.Site, f.Device, f.Cause)
	value, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("finding %s: %w", f.ID, err)
	}
	if old, ok := u.stored[key]; ok && normal(old) == string(value) {
		return nil
	}
	u.stored[key], u.ids[f.ID] = f, true
	return u.bucket.Put([]byte(key), value)
}
