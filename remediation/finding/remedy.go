package finding

import (
	"regexp"
	"strings"
	"sync"

	"github.com/auscult/auscult/remediation"
)

// maxRemedyText bounds the advisory's sentence in a remedy.
const maxRemedyText = 500

// The categories alone do not say whether there is a fix: of the vendor_fix
// entries in CISA's medical advisories dozens say that a fix is planned, that
// there will be none, or whom to ask. So each sentence is read.
var (
	sayNone = regexp.MustCompile(`(?i)has not developed|have not developed|no (product )?(fix|patch|update)\b|will not (be )?(issu|releas|provid|address|offer|develop)|not be issuing|end[- ]of[- ](life|support|service)|no longer (a )?support|out of support|not capable of|offers? no mitigation|not available for|no plans? to`)
	sayPlan = regexp.MustCompile(`(?i)\bwill (be )?(releas|issu|provid|address|remediat|fix|correct|mitigat|become available|publish|offer)|will [^.]{0,60}\bin (an|a|the) (upcoming|next|future)|\bplans? (to|an?|for|on)\b|\bplanning to|\bis expected|\bare expected|expected (in|to|by)\b|upcoming|when [^.]{0,40} releases|in development|in the process of (develop|releas|complet)|being developed|working (to|on)|scheduled (for|to)|available (in )?(q[1-4]|spring|summer|fall|autumn|winter)\b|as soon as it becomes available|currently developing|is developing`)
	sayAsk  = regexp.MustCompile(`(?i)\bcontact(s|ing|ed)?\b|\bavailable (up)?on request|\brequest(s|ed)? (the|an?) (update|patch|upgrade|fix)|\bcall\b|account executive`)
	sayFix  = regexp.MustCompile(`(?i)\b(updat|upgrad|migrat)(e|ing)\b[^.,]{0,80}\bto\b|\bupgrading\b|\b(update|patch|hotfix|fix|firmware update)s? (is|are|was|were) (now )?(available|released)|(has|have|had|was|were|been)?\s*(produced|developed|released|issued|provided|created|implemented|deployed)\b[^.]{0,80}\b(version|update|patch|hotfix|fix|release|firmware|software)|\b(install|apply|deploy)\b[^.]{0,60}\b(update|patch|hotfix|version|fix)|\b(version|release|rev)\b[^.]{0,40}\b(or|and) (later|newer|above|greater)|remediates|remediated in|\b(fixed|addressed|corrected|resolved|mitigated) (in|by) (version|release|software|v?\d)`)
	sayConf = regexp.MustCompile(`(?i)compensating control|mitigat|firewall|segment|vlan|isolat|access control|password|credential|disabl|restrict|configur|\bports?\b|filter|\blimit|physical|whitelist|allow-?list|block|encrypt|network|certificate|least privilege|antivirus|turn(ing)? off|disconnect|defensive measures|precautions|recommends? the following`)
	// sayOnly marks sentences that point at more reading and mend nothing.
	sayOnly  = regexp.MustCompile(`(?i)for (more|additional|further|any) (information|details|questions|assistance)|security bulletin|\badvisory\b|product security (web)?site|\bhttps?://|users with questions|\bquestions\b|white paper|email scams|social engineering|phishing|unsolicited`)
	justName = regexp.MustCompile(`(?i)^[^.;]{0,140}?(\bversions?\b|\bv|:\s*v?)\s*[A-Z]{0,4}\.?\d[\w.*-]*( (and|or) [\w.*-]+)*\s*(\([^)]*\))?[.;]?\s*$`)
	sentence = regexp.MustCompile(`[.;!?]\s+|\n+`)
)

// classify says what a remediation offers. ok is false when it offers nothing
// that could be done.
func classify(category, text string) (kind remediation.RemedyKind, said string, ok bool) {
	switch category {
	case "none_available", "no_fix_planned":
		return remediation.NoFix, text, true
	case "fix_planned":
		return remediation.FixPlanned, text, true
	}
	for _, s := range sentences(text) {
		k, good := classifySentence(category, s)
		if good && (!ok || rank(k) > rank(kind)) {
			kind, said, ok = k, s, true
		}
	}
	return kind, said, ok
}

func classifySentence(category, s string) (remediation.RemedyKind, bool) {
	asks := sayAsk.MatchString(s)
	switch {
	case sayNone.MatchString(s):
		if sayConf.MatchString(afterBut(s)) {
			return remediation.Configuration, true
		}
		if sayPlan.MatchString(s) {
			return remediation.FixPlanned, true
		}
		return remediation.NoFix, true
	case sayPlan.MatchString(s):
		return remediation.FixPlanned, true
	case asks && sayOnly.MatchString(s):
		return "", false
	case asks:
		return remediation.AskVendor, true
	case sayOnly.MatchString(s) && !sayFix.MatchString(noBulletin(s)):
		return "", false
	case sayFix.MatchString(noBulletin(s)):
		return remediation.FixAvailable, true
	case category != "workaround" && justName.MatchString(s):
		return remediation.FixAvailable, true
	case sayConf.MatchString(s), category == "workaround", category == "mitigation":
		return remediation.Configuration, true
	}
	return "", false
}

// afterBut is the second half of "has no fix, but has issued controls".
func afterBut(s string) string {
	_, rest, _ := strings.Cut(s, ", but ")
	return rest
}

// happened is what the manufacturer did elsewhere; it offers nothing to do here.
var happened = regexp.MustCompile(`(?i)\b(have|has|had|was|were) (already )?been (updated|upgraded)\b`)

var bulletin = regexp.MustCompile(`(?i)\b(released|published|issued|provided)\b[^.]{0,30}\b(security )?(bulletin|advisory|notification|white paper)`)

// noBulletin keeps "released a security bulletin" from reading as a release, and
// "have already been updated" from reading as an offer.
func noBulletin(s string) string {
	return bulletin.ReplaceAllString(happened.ReplaceAllString(s, ""), "")
}

func sentences(text string) []string {
	var out []string
	from := 0
	add := func(to int) {
		if s := strings.Join(strings.Fields(text[from:to]), " "); s != "" {
			out = append(out, s)
		}
		from = to
	}
	for _, at := range sentence.FindAllStringIndex(text, -1) {
		add(at[0] + 1)
	}
	add(len(text))
	return out
}

// rank orders remedies by how much they help.
func rank(k remediation.RemedyKind) int {
	switch k {
	case remediation.FixAvailable:
		return 5
	case remediation.Configuration:
		return 4
	case remediation.AskVendor:
		return 3
	case remediation.FixPlanned:
		return 2
	case remediation.NoFix:
		return 1
	}
	return 0
}

var named = regexp.MustCompile(`(?i)\b(?:to|version|versions|release|rev)\s+(?:the [\w ]{0,40}?)?(?:version )?([A-Z]{0,4}\.?\d[\w.*-]*)`)

// mendedVersion finds the version that a sentence names as mended; it must lie
// outside everything that is affected.
func mendedVersion(said string, affected []ranges) string {
	for _, m := range named.FindAllStringSubmatch(said, -1) {
		text := strings.TrimRight(m[1], ".,-*")
		v, ok := parseVersion(text)
		if !ok || !anyDigit.MatchString(text) {
			continue
		}
		free := true
		for _, r := range affected {
			got, _ := r.test(v)
			free = free && got == outside
		}
		if free {
			return text
		}
	}
	return ""
}

// offers remembers what texts offer: advisories repeat the same sentences for
// every vulnerability, and reading them is the slow part of an evaluation.
type offers struct{ known sync.Map }

type offer struct {
	kind remediation.RemedyKind
	said string
	ok   bool
}

func (o *offers) of(r remedy) offer {
	key := r.category + "\x00" + r.text
	if got, ok := o.known.Load(key); ok {
		return got.(offer)
	}
	var got offer
	got.kind, got.said, got.ok = classify(r.category, r.text)
	o.known.Store(key, got)
	return got
}

// chooseRemedy picks what helps most among the remediations for the products.
func (x *index) chooseRemedy(a *advisory, products map[string]bool, affected []ranges) remediation.Remedy {
	var best remediation.Remedy
	for _, v := range a.vulns {
		for _, r := range v.remedies {
			if !r.isFor(products) {
				continue
			}
			o := x.offers.of(r)
			if !o.ok || rank(o.kind) <= rank(best.Kind) {
				continue
			}
			best = remediation.Remedy{Kind: o.kind, Text: told(r.text, o.said)}
			if o.kind == remediation.FixAvailable || o.kind == remediation.AskVendor {
				best.Version = mendedVersion(o.said, affected)
			}
		}
	}
	if best.Kind == "" {
		best = remediation.Remedy{Kind: remediation.AskVendor, Text: "The advisory names no remedy; ask the manufacturer."}
	}
	return best
}

// told is what a person reads of a remedy: all of it where it is short, so that no
// condition is lost, and otherwise the sentence that decided.
func told(whole, said string) string {
	if text := strings.Join(strings.Fields(whole), " "); len(text) <= maxRemedyText {
		return text
	}
	return cut(said, maxRemedyText-len("…"))
}

func (r remedy) isFor(products map[string]bool) bool {
	if len(r.products) == 0 {
		return true
	}
	for _, id := range r.products {
		if products[id] {
			return true
		}
	}
	return false
}
