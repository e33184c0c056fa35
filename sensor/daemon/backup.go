package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/boltstore"
	"github.com/auscult/auscult/remediation/audit"
)

// backupPath is where the control socket gives the state file.
const backupPath = "/backup"

// Backup writes a consistent copy of the state, while everything goes on.
func (h *House) Backup(_ context.Context, w io.Writer) error { return h.store.Backup(w) }

// sendBackup streams the state: it may be larger than memory. What goes wrong
// after the first byte breaks the connection, so that nobody takes half of it.
func sendBackup(w http.ResponseWriter, s Service) {
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := s.Backup(context.Background(), w); err != nil {
		if c, ok := w.(http.Hijacker); ok {
			if conn, _, err := c.Hijack(); err == nil {
				_ = conn.Close()
			}
		}
	}
}

// Backup implements Service.
func (c *Client) Backup(ctx context.Context, w io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://auscult"+backupPath, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("no daemon answers at %s: %w; start it, or name a state file with --state", c.socket, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("backup: the daemon broke off: %w; its log says why", err)
	}
	return nil
}

// WriteBackup puts a backup into a file that only its owner reads, whole or not
// at all, after every value in it was read back.
func WriteBackup(ctx context.Context, s Service, path string) error {
	part := path + ".part"
	err := writeBackup(ctx, s, part)
	if err == nil {
		err = usable(part)
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		_ = os.Remove(part) // what is there is not a backup
		return fmt.Errorf("backup %s: %w; check the space and the rights there", path, err)
	}
	return nil
}

func writeBackup(ctx context.Context, s Service, path string) (err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := s.Backup(ctx, f); err != nil {
		return err
	}
	return f.Sync()
}

// usable reads a state file whole, as the daemon would at its start.
func usable(path string) error {
	if err := boltstore.Verify(path); err != nil {
		return err
	}
	store, err := boltstore.Open(path, boltstore.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	_, err = openHouse(store, houseOptions{config: configs.Default(), now: time.Now, adoptSite: true, readOnly: true})
	return errors.Join(err, store.Close())
}

// Restore puts a backup in place of a state file, and writes that down in it.
func Restore(state, backup string) error {
	f, err := os.Open(backup)
	if err != nil {
		return fmt.Errorf("%w; name the backup file", err)
	}
	defer func() { _ = f.Close() }() // read only
	if err := boltstore.Restore(state, f, usable); err != nil {
		return fmt.Errorf("backup %s: %w", backup, err)
	}
	store, err := boltstore.Open(state, boltstore.Options{})
	if err != nil {
		return err
	}
	entry := audit.Entry{At: time.Now().UTC(), Who: "auscult", What: audit.StateRestored, Subject: "state"}
	err = store.Update(func(tx inventory.Tx) error { return audit.Append(tx, entry) })
	return errors.Join(err, store.Close())
}
