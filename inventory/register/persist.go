package register

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// The register's buckets. Keys are the site, a NUL, and what names the record
// inside the site; values are JSON. Decisions are keyed by site, NUL and a
// big-endian sequence number, and none is ever changed or deleted.
const (
	assetBucket    = "register.assets"
	workBucket     = "register.work"
	grantBucket    = "register.grants"
	importBucket   = "register.imports"
	decisionBucket = "register.decisions"
)

// work is one piece of work with the asset it names.
type work struct {
	Control string         `json:"control"` // as the history file writes it
	File    string         `json:"file,omitempty"`
	Row     int            `json:"row,omitempty"`
	Work    inventory.Work `json:"work"`
}

const separator = "\x00"

func workKey(control, order string) string { return control + separator + order }

func grantKey(g inventory.Grant) string {
	return strings.Join([]string{g.Person, string(g.Activity), g.Manufacturer, g.Model, g.Certificate, string(g.ValidFrom)}, separator)
}

func (r *Register) key(rest string) []byte { return []byte(r.o.Site + separator + rest) }

func (r *Register) load() error {
	r.assets, r.work = map[string]inventory.Asset{}, map[string]work{}
	r.grants, r.imports = map[string]inventory.Grant{}, map[Kind]Report{}
	return r.store.View(func(tx inventory.Tx) error {
		if err := loadInto(r, tx, assetBucket, r.assets); err != nil {
			return err
		}
		if err := loadInto(r, tx, workBucket, r.work); err != nil {
			return err
		}
		if err := loadInto(r, tx, grantBucket, r.grants); err != nil {
			return err
		}
		if err := loadInto(r, tx, importBucket, r.imports); err != nil {
			return err
		}
		return r.loadDecisions(tx)
	})
}

func loadInto[K ~string, V any](r *Register, tx inventory.Tx, bucket string, into map[K]V) error {
	prefix := r.key("")
	return tx.Bucket(bucket).Scan(prefix, func(k, v []byte) error {
		var value V
		if err := json.Unmarshal(v, &value); err != nil {
			return fmt.Errorf("bucket %s, a record of %d bytes: %w", bucket, len(v), err)
		}
		into[K(k[len(prefix):])] = value
		return nil
	})
}

func (r *Register) loadDecisions(tx inventory.Tx) error {
	return tx.Bucket(decisionBucket).Scan(r.key(""), func(_, v []byte) error {
		var d Decision
		if err := json.Unmarshal(v, &d); err != nil {
			return fmt.Errorf("bucket %s, a record of %d bytes: %w", decisionBucket, len(v), err)
		}
		r.decisions = append(r.decisions, d)
		return nil
	})
}

func (r *Register) appendDecision(d Decision) error {
	return r.store.Update(func(tx inventory.Tx) error {
		b := tx.Bucket(decisionBucket)
		n, err := b.NextSequence()
		if err != nil {
			return err
		}
		return put(b, r.key(string(binary.BigEndian.AppendUint64(nil, n))), d)
	})
}

func put(b inventory.Bucket, key []byte, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode a record: %w", err)
	}
	return b.Put(key, encoded)
}
