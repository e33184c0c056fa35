package register

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
)

// MaxAbsentShare is the share of known assets that may be absent from a file
// before a person is asked: more than one in ten do not leave a hospital between
// two exports.
const MaxAbsentShare = 0.10

// change is what an import would store: computed whole before anything is
// touched.
type change struct {
	assets  map[string]inventory.Asset // the whole state after it
	work    map[string]work
	grants  map[string]inventory.Grant
	puts    []entry // what must be written
	deletes []entry
}

// entry is one key of one bucket.
type entry struct {
	bucket, key string
	value       any
}

// Import reads a file and stores it in one transaction, or returns an error that
// names the file and changes nothing. name is the file's name, of which only the
// base is kept; asOf is when the hospital's system said so. m may be nil.
//
// Rows with defects never stop an import; they are in the report. Of two rows
// with one key the last one stands. What the register knows and the file does not
// hold is kept and counted (assets, work) or withdrawn (grants).
func (r *Register) Import(kind Kind, name string, body io.Reader, asOf time.Time, m *Mapping) (Report, error) {
	name = filepath.Base(name)
	fail := func(err error) (Report, error) {
		return Report{}, fmt.Errorf("%s (%s): %w", cut(name, MaxText), kind, err)
	}
	if err := importable(kind, asOf); err != nil {
		return fail(err)
	}
	in, err := newIntake(r.o, kind, cut(name, MaxText), body, asOf, m)
	if err != nil {
		return fail(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := r.plan(in)
	if err != nil {
		return fail(err)
	}
	in.sumDates()
	in.report.seal()
	if err := r.commit(kind, in.report, c); err != nil {
		return fail(err)
	}
	return in.report, nil
}

func importable(kind Kind, asOf time.Time) error {
	switch kind {
	case Assets, History, Engineers:
	case Units, MDS2:
		return fmt.Errorf("a later release (\"one trusted record of every device\") imports %s; this one imports assets, history and engineers", kind)
	default:
		return errors.New("no such kind; name one of assets, history, engineers")
	}
	if asOf.IsZero() {
		return errors.New("no date; say when the file was exported")
	}
	return nil
}

// plan computes what the import would change.
func (r *Register) plan(in *intake) (change, error) {
	c := change{assets: r.assets, work: r.work, grants: r.grants}
	taken := 0
	switch in.kind {
	case Assets:
		list := in.assets()
		taken = len(list)
		if err := r.planAssets(in, list, &c); err != nil {
			return c, err
		}
	case History:
		list := in.works(controlResolver(r.assets))
		taken = len(list)
		r.planWork(in, list, &c)
	case Engineers:
		list := in.grants(r.opens, r.providers())
		taken = len(list)
		if err := r.planGrants(in, list, &c); err != nil {
			return c, err
		}
	}
	if taken == 0 {
		d := in.report.Defects[len(in.report.Defects)-1]
		return c, fmt.Errorf("all %d rows are refused; the last one, row %d, because column %s: %s; correct the file and import it again", in.report.Refused, d.Row, d.Column, d.Says)
	}
	return c, nil
}

func (r *Register) planAssets(in *intake, list map[string]inventory.Asset, c *change) error {
	c.assets = maps.Clone(r.assets)
	facilities := map[string]bool{}
	for _, control := range slices.Sorted(maps.Keys(list)) {
		a := list[control]
		facilities[strings.ToLower(a.Facility)] = true
		old, known := r.assets[control]
		if known && in.asOf.Before(old.AsOf) {
			return fmt.Errorf("the file is of %s, and asset %s is known as of %s; import the newer export, or give the right date", in.asOf.Format(time.DateOnly), control, old.AsOf.Format(time.RFC3339))
		}
		in.report.count(known, known && sameAsset(old, a))
		if !known || !equalJSON(old, a) {
			c.assets[control] = a
			c.puts = append(c.puts, entry{assetBucket, control, a})
		}
	}
	// A file of one facility says nothing of the others.
	known := 0
	for control, a := range r.assets {
		if facility := strings.ToLower(a.Facility); !facilities[facility] && !facilities[""] && facility != "" {
			continue
		}
		known++
		if _, here := list[control]; !here {
			in.report.Absent++
			in.report.AbsentNumbers = append(in.report.AbsentNumbers, control)
		}
	}
	if in.report.Absent > 0 {
		in.report.Says = append(in.report.Says, fmt.Sprintf("%d of %d known assets are not in this file; they are kept with the date of the file that last held them", in.report.Absent, known))
	}
	if float64(in.report.Absent) > MaxAbsentShare*float64(known) {
		in.report.NeedsConfirmation = true
		in.report.Says = append(in.report.Says, "that is more than one in ten: check that the export is complete; nothing was retired")
	}
	return nil
}

func (r *Register) planWork(in *intake, list map[string]work, c *change) {
	c.work = maps.Clone(r.work)
	for key, w := range list {
		old, known := r.work[key]
		in.report.count(known, known && old.Work == w.Work)
		if !known || old != w {
			c.work[key] = w
			c.puts = append(c.puts, entry{workBucket, key, w})
		}
	}
	in.report.Absent = len(c.work) - len(list)
}

// planGrants takes the file as the whole list: a grant that the hospital no
// longer lists is withdrawn.
func (r *Register) planGrants(in *intake, list map[string]inventory.Grant, c *change) error {
	if last, ok := r.imports[Engineers]; ok && in.asOf.Before(last.AsOf) {
		return fmt.Errorf("the file is of %s, older than %s of %s; import the newer list, or give the right date", in.asOf.Format(time.DateOnly), last.File, last.AsOf.Format(time.DateOnly))
	}
	c.grants = list
	for key, g := range list {
		old, known := r.grants[key]
		same := old
		same.File, same.Row = g.File, g.Row
		in.report.count(known, known && same == g)
		if !known || old != g {
			c.puts = append(c.puts, entry{grantBucket, key, g})
		}
	}
	for key := range r.grants {
		if _, here := list[key]; !here {
			in.report.Absent++
			c.deletes = append(c.deletes, entry{bucket: grantBucket, key: key})
		}
	}
	if in.report.Absent > 0 {
		in.report.Says = append(in.report.Says, fmt.Sprintf("%d grants are not in this file and were withdrawn", in.report.Absent))
	}
	return nil
}

func (r *Report) count(known, same bool) {
	switch {
	case !known:
		r.Added++
	case same:
		r.Unchanged++
	default:
		r.Changed++
	}
}

// commit writes the change in one transaction, then takes it into memory. The
// same file of the same date again writes nothing.
func (r *Register) commit(kind Kind, report Report, c change) error {
	last, imported := r.imports[kind]
	if imported && last.SHA256 == report.SHA256 && last.AsOf.Equal(report.AsOf) && last.File == report.File && len(c.puts)+len(c.deletes) == 0 {
		return nil
	}
	next := r.derive(c.assets, c.work)
	err := r.store.Update(func(tx inventory.Tx) error {
		for _, p := range c.puts {
			if err := put(tx.Bucket(p.bucket), r.key(p.key), p.value); err != nil {
				return err
			}
		}
		for _, d := range c.deletes {
			if err := tx.Bucket(d.bucket).Delete(r.key(d.key)); err != nil {
				return err
			}
		}
		return put(tx.Bucket(importBucket), r.key(string(kind)), report)
	})
	if err != nil {
		return fmt.Errorf("store: %w; nothing was imported: free space on the disk and import again", err)
	}
	r.assets, r.work, r.grants, r.index = c.assets, c.work, c.grants, next
	r.imports[kind] = report
	return nil
}

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// equalJSON compares two records as they would be stored.
func equalJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
