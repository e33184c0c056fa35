package register

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// hear prepares one device for matching.
func (r *Register) hear(d *inventory.Device, shapes serialShapes) *heard {
	h := &heard{d: d, place: normal(d.Location)}
	if maker := firstOf(d.ManufacturerCanonical, d.Manufacturer); maker != "" {
		h.maker, h.makerKnown = r.o.Lexicon.Manufacturer(maker)
	}
	if model := firstOf(d.ModelCanonical, d.Model); model != "" {
		h.model, h.modelKnown = r.o.Lexicon.Model(h.maker, model)
	}
	if d.SerialNumber != "" && shapes.defect(d.SerialNumber, r.o.Lexicon) == "" {
		h.serials = append(h.serials, d.SerialNumber)
	}
	if s := udiSerial(d.UDI); s != "" && shapes.defect(s, r.o.Lexicon) == "" {
		h.udi = s
	}
	for _, text := range d.MACs {
		mac, err := protocols.ParseMAC(text)
		if err != nil {
			continue
		}
		h.macs = append(h.macs, mac.String())
		if vendor := r.o.Lexicon.Vendor(mac.String()); vendor != "" && !slices.Contains(h.vendors, vendor) {
			h.vendors = append(h.vendors, vendor)
		}
	}
	for _, ae := range d.AETitles {
		if key := titleKey(ae); key != "" {
			h.aes = append(h.aes, key)
		}
	}
	for _, name := range slices.Concat(d.Hostnames, d.StationNames) {
		if label := hostLabel(name); label != "" && !slices.Contains(h.hosts, label) {
			h.hosts = append(h.hosts, label)
			h.tokens = append(h.tokens, tokensOf(label)...)
		}
	}
	for _, e := range d.Evidence {
		if e.Attribute == string(protocols.DeviceLabel) && e.Protocol != registerProtocol {
			h.labels = append(h.labels, normal(e.Value))
		}
	}
	return h
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// udiSerial returns the serial number of a UDI in the human-readable form of GS1
// (General Specifications, application identifier 21) or HIBC (ANSI/HIBC 2.6,
// data identifier "S"), or "".
func udiSerial(udi string) string {
	if _, rest, ok := strings.Cut(udi, "(21)"); ok {
		serial, _, _ := strings.Cut(rest, "(")
		return strings.TrimSpace(serial)
	}
	if strings.HasPrefix(udi, "+") {
		for part := range strings.SplitSeq(udi, "/") {
			if serial, ok := strings.CutPrefix(part, "S"); ok {
				return serial
			}
		}
	}
	return ""
}

// maxTokenRuns bounds the runs of a host name: a label has at most 63 characters
// (RFC 1035, 2.3.4), and real names have fewer than eight runs.
const maxTokenRuns = 8

// tokensOf returns the runs of a host name that may be a serial or control
// number, in normal form: everything between any two borders, where a border is a
// mark or a change between letters and digits.
func tokensOf(label string) []string {
	text := strings.ToUpper(label)
	borders := []int{0}
	for i := 1; i < len(text); i++ {
		if class(text[i]) != class(text[i-1]) {
			borders = append(borders, i)
		}
	}
	borders = append(borders[:min(len(borders), maxTokenRuns)], len(text))
	var list []string
	for i, from := range borders {
		for _, to := range borders[i+1:] {
			if token := normal(text[from:to]); len(token) >= minToken && !slices.Contains(list, token) {
				list = append(list, token)
			}
		}
	}
	return list
}

func class(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return 1
	case c >= 'A' && c <= 'Z':
		return 2
	}
	return 0
}
