package dhcp

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// makers are the words with which a vendor class begins, in small letters: clients of
// DHCP, systems, and makers of equipment. Whoever sets up a host may write anything into
// option 60, also whose it is, and two words with capitals are a maker and a product as
// well as a person. So only what begins with one of these is read.
var makers = [...]string{
	"msft", "microsoft", "windows", "udhcp", "udhcpc", "dhcpcd", "dhclient", "android", "linux", "anaconda", "systemd", "busybox", "openwrt", "vxworks", "qnx", "threadx", "freertos", "lwip",
	"nucleus", "integrity", "pxeclient", "httpclient", "ipxe", "etherboot", "docsis", "sunw", "nextstep", "apple", "aapl", "wyse", "igel", "vmware", "xenserver", "chromeos", "crkey",
	"hewlett", "hp", "mfg", "jetdirect", "xerox", "ricoh", "kyocera", "lexmark", "brother", "canon", "epson", "konica", "sharp", "oki", "zebra", "dymo", "sato", "dell", "lenovo",
	"cisco", "aruba", "arubaap", "meraki", "ubnt", "ruckus", "juniper", "fortinet", "fortiap", "fortigate", "extreme", "aironet", "alcatel", "avaya", "ccp", "polycom", "yealink", "snom", "mitel",
	"spectralink", "ascom", "vocera", "axis", "digi", "moxa", "lantronix", "silex", "honeywell", "siemens", "philips", "draeger", "mindray", "ge", "baxter", "carefusion", "bbraun", "fresenius",
}

// furtherWords may stand behind them: what is said of a system, a processor or a kind
// of equipment.
var furtherWords = [...]string{
	"dhcp", "dhcpc", "client", "ce", "nt", "embedded", "standard", "server", "professional", "generic", "arch", "undi", "uefi", "bios", "efi", "boot",
	"armv", "armv5tejl", "armv6l", "armv7l", "armv8l", "aarch64", "mips", "mipsel", "ppc", "powerpc", "x86", "genuineintel", "authenticamd", "mobile",
	"packard", "laserjet", "officejet", "designjet", "deskjet", "color", "pro", "minolta", "printer", "print", "scanner", "typ", "mod", "ser", "mfp", "phone", "ip", "ap", "cp",
	"switch", "router", "camera", "network", "gateway", "access", "point", "systems", "inc", "gmbh", "ltd", "corp", "networks", "medical", "healthcare", "monitor", "pump", "com", "noe", "cpe",
}

// vendorClass returns what of option 60 has the form of a vendor class: from its first
// word, a known one, up to the first that is neither known nor a code or a version. The
// rest may be a name, a number of a file or a place, and is left out; "" when nothing is
// left.
func vendorClass(v []byte) string {
	text := ascii(v)
	if hasDate(text) {
		return ""
	}
	end := 0
	for at := 0; at < len(text); {
		word := wordAt(text[at:])
		if word == "" {
			at++ // punctuation
			continue
		}
		if known := knownAs(word); end == 0 && !known(makers[:]) || !known(makers[:]) && !known(furtherWords[:]) && !isCode(word) {
			return text[:end]
		}
		at += len(word)
		end = at
	}
	return text
}

// wordAt is the letters and digits with which text begins.
func wordAt(text string) string {
	n := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if n < 0 {
		return text
	}
	return text[:n]
}

// knownAs looks a word up, whatever its case, with the number behind it or without.
func knownAs(word string) func(words []string) bool {
	lower := strings.ToLower(word)
	return func(words []string) bool {
		return slices.Contains(words, lower) || slices.Contains(words, strings.TrimRight(lower, "0123456789"))
	}
}

// isCode reports a version or the code of a model: with a digit, and too short for a
// name, a birth date or the number of a patient's file.
func isCode(word string) bool {
	const maxLetters, maxDigits = 3, 6 // "amd64", "VVX400"; PXE writes versions with six
	digits := 0
	for _, r := range word {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits > 0 && digits <= maxDigits && len(word)-digits <= maxLetters
}

// hasDate reports a whole date, in any order of day, month and year: no version is
// written so.
func hasDate(text string) bool {
	marks := strings.NewReplacer(".", "-", "/", "-", "_", "-", " ", "-").Replace(text)
	for at := 0; at+len(time.DateOnly) <= len(marks); at++ {
		for _, layout := range [...]string{time.DateOnly, "02-01-2006", "01-02-2006"} {
			if _, err := time.Parse(layout, marks[at:at+len(layout)]); err == nil {
				return true
			}
		}
	}
	return false
}
