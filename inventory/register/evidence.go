package register

import (
	"strings"
	"unicode"

	"github.com/auscult/auscult/inventory"
)

// What is wrong with a certificate.
const (
	evidenceMissing = "has no evidence; a grant needs a certificate or a training record"
	evidenceDenied  = "says that the evidence does not stand: what is expired, revoked, planned or under way proves nothing; write the number of a certificate that is valid"
)

// evidenceDefect says why a certificate is none, "" when it may be one.
func evidenceDefect(s string) string {
	text := plainWords(s)
	switch text {
	case "", "yes", "y", "x", "no", "n", "true", "false", "ok", "1", "missing", "on request":
		return evidenceMissing
	}
	switch {
	case absentWord(s), strings.Trim(text, "0 ") == "":
		return evidenceMissing
	case hasWords(text, "not", "none", "never", "without", "expired", "lapsed", "revoked", "withdrawn", "suspended", "cancelled", "canceled", "invalid",
		"void", "voided", "failed", "terminated", "rescinded", "in progress", "in training", "ongoing", "scheduled", "planned", "pending", "awaiting",
		"awaited", "applied", "enrolled", "registered for", "to follow", "missing", "lost", "tbd", "tba", "unknown", "uncertified", "untrained", "trainee",
		"overdue", "due", "n a", "no longer"), noWhat(text):
		return evidenceDenied
	}
	return ""
}

// noWhat reports "no" before a word: "no certificate" denies one, "no 221" and
// "NO-221" number one.
func noWhat(text string) bool {
	words := strings.Fields(text)
	for i, word := range words[:max(len(words)-1, 0)] {
		if word == "no" && !strings.ContainsFunc(words[i+1], unicode.IsDigit) {
			return true
		}
	}
	return false
}

// crowds are the names in an engineers file and the register that mean several
// people: teams, and providers to whose queues orders go.
func (in *intake) crowds(providers map[string]bool) map[string]bool {
	names := map[string]bool{}
	for name := range providers {
		names[plainWords(name)] = true
	}
	for _, r := range in.sheet.rows {
		names[plainWords(in.sheet.cell(r, "team"))] = true
	}
	return names
}

// crowd reports a name that is a team's or a queue's, not one person's.
func crowd(name string, crowds map[string]bool) bool {
	return crowds[plainWords(name)] || inventory.ShopName(name)
}

// providers are the service providers of the register's assets.
func (r *Register) providers() map[string]bool {
	names := map[string]bool{}
	for _, a := range r.assets {
		names[a.ServiceProvider] = true
	}
	return names
}
