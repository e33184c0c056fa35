package inventory

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// Presence says how a device is known.
type Presence string

const (
	// OnNetwork: it speaks for itself.
	OnNetwork Presence = "network"
	// Behind: a gateway describes it (Via); it has no address of its own.
	Behind Presence = "behind"
	// Referenced: somebody's data mention it.
	Referenced Presence = "referenced"
	// RegisterOnly: it is known from the hospital's records alone.
	RegisterOnly Presence = "register"
)

// Connectivity says whether a device is expected on the network.
type Connectivity string

const (
	NeverConnected Connectivity = "never"    // the record shows no network facts
	Expected       Connectivity = "expected" // the record shows some; not heard
	Heard          Connectivity = "heard"
)

// Type is the class of a device, from the closed list in Types.
type Type string

// UnknownType is an answer.
const UnknownType Type = "unknown"

// Types returns the closed list of device types, most clinical first.
func Types() []Type {
	return []Type{
		"ct", "mr", "ultrasound", "xray", "mammography", "angiography", "nuclear-medicine", "pet", "radiotherapy",
		"endoscopy", "ophthalmic-imaging", "dental-imaging", "pathology-scanner", "imaging-workstation", "pacs",
		"image-archive", "image-router", "ris", "infusion-pump", "syringe-pump", "infusion-gateway", "patient-monitor",
		"central-station", "telemetry", "ventilator", "anesthesia", "defibrillator", "ecg", "eeg", "fetal-monitor",
		"pulse-oximeter", "dialysis", "lab-analyzer", "point-of-care-analyzer", "lis", "device-gateway",
		"integration-engine", "ehr", "medication-cabinet", "surgical-system", "sterilizer", "hospital-bed", "nurse-call",
		"rtls", "pneumatic-tube", "sequencer", "serial-device-server", "server", "workstation", "mobile", "printer",
		"ip-camera", "voip-phone", "access-point", "switch", "router", "firewall", "ups", "building-controller", "plc",
		"iot", UnknownType,
	}
}

// Device is what all observations and the register together say exists. Its JSON
// form is part of the program's contract with scripts; empty fields are left out.
type Device struct {
	ID   string `json:"id"`
	Site string `json:"site"`
	Tap  string `json:"tap,omitempty"`
	// Aliases are ids that were merged into this one; they stay valid for ever.
	Aliases []string `json:"aliases,omitempty"`

	Presence     Presence     `json:"presence"`
	Via          string       `json:"via,omitempty"`    // device id of the gateway, when Behind
	Parent       string       `json:"parent,omitempty"` // device id of the whole, for a module
	Connectivity Connectivity `json:"connectivity,omitempty"`
	Ownership    string       `json:"ownership,omitempty"`

	Type Type `json:"type"`
	// Manufacturer and Model are as the device says them.
	Manufacturer          string   `json:"manufacturer,omitempty"`
	ManufacturerCanonical string   `json:"manufacturer_canonical,omitempty"`
	Model                 string   `json:"model,omitempty"`
	ModelCanonical        string   `json:"model_canonical,omitempty"`
	SerialNumber          string   `json:"serial_number,omitempty"`
	SoftwareVersions      []string `json:"software_versions,omitempty"`
	HardwareVersion       string   `json:"hardware_version,omitempty"`
	UDI                   string   `json:"udi,omitempty"`
	OS                    string   `json:"os,omitempty"`
	Hostnames             []string `json:"hostnames,omitempty"`
	StationNames          []string `json:"station_names,omitempty"`
	AETitles              []string `json:"ae_titles,omitempty"`
	MACs                  []string `json:"macs,omitempty"`
	IPs                   []string `json:"ips,omitempty"`
	VLANs                 []uint16 `json:"vlans,omitempty"`
	SwitchPort            string   `json:"switch_port,omitempty"`
	Location              string   `json:"location,omitempty"`
	Roles                 []string `json:"roles,omitempty"`

	Peers     []Peer     `json:"peers,omitempty"`
	Use       Use        `json:"use"`
	FirstSeen time.Time  `json:"first_seen,omitzero"`
	LastSeen  time.Time  `json:"last_seen,omitzero"`
	Evidence  []Evidence `json:"evidence,omitempty"`
	Conflicts []Conflict `json:"conflicts,omitempty"`

	Asset    *AssetView `json:"asset,omitempty"`
	Risk     *Risk      `json:"risk,omitempty"`
	Findings []string   `json:"findings,omitempty"`
	Orders   []string   `json:"orders,omitempty"`
}

// Peer is another device that this one talks with.
type Peer struct {
	ID       string    `json:"id"`
	Protocol string    `json:"protocol,omitempty"`
	Port     uint16    `json:"port,omitempty"` // the server's
	Role     string    `json:"role"`           // client | server
	Bytes    uint64    `json:"bytes"`
	LastSeen time.Time `json:"last_seen"`
}

// Hazard classifies what a pump gives.
type Hazard string

// Caution is what may leave the box of a device's use: how careful to be.
type Caution string

const (
	CautionHigh   Caution = "high"
	CautionNormal Caution = "normal"
)

// Use is what a device is doing now: that of its worst channel.
type Use struct {
	State      protocols.UseState `json:"state"`
	Activity   protocols.Activity `json:"activity,omitempty"`
	Agent      string             `json:"agent,omitempty"` // left out without the role for it
	Hazard     Hazard             `json:"hazard,omitempty"`
	Caution    Caution            `json:"caution,omitempty"`
	Channels   []ChannelUse       `json:"channels,omitempty"`
	Since      time.Time          `json:"since,omitzero"`
	ObservedAt time.Time          `json:"observed_at,omitzero"`
	ExpiresAt  time.Time          `json:"expires_at,omitzero"`
	Source     string             `json:"source,omitempty"`
	Why        string             `json:"why,omitempty"` // why the state is unknown, in a short sentence
}

// ChannelUse is what one channel is doing.
type ChannelUse struct {
	Name     string             `json:"name"`
	State    protocols.UseState `json:"state"`
	Activity protocols.Activity `json:"activity,omitempty"`
	Agent    string             `json:"agent,omitempty"`
	Rate     string             `json:"rate,omitempty"`
	Dose     string             `json:"dose,omitempty"`   // by time, else what was given so far
	Volume   string             `json:"volume,omitempty"` // given so far
	Hazard   Hazard             `json:"hazard,omitempty"`
}

// WithoutTherapy returns a copy without drug, rate, dose, volume and hazard (DESIGN.md,
// invariant 2). A Location that the wire told may still end in a bed: whoever
// shows or sends it leaves that out.
func (d Device) WithoutTherapy() Device {
	d.Use = d.Use.WithoutTherapy()
	return d
}

// WithoutTherapy returns the state and the caution class only.
func (u Use) WithoutTherapy() Use {
	u.Agent, u.Hazard = "", ""
	channels := make([]ChannelUse, len(u.Channels))
	for i, c := range u.Channels {
		channels[i] = ChannelUse{Name: c.Name, State: c.State, Activity: c.Activity}
	}
	u.Channels = channels
	if len(channels) == 0 {
		u.Channels = nil
	}
	return u
}

// Evidence is one statement behind an attribute.
type Evidence struct {
	Attribute  string    `json:"attribute"`
	Value      string    `json:"value"`
	Protocol   string    `json:"protocol"`
	Field      string    `json:"field"`
	Confidence float64   `json:"confidence"`
	FirstSeen  time.Time `json:"first_seen"`
	LastSeen   time.Time `json:"last_seen"`
	Count      uint64    `json:"count"`
}

// Conflict is a contradiction that stays visible.
type Conflict struct {
	Code      string   `json:"code"`
	Attribute string   `json:"attribute"`
	Values    []string `json:"values,omitempty"`
	Says      string   `json:"says"`
}

// Risk of a device: likelihood and impact apart, each term explained in Why.
type Risk struct {
	Score      int      `json:"score"`
	Likelihood int      `json:"likelihood"`
	Impact     int      `json:"impact"`
	Why        []string `json:"why"`
}
