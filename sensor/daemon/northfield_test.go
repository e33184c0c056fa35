package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Northfield is the made-up hospital of these tests: every name, number and
// patient in it is invented, addresses are private (RFC 1918), MACs and EUI-64s
// come from the blocks for documentation (RFC 7042, section 2).

// canaries are what only a patient's data holds. None may be found in anything
// that the program writes.
func canaries() []string {
	return []string{"CANARY", "7755001", "19470229", "1947-02-29", "ZZACCN", "ZZSTREET", "ZZNOTE", "ZZDOCTOR", "ZZVISIT"}
}

// bedside is what a device delivers, how fast, and at which bed: shown to those who
// have the role for it.
func bedside() []string { return []string{"paclitaxel", "sodium chloride", "617.359", "bedq", "vb3"} }

// therapy is what stays on the box, whoever asks from elsewhere.
func therapy() []string { return append(bedside(), "r0447") }

// pump is one infusion pump as the gateway describes it. A channel without a drug
// gives none; the status is of IHE's vocabulary (PCD TF-3, pump status).
type pump struct {
	serial, eui, software string
	channels              []channel
}

type channel struct{ status, drug, rate string }

func infusing() []channel {
	return []channel{{"infusing", "Sodium chloride 0.9%", "83"}, {"infusing", "PACLitaxel", "617.359"}}
}

func standingBy() []channel { return []channel{{status: "standby"}} }

// The pumps of Northfield: the first under an exclusive contract, the second in
// the hands of the hospital's own engineers, the third in no register.
func contractPump(software string, c []channel) pump {
	return pump{"QP-880021", "00005EEF10000121", software, c}
}
func strangePump(software string, c []channel) pump {
	return pump{"QP-990055", "00005EEF10000155", software, c}
}
func ownPump(software string, c []channel) pump {
	return pump{"QP-880037", "00005EEF10000137", software, c}
}

// segments frames a message (HL7 MLLP, release 1, section 2).
func segments(list ...string) string { return "\x0b" + strings.Join(list, "\r") + "\r\x1c\r" }

func stamp(at time.Time) string { return at.UTC().Format("20060102150405") }

// report is one pump in one message (IHE PCD TF-2, section 3.1, PCD-01).
func (p pump) report(at time.Time, n int) string {
	lines := []string{
		fmt.Sprintf("MSH|^~\\&|NFGATE^00005EEF10000142^EUI-64|NORTHFIELD|NFENGINE|NORTHFIELD|%s||ORU^R01^ORU_R01|P%d%s|P|2.6|||NE|AL||UNICODE UTF-8|||PCD_DEC_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO", stamp(at), n, p.serial),
		"SFT|Quell Infusion|2.4.0|Quell Ward Server|2.4.0",
		"PID|1||7755001^^^NORTHFIELD^MR||ZZCANARY^CANARYFIRST||19470229|F|||1 ZZSTREET^^NORTHFIELD",
		"PV1|1|I|W4^R0447^BEDQ^NORTHFIELD||||ZZDOCTOR^ANN|||MED||||||||||ZZVISIT7",
		"OBR|1|ZZACCN-1|ZZACCN-2|69985^MDC_DEV_PUMP_INFUS_MDS^MDC|||" + stamp(at),
	}
	add := func(kind, concept, path, value, units, result, instance string) {
		line := fmt.Sprintf("OBX|%d|%s|%s^MDC|%s|%s|%s|||||%s|||||||%s", len(lines)-4, kind, concept, path, value, units, result, instance)
		lines = append(lines, strings.TrimRight(line, "|"))
	}
	add("", "69985^MDC_DEV_PUMP_INFUS_MDS", "1.0.0.0", "", "", "X", p.serial+"^Quell 5^"+p.eui+"^EUI-64")
	add("ST", "531970^MDC_ID_MODEL_MANUFACTURER", "1.0.0.1", "Quell Infusion", "", "R", "")
	add("ST", "531969^MDC_ID_MODEL_NUMBER", "1.0.0.2", "Quell 5", "", "R", "")
	add("ST", "531972^MDC_ID_PROD_SPEC_SERIAL", "1.0.0.3", p.serial, "", "R", "")
	add("ST", "531975^MDC_ID_PROD_SPEC_SW", "1.0.0.4", p.software, "", "R", "")
	for i, c := range p.channels {
		vmd := i + 1
		add("", "69986^MDC_DEV_PUMP_INFUS_VMD", fmt.Sprintf("1.%d.0.0", vmd), "", "", "X", string(rune('A'+i)))
		add("", "126978^MDC_DEV_PUMP_INFUS_CHAN_DELIVERY", fmt.Sprintf("1.%d.1.0", vmd), "", "", "X", "")
		add("CWE", "184508^MDC_PUMP_STAT", fmt.Sprintf("1.%d.1.1", vmd), "^pump-status-"+c.status+"^MDC", "", "R", "")
		if c.drug != "" {
			add("NM", "158014^MDC_FLOW_FLUID_PUMP_CURRENT", fmt.Sprintf("1.%d.1.2", vmd), c.rate, "265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^^UCUM", "R", "")
			add("", "126977^MDC_DEV_PUMP_INFUS_CHAN_SOURCE", fmt.Sprintf("1.%d.2.0", vmd), "", "", "X", "")
			add("ST", "184514^MDC_DRUG_NAME_LABEL", fmt.Sprintf("1.%d.2.1", vmd), c.drug, "", "R", "")
		}
	}
	return segments(append(lines, "NTE|1||ZZNOTE at the bedside")...)
}

// acknowledgement is the interface engine's answer.
func acknowledgement(at time.Time, id string) string {
	return segments("MSH|^~\\&|NFENGINE|NORTHFIELD|NFGATE|NORTHFIELD|"+stamp(at)+"||ACK|A"+id+"|P|2.6", "MSA|AA|"+id)
}

// admission is what the EHR tells of a patient.
func admission(at time.Time, event string) string {
	return segments("MSH|^~\\&|NFEHR|NORTHFIELD|NFENGINE|NORTHFIELD|"+stamp(at)+"||ADT^"+event+"^ADT_A01|E1|P|2.5.1", "EVN|"+event+"|"+stamp(at),
		"PID|1||7755001^^^NORTHFIELD^MR||ZZCANARY^CANARYFIRST||19470229|F|||1 ZZSTREET^^NORTHFIELD", "PV1|1|I|W4^R0447^BEDQ^NORTHFIELD||||ZZDOCTOR^ANN|||MED")
}

const assetsCSV = `Control #,Description,Manufacturer,Model #,Serial #,Facility,Building,Room,Dept,Cost Center,Owner,Status,Risk,Life Support,Coverage,Contract #,Service Provider,Warranty Exp,PM Freq (mo),Last PM,Next PM,IP,MAC,AE Title,Hostname,SW Rev,Install Date,Notes
000101,"Pump, infusion",Quell Infusion,Quell 5,QP-880021,Northfield,Main,W4-1,Oncology,7120,Nursing,In service,High,Y,OEM contract exclusive,QI-17,Quell Infusion,,12,06/19/2026,06/19/2027,,,,,2.1,,
000102,"Pump, infusion",QUELL INFUSION,Quell 5,QP-880037,Northfield,Main,W4-2,Oncology,7120,Nursing,In service,High,N,In-house,,Biomedical Engineering,,12,06/19/2026,06/19/2027,,,,,2.1,,
000201,"Scanner, CT",Vireo Imaging,Ring 64,VI-4471,Northfield,Main,R-1,Radiology,7010,Imaging Services,In service,High,N,In-house,,Imaging Engineering,,12,05/18/2026,05/18/2027,10.40.1.32,,NFCT1,,1.0,,
000301,"Defibrillator",Pulsewright,Revive 3,PW-9001,Northfield,Main,W4-3,Oncology,7120,Nursing,In service,High,Y,In-house,,Biomedical Engineering,,6,07/17/2026,01/17/2027,,,,,,,never on a network
`

const historyCSV = `Work Order,Control #,Type,Opened,Completed,Problem,Action Taken,Technician,Hours,As-left SW
W-1,000101,PM,06/19/2026,06/19/2026,Scheduled inspection,Performance verified,a.north,1.0,2.1
`

const engineersCSV = `Engineer,Team,Manufacturer,Model,Activity,Certificate,Valid From,Valid To
a.north,Biomedical Engineering,Quell Infusion,Quell 5,apply_vendor_patch,QI-SW-1,2024-02-01,2039-01-31
b.south,Biomedical Engineering,Quell Infusion,Quell 5,apply_vendor_patch,QI-SW-2,2022-03-01,2025-02-28
c.west,Imaging Engineering,Vireo Imaging,Ring 64,apply_vendor_patch,VI-3,2021-06-01,2024-05-31
`

// advisory is a CSAF 2.0 document that names one product by a range of versions.
func advisory(id, maker, product, affected, fix string) string {
	return fmt.Sprintf(`{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","lang":"en","title":"Made up: %[1]s",
 "publisher":{"category":"other","name":"Tests","namespace":"https://example.org"},
 "tracking":{"id":%[1]q,"status":"final","version":"1","initial_release_date":"2026-09-01T00:00:00Z","current_release_date":"2026-09-01T00:00:00Z",
  "revision_history":[{"date":"2026-09-01T00:00:00Z","number":"1","summary":"First"}]}},
 "product_tree":{"branches":[{"category":"vendor","name":%[2]q,"branches":[{"category":"product_name","name":%[3]q,"branches":[
  {"category":"product_version_range","name":%[4]q,"product":{"name":%[3]q,"product_id":"P1"}}]}]}]},
 "vulnerabilities":[{"title":"Made up","product_status":{"known_affected":["P1"]},
  "remediations":[{"category":"vendor_fix","details":%[5]q,"product_ids":["P1"]}],
  "scores":[{"products":["P1"],"cvss_v3":{"version":"3.1","baseScore":8.1,"baseSeverity":"HIGH","vectorString":"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]}]}
`, id, maker, product, affected, fix)
}

// The causes of Northfield's findings.
const (
	pumpCause    = "MADE-2026-001"
	scannerCause = "MADE-2026-002"
)

// papers writes Northfield's register and advisories into a folder.
type papers struct{ dir, assets, history, engineers, feeds string }

func newPapers(t testing.TB) papers {
	t.Helper()
	p := papers{dir: t.TempDir()}
	p.assets, p.history, p.engineers = write(t, p.dir, "assets.csv", assetsCSV), write(t, p.dir, "history.csv", historyCSV), write(t, p.dir, "engineers.csv", engineersCSV)
	p.feeds = t.TempDir()
	write(t, p.feeds, "one.json", advisory(pumpCause, "Quell Infusion", "Quell 5", "< 2.2", "Update to 2.2."))
	write(t, p.feeds, "two.json", advisory(scannerCause, "Vireo Imaging", "Ring 64", "<= 1.0", "Update to 1.1."))
	return p
}

// importInto imports everything; where is --state FILE or --socket FILE.
func (p papers) importInto(t testing.TB, where ...string) {
	t.Helper()
	for kind, file := range map[string]string{"assets": p.assets, "history": p.history, "engineers": p.engineers} {
		must(t, append([]string{"register", "import", "--kind", kind, file}, where...)...)
	}
	must(t, append([]string{"feeds", "import", p.feeds}, where...)...)
}

// heardOnce is the state file that northfield copies: making it takes six commands.
var heardOnce struct {
	sync.Mutex
	state []byte
}

// northfield gives a state file that has heard a ward round. Its site is "main",
// as without a configuration.
func northfield(t testing.TB) (state string) {
	t.Helper()
	heardOnce.Lock()
	defer heardOnce.Unlock()
	dir := t.TempDir()
	state = filepath.Join(dir, "state.db")
	if heardOnce.state != nil {
		return write(t, dir, "state.db", string(heardOnce.state))
	}
	newPapers(t).importInto(t, "--state", state)
	round := filepath.Join(dir, "round.pcap")
	newFilm(t, monday).round(contractPump("2.1", infusing()), ownPump("2.1", standingBy())).save(t, round)
	o := must(t, "replay", "--config", write(t, dir, "auto.yaml", "mode: {default: auto}\n"), "--state", state, round)
	if o.out == "" {
		t.Fatal("a replay prints nothing")
	}
	raw, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	heardOnce.state = raw
	return state
}
