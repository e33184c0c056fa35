package register

import (
	"strings"
	"unicode"

	"github.com/auscult/auscult/inventory"
)

// plainWords is a text in lower case with one blank between words and nothing
// but letters and digits in them: "T&M (BD)" is "t m bd".
func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), " ")
}

// hasWords reports whether one of the phrases stands in a text of plainWords.
func hasWords(text string, list ...string) bool {
	for _, phrase := range list {
		if strings.Contains(" "+text+" ", " "+phrase+" ") {
			return true
		}
	}
	return false
}

// onlyWords reports whether a text holds nothing beside the words of the lists.
func onlyWords(text string, lists ...[]string) bool {
	known := map[string]bool{}
	for _, list := range lists {
		for _, phrase := range list {
			for word := range strings.FieldsSeq(phrase) {
				known[word] = true
			}
		}
	}
	for word := range strings.FieldsSeq(text) {
		if !known[word] {
			return false
		}
	}
	return true
}

// What a coverage column may fail to say. Each leaves the coverage unknown, and
// then nobody is named.
const (
	coverageUnlisted = "is no coverage that is known; nobody is taken to be responsible"
	coverageMixed    = "names two kinds of service, and which of them counts is not said; nobody is taken to be responsible until it names one"
	coverageNegated  = "says what does not cover the device, or no longer or not yet, and not who works on it; nobody is taken to be responsible"
	coverageLimited  = "holds more than in-house or time and materials, and may limit it; nobody is taken to be responsible until it says no more than that"
	coverageOutside  = "gives the work to somebody outside whom the row does not name as provider; nobody is taken to be responsible"
)

// coverageWords are the words of each kind of service. They are made on every
// call, because a package keeps no state.
type coverageWords struct {
	negated, exclusive, full, firm, outside, lease, hourly, vague, inHouse, beside []string
}

func newCoverageWords() coverageWords {
	return coverageWords{
		negated: []string{"no", "not", "non", "none", "never", "without", "uncovered", "expired", "expires", "lapsed", "ended", "cancelled", "canceled", "terminated",
			"pending", "planned", "proposed", "quote", "quoted", "former", "formerly", "previously", "unknown", "tbd"},
		exclusive: []string{"exclusive", "exclusively", "sole provider", "sole source"},
		full:      []string{"full", "comprehensive", "warranty", "guarantee"},
		// firm words name whose contract it is; a lease has them too.
		firm:    []string{"oem", "contract", "contracts", "contracted", "agreement", "service plan", "manufacturer", "maker", "mfr", "mfg", "vendor", "supplier"},
		outside: []string{"third party", "3rd party", "iso", "partner", "outsourced", "external", "outside", "dealer", "distributor", "insurance", "insured"},
		lease: []string{"lease", "leased", "leasing", "lessor", "rental", "rented", "rent", "loaner", "loan", "vendor owned", "consignment", "placement",
			"reagent rental", "demo", "demonstration", "trial"},
		hourly: []string{"t m", "t and m", "time and material", "time and materials", "time material", "time materials"},
		// vague words say how work is billed or called for, not by whom it is done.
		vague:   []string{"per call", "on call", "on demand", "as needed", "billable", "hourly"},
		inHouse: []string{"in house", "inhouse", "internal", "biomed", "own staff", "self maintained", "hospital maintained", "hospital staff"},
		// beside the words of one kind these limit nothing.
		beside: []string{"service", "services", "serviced", "maintenance", "maintained", "support", "supported", "repair", "repairs", "coverage", "covered", "basis",
			"by", "our", "own", "the", "team", "staff", "shop", "department", "dept", "clinical", "biomed", "biomedical", "medical", "imaging", "engineering",
			"engineers", "information", "technology", "it", "laboratory", "hospital"},
	}
}

// coverageOf reads a coverage column; says is what is wrong with it, "" for
// nothing. A contract, a lease or anybody outside is asked for before what lets
// people of the hospital work; words of two kinds give neither; and in-house or
// time and materials count only where nothing beside them may limit them.
func coverageOf(s string) (coverage inventory.Coverage, says string) {
	if absentWord(s) {
		return inventory.CoverageUnknown, ""
	}
	w, text := newCoverageWords(), plainWords(s)
	exclusive, full, firm := hasWords(text, w.exclusive...), hasWords(text, w.full...), hasWords(text, w.firm...)
	outside, lease := hasWords(text, w.outside...), hasWords(text, w.lease...)
	hourly, vague := hasWords(text, w.hourly...), hasWords(text, w.vague...)
	inHouse := hasWords(text, w.inHouse...) || text == "self" || text == "hospital"
	blocks := exclusive || full || firm || outside || lease
	switch {
	case hasWords(text, w.negated...) || strings.Contains(s, "?"):
		return inventory.CoverageUnknown, coverageNegated
	case blocks && (hourly || vague || inHouse), inHouse && (hourly || vague), lease && (exclusive || full || outside):
		return inventory.CoverageUnknown, coverageMixed
	case lease:
		return inventory.Leased, ""
	case outside:
		return inventory.OEMFullService, coverageOutside
	case exclusive:
		return inventory.OEMExclusive, ""
	case full || firm:
		return inventory.OEMFullService, ""
	case inHouse && !onlyWords(text, w.inHouse, w.beside, []string{"self"}), hourly && !onlyWords(text, w.hourly, w.beside):
		return inventory.CoverageUnknown, coverageLimited
	case inHouse:
		return inventory.InHouse, ""
	case hourly:
		return inventory.TimeAndMaterial, ""
	}
	return inventory.CoverageUnknown, coverageUnlisted
}

// coverage reads who answers for the technical work. Whoever is outside must be
// named as provider: nobody may guess that it is the maker.
func (in *intake) coverage(r row, a *inventory.Asset) {
	var says string
	a.Coverage, says = coverageOf(a.CoverageText)
	shop := a.ServiceProvider != "" && in.shop(a.ServiceProvider)
	if says == coverageOutside && a.ServiceProvider != "" && !shop {
		says = ""
	}
	if says != "" {
		a.Coverage = inventory.CoverageUnknown
		in.flaw(r, a.ControlNumber, "coverage", WordUnknown, says)
	}
	if loan := ownershipOf(*a); a.Coverage == inventory.CoverageUnknown && (says == "" || says == coverageUnlisted) && loan != "owned" && loan != "research" {
		a.Coverage = inventory.Leased // somebody else's device: technical work is theirs
	}
	switch a.Coverage {
	case inventory.InHouse:
		if a.Contract != "" {
			in.flaw(r, a.ControlNumber, "contract", WordUnknown, "stands on a device that is serviced in house; in-house was taken: if the contract covers the work, correct the coverage")
		}
	case inventory.TimeAndMaterial: // a shop may do the work, and a contract may set the rates
	case inventory.CoverageUnknown:
		a.ProviderInHouse = shop
	default:
		a.ProviderInHouse = shop
		if shop {
			in.flaw(r, a.ControlNumber, "service_provider", WordUnknown, "is a shop of the hospital and cannot be who holds the contract or the lease; name who does")
		}
	}
}

// learnShops collects the providers of rows that are serviced in house: what
// does the hospital's own work is no contractor elsewhere in the file.
func (in *intake) learnShops() {
	in.shops = map[string]bool{}
	for _, r := range in.sheet.rows {
		provider := plainWords(in.sheet.cell(r, "service_provider"))
		if c, _ := coverageOf(in.sheet.cell(r, "coverage")); c == inventory.InHouse && provider != "" {
			in.shops[provider] = true
		}
	}
}

// shop reports whether a provider is a shop of the hospital. A manufacturer is
// none, whatever a row says.
func (in *intake) shop(provider string) bool {
	if _, maker := in.o.Lexicon.Manufacturer(provider); maker {
		return false
	}
	return inventory.ShopName(provider) || in.shops[plainWords(provider)]
}
