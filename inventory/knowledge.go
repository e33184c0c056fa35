package inventory

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// The hazard classes of what a pump gives, by the high-alert lists that
// hospitals keep (ISMP list of high-alert medications in acute care, NIOSH list
// of hazardous drugs for the first). HazardUnknown is something that is given and
// not known to be harmless; HazardNone means that nothing is given.
const (
	HazardCytotoxic     Hazard = "cytotoxic"
	HazardVasoactive    Hazard = "vasoactive"
	HazardNeuromuscular Hazard = "neuromuscular-blocker"
	HazardInsulin       Hazard = "insulin"
	HazardOpioid        Hazard = "opioid"
	HazardElectrolyte   Hazard = "concentrated-electrolyte"
	HazardAnticoagulant Hazard = "anticoagulant"
	HazardAnaesthetic   Hazard = "anaesthetic"
	HazardSedative      Hazard = "sedative"
	HazardBlood         Hazard = "blood"
	HazardNutrition     Hazard = "parenteral-nutrition"
	HazardUnknown       Hazard = "unknown"
	HazardPlainFluid    Hazard = "plain-fluid"
	HazardNone          Hazard = ""
)

// Hazards returns the closed list of hazard classes, the most careful first.
// What is known to be dangerous stands above what is not known, because it tells
// people more: both ask for the same caution.
func Hazards() []Hazard {
	return []Hazard{
		HazardCytotoxic, HazardVasoactive, HazardNeuromuscular, HazardInsulin, HazardOpioid, HazardElectrolyte,
		HazardAnticoagulant, HazardAnaesthetic, HazardSedative, HazardBlood, HazardNutrition, HazardUnknown, HazardPlainFluid,
	}
}

// Rank orders hazards: higher is more careful, 0 is none known.
func (h Hazard) Rank() int {
	all := Hazards()
	for i, known := range all {
		if h == known {
			return len(all) - i
		}
	}
	return 0
}

// Caution is what a class that may be running asks for: high, but for nothing and
// for plain fluid. A word that is no class is not known, and high.
func (h Hazard) Caution() Caution {
	if h == HazardNone || h == HazardPlainFluid {
		return CautionNormal
	}
	return CautionHigh
}

// Software is the attribute under which the knowledge base tells which program
// answers on a host. It is evidence about the software, never about the maker of
// the device.
const Software protocols.Attribute = "software"

// The attributes under which the ledger keeps what a conversation shows of a device,
// where a rule of the knowledge base asks for it. A port is written with its transport,
// or with the protocol that was recognised there: "tcp/3613", "hl7/515".
const (
	Calls    protocols.Attribute = "calls"     // a port of whom it calls
	Serves   protocols.Attribute = "serves"    // a port of its own, with an answer
	CalledBy protocols.Attribute = "called_by" // the same, behind the maker of the caller's interface: "BD tcp/3613"
	Reaches  protocols.Attribute = "reaches"   // an address outside that a maker has built in
)

// Note is the attribute of a sentence that a rule says of a device, and Tells the
// protocol under which a rule's conclusions stand among the evidence.
const (
	Note  protocols.Attribute = "note"
	Tells protocols.Name      = "tells"
)

// Clue is one statement of a device as the knowledge base may weigh it.
type Clue struct {
	Attribute  protocols.Attribute
	Value      string
	Protocol   protocols.Name
	Confidence float64 // 0 to 1
	Count      uint64  // how often it was stated
}

// Clues is all that a device's type is judged by. Facts are sorted by attribute
// and value, so that the same evidence gives the same verdict.
type Clues struct {
	Presence     Presence
	Manufacturer string // canonical where known, "" when nobody says
	Model        string // canonical where known, "" when nobody says
	Vendor       string // who registered the device's own MAC, "" when not known
	Facts        []Clue
	SpeaksFor    []Type // types of the devices that it reports for, sorted, each once
	Machines     int    // of how many different machines it sends images
	OtherDevices int    // how many of those machines are other devices on the network
	HL7Senders   int    // how many different hosts send HL7 messages to it
	Addresses    int    // how many network addresses it holds itself
}

// Verdict is what the knowledge base says of a device's type. UnknownType with
// an empty Why is an honest answer.
type Verdict struct {
	Type       Type
	Confidence float64 // 0 to 1
	Why        string  // one sentence for people
}

// Implied is what one statement implies by general knowledge: a vendor class
// names an operating system, an implementation UID names a program.
type Implied struct {
	Attribute  protocols.Attribute
	Value      string
	Confidence float64 // 0 to 1
}

// Tell is what one rule concludes from several clues together. It never names a
// model: that is the device's own word, because advisories hang on it.
type Tell struct {
	Rule         string  // the rule's id
	Manufacturer string  // "" when the rule names none
	Note         string  // one sentence for people
	Confidence   float64 // 0 to 1
}

// Knowledge is the whole knowledge base as the inventory uses it. Implementations
// are safe for concurrent use and never change what they answer.
type Knowledge interface {
	Lexicon
	// Family returns the canonical family of a maker's model ("IntelliVue MX" for
	// an MX450), or "".
	Family(manufacturer, model string) string
	// Classify weighs all evidence; precision comes before recall.
	Classify(Clues) Verdict
	// Implies returns what a statement implies, or nothing.
	Implies(a protocols.Attribute, value string) []Implied
	// Contacts returns what a conversation shows of one of its ends, where a rule asks
	// for it: Calls, Serves, Reaches, and CalledBy, which holds only where the caller's
	// interface is of the maker that it begins with. server is the end that was called.
	Contacts(c protocols.Conversation, of, server protocols.Direction) []Implied
	// Tells returns the rules that hold, in the order of their ids. Types are told by
	// Classify.
	Tells(Clues) []Tell
	// Hazard classifies a drug by the name that a device shows: HazardNone for no
	// name, HazardUnknown for one that is not known. HazardPlainFluid is answered
	// only where every word of the name belongs to a plain fluid.
	Hazard(agent string) Hazard
}

// UseOf keeps what devices are doing: package usage implements it. Keys are
// opaque; several keys can be parts of one device.
type UseOf interface {
	// Report takes one statement about the thing that key names.
	Report(key string, s Statement)
	// At says what the device made of these keys is doing at a moment.
	At(keys []string, now time.Time) Use
	// Load reads the state that Save wrote.
	Load(Store) error
	// Save writes what changed since the last Save and returns how much that was.
	Save(Tx) (int, error)
	// Unsaved tells that the transaction of the last Save did not commit.
	Unsaved()
}

// Statement is one report with its provenance.
type Statement struct {
	Site, Tap string
	Protocol  protocols.Name
	When      time.Time // when it was so, by the clock of the wire
	Report    protocols.Report
}
