package mirror

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// Code names what is wrong with a mirror, in metrics and in the syslog export.
type Code string

// The closed set of codes.
const (
	LinkDown           Code = "link-down"
	NothingHeard       Code = "nothing-heard" // never since the tap was opened
	TapSilent          Code = "tap-silent"
	VLANSilent         Code = "vlan-silent"
	SuddenlyLess       Code = "suddenly-less"
	SuddenlyMore       Code = "suddenly-more"
	LossHere           Code = "loss-here"   // in the sensor, exact
	LossBefore         Code = "loss-before" // before the sensor, estimated
	Oversubscribed     Code = "oversubscribed"
	Duplicates         Code = "duplicates"
	OneDirection       Code = "one-direction"
	PartOfPortChannel  Code = "part-of-port-channel"
	RSPANOverwritten   Code = "rspan-tag-overwritten"
	TagsStripped       Code = "tags-stripped"
	NativeUntagged     Code = "native-vlan-untagged"
	VLANMissing        Code = "vlan-missing"
	VLANNotDeclared    Code = "vlan-not-declared"
	SessionMissing     Code = "session-missing"
	SessionNotDeclared Code = "session-not-declared"
	SessionsUndeclared Code = "sessions-undeclared" // most comes through sessions, and none is declared
	ProtocolMissing    Code = "protocol-missing"
	WirelessEncrypted  Code = "wireless-encrypted"
	FramesCut          Code = "frames-cut"
)

// Codes returns all codes, for metrics that show 0 too. The caller owns it.
func Codes() []Code {
	return []Code{LinkDown, NothingHeard, TapSilent, VLANSilent, SuddenlyLess, SuddenlyMore, LossHere, LossBefore, Oversubscribed,
		Duplicates, OneDirection, PartOfPortChannel, RSPANOverwritten, TagsStripped, NativeUntagged, VLANMissing, VLANNotDeclared,
		SessionMissing, SessionNotDeclared, SessionsUndeclared, ProtocolMissing, WirelessEncrypted, FramesCut}
}

// Severity says how much a trouble takes from what is known.
type Severity uint8

// Notice: the mirror differs from what was declared, and nothing need be missing.
// Warning: something is not heard.
const (
	Notice Severity = iota
	Warning
)

// String names the severity as syslog does.
func (s Severity) String() string { return [...]string{"notice", "warning", "?"}[min(s, 2)] }

// Severity is that of each trouble of the code.
func (c Code) Severity() Severity {
	switch c {
	case SuddenlyMore, Duplicates, VLANNotDeclared, SessionNotDeclared, SessionsUndeclared:
		return Notice
	}
	return Warning
}

// holds says how long a trouble must last before it is raised, and be gone before it
// is cleared. What waits for its own pause or count is raised at once.
func (c Code) holds() (raise, clear time.Duration) {
	switch c {
	case LinkDown:
		return 5 * time.Second, 5 * time.Second
	case TapSilent, VLANSilent, NothingHeard:
		return 0, 10 * time.Second
	case SuddenlyLess, SuddenlyMore:
		return 3 * time.Minute, 5 * time.Minute
	}
	return 30 * time.Second, 2 * time.Minute
}

// Trouble is one thing that is wrong with a mirror.
type Trouble struct {
	Code     Code
	VLAN     uint16         // 0: the whole tap, or untagged frames
	Session  uint32         // of SessionMissing and SessionNotDeclared
	Protocol protocols.Name // of ProtocolMissing
	Severity Severity
	Since    time.Time // when it began, as far as was seen
	Says     string    // one sentence or two
	Check    string    // what to look at, by its usual name
}

// key tells troubles apart.
type key struct {
	code     Code
	vlan     uint16
	session  uint32
	protocol protocols.Name
}

func (t Trouble) key() key { return key{t.Code, t.VLAN, t.Session, t.Protocol} }

// Change is a trouble that was raised or cleared; each is told once.
type Change struct {
	Raised  bool // false: cleared
	Trouble Trouble
}
