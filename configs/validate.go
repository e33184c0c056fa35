package configs

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// validate checks what one key alone cannot tell.
func (c Config) validate(file string, text []byte) error {
	v := validator{file: file, text: text}
	v.require(name(c.Site), "site", "site: want a short name of letters, digits, dots and dashes, such as stv")
	v.require(c.State != "", "state", "state: want the path of the state file")
	v.require(c.Socket != "" && filepath.Clean(c.Socket) != filepath.Clean(c.State), "socket", "socket: want a path of its own, not the state file's")
	_, err := time.LoadLocation(c.TimeZone)
	v.require(err == nil && c.TimeZone != "", "timezone", "timezone: want a name such as Europe/Vienna, America/New_York or UTC")
	v.taps(c.Taps)
	v.memory(c)
	for _, r := range c.Mode.Rules {
		v.require(r.Mode != "", "rules", "mode.rules: a rule without a mode; add mode: observe, draft or auto")
	}
	v.require((c.Web.CertificateFile == "") == (c.Web.KeyFile == ""), "certificate_file", "web: certificate_file and key_file go together; give both or neither")
	if c.Syslog.Address != "" {
		_, port, err := net.SplitHostPort(c.Syslog.Address)
		v.require(err == nil && port != "", "address", "syslog.address: want host:port, such as siem.example.org:6514")
	}
	v.cmms(c.CMMS)
	return errors.Join(v.faults...)
}

type validator struct {
	file   string
	text   []byte
	faults []error
}

// require adds a fault at the first line that holds key, unless ok.
func (v *validator) require(ok bool, key, says string) {
	if !ok {
		v.faults = append(v.faults, &Fault{File: v.file, Line: v.line(key), Says: says})
	}
}

func (v *validator) line(key string) int {
	for i, l := range bytes.Split(v.text, []byte("\n")) {
		if bytes.HasPrefix(bytes.TrimLeft(l, " -"), []byte(key+":")) {
			return i + 1
		}
	}
	return 1
}

func (v *validator) taps(taps []Tap) {
	names, interfaces := map[string]bool{}, map[string]bool{}
	for i, t := range taps {
		v.require(name(t.Name), "taps", fmt.Sprintf("taps[%d].name: want a short name of letters, digits, dots and dashes", i))
		v.require(t.Interface != "", "taps", fmt.Sprintf("taps[%d].interface: want the mirror port's interface, such as enp2s0", i))
		v.require(t.Interface != "lo", "taps", fmt.Sprintf("taps[%d].interface: the loopback cannot be made mute; name the mirror port's interface", i))
		v.require(!names[t.Name], "taps", fmt.Sprintf("taps[%d].name: %q is used twice; give each tap its own", i, t.Name))
		v.require(!interfaces[t.Interface], "taps", fmt.Sprintf("taps[%d].interface: %q is used twice; one tap for one interface", i, t.Interface))
		names[t.Name], interfaces[t.Interface] = true, true
		v.mirror(i, t)
	}
}

// mirror checks what a tap is declared to carry against itself.
func (v *validator) mirror(i int, t Tap) {
	lists := len(t.VLANs) == 0 || t.NativeVLAN == 0 || slices.Contains(t.VLANs, t.NativeVLAN)
	v.require(lists, "native_vlan", fmt.Sprintf("taps[%d].native_vlan: %d is not among vlans; add it there, for untagged frames belong to it", i, t.NativeVLAN))
	v.require(t.RSPANVLAN == 0 || t.RSPANVLAN != t.NativeVLAN, "rspan_vlan", fmt.Sprintf("taps[%d].rspan_vlan: %d is the native VLAN too; the RSPAN VLAN carries nothing else", i, t.RSPANVLAN))
	v.require(t.RSPANVLAN == 0 || !slices.Contains(t.VLANs, t.RSPANVLAN), "rspan_vlan", fmt.Sprintf("taps[%d].rspan_vlan: %d is among vlans too; vlans are those inside it, take it out there", i, t.RSPANVLAN))
	v.require(t.RSPANVLAN == 0 || len(t.Sessions) == 0, "sessions", fmt.Sprintf("taps[%d].sessions: a mirror comes in an RSPAN VLAN or in sessions; give one of rspan_vlan and sessions", i))
	vlan, twice := repeated(t.VLANs)
	v.require(!twice, "vlans", fmt.Sprintf("taps[%d].vlans: %d is given twice; keep one", i, vlan))
	session, twice := repeated(t.Sessions)
	v.require(!twice, "sessions", fmt.Sprintf("taps[%d].sessions: %d is given twice; keep one", i, session))
	protocol, twice := repeated(t.Expect)
	v.require(!twice, "expect", fmt.Sprintf("taps[%d].expect: %s is given twice; keep one", i, protocol))
}

// repeated finds the first value of a list that stands in it before.
func repeated[T comparable](list []T) (T, bool) {
	for i, x := range list {
		if slices.Contains(list[:i], x) {
			return x, true
		}
	}
	var none T
	return none, false
}

func (v *validator) cmms(c CMMS) {
	if c.System == "" {
		return
	}
	u, err := url.Parse(c.URL)
	v.require(err == nil && u.Host != "" && (u.Scheme == "https" || loopback(u)), "url", "cmms.url: want https://host; plain http only on loopback")
	v.require(err != nil || u.User == nil, "url", "cmms.url: holds a user or password; use cmms.user and cmms.password_file")
	basic, oauth := c.User != "" && c.PasswordFile != "", c.ClientID != "" && c.SecretFile != ""
	v.require(basic || oauth, "cmms", "cmms: no credentials; give user and password_file, or client_id and client_secret_file")
	v.require(c.Table != "" && strings.Trim(c.Table, "abcdefghijklmnopqrstuvwxyz0123456789_") == "", "table", "cmms.table: want a table name such as incident or wm_order")
}

func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// maxName bounds a site's or tap's name: it stands in every key.
const maxName = 32

func name(s string) bool {
	return s != "" && len(s) <= maxName && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == ""
}
