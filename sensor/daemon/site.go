package daemon

import (
	"fmt"

	"github.com/auscult/auscult/inventory"
)

const (
	houseBucket = "house"
	siteKey     = "site"
)

// siteOf returns the site that a state file is of, and whether the file says so
// already. Before anything was heard or imported it may still be chosen. It is
// part of every device's identity, and a state under another site's name would
// silently match nothing.
func siteOf(store inventory.Store, configured string, adopt bool) (site string, known bool, err error) {
	var stored string
	empty := true
	err = store.View(func(tx inventory.Tx) error {
		stored = string(tx.Bucket(houseBucket).Get([]byte(siteKey)))
		return tx.Bucket(viewBucket).Scan([]byte(devicePrefix), func(_, _ []byte) error {
			empty = false
			return nil
		})
	})
	switch {
	case err != nil:
		return "", false, err
	case stored == configured || stored != "" && adopt:
		return stored, true, nil
	case stored != "" && !empty:
		return "", false, fmt.Errorf("the state file is of site %q and the configuration says site: %s; use the configuration that belongs to it, or another state file", stored, configured)
	}
	return configured, false, nil
}

// keepSite writes down of which site a new state file is.
func (h *House) keepSite() error {
	return h.store.Update(func(tx inventory.Tx) error {
		return tx.Bucket(houseBucket).Put([]byte(siteKey), []byte(h.config.Load().Site))
	})
}
