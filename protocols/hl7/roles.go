package hl7

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// part is what a message shows its two sides to be, beyond sender and receiver; ""
// where it shows nothing.
type part struct{ sender, receiver protocols.Role }

// part reads the roles out of a message's type, trigger and profile (HL7 tables 0076
// and 0003; IHE PCD TF-2, PaLM TF-2b). A profile counts by its name: senders write
// wrong object identifiers beside it.
func (h header) part() part {
	switch h.code {
	case "ADT":
		return part{protocols.RoleHL7ADTSource, protocols.RoleHL7ADTReceiver}
	case "ORM", "OMG", "OMI", "OMN", "OMP", "OMS", "OMB", "OMD", "RAS":
		return part{sender: protocols.RoleHL7OrderSource}
	case "OML":
		return h.labOrder()
	case "RDE", "RDS":
		return part{sender: protocols.RoleHL7PharmacySource}
	case "RGV", "RRG":
		return h.infusionOrder()
	case "DFT", "BAR":
		return part{sender: protocols.RoleHL7ChargeSource}
	case "SIU":
		return part{sender: protocols.RoleHL7ScheduleSource}
	case "MFN":
		return part{sender: protocols.RoleHL7MasterFileSource}
	case "MDM":
		return part{sender: protocols.RoleHL7DocumentSource}
	case "EAC", "INR", "SSR": // commands and requests to equipment (chapter 13)
		return part{sender: protocols.RoleHL7EquipmentController}
	}
	return h.dialogue()
}

// dialogue reads the roles of queries, of answers and of alarms.
func (h header) dialogue() part {
	switch h.code {
	case "QRY", "QBP", "QSB", "VQQ", "SPQ", "EQQ":
		if h.profiled("LAB-27") {
			return part{protocols.RoleHL7OrderRequester, protocols.RoleHL7AnalyzerManager}
		}
		return part{protocols.RoleHL7QueryClient, protocols.RoleHL7QueryServer}
	case "RSP", "RTB", "ADR", "DSR", "ORF", "TBR", "ERP", "RDY", "EDR":
		if h.profiled("LAB-27") {
			return part{protocols.RoleHL7AnalyzerManager, protocols.RoleHL7OrderRequester}
		}
		return part{protocols.RoleHL7QueryServer, protocols.RoleHL7QueryClient}
	case "ORL":
		if h.profiled("LAB-28") {
			return part{protocols.RoleHL7OrderReceiver, protocols.RoleHL7AnalyzerManager}
		}
	case "ORA": // PCD-05: what became of an alarm
		return part{protocols.RoleHL7AlarmReceiver, protocols.RoleHL7AlarmSource}
	case "ORU":
		if h.trigger == "R40" { // PCD-04
			return part{protocols.RoleHL7AlarmSource, protocols.RoleHL7AlarmReceiver}
		}
	}
	return part{} // who takes LAB-29 may as well be an engine on the way
}

// labOrder reads an order to a laboratory: by LAB-28 it goes to an analyser.
func (h header) labOrder() part {
	if h.profiled("LAB-28") {
		return part{protocols.RoleHL7AnalyzerManager, protocols.RoleHL7OrderReceiver}
	}
	return part{sender: protocols.RoleHL7OrderSource}
}

// infusionOrder reads an order that programs a pump (PCD-03) and its answer. Only
// the profile tells them from what a pharmacy sends to a ward.
func (h header) infusionOrder() part {
	pump := h.profiled("PCD_003") || h.profiled("PCD_PIV") || h.profiled("PCD-03")
	switch {
	case pump && h.code == "RGV":
		return part{protocols.RoleHL7InfusionOrderSource, protocols.RoleHL7InfusionOrderReceiver}
	case pump:
		return part{protocols.RoleHL7InfusionOrderReceiver, protocols.RoleHL7InfusionOrderSource}
	case h.code == "RGV":
		return part{sender: protocols.RoleHL7OrderSource}
	}
	return part{}
}

// profiled reports whether MSH-21 names a transaction.
func (h header) profiled(name string) bool { return strings.Contains(h.profile, name) }
