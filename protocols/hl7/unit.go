package hl7

import (
	"strconv"
	"strings"
)

// display writes a flow with its unit as people read it, or "" when either is
// missing: a number without a unit misleads.
func display(value string, unit text) string { return measured(value, unitOf(unit)) }

func measured(value, unit string) string {
	number := strings.TrimSpace(value)
	if _, err := strconv.ParseFloat(number, 64); err != nil || len(number) > 12 || strings.ContainsAny(number, "xXpPnN") || unit == "" {
		return ""
	}
	return number + " " + unit
}

// unitOf reads OBX-6: the UCUM unit if one of the two codings gives it, else the
// MDC unit by code or name (ISO/IEEE 11073-10101, A.4.3). Text that is no rate is
// dropped: what stands there could be anything.
func unitOf(t text) string {
	for _, first := range [...]int{1, 4} {
		if strings.EqualFold(t.component(first+2), "UCUM") {
			return rateUnit(t.component(first))
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
	case t.component(2) == "":
		return rateUnit(t.component(1))
	}
	return ""
}

// amount writes what was given with its unit, or returns "".
func amount(value string, unit text) string {
	for _, first := range [...]int{1, 4} {
		if u := unit.component(first); isAmount(u) && (unit.component(first+2) == "UCUM" || unit.component(2) == "") {
			return measured(value, u)
		}
	}
	u := ""
	switch strings.ToUpper(unit.component(2)) {
	case "MDC_DIM_MILLI_L":
		u = "mL"
	case "MDC_DIM_X_L", "MDC_DIM_L":
		u = "L"
	case "MDC_DIM_MICRO_G":
		u = "ug"
	case "MDC_DIM_MILLI_G":
		u = "mg"
	case "MDC_DIM_X_G", "MDC_DIM_G":
		u = "g"
	case "MDC_DIM_X_INTL_UNIT", "MDC_DIM_INTL_UNIT":
		u = "[iU]"
	}
	return measured(value, u)
}

// ucumRate writes "ug/(kg.min)" as "ug/kg/min".
var ucumRate = strings.NewReplacer("(", "", ")", "", ".", "/")

// rateUnit returns s if it is a rate of delivery: an amount, perhaps by weight or
// by surface of a body, by a time, in UCUM ("ug/(kg.min)") or as pumps write it
// ("mcg/kg/min").
func rateUnit(s string) string {
	parts := strings.Split(ucumRate.Replace(s), "/")
	if len(parts) < 2 || len(parts) > 3 || !isAmount(parts[0]) || !isDuration(parts[len(parts)-1]) {
		return ""
	}
	if len(parts) == 3 && parts[1] != "kg" && parts[1] != "m2" {
		return ""
	}
	return s
}

func isAmount(s string) bool {
	switch s {
	case "L", "l", "dL", "mL", "ml", "uL", "ul", "\u00b5L", "\u03bcL", "nL",
		"kg", "g", "mg", "ug", "mcg", "\u00b5g", "\u03bcg", "ng",
		"U", "u", "mU", "IU", "mIU", "[iU]", "[IU]", "m[iU]", "units", "unit",
		"mol", "mmol", "umol", "nmol", "eq", "meq", "mEq", "cal", "kcal", "[drp]", "gtt":
		return true
	}
	return false
}

func isDuration(s string) bool {
	switch s {
	case "h", "hr", "hour", "min", "s", "sec", "d", "day":
		return true
	}
	return false
}
