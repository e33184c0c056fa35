package http

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// unique reports a UDI that names one device, with its serial number: GS1
// application identifier 21, HIBCC secondary data flag S, ICCBBA data identifier
// "=,". One without names a kind of device.
func unique(udi string) bool {
	return strings.Contains(udi, "(21)") || udi != "" && udi[0] == '+' && strings.Contains(udi, "/S") ||
		strings.HasPrefix(udi, "=") && strings.Contains(udi, "=,")
}

// IEEE 11073-10101: MDC_ID_PROD_SPEC_HW, _SW and _FW.
const (
	productHardware = "531974"
	productSoftware = "531975"
	productFirmware = "531976"
)

func ofProduct(code string) bool {
	return code == productHardware || code == productSoftware || code == productFirmware
}

// version keeps a version by the code of what it is of, or by the beginning of its
// text.
func (r *resourceReader) version(p *pair) {
	of := func(code string, words ...string) bool {
		kind := strings.ToLower(p.kind)
		return p.code == code || !ofProduct(p.code) && slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(kind, w) })
	}
	switch {
	case p.value == "":
	case of(productHardware, "hw", "hardware"):
		r.add(protocols.HardwareVersion, p.value, "version", recorded)
	case of(productFirmware, "fw", "firmware"):
		r.add(protocols.FirmwareVersion, p.value, "version", recorded)
	case of(productSoftware, "sw", "software"):
		r.add(protocols.SoftwareVersion, p.value, "version", recorded)
	case p.code == "" && p.kind == "":
		r.add(protocols.SoftwareVersion, p.value, "version", guessed)
	}
}

// severalKinds is the code of an identifier whose codings differ: it is a patient's
// number as well as a device's, and is not kept.
const severalKinds = "?"

// number notes a serial number, which keys the record when it has the form of one.
func (r *resourceReader) number(value, path string) {
	if value = protocols.SerialText(value); value != "" {
		r.serial = value
		r.add(protocols.SerialNumber, value, path, recorded)
	}
}

// identifier keeps those whose type says what they are: a serial number (HL7 table
// 0203), or the EUI-64 of a personal health device.
func (r *resourceReader) identifier(code, value string) {
	switch code {
	case "SNO":
		r.number(value, "identifier")
	case "SYSID":
		if eui := eui64(value); eui != "" {
			r.add(protocols.EUI64, eui, "identifier", recorded)
		}
	}
}

// eui64 reads 16 hexadecimal digits with or without dashes, and returns them in upper
// case, or "".
func eui64(s string) string {
	s = strings.ToUpper(strings.ReplaceAll(s, "-", ""))
	for i := range len(s) {
		if _, ok := digit(s[i]); !ok {
			return ""
		}
	}
	if len(s) != 16 {
		return ""
	}
	return s
}
