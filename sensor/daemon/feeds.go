package daemon

import (
	"fmt"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation/audit"
	"github.com/auscult/auscult/remediation/finding"
)

// readFeeds imports the configured folder of advisories, at start and at reload.
// What it holds that is known already changes nothing.
func (h *House) readFeeds(folder string) error {
	if folder == "" {
		return nil
	}
	summary, err := h.book.ImportPaths([]string{folder}, h.now())
	if err != nil {
		return fmt.Errorf("feeds.folder: %w", err)
	}
	return h.recordFeeds("auscult", summary)
}

// recordFeeds writes down which advisories were taken, and their hashes.
func (h *House) recordFeeds(by string, summary finding.Summary) error {
	return h.store.Update(func(tx inventory.Tx) error {
		for _, f := range summary.Files {
			if f.Outcome != finding.Added && f.Outcome != finding.Replaced {
				continue
			}
			entry := audit.Entry{At: h.now(), Who: by, What: audit.FeedImported, Subject: f.ID, After: "SHA-256 " + f.SHA256, Reasons: []string{string(f.Outcome)}}
			if err := audit.Append(tx, entry); err != nil {
				return err
			}
		}
		return nil
	})
}
