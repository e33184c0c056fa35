package finding

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// The shapes below are CSAF 2.0 (OASIS, 18 November 2022), section 3.2, as far
// as a finding needs them. Members that they do not name are read over, as
// section 9.1 of the standard allows a consumer.
type csafFile struct {
	Document struct {
		Category    string `json:"category"`
		CSAFVersion string `json:"csaf_version"`
		Title       string `json:"title"`
		Publisher   struct {
			Category string `json:"category"`
			Name     string `json:"name"`
		} `json:"publisher"`
		Tracking struct {
			ID      string `json:"id"`
			Version string `json:"version"`
			Status  string `json:"status"`
			Current string `json:"current_release_date"`
		} `json:"tracking"`
	} `json:"document"`
	ProductTree struct {
		Branches         []csafBranch  `json:"branches"`
		FullProductNames []csafProduct `json:"full_product_names"`
		ProductGroups    []struct {
			GroupID    string   `json:"group_id"`
			ProductIDs []string `json:"product_ids"`
		} `json:"product_groups"`
		Relationships []csafRelationship `json:"relationships"`
	} `json:"product_tree"`
	Vulnerabilities []csafVulnerability `json:"vulnerabilities"`
}

type csafBranch struct {
	Category string       `json:"category"`
	Name     string       `json:"name"`
	Branches []csafBranch `json:"branches"`
	Product  *csafProduct `json:"product"`
}

type csafProduct struct {
	Name      string     `json:"name"`
	ProductID string     `json:"product_id"`
	Helper    csafHelper `json:"product_identification_helper"`
}

type csafHelper struct {
	CPE           string   `json:"cpe"`
	ModelNumbers  []string `json:"model_numbers"`
	SerialNumbers []string `json:"serial_numbers"`
	SKUs          []string `json:"skus"`
}

type csafRelationship struct {
	Category  string      `json:"category"`
	Product   csafProduct `json:"full_product_name"`
	Reference string      `json:"product_reference"`
	RelatesTo string      `json:"relates_to_product_reference"`
}

type csafVulnerability struct {
	CVE   string `json:"cve"`
	Title string `json:"title"`
	Flags []struct {
		Label      string   `json:"label"`
		ProductIDs []string `json:"product_ids"`
		GroupIDs   []string `json:"group_ids"`
	} `json:"flags"`
	ProductStatus map[string][]string `json:"product_status"`
	Remediations  []struct {
		Category   string   `json:"category"`
		Details    string   `json:"details"`
		ProductIDs []string `json:"product_ids"`
		GroupIDs   []string `json:"group_ids"`
	} `json:"remediations"`
	Scores []struct {
		Products []string   `json:"products"`
		V2       *csafScore `json:"cvss_v2"`
		V3       *csafScore `json:"cvss_v3"`
		V4       *csafScore `json:"cvss_v4"`
	} `json:"scores"`
}

type csafScore struct {
	BaseScore float64 `json:"baseScore"`
}

// Bounds on one file. CISA's largest advisory has 107 products; Siemens' and
// Cisco's have some thousands.
const (
	maxFeedBytes       = 64 << 20
	maxProducts        = 100_000
	maxBranchDepth     = 30
	maxVulnerabilities = 20_000
)

// parseCSAF reads one CSAF 2.0 file whole. The error names the member that is
// wrong.
func parseCSAF(body []byte) (*advisory, error) {
	var f csafFile
	if err := json.Unmarshal(body, &f); err != nil {
		return nil, fmt.Errorf("not readable as CSAF: %w; get the file again from its publisher", jsonError(err))
	}
	f.clean()
	a, err := newAdvisory(&f)
	if err != nil {
		return nil, err
	}
	if err := a.addProducts(&f); err != nil {
		return nil, fmt.Errorf("%s: %w", a.ID, err)
	}
	if err := a.addVulnerabilities(&f); err != nil {
		return nil, fmt.Errorf("%s: %w", a.ID, err)
	}
	return a, nil
}

// jsonError keeps what encoding/json says of place and type, not of contents.
func jsonError(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("broken JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a JSON %s where %s is expected (byte %d)", kind.Field, kind.Value, kind.Type, kind.Offset)
	}
	return err
}

// newAdvisory checks the document's head (CSAF 2.0, 3.2.1).
func newAdvisory(f *csafFile) (*advisory, error) {
	doc, t := &f.Document, &f.Document.Tracking
	if doc.CSAFVersion != "2.0" {
		return nil, fmt.Errorf("document.csaf_version is %q and only 2.0 can be read; ask the publisher for CSAF 2.0", cut(doc.CSAFVersion, maxQuote))
	}
	for _, m := range []struct{ name, value string }{
		{"document.category", doc.Category}, {"document.title", doc.Title}, {"document.publisher.name", doc.Publisher.Name},
		{"document.tracking.id", t.ID}, {"document.tracking.version", t.Version}, {"document.tracking.status", t.Status},
		{"document.tracking.current_release_date", t.Current},
	} {
		if m.value == "" {
			return nil, fmt.Errorf("%s is missing; this is not a whole CSAF document", m.name)
		}
	}
	if err := f.checkIDs(); err != nil {
		return nil, err
	}
	if t.Status == "draft" {
		return nil, fmt.Errorf("%s is a draft; wait for its publication", t.ID)
	}
	released, err := time.Parse(time.RFC3339Nano, t.Current)
	if err != nil {
		return nil, errors.New("document.tracking.current_release_date is no RFC 3339 time; get the file again from its publisher")
	}
	return &advisory{ID: t.ID, Revision: t.Version, Title: title(t.ID, doc.Title), Publisher: doc.Publisher.Name, Released: released.UTC(),
		byMaker: doc.Publisher.Category == "vendor", products: map[string]*product{}}, nil
}
