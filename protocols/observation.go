package protocols

import (
	"fmt"
	"net/netip"
	"time"
)

// Observation is one statement about one endpoint or one described device: said
// by whom, in which protocol and field, when. It has no free payload: every text
// in it has a named attribute with a length and a character rule, so that
// nothing of a patient can ride on it (DESIGN.md, invariant 2).
type Observation struct {
	When     time.Time // wire time
	Site     string    // stamped by flow
	Tap      string    // stamped by flow
	Protocol Name      // stamped by the sink
	Over     Name      // what carried it (HTTP for FHIR); Protocol where nothing did; stamped by the sink
	Speaker  Endpoint  // who sent the bytes
	Listener Endpoint  // to whom
	About    Subject
	Facts    []Fact  // all about the same subject
	Report   *Report // what the subject is doing now; nil when nothing is said of it
}

// SubjectKind says about whom an observation speaks: the sender is not always
// the subject (DESIGN.md, invariant 4).
type SubjectKind uint8

const (
	// AboutSpeaker: the sender speaks for itself.
	AboutSpeaker SubjectKind = iota + 1
	// AboutListener: the sender says something of the receiver (a DHCP server of
	// its client, a called AE title).
	AboutListener
	// AboutDescribed: the sender speaks for a device behind it, which has no
	// address of its own here. The facts carry its keys (serial number, EUI-64).
	AboutDescribed
	// AboutReferenced: somebody's data mention the device (images in an archive).
	AboutReferenced
	// AboutAddress: the device that holds Subject.Addr or Subject.MAC.
	AboutAddress
	// AboutStation: the device that is known by Subject.Title (an AE title) in
	// the DICOM world of this site, wherever it is.
	AboutStation
)

// Subject names whom an observation is about.
type Subject struct {
	Kind  SubjectKind
	Addr  netip.Addr // AboutAddress; may be invalid
	MAC   MAC        // AboutAddress; may be zero
	Title string     // AboutStation: the AE title, trimmed
	// Component is set where the described thing is a part of a described device
	// (a pump module): the serial number or EUI-64 of the whole. "" otherwise.
	Component string
}

// Attribute is a named property of a device. The set is closed: what is not
// here is not passed on.
type Attribute string

const (
	Manufacturer    Attribute = "manufacturer"
	Model           Attribute = "model"
	SerialNumber    Attribute = "serial_number"
	SoftwareVersion Attribute = "software_version"
	HardwareVersion Attribute = "hardware_version"
	FirmwareVersion Attribute = "firmware_version"
	PartNumber      Attribute = "part_number" // the maker's order number of the product
	UDI             Attribute = "udi"
	EUI64           Attribute = "eui64"      // 16 hexadecimal digits, upper case
	DeviceUID       Attribute = "device_uid" // DICOM (0018,1002)
	DeviceLabel     Attribute = "label"      // the hospital's own tag as the device tells it
	OS              Attribute = "os"
	Hostname        Attribute = "hostname"
	StationName     Attribute = "station_name" // DICOM (0008,1010)
	AETitle         Attribute = "ae_title"
	HardwareAddress Attribute = "mac" // a MAC that the device states as its own
	IPAddress       Attribute = "ip"  // an address that the device holds by its own or its server's word
	Location        Attribute = "location"
	Department      Attribute = "department"
	Institution     Attribute = "institution"
	Modality        Attribute = "modality"       // DICOM (0008,0060) or told by a SOP class
	RoleOf          Attribute = "role"           // one of the Role constants
	Implementation  Attribute = "implementation" // DICOM implementation class UID
	ImplVersion     Attribute = "implementation_version"
	Application     Attribute = "application"    // HL7 MSH-3, SFT-3, SSH softwareversion: a program's name
	VendorClass     Attribute = "vendor_class"   // DHCP option 60
	ParameterList   Attribute = "parameter_list" // DHCP option 55 as decimal numbers with commas
	ClientID        Attribute = "client_id"      // DHCP option 61, hexadecimal
	DeviceType      Attribute = "device_type"    // a nomenclature code with its system: "mdc:69985", "sop:1.2.840..."
	DrugLibrary     Attribute = "drug_library"
	CareArea        Attribute = "care_area"              // the profile of the drug library that is chosen
	PowerSource     Attribute = "power"                  // "mains" or "battery"
	Battery         Attribute = "battery"                // its charge in tens of per cent, rounded down: "80 %"
	AlarmOf         Attribute = "alarm"                  // one of the Alarm constants
	SecondaryMaker  Attribute = "secondary_manufacturer" // of a frame grabber: DICOM (0018,1016)
	SecondaryModel  Attribute = "secondary_model"        // the same: (0018,1018)
	SecondarySystem Attribute = "secondary_software"     // the same: (0018,1019)
	Calibrated      Attribute = "calibrated"             // a date, YYYY-MM-DD
	SwitchPort      Attribute = "switch_port"
	// Credential is the kind of credential that is sent in clear, of a closed list in the
	// dissector that heard it: never the secret, nor whose it is.
	Credential Attribute = "credential"
	// Refusal is how a conversation was refused or broken off, of a closed list.
	Refusal Attribute = "refusal"
	// PrivateClass is a SOP class of a maker's own that a DICOM program knows.
	PrivateClass Attribute = "private_sop_class"
	// SystemDescription is one line of what a system says of itself: SNMP sysDescr, LLDP
	// system description, CDP version. The knowledge base reads the operating system in it.
	SystemDescription Attribute = "system_description"
	SystemObject      Attribute = "system_object_id"  // SNMP sysObjectID, or what CDP repeats of it
	Enterprise        Attribute = "enterprise_number" // of the maker of the SNMP agent: IANA, private enterprise numbers
	EngineID          Attribute = "snmp_engine_id"    // RFC 3411, section 5; lower-case hexadecimal digits
	// OwnPort is an interface through which the device announces itself on its link. It
	// is the switch port of whoever is at the other end, and never the device's own.
	OwnPort   Attribute = "own_port"
	PortVLAN  Attribute = "port_vlan"  // of an own port: the VLAN of untagged frames, as a number
	VLANName  Attribute = "vlan_name"  // number, space, name: as the device is configured
	ChassisID Attribute = "chassis_id" // how a device names its chassis in LLDP, where that is no address
	// SerialLine is the key of a device that has no other: the line of a serial device
	// server, by the TCP port behind which it is ("tcp/4001"). It means something only
	// with the server that said it.
	SerialLine Attribute = "serial_line"
	// CertificateName is a host name in a server's certificate. It is no Hostname:
	// makers ship one certificate on many units, and certificates outlive renaming.
	CertificateName Attribute = "certificate_name"
	Domain          Attribute = "domain" // a directory's domain, or a workgroup
	// OSVersion is what a system tells of itself in words or numbers that still need
	// to be told apart: "Windows NT 6.1.7601", "Windows 2002 2600 Service Pack 2".
	OSVersion   Attribute = "os_version"
	SMBDialect  Attribute = "smb_dialect" // "1.0", "2.0.2" to "3.1.1": the one chosen, or the best that was offered
	SMBSigning  Attribute = "smb_signing" // of a server: "required", "enabled" or "off"
	SMBSessions Attribute = "smb_session" // who was let in without an account: "guest" or "anonymous"
)

// Fact is one attribute with its value and its evidence.
type Fact struct {
	Attribute  Attribute
	Value      string
	Field      string  // where it stood, in the protocol's own words: "(0008,1090)", "OBX-18", "option 12"
	Confidence float64 // 0 to 1, by the ladder of protocols/README.md
}

// Alarm is what a device says is wrong with itself, never with a patient; the value
// of an AlarmOf fact. A closed set.
type Alarm string

const (
	BatteryLow        Alarm = "battery-low"
	BatteryEmpty      Alarm = "battery-empty"
	BatteryService    Alarm = "battery-service"
	PowerLost         Alarm = "power-lost"
	DoorOpen          Alarm = "door-open" // or a cassette or a flow stop that is not in its place
	SyringeMisplaced  Alarm = "syringe-misplaced"
	LineOccluded      Alarm = "line-occluded"
	AirInLine         Alarm = "air-in-line"
	SensorOff         Alarm = "sensor-off" // a lead or a probe is not connected
	Malfunction       Alarm = "malfunction"
	EmergencyStop     Alarm = "emergency-stop"
	CommunicationLost Alarm = "communication-lost"
)

// UseState is what a device, or a channel of it, is doing.
type UseState string

// Unknown counts as in use wherever something is decided.
const (
	InUse      UseState = "in-use"
	Idle       UseState = "idle"
	Standby    UseState = "standby"
	Off        UseState = "off"
	UnknownUse UseState = "unknown"
)

// Activity is what keeps a device busy. A closed set.
type Activity string

const (
	Infusing    Activity = "infusing"
	Examination Activity = "examination"
	Ventilating Activity = "ventilating"
	Monitoring  Activity = "monitoring"
	Analysing   Activity = "analysing"
)

// Report is one statement about what its subject is doing.
type Report struct {
	// Complete: the report names every channel that the device has.
	Complete bool
	Channels []Channel // at least one; a device without channels uses the name ""
	// At is when it was so, by the clock of the wire; zero where that is the time of the
	// observation. What was kept and sent on later is older than its arrival.
	At time.Time `json:",omitzero"`
	// Valid is how long the statement holds, counted from At; the reason for the length
	// stands where the protocol sets it.
	Valid  time.Duration
	Source string // in the protocol's own words: "hl7 OBX MDC_PUMP_STAT"
}

// String writes the report on one line, for tests and messages to developers.
func (r Report) String() string {
	at := ""
	if !r.At.IsZero() {
		at = " At:" + r.At.Format(time.RFC3339)
	}
	return fmt.Sprintf("{Complete:%v Channels:%v%s Valid:%v Source:%s}", r.Complete, r.Channels, at, r.Valid, r.Source)
}

// Channel is one independent part of a device that can be in use.
type Channel struct {
	Name     string // "A", "1.1.2"; "procedure 1a2b3c4d" for an examination
	State    UseState
	Activity Activity
	Agent    string // the drug, as the device names it; stays on the box
	Rate     string // with its unit; stays on the box
	Dose     string `json:",omitempty"` // by time, else what was given so far, with its unit; stays on the box
	Volume   string `json:",omitempty"` // given so far, with its unit; stays on the box
	// Ended: the channel is over and is forgotten (an examination completed).
	Ended bool
}

// String writes the channel for tests and their golden files. What few protocols tell
// is left out where it is empty.
func (c Channel) String() string {
	given := ""
	if c.Dose+c.Volume != "" {
		given = " Dose:" + c.Dose + " Volume:" + c.Volume
	}
	return fmt.Sprintf("{Name:%s State:%s Activity:%s Agent:%s Rate:%s%s Ended:%v}", c.Name, c.State, c.Activity, c.Agent, c.Rate, given, c.Ended)
}
