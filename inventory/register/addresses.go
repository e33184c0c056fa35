package register

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// MaxMACs bounds the addresses of one asset: the largest imaging system known has
// twelve nodes.
const MaxMACs = 16

// addressReader finds addresses in cells that hold several.
type addressReader struct{ mac *regexp.Regexp }

func newAddressReader() addressReader {
	const pair = `[0-9A-Fa-f]{2}`
	return addressReader{mac: regexp.MustCompile(`\b(?:(?:` + pair + `[:-]){5}` + pair + `|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}|(?:` + pair + ` ){5}` + pair + `|[0-9A-Fa-f]{12})\b`)}
}

// macs returns the addresses of a cell in the notation of protocols.MAC, each
// once, in the cell's order, and whether everything in the cell was read. Group
// and zero addresses belong to no device.
func (a addressReader) macs(cell string) (list []string, whole bool) {
	if absentWord(cell) {
		return nil, true
	}
	whole = true
	for _, text := range a.mac.FindAllString(cell, -1) {
		mac, err := protocols.ParseMAC(text)
		if err != nil || mac.IsZero() || mac.IsGroup() || len(list) == MaxMACs {
			whole = false
			continue
		}
		if !slices.Contains(list, mac.String()) {
			list = append(list, mac.String())
		}
	}
	rest := a.mac.ReplaceAllString(cell, "")
	return list, whole && strings.Trim(rest, " ,;|/&\n") == ""
}

// ip returns the first usable address of a cell, and whether everything in the
// cell was used. "DHCP" is an honest cell without an address.
func (a addressReader) ip(cell string) (addr string, whole bool) {
	whole = true
	for _, text := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(" ,;|&", r) }) {
		if absentWord(text) || strings.EqualFold(text, "dhcp") || strings.EqualFold(text, "dynamic") {
			continue
		}
		parsed, ok := parseIP(text)
		if !ok || addr != "" {
			whole = false
			continue
		}
		addr = parsed.String()
	}
	return addr, whole
}

// parseIP reads an address with the decorations of registers: a mask, leading
// zeros. Addresses that no device can hold are refused.
func parseIP(s string) (netip.Addr, bool) {
	s, _, _ = strings.Cut(s, "/")
	if parts := strings.Split(s, "."); len(parts) == 4 {
		for i, p := range parts {
			if t := strings.TrimLeft(p, "0"); t != "" {
				parts[i] = t
			} else if p != "" {
				parts[i] = "0"
			}
		}
		s = strings.Join(parts, ".")
	}
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.IsUnspecified() || addr.IsLoopback() || addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return netip.Addr{}, false
	}
	return addr.Unmap().WithZone(""), true
}

// hostLabel is the part of a host name that identifies it inside the site, ""
// for an address and for names that every system has before it is set up.
func hostLabel(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if _, err := netip.ParseAddr(s); err == nil {
		return ""
	}
	label, _, _ := strings.Cut(s, ".")
	switch label {
	case "localhost", "unknown", "none", "default", "dhcp", "hostname":
		return ""
	}
	return label
}

// titleKey is an AE title as it is compared, "" for the titles that programs have
// before they are set up.
func titleKey(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	switch normal(s) {
	case "", "ANYSCP", "ANYSCU", "STORESCP", "STORESCU", "FINDSCU", "ECHOSCU", "AETITLE", "UNKNOWN", "DEFAULT", "DICOM", "LOCALHOST":
		return ""
	}
	return s
}
