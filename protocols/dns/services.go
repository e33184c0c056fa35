package dns

import (
	"bytes"
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// offered is what the services that are known make of a host, by their registered
// types (IANA service names; acr-nema and dicom of DICOM PS3.15 F). All others are passed over.
var offered = [...]struct {
	service string
	role    protocols.Role
}{
	{"dicom", protocols.RoleOffersDICOM}, {"dicom-tls", protocols.RoleOffersDICOM}, {"acr-nema", protocols.RoleOffersDICOM},
	{"http", protocols.RoleOffersHTTP}, {"https", protocols.RoleOffersHTTP},
	{"ssh", protocols.RoleOffersSSH}, {"sftp-ssh", protocols.RoleOffersSSH},
	{"smb", protocols.RoleOffersFiles}, {"afpovertcp", protocols.RoleOffersFiles}, {"nfs", protocols.RoleOffersFiles}, {"ftp", protocols.RoleOffersFiles},
	{"ipp", protocols.RoleOffersPrinter}, {"ipps", protocols.RoleOffersPrinter}, {"printer", protocols.RoleOffersPrinter},
	{"pdl-datastream", protocols.RoleOffersPrinter},
	{"scanner", protocols.RoleOffersScanner}, {"uscan", protocols.RoleOffersScanner}, {"uscans", protocols.RoleOffersScanner},
	{"workstation", protocols.RoleOffersWorkstation}, {"rfb", protocols.RoleOffersWorkstation},
	{"airplay", protocols.RoleOffersDisplay}, {"raop", protocols.RoleOffersDisplay}, {"googlecast", protocols.RoleOffersDisplay},
}

func roleOf(service []byte) protocols.Role {
	for i := range offered {
		if strings.EqualFold(offered[i].service, string(service)) {
			return offered[i].role
		}
	}
	return ""
}

// texts are the keys of TXT records that are read: of printers (Apple, Bonjour Printing
// Specification 1.2.1, table 2), and those by which other devices tell what they are.
// "fn", "note", "adminurl" and the like are what people write.
var texts = [...]struct {
	key       string
	attribute protocols.Attribute
}{
	{"usb_mfg", protocols.Manufacturer}, {"mfg", protocols.Manufacturer}, {"manufacturer", protocols.Manufacturer}, {"vendor", protocols.Manufacturer},
	{"usb_mdl", protocols.Model}, {"mdl", protocols.Model}, {"model", protocols.Model}, {"md", protocols.Model}, {"ty", protocols.Model},
	{"serial", protocols.SerialNumber}, {"serialnumber", protocols.SerialNumber}, {"sn", protocols.SerialNumber},
}

// pairs goes through the strings of a TXT record as keys and values (RFC 6763 section
// 6). One whose length lies ends it.
func pairs(data []byte, take func(key, value []byte)) {
	for len(data) > 0 && int(data[0]) < len(data) {
		pair := data[1 : 1+int(data[0])]
		data = data[len(pair)+1:]
		if key, value, ok := bytes.Cut(pair, []byte("=")); ok {
			take(key, value)
		}
	}
}

// isQueue reports whether a TXT record is a print server's: CUPS names its queues so.
// The printer is another device then.
func isQueue(data []byte) (queue bool) {
	pairs(data, func(key, value []byte) {
		resource := bytes.EqualFold(key, []byte("rp")) && (bytes.HasPrefix(value, []byte("printers/")) || bytes.HasPrefix(value, []byte("classes/")))
		queue = queue || resource
	})
	return queue
}

// textFacts are what a TXT record tells of the product.
func textFacts(data []byte) (facts []protocols.Fact) {
	pairs(data, func(key, value []byte) {
		for _, t := range texts {
			if !strings.EqualFold(t.key, string(key)) {
				continue
			}
			said := productText(value)
			if t.attribute == protocols.SerialNumber {
				said = protocols.SerialText(string(value))
			}
			same := func(f protocols.Fact) bool { return f.Attribute == t.attribute }
			if said != "" && !slices.ContainsFunc(facts, same) {
				facts = append(facts, protocols.Fact{Attribute: t.attribute, Value: said, Field: "TXT " + t.key, Confidence: productSaid})
			}
		}
	})
	return facts
}

// productText returns a make or a model, or "": what somebody owns is written with an
// apostrophe, or with a consumer device's name after a person's.
func productText(v []byte) string {
	if len(v) > maxValue || bytes.ContainsAny(v, "'\"`@<>\\{}|") {
		return ""
	}
	for _, c := range v {
		if c < ' ' || c > '~' {
			return ""
		}
	}
	said := strings.TrimSpace(string(v))
	words := strings.Map(wordOctet, said)
	if protocols.HostName([]byte(words)) == "" {
		return ""
	}
	return said
}

// wordOctet makes the words of a product those of a host name, by whose rule it is told
// whether it names a person.
func wordOctet(r rune) rune {
	switch {
	case r == ' ':
		return '-'
	case strings.ContainsRune(",.()/+:&#", r):
		return -1
	}
	return r
}
