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

// entry is one row of the nomenclature.
type entry struct {
	name string
	term term
}

// entryOf looks a context-free code up (partition * 65536 + term; ISO/IEEE
// 11073-10101; IHE PCD TF-3, table 3.5-1; the names of the production
// specification are the ones that pumps send). What is not here is a
// measurement, and stays where it is.
func entryOf(code uint32) entry {
	switch code {
	case 67880:
		return entry{"MDC_ATTR_ID_MODEL", termModel}
	case 531969:
		return entry{"MDC_ID_MODEL_NUMBER", termModelNumber}
	case 531970:
		return entry{"MDC_ID_MODEL_MANUFACTURER", termMaker}
	case 531972:
		return entry{"MDC_ID_PROD_SPEC_SERIAL", termSerial}
	case 531974:
		return entry{"MDC_ID_PROD_SPEC_HW", termHardware}
	case 531975:
		return entry{"MDC_ID_PROD_SPEC_SW", termSoftware}
	case 531976:
		return entry{"MDC_ID_PROD_SPEC_FW", termFirmware}
	case 67972:
		return entry{"MDC_ATTR_SYS_ID", termSystemID}
	case 67886:
		return entry{"MDC_ATTR_ID_SOFT", termLabel}
	case 67870:
		return entry{"MDC_ATTR_ID_BED_LABEL", termBed}
	case 69416:
		return entry{"MDC_ATTR_NETWORK_MAC_ADDRESS", termLinkAddress}
	case 67925:
		return entry{"MDC_ATTR_POWER_STAT", termPower}
	case 68007:
		return entry{"MDC_ATTR_VMS_MDS_STAT", termSystemStatus}
	case 68002:
		return entry{"MDC_ATTR_VMD_STAT", termSystemStatus}
	case 67856:
		return entry{"MDC_ATTR_CHAN_STAT", termSystemStatus}
	}
	return pumpEntryOf(code)
}

func pumpEntryOf(code uint32) entry {
	switch code {
	case 184519:
		return entry{"MDC_PUMP_INFUSING_STATUS", termInfusing}
	case 184508:
		return entry{"MDC_PUMP_STAT", termPumpStatus}
	case 158005:
		return entry{"MDC_PUMP_CURRENT_DELIVERY_STATUS", termDelivery}
	case 158006:
		return entry{"MDC_PUMP_NOT_DELIVERING_REASON", termReason}
	case 158014:
		return entry{"MDC_FLOW_FLUID_PUMP_CURRENT", termFlowNow}
	case 157784:
		return entry{"MDC_FLOW_FLUID_PUMP", termFlowSet}
	case 184514:
		return entry{"MDC_DRUG_NAME_LABEL", termDrugLabel}
	case 184330:
		return entry{"MDC_DRUG_NAME_TYPE", termDrugType}
	case 184520:
		return entry{"MDC_PUMP_DRUG_LIBRARY_NAME", termLibraryName}
	case 184517:
		return entry{"MDC_PUMP_DRUG_LIBRARY_VERSION", termLibraryVersion}
	}
	return entry{}
}

// named finds the code of a reference identifier that a sender writes beside a 0,
// without the prefixes that differ between editions.
func named(name string) uint32 {
	for _, prefix := range [...]string{"MDCX_", "MDC_", "DEV_", "ATTR_"} {
		name = strings.TrimPrefix(name, prefix)
	}
	switch name {
	case "ID_MODEL":
		return 67880
	case "ID_MODEL_NUMBER":
		return 531969
	case "ID_MODEL_MANUFACTURER":
		return 531970
	case "ID_PROD_SPEC_SERIAL":
		return 531972
	case "ID_PROD_SPEC_HW":
		return 531974
	case "ID_PROD_SPEC_SW":
		return 531975
	case "ID_PROD_SPEC_FW":
		return 531976
	case "SYS_ID":
		return 67972
	case "ID_SOFT":
		return 67886
	case "ID_BED_LABEL":
		return 67870
	case "NETWORK_MAC_ADDRESS":
		return 69416
	case "POWER_STAT":
		return 67925
	case "VMS_MDS_STAT":
		return 68007
	case "VMD_STAT":
		return 68002
	case "CHAN_STAT":
		return 67856
	}
	return pumpNamed(name)
}

func pumpNamed(name string) uint32 {
	switch name {
	case "PUMP_INFUSING_STATUS", "INFUSING_STATUS":
		return 184519
	case "PUMP_STAT":
		return 184508
	case "PUMP_CURRENT_DELIVERY_STATUS", "CURRENT_DELIVERY_STATUS":
		return 158005
	case "PUMP_NOT_DELIVERING_REASON", "NOT_DELIVERING_REASON":
		return 158006
	case "FLOW_FLUID_PUMP_CURRENT":
		return 158014
	case "FLOW_FLUID_PUMP":
		return 157784
	case "DRUG_NAME_LABEL":
		return 184514
	case "DRUG_NAME_TYPE":
		return 184330
	case "PUMP_DRUG_LIBRARY_NAME", "DRUG_LIBRARY_NAME":
		return 184520
	case "PUMP_DRUG_LIBRARY_VERSION", "DRUG_LIBRARY_VERSION":
		return 184517
	}
	return 0
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
	var out concept
	found := false
	for _, first := range [...]int{1, 4} {
		name, system := strings.ToUpper(t.component(first+1)), strings.ToUpper(t.component(first+2))
		if !strings.HasPrefix(name, "MDC") && !strings.HasPrefix(system, "MDC") {
			continue
		}
		c := concept{code: codeOf(t.component(first)), name: name}
		c.find()
		if !found || out.term == termNone && c.term != termNone {
			out, found = c, true
		}
	}
	return out, found
}

// find looks the concept up by number, or by its name when the number is 0 or the
// sender's own.
func (c *concept) find() {
	c.entry = entryOf(c.code)
	if c.term == termNone && (c.code == 0 || strings.HasPrefix(c.name, "MDCX")) {
		c.entry = entryOf(named(c.name))
	}
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
// sender gave no number, and "" where it gave some other text.
func (c concept) nomenclatureCode() string {
	if c.code != 0 {
		return "mdc:" + strconv.FormatUint(uint64(c.code), 10)
	}
	if !referenceID(c.name) {
		return ""
	}
	return "mdc:" + c.name
}

// referenceID reports whether s has the form of a reference identifier (ISO/IEEE
// 11073-10101, section 5.3): MDC_ or MDCX_, then capitals, digits and underscores.
func referenceID(s string) bool {
	rest, ok := strings.CutPrefix(s, "MDC_")
	if !ok {
		rest, ok = strings.CutPrefix(s, "MDCX_")
	}
	return ok && rest != "" && strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}
