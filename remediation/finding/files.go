package finding

import (
	"bytes"
	"errors"
	"fmt"
	"time"
)

// File is a feed file that somebody else has read: the daemon may not reach the
// folder that a person names.
type File struct {
	Name  string
	Body  []byte
	Found bool // found in a folder, not named: it may be no feed
}

// ImportFiles imports files as ImportPaths does: all are read and checked before
// any is kept, and one bad file refuses all. A found file that is no feed is
// passed over with a notice.
func (b *Book) ImportFiles(files []File, at time.Time) (Summary, error) {
	if len(files) > maxImportFiles {
		return Summary{}, fmt.Errorf("more than %d feed files in one import; import folder by folder", maxImportFiles)
	}
	var feeds []parsed
	var notices []string
	for _, f := range files {
		p, err := readFeed(f.Name, bytes.NewReader(f.Body), at)
		switch {
		case f.Found && errors.Is(err, ErrNotAFeed):
			notices = append(notices, "passed over "+err.Error())
		case err != nil:
			return Summary{}, err
		default:
			feeds = append(feeds, p)
		}
	}
	if len(feeds) == 0 {
		return Summary{Notices: notices}, fmt.Errorf("nothing to import: %w; name files or a folder with CSAF advisories", ErrNotAFeed)
	}
	s, err := b.importAll(feeds)
	s.Notices = notices
	return s, err
}
