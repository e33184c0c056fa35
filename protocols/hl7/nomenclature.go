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
	termAddress
	termPlace
	termInfusing
	termPumpStatus
	termDelivery
	termReason
	termFlowNow
	termFlowSet
	termDrugLabel
	termDrugType
	termDoseRate
	termDose
	termVolume
	termRemaining
	termLibraryName
	termLibraryVersion
	termCareArea
	termPower
	termSystemStatus
	termBattery
	termEvent
	termPhase
	termAlarmState
	termAlertType
	termAlertText
)

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

// find looks the concept up by number, or by its name when the number says nothing:
// 0, the sender's own, or without its partition.
func (c *concept) find() {
	c.entry = entryOf(c.code)
	if strings.HasSuffix(c.name, "_PUMP_PILLAR_DETAILS") {
		c.entry = entry{c.name, termPlace} // a maker's own; it has no number
	}
	if c.term == termNone {
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
