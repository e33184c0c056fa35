package hl7_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// rolesOf writes the roles that are stated of one kind of subject, in their order.
func rolesOf(h *heard, from string, about protocols.SubjectKind) string {
	var out []string
	for _, o := range h.Observations {
		if o.About.Kind != about || o.Speaker.Addr.String() != from {
			continue
		}
		for _, f := range o.Facts {
			if f.Attribute == protocols.RoleOf {
				out = append(out, strings.TrimPrefix(f.Value, "hl7-"))
			}
		}
	}
	return strings.Join(out, " ")
}

func message(kind, profile string) string {
	return `MSH|^~\&|APP|EXAMPLE|OTHER|EXAMPLE|20260102030405||` + kind + `|1|P|2.5.1|||||||||` + profile
}

// TestRolesByMessage says for each kind of message what its sender and its receiver
// are thereby shown to be.
func TestRolesByMessage(t *testing.T) {
	cases := []struct{ kind, profile, sender, receiver string }{
		{"ADT^A01^ADT_A01", "", "sender adt-source", "receiver adt-receiver"},
		{"ADT", "", "sender adt-source", "receiver adt-receiver"}, // HL7 2.1
		{"ORM^O01", "", "sender order-source", "receiver"},
		{"OMG^O19", "", "sender order-source", "receiver"},
		{"OML^O21", "", "sender order-source", "receiver"},
		{"OML^O33^OML_O33", "LAB-28^IHE", "sender analyzer-manager", "receiver order-receiver"},
		{"QBP^Q11^QBP_Q11", "LAB-27^IHE", "sender order-requester", "receiver analyzer-manager"},
		{"QBP^Q11^QBP_Q11", "", "sender query-client", "receiver query-server"},
		{"QRY^A19", "", "sender query-client", "receiver query-server"},
		{"QRY^R02", "", "sender query-client", "receiver query-server"},
		{"RDE^O11^RDE_O11", "", "sender pharmacy-source", "receiver"},
		{"RDS^O13", "", "sender pharmacy-source", "receiver"},
		{"RGV^O15^RGV_O15", "", "sender order-source", "receiver"},
		{"RGV^O15^RGV_O15", "IHE_PCD_003^IHE PCD", "sender infusion-order-source", "receiver infusion-order-receiver"},
		{"RAS^O17", "", "sender order-source", "receiver"},
		{"DFT^P03", "", "sender charge-source", "receiver"},
		{"BAR^P01", "", "sender charge-source", "receiver"},
		{"SIU^S12", "", "sender schedule-source", "receiver"},
		{"MFN^M02", "", "sender master-file-source", "receiver"},
		{"MDM^T02", "", "sender document-source", "receiver"},
		{"EAC^U07", "", "sender equipment-controller", "receiver"},
		{"ORU^R40^ORU_R40", "IHE_PCD_ACM_001^IHE PCD", "sender alarm-source", "receiver alarm-receiver"},
		{"ORU^R40^ORU_R40", "", "sender alarm-source", "receiver alarm-receiver"},
		{"ORA^R41^ORA_R41", "", "sender alarm-receiver", "receiver alarm-source"},
		{"OUL^R22^OUL_R22", "LAB-29^IHE", "sender", "receiver"},
		{"OML^O33", "OTHER^X~LAB-28^IHE", "sender analyzer-manager", "receiver order-receiver"},
		{"ORU^R01", "", "sender", "receiver"},
		{"VXU^V04", "", "sender", "receiver"},
		{"ZZZ^Z01", "", "sender", "receiver"},
	}
	for _, c := range cases {
		h := listen(0, bit{text: block(message(c.kind, c.profile), "ZZZ|1")})
		if got := rolesOf(h, "192.0.2.10", protocols.AboutSpeaker); got != c.sender {
			t.Errorf("%s %s: the sender is %q, want %q", c.kind, c.profile, got, c.sender)
		}
		if got := rolesOf(h, "192.0.2.10", protocols.AboutListener); got != c.receiver {
			t.Errorf("%s %s: the receiver is %q, want %q", c.kind, c.profile, got, c.receiver)
		}
	}
}

// TestRolesByAnswer says what an answer shows of whoever gives it.
func TestRolesByAnswer(t *testing.T) {
	cases := []struct{ kind, profile, want string }{
		{"ACK", "", "receiver"},
		{"ACK^R01^ACK", "", "receiver"},
		{"RSP^K11^RSP_K11", "LAB-27^IHE", "receiver analyzer-manager"},
		{"RSP^K22", "", "receiver query-server"},
		{"ADR^A19", "", "receiver query-server"},
		{"ORF^R04", "", "receiver query-server"},
		{"ORL^O34^ORL_O42", "LAB-28^IHE", "receiver order-receiver"},
		{"ORL^O22", "", "receiver"},
		{"RRG^O16^RRG_O16", "IHE_PCD_003^IHE PCD", "receiver infusion-order-receiver"},
		{"RRG^O16", "", "receiver"},
		{"ORA^R41^ORA_R41", "", "receiver alarm-receiver"},
		{"MCF", "", "receiver"},
	}
	for _, c := range cases {
		h := listen(0, bit{true, block(message(c.kind, c.profile), "MSA|AA|1")})
		if got := rolesOf(h, "192.0.2.1", protocols.AboutSpeaker); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.kind, c.profile, got, c.want)
		}
		if described(h) != 0 {
			t.Errorf("%s: devices in an answer", c.kind)
		}
	}
}

// TestInvariant04EngineIsARelay: once a host sends under a second name, what the
// messages show is not shown of the host.
func TestInvariant04EngineIsARelay(t *testing.T) {
	other := strings.Replace(message("ADT^A08", ""), "|APP|", "|LIS|", 1)
	h := listen(0, bit{text: block(message("SIU^S12", ""), "SCH|1") + block(other, "EVN|A08")})
	if got := rolesOf(h, "192.0.2.10", protocols.AboutSpeaker); got != "sender schedule-source sender relay" {
		t.Errorf("the sender is %q", got)
	}
}
