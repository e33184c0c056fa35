package finding

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// kevFile is CISA's catalogue of known exploited vulnerabilities
// (known_exploited_vulnerabilities_schema.json). It carries no versions and
// joins by CVE alone.
type kevFile struct {
	Title           string `json:"title"`
	CatalogVersion  string `json:"catalogVersion"`
	DateReleased    string `json:"dateReleased"`
	Count           int    `json:"count"`
	Vulnerabilities []struct {
		CVE       string `json:"cveID"`
		DateAdded string `json:"dateAdded"`
	} `json:"vulnerabilities"`
}

// catalogue is the KEV catalogue as findings use it.
type catalogue struct {
	version  string
	released time.Time
	added    map[string]string // date added by CVE
}

var cveID = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,19}$`)

// parseKEV reads the catalogue whole.
func parseKEV(body []byte) (*catalogue, error) {
	var f kevFile
	if err := json.Unmarshal(body, &f); err != nil {
		return nil, fmt.Errorf("not readable as the KEV catalogue: %w; get the file again from its publisher", jsonError(err))
	}
	released, err := time.Parse(time.RFC3339Nano, f.DateReleased)
	if err != nil {
		return nil, errors.New("dateReleased is no RFC 3339 time; get the file again from its publisher")
	}
	if f.Count != len(f.Vulnerabilities) {
		return nil, fmt.Errorf("count says %d and %d entries follow; the file is cut, get it again from its publisher", f.Count, len(f.Vulnerabilities))
	}
	if !revision.MatchString(f.CatalogVersion) {
		return nil, errors.New("catalogVersion is no version: letters, digits and . _ + -, at most 64; get the file again from its publisher")
	}
	c := &catalogue{version: f.CatalogVersion, released: released.UTC(), added: make(map[string]string, f.Count)}
	for i, v := range f.Vulnerabilities {
		if !cveID.MatchString(v.CVE) {
			return nil, fmt.Errorf("vulnerabilities[%d].cveID is no CVE number; get the file again from its publisher", i)
		}
		if _, err := time.Parse(time.DateOnly, v.DateAdded); err != nil {
			return nil, fmt.Errorf("vulnerabilities[%d].dateAdded is no date; get the file again from its publisher", i)
		}
		c.added[v.CVE] = v.DateAdded
	}
	return c, nil
}
