package inventory

import (
	"strings"
	"time"
	"unicode"
)

// Date is a calendar day without a zone, as registers write them: YYYY-MM-DD, or
// "" when not known.
type Date string

// Time returns the day's first moment in UTC, or the zero time when not known.
func (d Date) Time() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// On returns the day of t in UTC.
func On(t time.Time) Date { return Date(t.UTC().Format(time.DateOnly)) }

// Asset is the hospital's own record of a device, after normalisation. Raw holds
// no patient: registers are about equipment, and free notes are kept short.
type Asset struct {
	Site            string    `json:"site"`
	ControlNumber   string    `json:"control_number"` // as written, leading zeros kept
	Description     string    `json:"description,omitempty"`
	Manufacturer    string    `json:"manufacturer,omitempty"`
	Model           string    `json:"model,omitempty"`
	SerialNumber    string    `json:"serial_number,omitempty"` // as written
	SerialDefect    string    `json:"serial_defect,omitempty"` // why the serial number may not be matched; "" when it may
	Facility        string    `json:"facility,omitempty"`
	Building        string    `json:"building,omitempty"`
	Room            string    `json:"room,omitempty"`
	Department      string    `json:"department,omitempty"`
	CostCenter      string    `json:"cost_center,omitempty"`
	Owner           string    `json:"owner,omitempty"`
	Status          Status    `json:"status"`
	StatusText      string    `json:"status_text,omitempty"` // as written
	Risk            string    `json:"risk,omitempty"`        // high | medium | low
	LifeSupport     bool      `json:"life_support,omitempty"`
	Coverage        Coverage  `json:"coverage,omitempty"`
	CoverageText    string    `json:"coverage_text,omitempty"` // as written
	Contract        string    `json:"contract,omitempty"`
	ServiceProvider string    `json:"service_provider,omitempty"`
	WarrantyExpires Date      `json:"warranty_expires,omitempty"`
	WarrantyLatest  Date      `json:"warranty_latest,omitempty"`   // the later of two readings of the day; "" when it was read one way
	WarrantyText    string    `json:"warranty_text,omitempty"`     // as written, when no day could be read from it; it counts as running
	ProviderInHouse bool      `json:"provider_in_house,omitempty"` // on a device that others service: ServiceProvider is a shop of the hospital and holds no contract
	PMMonths        int       `json:"pm_months,omitempty"`
	LastPM          Date      `json:"last_pm,omitempty"`
	NextPM          Date      `json:"next_pm,omitempty"`
	Installed       Date      `json:"installed,omitempty"`
	IP              string    `json:"ip,omitempty"`
	MACs            []string  `json:"macs,omitempty"`
	AETitle         string    `json:"ae_title,omitempty"`
	Hostname        string    `json:"hostname,omitempty"`
	Software        string    `json:"software,omitempty"`
	Notes           string    `json:"notes,omitempty"`
	History         []Work    `json:"history,omitempty"` // newest first
	AsOf            time.Time `json:"as_of"`             // when the register said so
	File            string    `json:"file,omitempty"`    // the imported file's base name
	Row             int       `json:"row,omitempty"`     // line in that file
}

// Status is an asset's state in the hospital's records.
type Status string

const (
	Active        Status = "active"
	Storage       Status = "storage"
	Missing       Status = "missing"
	Retired       Status = "retired"
	Pending       Status = "pending"
	StatusUnknown Status = "unknown"
)

// Coverage says who is responsible for technical work on an asset.
type Coverage string

const (
	InHouse         Coverage = "in-house"
	TimeAndMaterial Coverage = "time-and-materials"
	OEMFullService  Coverage = "oem-full-service"       // blocks in-house technical work; the provider does it
	OEMExclusive    Coverage = "oem-contract-exclusive" // the same, and nobody else may touch it
	Leased          Coverage = "leased"                 // the lessor does it
	CoverageUnknown Coverage = ""
)

// Work is one piece of work in an asset's history.
type Work struct {
	Order      string  `json:"order"`
	Type       string  `json:"type,omitempty"`
	Opened     Date    `json:"opened,omitempty"`
	Completed  Date    `json:"completed,omitempty"`
	Problem    string  `json:"problem,omitempty"`
	Action     string  `json:"action,omitempty"`
	Technician string  `json:"technician,omitempty"`
	Hours      float64 `json:"hours,omitempty"`
	AsLeft     string  `json:"as_left_software,omitempty"`
}

// Activity is a kind of work that a person may be authorised for.
type Activity string

// The closed list of activities.
const (
	ApplyVendorPatch Activity = "apply_vendor_patch"
	ApplyOSPatch     Activity = "apply_os_patch"
	ConfigureNetwork Activity = "configure_network"
	Inspect          Activity = "inspect"
	Isolate          Activity = "isolate"
	ContactVendor    Activity = "contact_vendor"
)

// Grant says that a person may do an activity on devices of a maker and model,
// with evidence and dates. A grant without either is never stored.
type Grant struct {
	Site         string   `json:"site"`
	Person       string   `json:"person"`
	Team         string   `json:"team"`
	Manufacturer string   `json:"manufacturer"` // "*" for any
	Model        string   `json:"model"`        // "*" for any; a trailing "*" matches a beginning
	Activity     Activity `json:"activity"`
	Certificate  string   `json:"certificate"`
	ValidFrom    Date     `json:"valid_from"` // first day
	ValidTo      Date     `json:"valid_to"`   // last day
	File         string   `json:"file,omitempty"`
	Row          int      `json:"row,omitempty"`
}

// MatchState says how sure a match is.
type MatchState string

const (
	Confirmed MatchState = "confirmed" // by a person; remembered for ever
	Matched   MatchState = "matched"   // decisive by evidence
	Ambiguous MatchState = "ambiguous" // a person must say
	Conflicts MatchState = "conflict"  // the facts contradict each other
	Unmatched MatchState = ""          // only heard, or only registered
)

// Match joins one asset to one device.
type Match struct {
	State  MatchState `json:"state"`
	Score  float64    `json:"score"` // 0 to 1
	On     []string   `json:"on,omitempty"`
	By     string     `json:"by,omitempty"`     // a person's name, or "register"
	Why    []string   `json:"why,omitempty"`    // one sentence a reason, for and against
	Others []string   `json:"others,omitempty"` // control numbers that fit nearly as well
}

// Decisive reports whether an order may be told on this match (DESIGN.md,
// invariant 10).
func (m Match) Decisive() bool { return m.State == Confirmed || m.State == Matched }

// AssetView is an asset as a device shows it.
type AssetView struct {
	ControlNumber   string    `json:"control_number"`
	Description     string    `json:"description,omitempty"`
	Manufacturer    string    `json:"manufacturer,omitempty"`
	Model           string    `json:"model,omitempty"`
	SerialNumber    string    `json:"serial_number,omitempty"`
	Software        string    `json:"software,omitempty"`
	Owner           string    `json:"owner,omitempty"`
	Unit            string    `json:"unit,omitempty"`
	Department      string    `json:"department,omitempty"`
	CostCenter      string    `json:"cost_center,omitempty"`
	Location        string    `json:"location,omitempty"`
	Status          Status    `json:"status,omitempty"`
	Coverage        Coverage  `json:"coverage,omitempty"`
	Contract        string    `json:"contract,omitempty"`
	ServiceProvider string    `json:"service_provider,omitempty"`
	WarrantyExpires Date      `json:"warranty_expires,omitempty"`
	WarrantyLatest  Date      `json:"warranty_latest,omitempty"`
	WarrantyText    string    `json:"warranty_text,omitempty"`
	ProviderInHouse bool      `json:"provider_in_house,omitempty"`
	StatusUnread    string    `json:"status_unread,omitempty"` // the register's words for a status that is in no list
	Risk            string    `json:"risk,omitempty"`
	LifeSupport     bool      `json:"life_support"`
	LastPM          Date      `json:"last_pm,omitempty"`
	NextPM          Date      `json:"next_pm,omitempty"`
	History         []Work    `json:"history,omitempty"`
	AsOf            time.Time `json:"as_of"`
	Match           Match     `json:"match"`
}

// View shows a as a device joined to it by m shows it.
func (a *Asset) View(m Match) *AssetView {
	place := make([]string, 0, 2)
	for _, s := range []string{a.Building, a.Room} {
		if s != "" {
			place = append(place, s)
		}
	}
	v := &AssetView{
		ControlNumber: a.ControlNumber, Description: a.Description, Manufacturer: a.Manufacturer, Model: a.Model,
		SerialNumber: a.SerialNumber, Software: a.Software, Owner: a.Owner, Unit: a.Department, Department: a.Department,
		CostCenter: a.CostCenter, Location: strings.Join(place, " "), Status: a.Status, Coverage: a.Coverage,
		Contract: a.Contract, ServiceProvider: a.ServiceProvider, WarrantyExpires: a.WarrantyExpires, Risk: a.Risk,
		LifeSupport: a.LifeSupport, LastPM: a.LastPM, NextPM: a.NextPM, History: a.History, AsOf: a.AsOf, Match: m,
		WarrantyLatest: a.WarrantyLatest, WarrantyText: a.WarrantyText, ProviderInHouse: a.ProviderInHouse,
	}
	if a.Status == StatusUnknown {
		v.StatusUnread = a.StatusText
	}
	return v
}

// ShopName reports whether a name is made of nothing but the words by which
// hospitals call their own shops: "Biomed", "Imaging Engineering". Names of
// companies have a word of their own, so "Acme Biomedical" is none.
func ShopName(name string) bool {
	kind, in := false, false
	for _, word := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		switch word {
		case "biomed", "biomedical", "htm", "engineering", "maintenance", "it", "technology", "applications", "imaging", "laboratory", "nursing",
			"inhouse", "internal", "radiology", "facilities":
			kind = true
		case "house":
			kind = kind || in
		case "in", "clinical", "medical", "healthcare", "health", "information", "equipment", "management", "service", "services", "support", "department",
			"dept", "shop", "team", "staff", "own", "our", "hospital", "the", "of", "and", "main", "central", "north", "south", "east", "west":
		default:
			return false
		}
		in = word == "in"
	}
	return kind
}

// Lexicon is what the knowledge base knows of names: the one place where five
// spellings of a manufacturer become one. Implementations are safe for
// concurrent use.
type Lexicon interface {
	// Manufacturer returns the canonical name of a maker, and whether it is
	// known. An unknown maker comes back trimmed, as written.
	Manufacturer(name string) (canonical string, known bool)
	// Model returns the canonical name of a model of that maker, and whether it
	// is known. An unknown model comes back trimmed, as written.
	Model(manufacturer, model string) (canonical string, known bool)
	// Vendor returns the canonical name of who registered the MAC's block, or "".
	Vendor(mac string) string
	// PlaceholderSerial reports whether a serial number says nothing ("0",
	// "N/A", "See notes") and may never be matched on.
	PlaceholderSerial(serial string) bool
}
