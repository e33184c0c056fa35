package configs

import (
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
func (c Config) validate(file string, lines map[string]int) error {
	v := validator{file: file, lines: lines}
	v.require(name(c.Site), "site", "want a short name of letters, digits, dots and dashes, such as stv")
	v.require(c.State != "", "state", "want the path of the state file")
	v.require(c.Socket != "" && filepath.Clean(c.Socket) != filepath.Clean(c.State), "socket", "want a path of its own, not the state file's")
	_, err := time.LoadLocation(c.TimeZone)
	v.require(err == nil && c.TimeZone != "", "timezone", "want a name such as Europe/Vienna, America/New_York or UTC")
	v.taps(c.Taps)
	v.memory(c)
	for i, r := range c.Mode.Rules {
		v.require(r.Mode != "", fmt.Sprintf("mode.rules[%d]", i), "a rule without a mode; add mode: observe, draft or auto")
	}
	v.require(c.Web.CertificateFile == "" || c.Web.KeyFile != "", "web.certificate_file", "wants key_file beside it; give both or neither")
	v.require(c.Web.KeyFile == "" || c.Web.CertificateFile != "", "web.key_file", "wants certificate_file beside it; give both or neither")
	if c.Syslog.Address != "" {
		_, port, err := net.SplitHostPort(c.Syslog.Address)
		v.require(err == nil && port != "", "syslog.address", "want host:port, such as siem.example.org:6514")
	}
	v.cmms(c.CMMS)
	return errors.Join(v.faults...)
}

type validator struct {
	file   string
	lines  map[string]int
	faults []error
}

// require adds a fault at the line of key, such as taps[1].interface, unless ok.
func (v *validator) require(ok bool, key, says string, args ...any) {
	if !ok {
		v.faults = append(v.faults, &Fault{File: v.file, Line: v.line(key), Says: key + ": " + fmt.Sprintf(says, args...)})
	}
}

// line is where key stands, or what it is part of where it was left out.
func (v *validator) line(key string) int {
	for key != "" {
		if n := v.lines[key]; n > 0 {
			return n
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return 1
}

func (v *validator) taps(taps []Tap) {
	names, interfaces := map[string]bool{}, map[string]bool{}
	for i, t := range taps {
		tap := fmt.Sprintf("taps[%d]", i)
		v.require(name(t.Name), tap+".name", "want a short name of letters, digits, dots and dashes")
		v.require(t.Interface != "", tap+".interface", "want the mirror port's interface, such as enp2s0")
		v.require(t.Interface != "lo", tap+".interface", "the loopback cannot be made mute; name the mirror port's interface")
		v.require(!names[t.Name], tap+".name", "%q is used twice; give each tap its own", t.Name)
		v.require(!interfaces[t.Interface], tap+".interface", "%q is used twice; one tap for one interface", t.Interface)
		names[t.Name], interfaces[t.Interface] = true, true
		v.mirror(tap, t)
	}
}

// mirror checks what the tap of that key is declared to carry against itself.
func (v *validator) mirror(tap string, t Tap) {
	lists := len(t.VLANs) == 0 || t.NativeVLAN == 0 || slices.Contains(t.VLANs, t.NativeVLAN)
	v.require(lists, tap+".native_vlan", "%d is not among vlans; add it there, for untagged frames belong to it", t.NativeVLAN)
	v.require(t.RSPANVLAN == 0 || t.RSPANVLAN != t.NativeVLAN, tap+".rspan_vlan", "%d is the native VLAN too; the RSPAN VLAN carries nothing else", t.RSPANVLAN)
	v.require(t.RSPANVLAN == 0 || !slices.Contains(t.VLANs, t.RSPANVLAN), tap+".rspan_vlan", "%d is among vlans too; vlans are those inside it, take it out there", t.RSPANVLAN)
	v.require(t.RSPANVLAN == 0 || len(t.Sessions) == 0, tap+".sessions", "a mirror comes in an RSPAN VLAN or in sessions; give one of rspan_vlan and sessions")
	vlan, twice := repeated(t.VLANs)
	v.require(!twice, tap+".vlans", "%d is given twice; keep one", vlan)
	session, twice := repeated(t.Sessions)
	v.require(!twice, tap+".sessions", "%d is given twice; keep one", session)
	protocol, twice := repeated(t.Expect)
	v.require(!twice, tap+".expect", "%s is given twice; keep one", protocol)
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
	v.require(err == nil && u.Host != "" && (u.Scheme == "https" || loopback(u)), "cmms.url", "want https://host; plain http only on loopback")
	v.require(err != nil || u.User == nil, "cmms.url", "holds a user or password; use cmms.user and cmms.password_file")
	basic, oauth := c.User != "" && c.PasswordFile != "", c.ClientID != "" && c.SecretFile != ""
	v.require(basic || oauth, "cmms", "no credentials; give user and password_file, or client_id and client_secret_file")
	v.require(c.Table != "" && strings.Trim(c.Table, "abcdefghijklmnopqrstuvwxyz0123456789_") == "", "cmms.table", "want a table name such as incident or wm_order")
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
