package sdc

import (
	"net/netip"
	"net/url"
	"strings"
)

// Scopes of SDC: IEEE 11073-20701 section 9.
const (
	scopeParticipant = "sdc.mds.pkp:1.2.840.10004.20701.1.1"
	scopeType        = "sdc.cdc.type:"
	scopeLocation    = "sdc.ctxt.loc:"
	scopePatient     = "sdc.ctxt.pat:"
	// nomenclature is the coding system of IEEE 11073-10101, which is meant when none
	// is named: IEEE 11073-10207 section 5.
	nomenclature = "urn:oid:1.2.840.10004.1.1.1.0.0.1"
)

// scopes is what the scopes of one device say.
type scopes struct {
	participant bool
	codes       []string // of the nomenclature
	location    string
	patient     bool
}

// readScopes reads a list of scopes. Those of other kinds are passed over.
func readScopes(text []byte) (s scopes) {
	n := 0
	for scope := range strings.FieldsSeq(string(text)) {
		if n++; n > maxScopes {
			return s
		}
		switch lower := strings.ToLower(scope); {
		case lower == scopeParticipant:
			s.participant = true
		case strings.HasPrefix(lower, scopeType):
			if code := codeOf(scope[len(scopeType):]); code != "" {
				s.codes = append(s.codes, code)
			}
		case strings.HasPrefix(lower, scopeLocation) && s.location == "":
			s.location = locationOf(scope)
		case strings.HasPrefix(lower, scopePatient):
			s.patient = true
		}
	}
	return s
}

// sdc reports whether the scopes are those of an SDC device.
func (s scopes) sdc() bool { return s.participant || len(s.codes) > 0 }

// codeOf reads "/system/version/code".
func codeOf(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) != 4 || parts[0] != "" {
		return ""
	}
	system, err := url.PathUnescape(parts[1])
	if err != nil || system != "" && !strings.EqualFold(system, nomenclature) {
		return ""
	}
	return decimal(parts[3])
}

// decimal returns a number as it is written, or "".
func decimal(code string) string {
	if len(code) == 0 || len(code) > 10 || strings.Trim(code, "0123456789") != "" {
		return ""
	}
	return code
}

// locationOf reads the elements of a location from the query of its scope: IEEE
// 11073-20701 section 9.4.1.2.
func locationOf(scope string) string {
	_, query, _ := strings.Cut(scope, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	return joinLocation(values.Get)
}

// joinLocation writes a location from the largest part to the smallest.
func joinLocation(part func(string) string) string {
	var parts []string
	for _, k := range [...]string{"fac", "bldng", "flr", "poc", "rm", "bed"} {
		if v := strings.TrimSpace(part(k)); v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " ")
}

// addresses reads the hosts of a list of transport addresses, as far as they are
// literal addresses.
func addresses(text []byte) (list []netip.Addr) {
	for raw := range strings.FieldsSeq(string(text)) {
		u, err := url.Parse(raw)
		if err != nil || len(list) >= maxScopes {
			continue
		}
		if a, err := netip.ParseAddr(u.Hostname()); err == nil {
			list = append(list, a.WithZone("").Unmap())
		}
	}
	return list
}
