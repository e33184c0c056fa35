package fingerprint_test

import (
	"slices"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// say makes one clue.
func say(a protocols.Attribute, v string, count uint64) inventory.Clue {
	return inventory.Clue{Attribute: a, Value: v, Confidence: 0.9, Count: count}
}

func roles(rs ...protocols.Role) []inventory.Clue {
	var out []inventory.Clue
	for _, r := range rs {
		out = append(out, say(protocols.RoleOf, string(r), 1))
	}
	return out
}

func TestClassify(t *testing.T) {
	b := shipped(t)
	network := func(facts ...inventory.Clue) inventory.Clues {
		return inventory.Clues{Presence: inventory.OnNetwork, Facts: facts, Machines: 1}
	}
	gateway := network(roles(protocols.RoleHL7DeviceGateway, protocols.RoleHL7Sender)...)
	gateway.SpeaksFor = []inventory.Type{"infusion-pump"}
	mixed := gateway
	mixed.SpeaksFor = []inventory.Type{"infusion-pump", "patient-monitor"}
	taker := network(roles(protocols.RoleHL7Receiver)...)
	taker.HL7Senders = 3
	engine := network(roles(protocols.RoleHL7Receiver, protocols.RoleHL7Sender)...)
	engine.HL7Senders = 3
	forwarder := network(append(roles(protocols.RoleDICOMStoreSCU), say(protocols.Modality, "CT", 9))...)
	forwarder.Machines = 2
	relay := network(roles(protocols.RoleDICOMStoreSCP, protocols.RoleDICOMReceiver, protocols.RoleDICOMStoreSCU)...)
	relay.OtherDevices = 1
	pump := inventory.Clues{Presence: inventory.Behind, Facts: []inventory.Clue{say(protocols.DeviceType, "mdc:69985", 1)}}
	known := inventory.Clues{Presence: inventory.Behind, Manufacturer: "BD", Model: "Alaris PCU 8015"}
	printer := network(say(protocols.Hostname, "BRN001BA9818283", 1))
	printer.Vendor = "Brother"
	for name, c := range map[string]struct {
		clues inventory.Clues
		want  inventory.Type
	}{
		"nothing is known":                  {network(), inventory.UnknownType},
		"CT images":                         {network(append(roles(protocols.RoleDICOMStoreSCU), say(protocols.Modality, "CT", 3))...), "ct"},
		"mostly CT, a few dose reports":     {network(say(protocols.Modality, "CT", 30), say(protocols.Modality, "SR", 40)), "ct"},
		"XA machine that also does RF":      {network(say(protocols.Modality, "RF", 2), say(protocols.Modality, "XA", 30)), "angiography"},
		"only screenshots":                  {network(say(protocols.Modality, "OT", 3)), inventory.UnknownType},
		"by storage class":                  {network(say(protocols.DeviceType, "sop:1.2.840.10008.5.1.4.1.1.4", 2)), "mr"},
		"ECG":                               {network(say(protocols.DeviceType, "sop:1.2.840.10008.5.1.4.1.1.9.1.1", 1)), "ecg"},
		"images of two machines":            {forwarder, inventory.UnknownType},
		"archive that answers":              {network(roles(protocols.RoleDICOMStoreSCP, protocols.RoleDICOMQuerySCP)...), "pacs"},
		"archive that only takes":           {network(roles(protocols.RoleDICOMStoreSCP)...), "image-archive"},
		"archive on the web":                {network(append(roles(protocols.RoleDICOMwebStoreServer, protocols.RoleDICOMwebQueryServer), say(protocols.Modality, "CT", 3))...), "pacs"},
		"archive that gives out on the web": {network(roles(protocols.RoleDICOMStoreSCP, protocols.RoleDICOMwebRetrieveServer)...), "pacs"},
		"console that gives out on the web": {network(append(roles(protocols.RoleDICOMStoreSCP, protocols.RoleDICOMwebQueryServer, protocols.RoleDICOMWorklistSCU), say(protocols.Modality, "CT", 3))...), inventory.UnknownType},
		"workstation on the web":            {network(roles(protocols.RoleDICOMwebQueryClient, protocols.RoleDICOMwebRetrieveClient)...), "imaging-workstation"},
		"asks on the web, and is asked":     {network(roles(protocols.RoleDICOMwebQueryClient, protocols.RoleDICOMwebQueryServer)...), inventory.UnknownType},
		"worklist server":                   {network(roles(protocols.RoleDICOMWorklistSCP, protocols.RoleDICOMMPPSSCP)...), "ris"},
		"reading workstation":               {network(roles(protocols.RoleDICOMMoveSCU, protocols.RoleDICOMStoreSCP)...), "imaging-workstation"},
		"sends on what one other sends it":  {relay, "image-router"},
		"takes only what it asked for":      {network(roles(protocols.RoleDICOMFetcher, protocols.RoleDICOMStoreSCP)...), "imaging-workstation"},
		"queries, and is sent things":       {network(roles(protocols.RoleDICOMQuerySCU, protocols.RoleDICOMReceiver, protocols.RoleDICOMStoreSCP)...), inventory.UnknownType},
		"console that others may ask":       {network(roles(protocols.RoleDICOMWorklistSCU, protocols.RoleDICOMStoreSCP, protocols.RoleDICOMQuerySCP)...), inventory.UnknownType},
		"gives its word to keep":            {network(roles(protocols.RoleDICOMReceiver, protocols.RoleDICOMStoreSCU, protocols.RoleDICOMCommitSCP)...), "image-archive"},
		"hands the archive's word on":       {network(roles(protocols.RoleDICOMReceiver, protocols.RoleDICOMStoreSCU, protocols.RoleDICOMCommitSCP, protocols.RoleDICOMCommitSCU)...), inventory.UnknownType},
		"modality that fetches priors":      {network(append(roles(protocols.RoleDICOMMoveSCU, protocols.RoleDICOMWorklistSCU), say(protocols.Modality, "MR", 2))...), "mr"},
		"gateway for pumps":                 {gateway, "infusion-gateway"},
		"gateway for all sorts":             {mixed, "device-gateway"},
		"several send it messages, it some": {engine, "integration-engine"},
		"only takes what several send it":   {taker, inventory.UnknownType},
		"tells of admissions":               {network(roles(protocols.RoleHL7ADTSource)...), "ehr"},
		"passes admissions on":              {network(roles(protocols.RoleHL7ADTSource, protocols.RoleHL7ADTReceiver)...), "integration-engine"},
		"sends under several names":         {network(roles(protocols.RoleHL7Receiver, protocols.RoleHL7Relay, protocols.RoleHL7ADTSource)...), "integration-engine"},
		"gives analysers their orders":      {network(roles(protocols.RoleHL7AnalyzerManager, protocols.RoleHL7Receiver)...), "lis"},
		"takes results and passes them on":  {network(roles(protocols.RoleHL7AnalyzerManager, protocols.RoleHL7ResultSender)...), inventory.UnknownType},
		"asks what to measure":              {network(roles(protocols.RoleHL7OrderRequester)...), "lab-analyzer"},
		"programs pumps":                    {network(roles(protocols.RoleHL7InfusionOrderSource)...), "ehr"},
		"pumps are programmed through it":   {network(roles(protocols.RoleHL7InfusionOrderReceiver)...), "infusion-gateway"},
		"sends results":                     {network(roles(protocols.RoleHL7ResultSender)...), "lab-analyzer"},
		"pump by nomenclature":              {pump, "infusion-pump"},
		"pump by model":                     {known, "infusion-pump"},
		"printer by two weak signs":         {printer, "printer"},
		"printer by its hostname alone":     {network(say(protocols.Hostname, "BRN001BA9818283", 1)), inventory.UnknownType},
		"engine by the name of its program": {network(say(protocols.Application, "RHAPSODY", 1)), "integration-engine"},
	} {
		if got := b.Classify(c.clues); got.Type != c.want {
			t.Errorf("%s: %s (%s); want %s", name, got.Type, got.Why, c.want)
		}
	}
}

// Whatever is asked, the answer is of the closed list, explains itself, and does
// not depend on the order of equal clues.
func TestClassifyAnswersFromTheClosedList(t *testing.T) {
	b := shipped(t)
	all := []inventory.Clue{
		say(protocols.Modality, "CT", 3), say(protocols.Modality, "MR", 3), say(protocols.Application, "CERNER", 1),
		say(protocols.RoleOf, string(protocols.RoleDICOMStoreSCP), 1), say(protocols.RoleOf, string(protocols.RoleHL7ADTSource), 1),
	}
	for mask := range 1 << len(all) {
		var facts []inventory.Clue
		for i, f := range all {
			if mask&(1<<i) != 0 {
				facts = append(facts, f)
			}
		}
		got := b.Classify(inventory.Clues{Presence: inventory.OnNetwork, Facts: facts})
		slices.Reverse(facts)
		if again := b.Classify(inventory.Clues{Presence: inventory.OnNetwork, Facts: facts}); again.Type != got.Type {
			t.Errorf("%v: %s, and reversed %s", facts, got.Type, again.Type)
		}
		if !slices.Contains(inventory.Types(), got.Type) || (got.Type != inventory.UnknownType) != (got.Why != "") {
			t.Errorf("%v: %+v", facts, got)
		}
	}
}
