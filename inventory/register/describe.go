package register

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// DeviceID is the id of the device that a record is while no heard device is
// matched to it; afterwards it is an alias of that device. It is made of "d-" and
// the first 12 hexadecimal digits of SHA-256 over site, the word "control" and
// the control number, with NUL between them.
func DeviceID(site, control string) string {
	sum := sha256.Sum256([]byte(site + separator + "control" + separator + control))
	return "d-" + hex.EncodeToString(sum[:6])
}

// typeWord says which type a description means: all words must occur as whole
// words, in any order ("Pump, infusion" and "Infusion pump" are one).
type typeWord struct {
	words string
	kind  inventory.Type
}

// typeWords is the table from the words of common nomenclatures to the closed
// list of types. The first row that fits wins, so the particular stands before
// the general.
func typeWords() []typeWord {
	return []typeWord{
		// What tests, charges or carries a device is not that device.
		{"tester", inventory.UnknownType}, {"simulator", inventory.UnknownType}, {"charger", inventory.UnknownType},
		{"analyzer defibrillator", inventory.UnknownType}, {"analyzer safety", inventory.UnknownType}, {"analyzer electrosurgical", inventory.UnknownType},
		{"analyzer infusion", inventory.UnknownType}, {"analyzer ventilator", inventory.UnknownType},
		{"pump syringe", "syringe-pump"}, {"syringe driver", "syringe-pump"}, {"pump infusion", "infusion-pump"}, {"pump pca", "infusion-pump"},
		{"pump volumetric", "infusion-pump"}, {"pump enteral", "infusion-pump"}, {"infusion controller", "infusion-pump"},
		{"scanner ct", "ct"}, {"scanner mri", "mr"}, {"scanner mr", "mr"}, {"scanner pet", "pet"}, {"scanner slide", "pathology-scanner"},
		{"computed tomography", "ct"}, {"magnetic resonance", "mr"}, {"scanner ultrasound", "ultrasound"},
		{"ct", "ct"}, {"mri", "mr"}, {"mammography", "mammography"}, {"mammographic", "mammography"}, {"angiography", "angiography"},
		{"angiographic", "angiography"}, {"cath lab", "angiography"}, {"gamma camera", "nuclear-medicine"}, {"spect", "nuclear-medicine"},
		{"linear accelerator", "radiotherapy"}, {"linac", "radiotherapy"}, {"pet", "pet"},
		{"cr reader", "xray"}, {"computed radiography", "xray"}, {"radiographic", "xray"}, {"radiography", "xray"}, {"x ray", "xray"},
		{"xray", "xray"}, {"c arm", "xray"}, {"fluoroscopy", "xray"}, {"fluoroscopic", "xray"},
		{"ultrasound", "ultrasound"}, {"echocardiograph", "ultrasound"}, {"endoscopy", "endoscopy"}, {"video processor", "endoscopy"},
		{"fundus camera", "ophthalmic-imaging"}, {"ophthalmic", "ophthalmic-imaging"}, {"dental imaging", "dental-imaging"},
		{"workstation diagnostic", "imaging-workstation"}, {"workstation reading", "imaging-workstation"}, {"workstation imaging", "imaging-workstation"},
		{"pacs", "pacs"}, {"image archive", "image-archive"}, {"archive vna", "image-archive"}, {"dicom router", "image-router"},
		{"ris", "ris"}, {"monitor fetal", "fetal-monitor"}, {"cardiotocograph", "fetal-monitor"},
		{"central station", "central-station"}, {"telemetry", "telemetry"}, {"monitor physiological", "patient-monitor"},
		{"monitor physiologic", "patient-monitor"}, {"monitor patient", "patient-monitor"}, {"monitor bedside", "patient-monitor"},
		{"monitor vital", "patient-monitor"}, {"monitor multiparameter", "patient-monitor"}, {"ventilator", "ventilator"},
		{"anesthesia", "anesthesia"}, {"anaesthesia", "anesthesia"}, {"defibrillator", "defibrillator"}, {"aed", "defibrillator"},
		{"electrocardiograph", "ecg"}, {"ecg", "ecg"}, {"ekg", "ecg"}, {"electroencephalograph", "eeg"}, {"eeg", "eeg"},
		{"pulse oximeter", "pulse-oximeter"}, {"oximeter pulse", "pulse-oximeter"}, {"dialysis", "dialysis"}, {"hemodialysis", "dialysis"},
		{"haemodialysis", "dialysis"}, {"analyzer point care", "point-of-care-analyzer"}, {"glucose meter", "point-of-care-analyzer"},
		{"analyzer blood gas", "point-of-care-analyzer"}, {"analyzer", "lab-analyzer"}, {"analyser", "lab-analyzer"},
		{"laboratory information", "lis"}, {"medication cabinet", "medication-cabinet"}, {"dispensing cabinet", "medication-cabinet"},
		{"surgical robot", "surgical-system"}, {"sterilizer", "sterilizer"}, {"steriliser", "sterilizer"}, {"autoclave", "sterilizer"},
		{"bed hospital", "hospital-bed"}, {"bed electric", "hospital-bed"}, {"nurse call", "nurse-call"}, {"pneumatic tube", "pneumatic-tube"},
		{"sequencer", "sequencer"}, {"printer", "printer"},
	}
}

// typeOf returns the type that a description means, or unknown.
func typeOf(table []typeWord, description string) inventory.Type {
	text := " " + wordKey(description) + " "
	if text == "  " {
		return inventory.UnknownType
	}
	for _, row := range table {
		fits := true
		for word := range strings.FieldsSeq(row.words) {
			fits = fits && strings.Contains(text, " "+word+" ")
		}
		if fits {
			return row.kind
		}
	}
	return inventory.UnknownType
}
