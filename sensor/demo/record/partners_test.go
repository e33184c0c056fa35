package record_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/testbed"
)

// The DICOM names of the hospital.
const (
	pacsAE    = "FHPACS"
	risAE     = "FHRIS"
	archiveAE = "FHARCHIVE"
	readingAE = "FHREAD1"
	mrAE      = "FHMR1"
	ctAE      = "FHCT1"
	usAE      = "FHUS7"

	dicomPort = "104"
	stepPort  = "105" // where the RIS takes performed procedure steps
)

// nodePackage speaks N-CREATE and N-SET, which dcmtk's programs do not.
const nodePackage = "dcmjs-dimse@0.3.3"

func installNode(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	install := exec.Command("npm", "install", "--no-audit", "--no-fund", "--prefix", dir, nodePackage)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm install %s: %v: %s", nodePackage, err, out)
	}
	script, err := os.ReadFile("testdata/mpps.js")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "mpps.js"), script)
	return dir
}

func writeFile(t *testing.T, path string, body []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, body, 0o644); err != nil {
		t.Fatal(err)
	}
}

// startPACS runs Orthanc, which knows to whom it may send.
func (h *hospital) startPACS() {
	dir := filepath.Join(h.dir, "pacs")
	config := fmt.Sprintf(`{"Name":"FHPACS","StorageDirectory":%q,"IndexDirectory":%q,"HttpServerEnabled":false,
 "DicomAet":%q,"DicomPort":%s,"DicomCheckCalledAet":true,"DicomAlwaysAllowStore":true,"DicomAlwaysAllowFind":true,"DicomAlwaysAllowMove":true,
 "DicomModalities":{"reading":[%q,%q,%s],"archive":[%q,%q,%s]}}`, dir, dir, pacsAE, dicomPort,
		readingAE, readingAddress, dicomPort, archiveAE, archiveAddress, dicomPort)
	writeFile(h.t, filepath.Join(dir, "orthanc.json"), []byte(config))
	h.pacs.Start("Orthanc", filepath.Join(dir, "orthanc.json"))
	h.pacs.WaitPort(pacsAddress + ":" + dicomPort)
}

// startRIS serves the worklist with dcmtk and takes procedure steps with Node.
func (h *hospital) startRIS() {
	dir := filepath.Join(h.dir, "worklist")
	writeFile(h.t, filepath.Join(dir, risAE, "lockfile"), nil)
	for i, wl := range worklistDumps() {
		dump := filepath.Join(h.dir, fmt.Sprintf("wl%d.dump", i))
		writeFile(h.t, dump, []byte(wl))
		run(h.t, "dump2dcm", dump, filepath.Join(dir, risAE, fmt.Sprintf("item%d.wl", i)))
	}
	h.ris.Start("wlmscpfs", "-dfp", dir, dicomPort)
	h.ris.Start("node", filepath.Join(h.node, "mpps.js"), "server", stepPort)
	h.ris.WaitPort(risAddress + ":" + dicomPort)
	h.ris.WaitPort(risAddress + ":" + stepPort)
}

// startStores runs those that take images.
func (h *hospital) startStores() {
	for _, s := range []struct {
		host        *testbed.Host
		ae, address string
	}{{h.archive, archiveAE, archiveAddress}, {h.reading, readingAE, readingAddress}} {
		dir := filepath.Join(h.dir, s.ae)
		writeFile(h.t, filepath.Join(dir, "empty"), nil)
		s.host.Start("storescp", "-aet", s.ae, "-od", dir, dicomPort)
		s.host.WaitPort(s.address + ":" + dicomPort)
	}
}

func (h *hospital) startDHCP() {
	h.dhcp.Start("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--user=root", "--port=0", "--no-resolv", "--interface="+testbed.HostInterface,
		"--dhcp-range=10.20.30.100,10.20.30.150,255.255.255.0,12h", "--dhcp-authoritative",
		"--dhcp-host=00:00:5e:00:53:33,10.20.30.133", "--dhcp-host=00:00:5e:00:53:51,10.20.30.151", "--dhcp-host=00:00:5e:00:53:61,10.20.30.161",
		"--dhcp-leasefile="+filepath.Join(h.dir, "dnsmasq.leases"), "--pid-file="+filepath.Join(h.dir, "dnsmasq.pid"))
	time.Sleep(time.Second) // dnsmasq says nowhere that it listens
}

// lease asks for an address with dhclient. Its own script sets the address and
// nothing else: the stock one rewrites the machine's resolver.
func (h *hospital) lease(host *testbed.Host, name, class string) {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	writeFile(h.t, path+".conf", fmt.Appendf(nil, "send host-name %q;\nsend vendor-class-identifier %q;\nrequest subnet-mask, routers, domain-name-servers;\ninitial-interval 1;\n", name, class))
	script, err := os.ReadFile("testdata/lease")
	if err != nil {
		h.t.Fatal(err)
	}
	writeFile(h.t, path+".script", script)
	if err := os.Chmod(path+".script", 0o755); err != nil {
		h.t.Fatal(err)
	}
	p := host.Start("dhclient", "-4", "-d", "-1", "-cf", path+".conf", "-lf", path+".leases", "-pf", path+".pid", "-sf", path+".script", testbed.HostInterface)
	for range 100 {
		if strings.Contains(host.Run("ip", "-4", "-o", "address", "show", "dev", testbed.HostInterface), "inet ") {
			_ = p.Signal(syscall.SIGKILL) // it would give the address back, and say so
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	h.t.Fatalf("%s got no address: %s", name, p.Output())
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}
