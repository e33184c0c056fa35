package hl7

import "strings"

// entry is one row of the nomenclature.
type entry struct {
	name string
	term term
}

// entryOf looks a context-free code up (partition * 65536 + term; ISO/IEEE
// 11073-10101; IHE PCD TF-3, table 3.5-1, and TF-2, tables of MEM; the names of the
// production specification are the ones that pumps send). What is not here is a
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
	case 69410:
		return entry{"MDC_NCC_WIRELESS_DEVICE_IPV4_ADDR", termAddress}
	case 69416:
		return entry{"MDC_ATTR_NETWORK_MAC_ADDRESS", termLinkAddress}
	case 67925:
		return entry{"MDC_ATTR_POWER_STAT", termPower}
	case 67996:
		return entry{"MDC_ATTR_VAL_BATT_CHARGE", termBattery}
	case 68007:
		return entry{"MDC_ATTR_VMS_MDS_STAT", termSystemStatus}
	case 68002:
		return entry{"MDC_ATTR_VMD_STAT", termSystemStatus}
	case 67856:
		return entry{"MDC_ATTR_CHAN_STAT", termSystemStatus}
	}
	return therapyEntryOf(code)
}

func therapyEntryOf(code uint32) entry {
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
	case 157924:
		return entry{"MDC_RATE_DOSE", termDoseRate}
	case 158001:
		return entry{"MDC_DOSE_DRUG_DELIV_TOTAL", termDose}
	case 157993:
		return entry{"MDC_VOL_FLUID_DELIV_TOTAL", termVolume}
	case 157884:
		return entry{"MDC_VOL_FLUID_TBI", termRemaining}
	case 157872:
		return entry{"MDC_VOL_FLUID_TBI_REMAIN", termRemaining}
	case 157916:
		return entry{"MDC_TIME_PD_REMAIN", termRemaining}
	case 184520:
		return entry{"MDC_PUMP_DRUG_LIBRARY_NAME", termLibraryName}
	case 184517:
		return entry{"MDC_PUMP_DRUG_LIBRARY_VERSION", termLibraryVersion}
	case 184516:
		return entry{"MDC_PUMP_DRUG_LIBRARY_CARE_AREA", termCareArea}
	}
	return alarmEntryOf(code)
}

func alarmEntryOf(code uint32) entry {
	switch code {
	case 196616:
		return entry{"MDC_EVT_ALARM", termEvent}
	case 68012:
		return entry{"MDC_ATTR_AL_COND", termEvent}
	case 68481, 68165: // as the first edition of PCD-04 has it
		return entry{"MDC_ATTR_EVENT_PHASE", termPhase}
	case 68482, 68166: // as the first edition of PCD-04 has it
		return entry{"MDC_ATTR_ALARM_STATE", termAlarmState}
	case 68485:
		return entry{"MDC_ATTR_ALERT_TYPE", termAlertType}
	case 68546:
		return entry{"MDC_ATTR_ALERT_TEXT", termAlertText}
	}
	return entry{}
}

// named finds the code of a reference identifier, which senders write beside a 0, a
// number of their own or one without its partition, leaving out the prefixes that
// differ between editions.
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
	case "NCC_WIRELESS_DEVICE_IPV4_ADDR":
		return 69410
	case "NETWORK_MAC_ADDRESS", "NETWORK_MAC", "NCC_WIRELESS_MAC":
		return 69416
	}
	return stateNamed(name)
}

func stateNamed(name string) uint32 {
	switch name {
	case "POWER_STAT", "DMC_ATTR_POWER_SOURCE":
		return 67925
	case "VAL_BATT_CHARGE":
		return 67996
	case "VMS_MDS_STAT":
		return 68007
	case "VMD_STAT":
		return 68002
	case "CHAN_STAT":
		return 67856
	}
	return therapyNamed(name)
}

func therapyNamed(name string) uint32 {
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
	case "RATE_DOSE", "DOSE_DRUG_RATE":
		return 157924
	case "DOSE_DRUG_DELIV_TOTAL":
		return 158001
	case "VOL_FLUID_DELIV_TOTAL":
		return 157993
	case "VOL_FLUID_TBI":
		return 157884
	case "VOL_FLUID_TBI_REMAIN":
		return 157872
	case "TIME_PD_REMAIN":
		return 157916
	case "PUMP_DRUG_LIBRARY_NAME", "DRUG_LIBRARY_NAME":
		return 184520
	case "PUMP_DRUG_LIBRARY_VERSION", "DRUG_LIBRARY_VERSION":
		return 184517
	case "PUMP_DRUG_LIBRARY_CARE_AREA", "DRUG_LIBRARY_CARE_AREA":
		return 184516
	}
	return alarmNamed(name)
}

func alarmNamed(name string) uint32 {
	switch name {
	case "EVT_ALARM":
		return 196616
	case "AL_COND":
		return 68012
	case "EVENT_PHASE":
		return 68481
	case "ALARM_STATE", "ALERT_STATE":
		return 68482
	case "ALERT_TYPE":
		return 68485
	case "ALERT_TEXT":
		return 68546
	}
	return 0
}
