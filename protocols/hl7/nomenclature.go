package hl7

import (
	"strconv"
	"strings"
)

// term is a coded thing that rows speak of.
type term uint8

const (
	termNone term = iota
	termModel
	termModelNumber
	termMaker
	termSerial
	termHardware
	termSoftware
	termFirmware
	termSystemID
	termLabel
	termBed
	termLinkAddress
	termInfusing
	termPumpStatus
	termDelivery
	termReason
	termFlowNow
	termFlowSet
	termDrugLabel
	termDrugType
	termLibraryName
	termLibraryVersion
	termPower
	termSystemStatus
)

// entry is one row of the nomenclature: context-free code (partition * 65536 +
// term), name, meaning (ISO/IEEE 11073-10101; IHE PCD TF-3, table 3.5-1; the
// names of the production specification are the ones that pumps send).
type entry struct {
	code uint32
	name string
	term term
}

// nomenclature returns the rows that are read. All else in a message is a
// measurement, and stays where it is.
func nomenclature() [26]entry {
	return [...]entry{
		{67880, "MDC_ATTR_ID_MODEL", termModel},
		{531969, "MDC_ID_MODEL_NUMBER", termModelNumber},
		{531970, "MDC_ID_MODEL_MANUFACTURER", termMaker},
		{531972, "MDC_ID_PROD_SPEC_SERIAL", termSerial},
		{531974, "MDC_ID_PROD_SPEC_HW", termHardware},
		{531975, "MDC_ID_PROD_SPEC_SW", termSoftware},
		{531976, "MDC_ID_PROD_SPEC_FW", termFirmware},
		{67972, "MDC_ATTR_SYS_ID", termSystemID},
		{67886, "MDC_ATTR_ID_SOFT", termLabel},
		{67870, "MDC_ATTR_ID_BED_LABEL", termBed},
		{69416, "MDC_ATTR_NETWORK_MAC_ADDRESS", termLinkAddress},
		{184519, "MDC_PUMP_INFUSING_STATUS", termInfusing},
		{184508, "MDC_PUMP_STAT", termPumpStatus},
		{158005, "MDC_PUMP_CURRENT_DELIVERY_STATUS", termDelivery},
		{158006, "MDC_PUMP_NOT_DELIVERING_REASON", termReason},
		{158014, "MDC_FLOW_FLUID_PUMP_CURRENT", termFlowNow},
		{157784, "MDC_FLOW_FLUID_PUMP", termFlowSet},
		{184514, "MDC_DRUG_NAME_LABEL", termDrugLabel},
		{184330, "MDC_DRUG_NAME_TYPE", termDrugType},
		{184520, "MDC_PUMP_DRUG_LIBRARY_NAME", termLibraryName},
		{184517, "MDC_PUMP_DRUG_LIBRARY_VERSION", termLibraryVersion},
		{67925, "MDC_ATTR_POWER_STAT", termPower},
		{68007, "MDC_ATTR_VMS_MDS_STAT", termSystemStatus},
		{68002, "MDC_ATTR_VMD_STAT", termSystemStatus},
		{67856, "MDC_ATTR_CHAN_STAT", termSystemStatus},
		{0, "MDC_DRUG_LIBRARY_VERSION", termLibraryVersion},
	}
}

// concept is OBX-3 as the nomenclature knows it.
type concept struct {
	code uint32 // 0 when the sender gave none
	name string // the sender's reference identifier
	entry
}

// conceptOf reads OBX-3 (code ^ name ^ system, and an alternate in 4 to 6). A
// number counts only in the MDC system: laboratory codes are numbers too.
func conceptOf(t text) (concept, bool) {
	for _, first := range [...]int{1, 4} {
		name, system := strings.ToUpper(t.component(first+1)), strings.ToUpper(t.component(first+2))
		if !strings.HasPrefix(name, "MDC") && !strings.HasPrefix(system, "MDC") {
			continue
		}
		c := concept{code: codeOf(t.component(first)), name: name}
		c.find()
		return c, true
	}
	return concept{}, false
}

// find looks the concept up by number, or by the end of its name when the number
// is 0 or the sender's own: reference identifiers differ between editions in
// what stands before ("MDC_DEV_PUMP_CURRENT_DELIVERY_STATUS").
func (c *concept) find() {
	table := nomenclature()
	for i := range table {
		if c.code != 0 && table[i].code == c.code {
			c.entry = table[i]
			return
		}
	}
	if c.code != 0 && !strings.HasPrefix(c.name, "MDCX") {
		return
	}
	for i := range table {
		if tail(c.name) == tail(table[i].name) {
			c.entry = table[i]
			return
		}
	}
}

// tail is a reference identifier without the prefixes that come and go.
func tail(name string) string {
	for _, prefix := range [...]string{"MDCX_", "MDC_", "DEV_", "ATTR_", "PUMP_"} {
		name = strings.TrimPrefix(name, prefix)
	}
	return name
}

// codeOf reads a code in its context-free form, or as partition::term.
func codeOf(s string) uint32 {
	partition, number, found := strings.Cut(s, "::")
	if !found {
		partition, number = "0", s
	}
	p, err1 := strconv.ParseUint(partition, 10, 15)
	n, err2 := strconv.ParseUint(number, 10, 32)
	if err1 != nil || err2 != nil || found && n > 0xffff {
		return 0
	}
	return uint32(p<<16 | n)
}

// nomenclatureCode writes a device type with its system; by name where the
// sender gave no number.
func (c concept) nomenclatureCode() string {
	if c.code != 0 {
		return "mdc:" + strconv.FormatUint(uint64(c.code), 10)
	}
	return "mdc:" + c.name
}

// display writes a flow with its unit as people read it, or "" when either is
// missing: a number without a unit misleads.
func display(value string, unit text) string {
	number := strings.TrimSpace(value)
	if _, err := strconv.ParseFloat(number, 64); err != nil || len(number) > 12 || strings.ContainsAny(number, "xXpPnN") {
		return ""
	}
	if u := unitOf(unit); u != "" {
		return number + " " + u
	}
	return ""
}

// unitOf reads OBX-6: the UCUM unit if one of the two codings gives it, else the
// MDC unit by code or name (ISO/IEEE 11073-10101, A.4.3).
func unitOf(t text) string {
	for _, first := range [...]int{1, 4} {
		if strings.EqualFold(t.component(first+2), "UCUM") {
			return t.component(first)
		}
	}
	code, name := codeOf(t.component(1)), strings.ToUpper(t.component(2))
	switch {
	case code == 265266 || name == "MDC_DIM_MILLI_L_PER_HR":
		return "mL/h"
	case name == "MDC_DIM_MILLI_L_PER_MIN":
		return "mL/min"
	case name == "MDC_DIM_MILLI_L_PER_DAY":
		return "mL/d"
	case name == "MDC_DIM_MICRO_L_PER_HR":
		return "uL/h"
	case t.component(2) == "" && strings.Contains(t.component(1), "/"):
		return t.component(1)
	}
	return ""
}
