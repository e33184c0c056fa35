package configs

import (
	"net/netip"
	"time"
)

// Config is the effective configuration: what the operator wrote over the
// defaults. Every key is explained in auscult.yaml.
type Config struct {
	Site           string        `yaml:"site"`
	TimeZone       string        `yaml:"timezone"`
	State          string        `yaml:"state"`
	Socket         string        `yaml:"socket"`
	CommitInterval time.Duration `yaml:"commit_interval" min:"100ms" max:"60s"`
	DecideInterval time.Duration `yaml:"decide_interval" min:"1s" max:"8s"`
	Workers        int           `yaml:"workers" min:"1" max:"64"`
	Taps           []Tap         `yaml:"taps"`
	Limits         Limits        `yaml:"limits"`
	Mode           Mode          `yaml:"mode"`
	Policy         Policy        `yaml:"policy"`
	Web            Web           `yaml:"web"`
	Metrics        Metrics       `yaml:"metrics"`
	Syslog         Syslog        `yaml:"syslog"`
	CMMS           CMMS          `yaml:"cmms"`
	Feeds          Feeds         `yaml:"feeds"`
	Log            Log           `yaml:"log"`
}

// Tap declares one mirror port: where it is and what it should carry. An empty
// list, or 0, is not declared.
type Tap struct {
	Name         string   `yaml:"name"`
	Interface    string   `yaml:"interface"`
	Where        string   `yaml:"where"`
	VLANs        []uint16 `yaml:"vlans" min:"1" max:"4094"`
	Directions   string   `yaml:"directions" oneof:"both|receive|transmit"`
	Sessions     []uint32 `yaml:"sessions" min:"1" max:"16777215"`
	NativeVLAN   uint16   `yaml:"native_vlan" min:"0" max:"4094"`
	RSPANVLAN    uint16   `yaml:"rspan_vlan" min:"0" max:"4094"`
	Links        int      `yaml:"links" min:"0" max:"64"`
	Expect       []string `yaml:"expect" oneof:"dicom|hl7|astm|poct1a|intellivue|carescape|medibus|ws-discovery|ieee11073-20601|http|tls|ssh|telnet|ftp|smb|nbns|browser|mdns|llmnr|snmp|lldp|cdp|dhcp|arp"`
	Shunt        string   `yaml:"shunt" oneof:"|auto|driver|generic|filter|off"`
	AllowAddress bool     `yaml:"allow_address"`
}

// Limits bounds what the sensor keeps of each tap; the sum over all taps is at most
// MaxMemoryMiB.
type Limits struct {
	Conversations int `yaml:"conversations" min:"1000" max:"4000000"`
	BufferMiB     int `yaml:"buffer_mib" min:"16" max:"8192"`
	RingMiB       int `yaml:"ring_mib" min:"4" max:"1024"`
	// ShuntConversations and ShuntRanges are entries of the kernel's two maps.
	ShuntConversations int `yaml:"shunt_conversations" min:"1024" max:"2097152"`
	ShuntRanges        int `yaml:"shunt_ranges" min:"1024" max:"262144"`
}

// Mode says how far the program goes by itself.
type Mode struct {
	Default string     `yaml:"default" oneof:"observe|draft|auto"`
	Rules   []ModeRule `yaml:"rules"`
}

// ModeRule changes the mode for a class of findings and a department; an empty
// field fits all. The most specific rule decides, of equal ones the last.
type ModeRule struct {
	Class      string `yaml:"class" oneof:"|vulnerability|end-of-support|recall|exposure|behaviour|register"`
	Department string `yaml:"department"`
	Mode       string `yaml:"mode" oneof:"observe|draft|auto"`
}

// Policy is what the site decides beyond its register.
type Policy struct {
	CoordinatorQueue string `yaml:"coordinator_queue"`
	OrdersPerHour    int    `yaml:"orders_per_hour" min:"1" max:"10000"`
}

// Web is the status page and API.
type Web struct {
	Listen          netip.AddrPort `yaml:"listen"`
	CertificateFile string         `yaml:"certificate_file"`
	KeyFile         string         `yaml:"key_file"`
	SessionLength   time.Duration  `yaml:"session_length" min:"5m" max:"24h"`
}

// Metrics protects /metrics.
type Metrics struct {
	TokenFile string `yaml:"token_file"`
}

// Syslog is the export to the SIEM; an empty address turns it off.
type Syslog struct {
	Address   string        `yaml:"address"`
	Transport string        `yaml:"transport" oneof:"udp|tcp|tls"`
	CAFile    string        `yaml:"ca_file"`
	QueueMiB  int           `yaml:"queue_mib" min:"1" max:"4096"`
	Heartbeat time.Duration `yaml:"heartbeat" min:"10s" max:"24h"`
}

// CMMS is the hospital's maintenance system; an empty system turns it off.
type CMMS struct {
	System       string        `yaml:"system" oneof:"|servicenow"`
	URL          string        `yaml:"url"`
	Table        string        `yaml:"table"`
	User         string        `yaml:"user"`
	PasswordFile string        `yaml:"password_file"`
	ClientID     string        `yaml:"client_id"`
	SecretFile   string        `yaml:"client_secret_file"`
	CAFile       string        `yaml:"ca_file"`
	PollInterval time.Duration `yaml:"poll_interval" min:"1s" max:"24h"`
}

// Feeds is where advisories lie.
type Feeds struct {
	Folder string `yaml:"folder"`
}

// Log is the program's own log.
type Log struct {
	Level  string `yaml:"level" oneof:"debug|info|warn|error"`
	Format string `yaml:"format" oneof:"text|json"`
}

// Default returns the configuration of an empty file.
func Default() Config {
	return Config{
		Site: "main", TimeZone: "UTC", State: "/var/lib/auscult/state.db", Socket: "/run/auscult/auscult.sock",
		CommitInterval: 2 * time.Second, DecideInterval: 5 * time.Second, Workers: 1,
		Limits: Limits{Conversations: 200_000, BufferMiB: 256, RingMiB: 64, ShuntConversations: 262_144, ShuntRanges: 65_536},
		Mode:   Mode{Default: "observe"},
		Policy: Policy{CoordinatorQueue: "Clinical Engineering", OrdersPerHour: 60},
		Web:    Web{Listen: netip.MustParseAddrPort("0.0.0.0:8443"), SessionLength: 8 * time.Hour},
		Syslog: Syslog{Transport: "tls", QueueMiB: 64, Heartbeat: 5 * time.Minute},
		CMMS:   CMMS{Table: "incident", PollInterval: time.Minute},
		Log:    Log{Level: "info", Format: "text"},
	}
}
