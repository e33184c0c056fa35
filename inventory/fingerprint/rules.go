package fingerprint

// The shapes of the rule files. Each rule carries examples that it must accept
// and, where a near miss exists, examples that it must not; SelfTest plays all.

// ruleFile is one YAML file. Every section may stand in every file.
type ruleFile struct {
	Manufacturers   []manufacturerRule `yaml:"manufacturers"`
	Models          []modelRule        `yaml:"models"`
	Families        []familyRule       `yaml:"families"`
	Prefixes        []prefixRule       `yaml:"prefixes"`
	Implementations []impliesRule      `yaml:"implementations"`
	VendorClasses   []impliesRule      `yaml:"vendor_classes"`
	Versions        []impliesRule      `yaml:"implementation_versions"`
	PrivateClasses  []impliesRule      `yaml:"private_sop_classes"`
	Systems         []impliesRule      `yaml:"os_versions"`
	Applications    []applicationRule  `yaml:"applications"`
	Modalities      []modalityRule     `yaml:"modalities"`
	DeviceTypes     []deviceTypeRule   `yaml:"device_types"`
	Types           []typeRule         `yaml:"types"`
	Hazards         []hazardRule       `yaml:"hazards"`
	Placeholders    []placeholderRule  `yaml:"placeholders"`
	Greetings       []greetingRule     `yaml:"greetings"`
	Tells           []tellRule         `yaml:"tells"`
}

// manufacturerRule names one maker and its spellings.
type manufacturerRule struct {
	Name     string   `yaml:"name"`
	Synonyms []string `yaml:"synonyms"`
	// Exact spellings match as a whole only.
	Exact []string `yaml:"exact"`
	// Owner is the group that the maker belongs to today; it joins nothing.
	Owner    string   `yaml:"owner"`
	Examples []string `yaml:"examples"`
	Not      []string `yaml:"not"`
}

// modelRule names one model of one maker and its spellings.
type modelRule struct {
	Manufacturer string   `yaml:"manufacturer"`
	Model        string   `yaml:"model"`
	Synonyms     []string `yaml:"synonyms"`
	Family       string   `yaml:"family"`
	Type         string   `yaml:"type"`
	Examples     []string `yaml:"examples"`
	Not          []string `yaml:"not"`
}

// familyRule recognises the models of a family that have no rule of their own.
// Pattern is a regular expression over the folded model (lower case, no spaces
// or punctuation), anchored at both ends.
type familyRule struct {
	Manufacturer string   `yaml:"manufacturer"`
	Family       string   `yaml:"family"`
	Pattern      string   `yaml:"pattern"`
	Type         string   `yaml:"type"`
	Examples     []string `yaml:"examples"`
	Not          []string `yaml:"not"`
}

// prefixRule gives the registered owner of blocks of MAC addresses. A block is
// written with 6, 7 or 9 hexadecimal digits (IEEE MA-L, MA-M, MA-S).
type prefixRule struct {
	Vendor string   `yaml:"vendor"`
	Blocks []string `yaml:"blocks"`
	// Part: the owner makes interfaces, converters or virtual machines that others
	// build in, so the block tells nothing of the device.
	Part bool `yaml:"part"`
}

// impliesRule says what a statement that begins with Prefix implies. In Value,
// "$rest" is what follows the prefix, "$dots" the same with dots between digits.
type impliesRule struct {
	Prefix     string   `yaml:"prefix"`
	Attribute  string   `yaml:"attribute"`
	Value      string   `yaml:"value"`
	Confidence float64  `yaml:"confidence"`
	Examples   []string `yaml:"examples"`
	Not        []string `yaml:"not"`
}

// applicationRule says what kind of system a program's name (HL7 MSH-3, SFT-3)
// tells of. A name matches as a whole or at the beginning of a word.
type applicationRule struct {
	Names        []string `yaml:"names"`
	Type         string   `yaml:"type"`
	Manufacturer string   `yaml:"manufacturer"`
	Confidence   float64  `yaml:"confidence"`
	Examples     []string `yaml:"examples"`
	Not          []string `yaml:"not"`
}

// modalityRule maps DICOM modalities (PS3.3 C.7.3.1.1.1) and storage SOP classes
// to a device type. SOP classes are written without the storage root.
type modalityRule struct {
	Modality string   `yaml:"modality"`
	Type     string   `yaml:"type"`
	Classes  []string `yaml:"sop_classes"`
}

// deviceTypeRule maps a nomenclature code to a device type.
type deviceTypeRule struct {
	Codes []string `yaml:"codes"`
	Type  string   `yaml:"type"`
}

// typeRule judges a device's type by several clues together. A clue is written
// "attribute=value", "attribute^beginning" or "count>number".
type typeRule struct {
	Type       string     `yaml:"type"`
	Why        string     `yaml:"why"`
	Confidence float64    `yaml:"confidence"`
	All        []string   `yaml:"all"`
	Any        []string   `yaml:"any"`
	None       []string   `yaml:"none"`
	Examples   [][]string `yaml:"examples"`
	Not        [][]string `yaml:"not"`
}

// hazardRule names the drugs of one hazard class: whole words, beginnings of
// names with several words, and the stems of international nonproprietary names.
type hazardRule struct {
	Class    string   `yaml:"class"`
	ATC      []string `yaml:"atc"`     // groups of the WHO classification that the class is made of
	Sources  []string `yaml:"sources"` // the lists that put such drugs into the class
	Names    wordList `yaml:"names"`
	Endings  []string `yaml:"endings"`
	Around   wordList `yaml:"around"` // plain fluid: words that change nothing
	Units    wordList `yaml:"units"`  // plain fluid: units of a volume
	Joins    wordList `yaml:"joins"`  // plain fluid: words between two fluids
	Examples []string `yaml:"examples"`
	Not      []string `yaml:"not"`
}

// placeholderRule recognises serial numbers that say nothing: exact texts after
// folding, and regular expressions over the folded text.
type placeholderRule struct {
	Texts    []string `yaml:"texts"`
	Pattern  string   `yaml:"pattern"`
	Examples []string `yaml:"examples"`
	Not      []string `yaml:"not"`
}
