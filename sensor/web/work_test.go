package web_test

import (
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
)

func useState(s string) protocols.UseState   { return protocols.UseState(s) }
func activityOf(s string) protocols.Activity { return protocols.Activity(s) }

func finding(id, dev string, status remediation.FindingStatus, title, cause string, cvss float64, more func(*remediation.Finding)) remediation.Finding {
	f := remediation.Finding{ID: "f-" + id, Site: "stv", Device: "d-" + dev, Kind: remediation.Vulnerability, Status: status, Basis: remediation.OnWire, Cause: cause,
		Advisories: []string{cause}, CVSS: cvss, Title: title, Evidence: []string{"Maker and model are named by the advisory.", "The device says that version of itself."}, AsOf: ago(4 * 24 * time.Hour),
		Remedy:    remediation.Remedy{Kind: remediation.FixAvailable, Text: "Update to a version that is mended.", Version: "D30"},
		Predicate: remediation.Predicate{Kind: "version-outside", Says: "The device says a version outside the affected range.", Ranges: []string{"< D30"}}, Verifiable: remediation.ByWire,
		FirstSeen: ago(12 * 24 * time.Hour), LastSeen: ago(4 * time.Minute)}
	if more != nil {
		more(&f)
	}
	return f
}

func sampleFindings() []remediation.Finding {
	const agilia = "Agilia Connect pumps accept commands without authentication"
	attest := func(f *remediation.Finding) { f.Verifiable = remediation.ByAttest }
	return []remediation.Finding{
		finding("pump-1", "pump01", remediation.ConfirmedFinding, agilia, "ICSMA-21-355-01", 9.8, func(f *remediation.Finding) {
			f.KEV, f.EPSS, f.CVEs = true, 0.42, []string{"CVE-2021-23196", "CVE-2021-23233"}
		}),
		finding("pump-1b", "pump01", remediation.Resolved, "Old drug library", "behaviour:library", 0, func(f *remediation.Finding) { f.Kind = remediation.Behaviour }),
		finding("pump-2", "pump02", remediation.ConfirmedFinding, agilia, "ICSMA-21-355-01", 9.8, nil),
		finding("pump-3", "pump03", remediation.ConfirmedFinding, agilia, "ICSMA-21-355-01", 9.8, nil),
		finding("pump-4", "pump04", remediation.UnknownVersion, agilia, "ICSMA-21-355-01", 9.8, nil),
		finding("ct-1", "ct01", remediation.ConfirmedFinding, "Unsupported operating system: Windows 7", "eol:windows-7", 0, func(f *remediation.Finding) { f.Kind = remediation.EndOfSupport; f.Remedy.Kind = remediation.AskVendor }),
		finding("mr-1", "mr01", remediation.Potential, "syngo MR may run an affected DICOM service", "ICSMA-22-167-01", 7.5, nil),
		finding("mon-1", "mon01", remediation.ConfirmedFinding, "IntelliVue monitors with improper authentication", "ICSMA-20-254-01", 6.8, nil),
		finding("lab-1", "lab01", remediation.Mitigated, "cobas with a weak service password", "ICSMA-24-011-02", 5.9, nil),
		finding("anae-1", "anae01", remediation.ConfirmedFinding, "Recall Z-1182-2026: gas mixer board", "recall:Z-1182-2026", 0, func(f *remediation.Finding) { f.Kind = remediation.Recall; attest(f) }),
		finding("dia-1", "dia01", remediation.ConfirmedFinding, "Telnet is open and answers without a password", "exposure:telnet", 0, func(f *remediation.Finding) { f.Kind = remediation.Exposure; f.Remedy.Kind = remediation.Configuration }),
		finding("vent-1", "vent01", remediation.Potential, "Recall Z-0904-2026 may cover this serial number", "recall:Z-0904-2026", 0, func(f *remediation.Finding) { f.Kind = remediation.Recall; f.Basis = remediation.OnRegister; attest(f) }),
		finding("long-1", "long01", remediation.Potential, "A finding whose title its advisory wrote as a whole sentence about several products, their versions, the circumstances in which they are affected, and what an attacker in the same network could then do", "ICSA-22-"+strings.Repeat("0123456789", 9), 5.4, nil),
		finding("cam-1", "cam01", remediation.Accepted, "Camera with a default certificate", "exposure:certificate", 3.1, nil),
	}
}

func hold(code remediation.HoldCode, says string) remediation.Hold {
	return remediation.Hold{Code: code, Says: says}
}

func order(id, dev, control, finding, priority, title string, state remediation.OrderState, more func(*remediation.WorkOrder)) remediation.WorkOrder {
	o := remediation.WorkOrder{ID: "o-" + id, Site: "stv", Key: "AUS-STV-" + control, Device: "d-" + dev, ControlNumber: control, Findings: []string{"f-" + finding}, Type: "cyber", Priority: priority, Title: title, State: state,
		Tell: remediation.Gate{OK: true, Holds: []remediation.Hold{}}, Start: remediation.StartGate{Gate: remediation.Gate{OK: true, Holds: []remediation.Hold{}}},
		Activity: inventory.ApplyVendorPatch, Assignee: remediation.Assignee{Team: "Biomed", Person: "Jana Weber", Queue: "Biomedical engineering", Why: "Authorised for Agilia until 2027-01-31 and has the fewest open orders."},
		Eligible: []string{"Jana Weber", "Moses Okafor"}, Refused: []remediation.Refusal{{Person: "Ellen Park", Why: "Her certificate for Agilia ended on 2026-10-31."}},
		Verification: remediation.Verification{By: remediation.ByWire, State: "pending", Predicate: "The device says a version outside the affected range."},
		History:      []remediation.OrderEvent{{At: ago(3 * 24 * time.Hour), State: remediation.StateDraft, By: "auscult", Says: "The finding was confirmed on the wire."}},
		OpenedAt:     ago(3 * 24 * time.Hour), UpdatedAt: ago(20 * time.Minute)}
	if more != nil {
		more(&o)
	}
	return o
}

// inCMMS makes an order one that the hospital's system has.
func inCMMS(o *remediation.WorkOrder, number, state string) {
	o.CMMS = remediation.CMMSLink{System: "servicenow", Number: number, RemoteID: "9d385017c611228701d22104cc95c371", State: state, Sync: "ok", SyncedAt: ago(3 * time.Minute),
		URL: "https://cmms.example.org/nav_to.do?uri=sn_ind_tsm_sdwan_wo.do%3Fsysparm_query=number=" + number}
	o.History = append(slices.Clone(o.History), remediation.OrderEvent{At: ago(2 * 24 * time.Hour), State: remediation.StateSubmitted, By: "cmms", Says: "The CMMS has it as " + number + "."})
}

func startHeld(o *remediation.WorkOrder, holds ...remediation.Hold) {
	o.Start.Gate = remediation.Gate{Holds: holds}
}

func sampleOrders() []remediation.WorkOrder {
	const agilia = "Agilia Connect pumps accept commands without authentication"
	second := hold(remediation.SecondRelease, "The use of the device asks for great care; two people at the bedside must release it.")
	inUse := hold(remediation.InUse, "The device is in use; the work waits until it is free.")
	return []remediation.WorkOrder{
		order("pump-1", "pump01", "030501", "pump-1", "P1", agilia, remediation.StateWaiting, func(o *remediation.WorkOrder) {
			inCMMS(o, "WO0010042", "Awaiting assignment")
			startHeld(o, inUse, second)
			o.Start.Window = &remediation.Window{From: now.Add(6 * time.Hour), To: now.Add(9 * time.Hour), Why: "the ward is usually quiet then"}
		}),
		order("pump-2", "pump02", "030502", "pump-2", "P1", agilia, remediation.StateWaiting, func(o *remediation.WorkOrder) { inCMMS(o, "WO0010043", "Assigned"); startHeld(o, inUse, second) }),
		order("pump-3", "pump03", "030503", "pump-3", "P2", agilia, remediation.StateDraft, nil),
		order("ct-1", "ct01", "010201", "ct-1", "P3", "Unsupported operating system: Windows 7", remediation.StateDraft, func(o *remediation.WorkOrder) {
			o.Activity, o.Eligible = inventory.ContactVendor, []string{}
			o.Assignee = remediation.Assignee{Queue: "GE HealthCare Service", Why: "The contract GE-2024-118 gives technical work to the provider."}
		}),
		order("mr-1", "mr01", "010305", "mr-1", "P3", "syngo MR may run an affected DICOM service", remediation.StateHeld, func(o *remediation.WorkOrder) {
			o.Tell = remediation.Gate{Holds: []remediation.Hold{hold(remediation.NoDoableRemedy, "The advisory names no remedy yet; the maker plans one.")}}
			startHeld(o, inUse)
		}),
		order("mon-1", "mon01", "020110", "mon-1", "P2", "IntelliVue monitors with improper authentication", remediation.StateVerifyFailed, func(o *remediation.WorkOrder) {
			inCMMS(o, "WO0009981", "Closed complete")
			o.Verification.State, o.Verification.ObservedAt = "still_present", ago(4*time.Minute)
			startHeld(o, inUse)
			o.History = append(o.History, remediation.OrderEvent{At: ago(5 * time.Hour), State: remediation.StateWorkDone, By: "cmms", Says: "Closed complete by M. Okafor."}, remediation.OrderEvent{At: ago(4 * time.Minute), State: remediation.StateVerifyFailed, By: "auscult", Says: "The device still says P.01.30."})
		}),
		order("lab-1", "lab01", "040012", "lab-1", "P3", "cobas with a weak service password", remediation.StateVerified, func(o *remediation.WorkOrder) {
			inCMMS(o, "WO0009713", "Closed complete")
			o.Verification.State, o.Verification.ObservedAt = "verified", ago(30*time.Hour)
		}),
		order("anae-1", "anae01", "050077", "anae-1", "P1", "Recall Z-1182-2026: gas mixer board", remediation.StateAcknowledged, func(o *remediation.WorkOrder) {
			inCMMS(o, "WO0010051", "Work in progress pending parts")
			o.Type, o.Activity, o.Verification.By = "recall", inventory.Inspect, remediation.ByAttest
			startHeld(o, hold(remediation.OnStandby, "The device is off and may still be attached to a patient; a person at the bedside must release it."), hold(remediation.Parts, "The board is ordered."))
		}),
		order("dia-1", "dia01", "050102", "dia-1", "P2", "Telnet is open and answers without a password", remediation.StateHeld, func(o *remediation.WorkOrder) {
			o.Tell = remediation.Gate{Holds: []remediation.Hold{hold(remediation.MatchUnconfirmed, "The match with record 050102 is ambiguous; a person must say."), hold(remediation.ChangeApproval, "held by j.weber: the network change board meets on Thursday")}}
			o.Activity, o.Eligible, o.Assignee = inventory.ConfigureNetwork, []string{}, remediation.Assignee{Why: "Nobody holds a grant for this maker and model."}
			startHeld(o, hold(remediation.UseUnknown, "Whether the device is in use is not known, which counts as in use; a person at the bedside must release it."))
		}),
		order("vent-1", "vent01", "030044", "vent-1", "P1", "Recall Z-0904-2026 may cover this serial number", remediation.StateRejected, func(o *remediation.WorkOrder) {
			o.CMMS = remediation.CMMSLink{System: "servicenow", Sync: "dead_letter", Trouble: "servicenow create: 400: the assignment group “ICU biomed” does not exist; name one that does under cmms.queues"}
		}),
		order("sub-1", "us01", "", "mon-1", "P4", "Ultrasound with an open file share", remediation.StateInProgress, func(o *remediation.WorkOrder) { inCMMS(o, "WO0010001", "Work in progress"); startHeld(o, inUse) }),
		order("can-1", "cam01", "", "cam-1", "P4", "Camera with a default certificate", remediation.StateCancelled, nil),
		order("wd-1", "anae01", "050077", "anae-1", "P3", "Gas mixer board checked", remediation.StateWorkDone, func(o *remediation.WorkOrder) {
			inCMMS(o, "WO0009990", "Closed complete")
			o.Verification = remediation.Verification{By: remediation.ByAttest, Predicate: "A person attests that the board was changed."}
		}),
	}
}
