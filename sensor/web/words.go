package web

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/auscult/auscult/remediation"
)

// words are the small functions that templates use.
func words(now func() time.Time) template.FuncMap {
	return template.FuncMap{
		"when":    when,
		"ago":     func(t time.Time) string { return ago(t, now()) },
		"exact":   func(t time.Time) string { return exact(t, now()) },
		"lasted":  func(t time.Time) string { return stretch(now().Sub(t)) },
		"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"join":    func(list []string) string { return strings.Join(list, ", ") },
		"few":     few,
		"numbers": numbers,
		"plain":   plain,
		"path":    pathOf,
		"anchor":  anchor,
		"bytes":   size,
		"count":   thousands[uint64],
		"number":  thousands[int],
		"state":   matchState,
		"called":  called,
		"percent": func(f float64) string { return fmt.Sprintf("%.0f %%", 100*f) },
		"share":   share,
		"outside": outside,
		"host":    hostOf,
		"links":   links,
		"sum":     assigneeWords,
		"hold":    holdName,
		"begin":   func(v any) string { return sentence(plain(v)) },
		"plural":  plural,

		"sentence": sentence,
		"protocol": protocolName,
		"source":   sourceOf,
		"code":     codeOf,
		"channel":  channelName,
		"dose":     doseOf,
		"role":     roleOf,

		"rate":      rate,
		"pace":      pace,
		"bits":      bits,
		"float":     func(n uint64) float64 { return float64(n) },
		"lossCause": lossCause,
		"vlanTone":  vlanTone,
		"percentOf": percentOf,
	}
}

// when writes a moment for people.
func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2 Jan 2006 15:04 UTC")
}

// ago writes how long a moment lies back or ahead, in one unit.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	if d := now.Sub(t); d < 0 {
		return "in " + stretch(-d)
	}
	return stretch(now.Sub(t)) + " ago"
}

// exact is ago that counts the seconds of the last minute.
func exact(t, now time.Time) string {
	if d := now.Sub(t); !t.IsZero() && 0 <= d && d < time.Minute {
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	}
	return ago(t, now)
}

// stretch writes a length of time in one unit.
func stretch(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{365 * 24 * time.Hour, "year"}, {24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(d / unit.length); n > 0 {
			return plural(n, unit.name, unit.name+"s")
		}
	}
	return "a moment"
}

// plain writes a code of ours as words, and the short forms of the field as the
// field writes them.
func plain(v any) string {
	s := fmt.Sprint(v)
	short := map[string]string{"ct": "CT", "mr": "MR", "pet": "PET", "xray": "X-ray", "pacs": "PACS", "ris": "RIS", "ehr": "EHR", "lis": "LIS", "ecg": "ECG",
		"eeg": "EEG", "rtls": "RTLS", "ups": "UPS", "plc": "PLC", "iot": "IoT", "ip-camera": "IP camera", "voip-phone": "VoIP phone",
		"ip": "IP", "mac": "MAC", "eui64": "EUI-64", "udi": "UDI", "vlan": "VLAN", "os": "operating system", "ae_title": "AE title", "hostname": "host name",
		"in-use": "in use", "verified_closed": "verified, closed", "oem-full-service": "maker’s full service",
		"oem-contract-exclusive": "maker exclusively", "apply_vendor_patch": "apply the maker’s patch", "apply_os_patch": "apply an OS patch"}
	if known, ok := short[s]; ok {
		return known
	}
	return strings.NewReplacer("_", " ", "-", " ").Replace(s)
}

// holdName is a hold's code in words.
func holdName(c remediation.HoldCode) string {
	switch c {
	case remediation.UseUnknown:
		return "Use not known"
	case remediation.MatchUnconfirmed:
		return "Match not confirmed"
	case remediation.NoDoableRemedy:
		return "Nothing can be done yet"
	case remediation.OnStandby:
		return "May still be attached"
	}
	return sentence(plain(c))
}

// pathOf writes text as one part of an address. Dots alone would be a way out of
// it.
func pathOf(s string) string {
	if strings.Trim(s, ".") == "" {
		return strings.ReplaceAll(s, ".", "%2E")
	}
	return url.PathEscape(s)
}

// done reports whether the work on an order is said to be done.
func done(s remediation.OrderState) bool {
	return s == remediation.StateWorkDone || s == remediation.StateVerifying
}

// few writes the first two of a list and counts the others; the device's own page
// shows all.
func few(list []string) string {
	const shown = 2
	if len(list) <= shown+1 {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:shown], ", "), len(list)-shown)
}

func numbers(list []uint16) string {
	all := make([]string, len(list))
	for i, n := range list {
		all[i] = strconv.Itoa(int(n))
	}
	return strings.Join(all, ", ")
}

// anchor makes a name for a place on a page out of any text.
func anchor(s string) string {
	var out strings.Builder
	out.WriteString("at-")
	for i := range len(s) {
		if c := s[i]; 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "_%02x", c)
		}
	}
	return out.String()
}

// thousands writes a number in groups of three.
func thousands[N int | uint64](n N) string {
	return groups(fmt.Sprint(n))
}

// Grouped writes a count as the page does, for sentences that it shows.
func Grouped(n uint64) string { return thousands(n) }

func groups(s string) string {
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:] // a narrow space, as ISO 31-0 asks, at which no line breaks
	}
	return s
}

// share writes a part of a whole, where both are counts.
func share(part, whole uint64) string {
	switch {
	case whole == 0:
		return "none"
	case part > 0 && part*1000 < whole:
		return "less than 0.1 %"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// size writes a number of bytes for people.
func size(n uint64) string {
	const step = 1024
	if n < step {
		return fmt.Sprintf("%d B", n)
	}
	f, units := float64(n), []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	i := -1
	for f >= step && i < len(units)-1 {
		f, i = f/step, i+1
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}

// outside is an address that a link may lead to: another system's page over
// HTTP, without a password in it; "" for anything else.
func outside(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
