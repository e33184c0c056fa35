package web

import (
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// standing says whom it would hurt if a device stopped. It chooses words and
// nothing else: for every decision, unknown counts as in use whatever the type.
type standing int

const (
	atPatient standing = iota // a patient may be attached; also where the type is not known
	atWork                    // it works on samples, images or stock
	inService                 // it always runs, or is an office's: no message tells of its use
)

func standingOf(t inventory.Type) standing {
	switch t {
	case "server", "workstation", "imaging-workstation", "mobile", "printer", "pacs", "image-archive", "image-router", "ris", "lis", "ehr",
		"integration-engine", "infusion-gateway", "device-gateway", "serial-device-server", "rtls",
		"switch", "router", "firewall", "access-point", "ip-camera", "voip-phone", "ups", "building-controller", "plc", "iot":
		return inService
	case "ct", "mr", "ultrasound", "xray", "mammography", "angiography", "nuclear-medicine", "pet", "radiotherapy", "endoscopy",
		"ophthalmic-imaging", "dental-imaging", "pathology-scanner", "lab-analyzer", "point-of-care-analyzer", "sequencer",
		"central-station", "medication-cabinet", "sterilizer", "nurse-call", "pneumatic-tube":
		return atWork
	}
	return atPatient
}

// patientOn says in a few words whether somebody may depend on the device. An
// imaging machine may hold a patient too, so that only its question differs.
func patientOn(u protocols.UseState, at standing) string {
	still := "it may still be attached"
	if at != atPatient {
		still = "it may be needed at once"
	}
	switch u {
	case protocols.InUse:
		return "Yes, it is in use"
	case protocols.Idle:
		return "No, it is idle"
	case protocols.Standby:
		return "Perhaps: on standby, " + still
	case protocols.Off:
		return "Perhaps: off, " + still
	}
	return "Not known, which counts as yes"
}

func inUse(d *inventory.Device) answer {
	at, u := standingOf(d.Type), d.Use
	said := u.State != protocols.UnknownUse && u.State != ""
	a := answer{Question: "Is it in use?", Says: patientOn(u.State, at), Tone: "warn", Link: "#use"}
	switch {
	case at == inService && !said:
		a.Says, a.Tone = "Does not apply", ""
		a.add("Such systems do not tell of their use; before work it counts as in use")
		return a
	case at == atPatient:
		a.Question = "Is a patient on it?"
	}
	switch u.State {
	case protocols.InUse:
		a.Tone = "bad"
	case protocols.Idle:
		a.Tone = "good"
	}
	if u.Activity != "" {
		a.add(sentence(plain(u.Activity)))
	}
	if u.Caution == inventory.CautionHigh {
		a.add("High caution: what it gives or does asks for great care")
	}
	if u.Why != "" {
		a.add(sentence(u.Why))
	}
	if d.Asset != nil && d.Asset.LifeSupport {
		a.add("Life support")
	}
	return a
}
