package dicom_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// partner is the npm package dcmjs-dimse, which .ci/partner installs.
type partner struct{ program string }

func newPartner(t *testing.T) partner {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed; apt-get install nodejs")
	}
	modules, err := filepath.Abs("../../.cache/dimse/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "dcmjs-dimse")); err != nil {
		t.Skip("dcmjs-dimse is not installed; run make packages, which needs npm")
	}
	t.Setenv("NODE_PATH", modules)
	program, err := filepath.Abs(filepath.Join("testdata", "dimse", "partner.js"))
	if err != nil {
		t.Fatal(err)
	}
	return partner{program}
}

// serve starts a server that answers every service.
func (p partner) serve(t *testing.T) (address string) {
	t.Helper()
	return startServer(t, "node", func(port int) []string { return []string{p.program, "serve", strconv.Itoa(port)} })
}

// partnerCases are what is stated of each conversation besides the titles.
func partnerCases() map[string][]string {
	const machineLine = "manufacturer=ACME Medical; model=Scanmaster 9; serial_number=SN-4711; software_version=syngo X 1.2; " +
		"software_version=recon 7; station_name=CT01-CONSOLE; modality=CT; device_type=sop:" + ctStorage
	return map[string][]string{
		"mpps": {"; credential=user name and passcode in clear", "; credential=user identity answered", mppsRole,
			"opener on speaker: station_name=CT-ROOM; ae_title=CT01; modality=CT; " + busy, "acceptor on speaker: role=dicom-mpps-scp", "opener on speaker: " + over},
		"worklist": {"opener on speaker: role=dicom-worklist-scu", "opener on speaker: ae_title=CT01; modality=CT; station_name=CT-ROOM", "acceptor on speaker: role=dicom-worklist-scp"},
		"store": {"opener on speaker: role=dicom-store-scu", "opener on referenced: " + machineLine,
			"acceptor on speaker: role=dicom-store-scp", "acceptor on speaker: role=dicom-receiver"},
		"get": {"opener on speaker: role=dicom-query-scu", "acceptor on speaker: role=dicom-store-scu", "acceptor on speaker: role=dicom-forwarder",
			"acceptor on referenced: " + machineLine, "opener on speaker: role=dicom-store-scp", "opener on speaker: role=dicom-fetcher", "acceptor on speaker: role=dicom-query-scp"},
		"commit":   {"opener on speaker: role=dicom-commitment-scu", "acceptor on speaker: role=dicom-commitment-scp"},
		"report":   {"opener on speaker: role=dicom-commitment-scp", "opener on station VNA: ae_title=VNA", "acceptor on speaker: role=dicom-commitment-scu"},
		"workitem": {"opener on speaker: role=dicom-ups-scu", "opener on speaker: " + busy, "acceptor on speaker: role=dicom-ups-scp", "opener on speaker: " + over},
		"print": {"opener on speaker: role=dicom-print-scu", "acceptor on speaker: role=dicom-print-scp",
			"acceptor on speaker: manufacturer=Filmworks; model=Dry 5950; serial_number=77001; software_version=4.1; label=DRYVIEW_OR"},
		"stranger": {"acceptor on listener: refusal=rejected: calling AE title not recognized"},
	}
}

// TestDcmjsDimse listens to an implementation in another language: procedure steps,
// user identity, C-GET, commitment with its report on a reversed association,
// workitems, print, and a rejection.
func TestDcmjsDimse(t *testing.T) {
	p := newPartner(t)
	server, relays, args := p.serve(t), map[string]*relay{}, []string{p.program}
	for play := range partnerCases() {
		relays[play] = newRelay(t, server)
		args = append(args, play, relays[play].port())
	}
	tool(t, t.TempDir(), "node", args...)
	for play, wanted := range partnerCases() {
		t.Run(play, func(t *testing.T) {
			r := relays[play]
			heardOf(t, r, append(wanted, "implementation=1.2.826.0.1.3680043.10.854; implementation_version=DCMJS-DIMSE-V0.2"))
			if play == "stranger" && len(only(r.got.lines(), "acceptor on speaker"))+len(only(r.got.lines(), "role=")) != 0 {
				t.Errorf("stated of a rejected association: %q", r.got.lines())
			}
			for _, secret := range []string{"ZZCANARY", "secret"} {
				if len(only(r.got.lines(), secret)) != 0 {
					t.Errorf("%q left in %q", secret, r.got.lines())
				}
			}
		})
	}
}
