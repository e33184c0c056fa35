package finding

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// FeedKind says what a feed file is.
type FeedKind string

// The feeds that this release reads.
const (
	CSAF FeedKind = "csaf"
	KEV  FeedKind = "kev"
)

// ErrNotAFeed says that a file is none of the feeds that can be read.
var ErrNotAFeed = errors.New("not a feed that can be read: CSAF 2.0 and the CISA KEV catalogue can")

// recognise tells a feed by what it contains, whatever its name.
func recognise(body []byte) (FeedKind, error) {
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(trimmed) == 0 {
		return "", fmt.Errorf("the file is empty: %w", ErrNotAFeed)
	}
	if trimmed[0] != '{' {
		return "", fmt.Errorf("it looks like %s: %w", looksLike(trimmed), ErrNotAFeed)
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(trimmed, &top); err != nil {
		return "", fmt.Errorf("%w; get the file again from its publisher", jsonError(err))
	}
	switch {
	case isCSAF(top):
		return CSAF, nil
	case top["catalogVersion"] != nil && top["vulnerabilities"] != nil:
		return KEV, nil
	}
	return "", fmt.Errorf("it looks like %s: %w", looksLikeJSON(top), ErrNotAFeed)
}

func isCSAF(top map[string]json.RawMessage) bool {
	var doc struct {
		Version string `json:"csaf_version"`
	}
	if err := json.Unmarshal(top["document"], &doc); err != nil {
		return false
	}
	return doc.Version != ""
}

// looksLike names what a file that is no JSON object begins like.
func looksLike(b []byte) string {
	head := string(b[:min(len(b), 256)])
	switch {
	case strings.HasPrefix(head, "\x1f\x8b"):
		return "a gzip file (unpack it first)"
	case strings.HasPrefix(head, "PK\x03\x04"):
		return "a zip file (unpack it first)"
	case strings.HasPrefix(head, "<"):
		return "XML or HTML"
	case strings.HasPrefix(head, "["):
		return "a JSON list"
	case strings.HasPrefix(head, "#model_version"), strings.HasPrefix(head, "cve,epss"):
		return "EPSS scores"
	case strings.HasPrefix(head, "Registry,Assignment"):
		return "an IEEE OUI list"
	case strings.Contains(head, ","):
		return "a CSV file"
	}
	return "no JSON"
}

// looksLikeJSON names what a JSON object is by its members.
func looksLikeJSON(top map[string]json.RawMessage) string {
	for _, k := range []struct{ member, is string }{
		{"$schema", "a JSON schema"}, {"bomFormat", "a CycloneDX bill of materials"}, {"spdxVersion", "an SPDX bill of materials"},
		{"@context", "an OpenVEX or JSON-LD document"}, {"format", "an NVD export"}, {"results", "openFDA data"}, {"meta", "openFDA data"},
		{"document", "a CVRF or other document without csaf_version"}, {"vulnerabilities", "a list of vulnerabilities in a form of its own"},
	} {
		if top[k.member] != nil {
			return k.is
		}
	}
	return "JSON of another kind"
}
