package web

import (
	"context"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// House is what the page shows and steers. Every method gives copies; all are
// safe for concurrent use.
type House interface {
	// Devices returns all devices, joined with the register, sorted by id.
	Devices() []inventory.Device
	// Device opens by id, alias, control number, serial number, MAC, IP, AE title
	// or host name. It returns inventory.ErrNotFound, or an error that lists the
	// ids where several fit.
	Device(key string) (inventory.Device, error)
	Findings() []remediation.Finding
	Orders() []remediation.WorkOrder
	Register() Register
	Coverage() Coverage
	Feeds() []Feed
	// Audit returns the newest entries, newest first.
	Audit(limit int) ([]AuditLine, error)
	// Act carries out a person's decision and returns a sentence of what became
	// of it.
	Act(ctx context.Context, a Action) (string, error)
}

// Action is a person's decision.
type Action struct {
	By      string // the account
	Subject string // "order", "match" or "switch"
	ID      string // order id; for a match the control number; "" for a switch
	Verb    string // order: send attest hold release cancel retry; match: confirm reject; switch: stop resume
	Device  string // for a match
	Reason  string
	Hours   float64 // 0 from the page: whoever keeps the order bounds an attestation itself
}

// Register is the register as the page shows it.
type Register struct {
	AsOf    map[string]time.Time `json:"as_of"` // by kind of file
	Assets  int                  `json:"assets"`
	Grants  int                  `json:"grants"`
	Matches []Match              `json:"matches"` // what a person must decide first
	Defects []Defect             `json:"defects"`
	ByState map[string]int       `json:"by_state"` // match states
}

// Match is one joined pair, or a proposal for one.
type Match struct {
	ControlNumber string          `json:"control_number"`
	Device        string          `json:"device"`
	Says          string          `json:"says"` // maker, model and serial of both, in one line
	Match         inventory.Match `json:"match"`
}

// Defect is one thing wrong with the hospital's records.
type Defect struct {
	Code string `json:"code"`
	Row  int    `json:"row,omitempty"`
	Says string `json:"says"`
}

// Coverage says whether the sensor hears what its taps were declared to carry.
type Coverage struct {
	Taps    []Tap     `json:"taps"`
	Started time.Time `json:"started,omitzero"`
	Mode    string    `json:"mode"`
	Stopped bool      `json:"stopped"` // the one switch that stops all writing
	// Paused says why nothing is sent or read although nobody stopped it: the CMMS
	// refuses the credentials or the way of asking. "" when it does not.
	Paused string `json:"paused,omitempty"`
	// ReloadRefused says why the last changed configuration was not taken; nil where it
	// was, or where none was changed.
	ReloadRefused *Refusal `json:"reload_refused,omitempty"`
	// Holes are sentences about what cannot be heard. That a tap is silent or down is
	// said by its state alone.
	Holes []string `json:"holes"`
	// Protocols counts messages by protocol and outcome.
	Protocols []ProtocolCount `json:"protocols"`
	// Encrypted says, by type of device, what cannot be known by listening.
	Encrypted []EncryptedShare `json:"encrypted"`
}

// Refusal is a configuration that was not taken: the old one stays.
type Refusal struct {
	At   time.Time `json:"at"`
	Says string    `json:"says"`
}

// Tap is one mirror port, declared against heard.
type Tap struct {
	Name          string    `json:"name"`
	Where         string    `json:"where,omitempty"`
	Interface     string    `json:"interface,omitempty"`
	State         string    `json:"state"` // hears | waiting | silent | down
	Says          string    `json:"says"`
	DeclaredVLANs []uint16  `json:"declared_vlans,omitempty"`
	HeardVLANs    []uint16  `json:"heard_vlans,omitempty"`
	Shunt         string    `json:"shunt,omitempty"`  // where the kernel program may be, as configured: auto | driver | generic | filter | off
	Kernel        string    `json:"kernel,omitempty"` // how it is at work: driver | generic | filter | none; "" while the tap is not open
	Notes         []string  `json:"notes,omitempty"`  // what is less well than planned, and why
	Frames        uint64    `json:"frames"`           // with those that nobody needed
	Bytes         uint64    `json:"bytes"`
	ShuntedFrames uint64    `json:"shunted_frames"` // of them: dropped in the kernel, because nobody needs them
	ShuntedBytes  uint64    `json:"shunted_bytes"`
	FrameRate     float64   `json:"frames_per_second"` // of the last minutes
	UsualRate     float64   `json:"usual_frames_per_second"`
	BitRate       float64   `json:"bits_per_second"`
	Speed         uint64    `json:"speed,omitempty"` // of the link, bit/s
	Lost          uint64    `json:"lost"`            // dropped in the sensor before they were read, all causes
	Drops         []Drop    `json:"drops,omitempty"`
	LostBefore    Estimate  `json:"lost_before"` // before the sensor, by the holes in streams
	Duplicates    Share     `json:"duplicates"`  // frames that the mirror shows twice
	Transmitted   uint64    `json:"transmitted"` // must stay 0
	Refused       uint64    `json:"refused"`     // tried to leave, and were dropped
	Gaps          uint64    `json:"gaps"`        // holes in streams
	Disputed      uint64    `json:"disputed"`    // conversations beside which another began between the same ports
	OneSided      uint64    `json:"one_sided"`   // conversations of which one direction is missing
	Conversations uint64    `json:"conversations"`
	LastHeard     time.Time `json:"last_heard,omitzero"`

	VLANs    []VLAN          `json:"vlans,omitempty"`
	Sessions []MirrorSession `json:"sessions,omitempty"`
	Troubles []MirrorTrouble `json:"troubles,omitempty"`
}

// VLAN is one VLAN of a tap, declared against heard; 0 is untagged traffic.
type VLAN struct {
	ID         uint16    `json:"id"`
	Declared   bool      `json:"declared"`
	State      string    `json:"state"` // heard | silent | missing | waiting | not-declared | resting
	Frames     uint64    `json:"frames"`
	Bytes      uint64    `json:"bytes"`
	FrameRate  float64   `json:"frames_per_second"`
	UsualRate  float64   `json:"usual_frames_per_second"`
	BitRate    float64   `json:"bits_per_second"`
	LostBefore Estimate  `json:"lost_before"`
	OneSided   Share     `json:"one_sided"`
	Duplicates Share     `json:"duplicates"`
	Shunted    Share     `json:"shunted"`
	LastHeard  time.Time `json:"last_heard,omitzero"`
}

// MirrorSession is one ERSPAN session, or one network of another encapsulation.
type MirrorSession struct {
	ID        uint32    `json:"id"`
	By        string    `json:"by"` // "" where none was heard
	Declared  bool      `json:"declared"`
	State     string    `json:"state"`
	Frames    uint64    `json:"frames"`
	Bytes     uint64    `json:"bytes"`
	LastHeard time.Time `json:"last_heard,omitzero"`
}

// MirrorTrouble is one thing that is wrong with a mirror, and what to look at.
type MirrorTrouble struct {
	Code     string    `json:"code"`
	VLAN     uint16    `json:"vlan,omitempty"`
	Severity string    `json:"severity"` // notice | warning
	Since    time.Time `json:"since,omitzero"`
	Says     string    `json:"says"`
	Check    string    `json:"check"`
}

// Share is a part of a whole, from 0 to 1; not known where too little was seen.
type Share struct {
	Known bool    `json:"known"`
	Value float64 `json:"value"`
}

// Estimate is a share with its bounds of 95 %.
type Estimate struct {
	Known    bool    `json:"known"`
	Share    float64 `json:"share"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Segments uint64  `json:"segments"` // TCP segments that were followed for it
	Needed   uint64  `json:"needed"`   // how many it takes
	Says     string  `json:"says"`
}

// Drop is frames that were lost in the sensor, by cause.
type Drop struct {
	Cause  string `json:"cause"` // kernel: the ring was full; interface: the card or its driver
	Frames uint64 `json:"frames"`
}

// EncryptedShare says of one type of device how much of what it says is secret.
type EncryptedShare struct {
	Type          string  `json:"type"`
	Conversations uint64  `json:"conversations"`
	Known         bool    `json:"known"`
	Share         float64 `json:"share"`
	ByteShare     float64 `json:"byte_share"`
	Says          string  `json:"says"`
}

// ProtocolCount is how dissection of one protocol went.
type ProtocolCount struct {
	Protocol string `json:"protocol"`
	Outcome  string `json:"outcome"`
	Count    uint64 `json:"count"`
}

// Feed is one imported list of what is wrong with products.
type Feed struct {
	Name     string    `json:"name"`
	Count    int       `json:"count"`
	AsOf     time.Time `json:"as_of"`
	Imported time.Time `json:"imported"`
}

// AuditLine is one recorded decision.
type AuditLine struct {
	Seq     uint64    `json:"seq"`
	At      time.Time `json:"at"`
	Who     string    `json:"who"`
	What    string    `json:"what"`
	Subject string    `json:"subject"`
	Says    string    `json:"says"`
}
