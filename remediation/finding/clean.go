package finding

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Bounds of what is kept of a feed's texts, in bytes. The longest that CISA's
// medical advisories have are a title of 124, a product text of 764 and a
// remediation of 838.
const (
	maxHeadText    = 300   // titles and names of publishers
	maxProductText = 4_000 // names in the product tree; a list of versions may be long
	maxDetails     = 8_000 // the text of a remediation
)

// trackingID is the form of advisory ids that are taken, and revision that of
// their versions (CSAF 2.0, 3.1.11). An id becomes the cause of findings, the key
// of orders and a line of tickets, so that it has no space and no odd character:
// ICSMA-23-194-01, SSA-123456, cisco-sa-abc-1, RHSA-2024:1234.
var (
	trackingID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/+-]{0,119}$`)
	revision   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)
)

// rule is three or more hyphens: with them, a text could pass for the lines that
// frame what is written into a hospital's tickets.
var rule = regexp.MustCompile(`-{3,}`)

// clean makes a feed's text one plain line: without control and formatting
// characters (an escape sequence rules a terminal, a bidirectional override shows
// text in another order), without rules, with single spaces, at most n bytes long.
func clean(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.C, r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(rule.ReplaceAllString(s, "-")), " ")
	return cut(s, n)
}

// cleanLines cleans a text line by line: where a line ends, a sentence does.
func cleanLines(s string, n int) string {
	var lines []string
	for line := range strings.Lines(s[:min(len(s), 2*n)]) {
		if line = clean(line, n); line != "" {
			lines = append(lines, line)
		}
	}
	return cut(strings.Join(lines, "\n"), n)
}

// clean cleans every text of the file that is shown, stored or sent. Product and
// group ids only join the file's own parts, and stay as they are.
func (f *csafFile) clean() {
	doc := &f.Document
	for _, s := range []*string{&doc.Title, &doc.Publisher.Name} {
		*s = clean(*s, maxHeadText)
	}
	for i := range f.ProductTree.Branches {
		f.ProductTree.Branches[i].clean(0)
	}
	for i := range f.ProductTree.FullProductNames {
		f.ProductTree.FullProductNames[i].clean()
	}
	for i := range f.ProductTree.Relationships {
		r := &f.ProductTree.Relationships[i]
		r.Category = clean(r.Category, maxHeadText)
		r.Product.clean()
	}
	for i := range f.Vulnerabilities {
		f.Vulnerabilities[i].clean()
	}
}

// clean stops where the tree is deeper than may be: then the file is refused.
func (b *csafBranch) clean(depth int) {
	if depth >= maxBranchDepth {
		return
	}
	b.Name = clean(b.Name, maxProductText)
	if b.Product != nil {
		b.Product.clean()
	}
	for i := range b.Branches {
		b.Branches[i].clean(depth + 1)
	}
}

func (p *csafProduct) clean() {
	p.Name = clean(p.Name, maxProductText)
	p.Helper.CPE = clean(p.Helper.CPE, maxProductText)
	for _, list := range [][]string{p.Helper.ModelNumbers, p.Helper.SerialNumbers, p.Helper.SKUs} {
		for i := range list {
			list[i] = clean(list[i], maxProductText)
		}
	}
}

func (v *csafVulnerability) clean() {
	v.Title = clean(v.Title, maxHeadText)
	for i := range v.Flags {
		v.Flags[i].Label = clean(v.Flags[i].Label, maxHeadText)
	}
	for i := range v.Remediations {
		v.Remediations[i].Details = cleanLines(v.Remediations[i].Details, maxDetails)
	}
}

// checkIDs refuses ids that are not of a conservative form, and says where.
func (f *csafFile) checkIDs() error {
	t := &f.Document.Tracking
	if !trackingID.MatchString(t.ID) {
		return errors.New("document.tracking.id is not of the form that is taken: letters, digits and . _ : / + -, at most 120; get the file again from its publisher")
	}
	if !revision.MatchString(t.Version) {
		return errors.New("document.tracking.version is no version: letters, digits and . _ + -, at most 64; get the file again from its publisher")
	}
	for i := range f.Vulnerabilities {
		if cve := f.Vulnerabilities[i].CVE; cve != "" && !cveID.MatchString(cve) {
			return fmt.Errorf("vulnerabilities[%d].cve is no CVE number; get the file again from its publisher", i)
		}
	}
	return nil
}
