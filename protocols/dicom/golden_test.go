package dicom_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// goldenObservation is an observation as a person reads it.
type goldenObservation struct {
	Speaker string            `json:"speaker"`
	About   string            `json:"about"`
	Title   string            `json:"title,omitempty"`
	Facts   []protocols.Fact  `json:"facts,omitempty"`
	Report  *protocols.Report `json:"report,omitempty"`
	Name    protocols.Name    `json:"protocol"`
	When    string            `json:"when"`
}

// TestGoldenExamination compares all that an examination states with a file that
// was read and found right.
func TestGoldenExamination(t *testing.T) {
	r := run(protocols.Context{OpenerKnown: true}, 1460, examination()...)
	var got []goldenObservation
	for _, o := range r.observations {
		got = append(got, goldenObservation{Speaker: o.Speaker.Addr.String(), About: kindName(o.About.Kind), Title: o.About.Title,
			Facts: o.Facts, Report: o.Report, Name: o.Protocol, When: o.When.Format("15:04:05")})
	}
	raw, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	raw = append(raw, '\n')
	path := filepath.Join("testdata", "examination.golden.json")
	protocoltest.Golden(t, path, string(raw))
}
