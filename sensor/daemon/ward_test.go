package daemon_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/testbed"
)

// ward is everybody who speaks on a bridge whose traffic is mirrored to the sensor:
// real programs where there are any, and otherwise what speaks as they do.
type ward struct {
	t   testing.TB
	bed *testbed.Bed
	dir string

	pacs, ris, archive, reading, ct, us *testbed.Host
	ehr, engine, gateway, dhcp          *testbed.Host
	sensor                              *testbed.Host // its own namespace: the mirror port and a loopback
	messages                            int
}

const (
	pacsAddress    = "10.40.1.10"
	risAddress     = "10.40.1.11"
	archiveAddress = "10.40.1.12"
	engineAddress  = "10.40.1.41"
	enginePort     = "6661"
	dicomPort      = "104"
)

// newWard makes the hosts; the sensor's mirror port hears them all.
func newWard(t testing.TB) *ward {
	w := &ward{t: t, bed: testbed.New(t), dir: t.TempDir()}
	host := func(name, last, octet string) *testbed.Host {
		address := ""
		if octet != "" {
			address = "10.40.1." + octet + "/24"
		}
		return w.bed.AddHost(name, address, "00:00:5e:00:53:"+last)
	}
	w.pacs, w.ris, w.archive = host("pacs", "10", "10"), host("ris", "11", "11"), host("archive", "12", "12")
	w.reading = host("reading", "20", "20")
	w.ct, w.us, w.dhcp = host("ct", "32", "32"), host("us", "33", ""), host("dhcp", "01", "1")
	w.ehr, w.engine, w.gateway = host("ehr", "40", "40"), host("engine", "41", "41"), host("gateway", "42", "42")
	w.sensor = w.bed.Mirror()
	w.startEngine()
	return w
}

// startDICOM runs Orthanc as the PACS, dcmtk as the worklist and the archive.
func (w *ward) startDICOM() {
	w.t.Helper()
	dir := filepath.Join(w.dir, "pacs")
	config := fmt.Sprintf(`{"Name":"NFPACS","StorageDirectory":%q,"IndexDirectory":%q,"HttpServerEnabled":false,"DicomAet":"NFPACS","DicomPort":%s,
 "DicomAlwaysAllowStore":true,"DicomAlwaysAllowFind":true,"DicomAlwaysAllowMove":true,"DicomModalities":{"archive":["NFARCH",%q,%s]}}`, dir, dir, dicomPort, archiveAddress, dicomPort)
	w.file("orthanc.json", config)
	w.pacs.Start("Orthanc", filepath.Join(w.dir, "orthanc.json"))
	list := filepath.Join(w.dir, "worklist", "NFRIS")
	for _, d := range []string{dir, list, filepath.Join(w.dir, "stored")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			w.t.Fatal(err)
		}
	}
	write(w.t, list, "lockfile", "")
	w.file("item.dump", worklistDump)
	w.ris.Run("dump2dcm", filepath.Join(w.dir, "item.dump"), filepath.Join(list, "item.wl"))
	w.ris.Start("wlmscpfs", "-dfp", filepath.Join(w.dir, "worklist"), dicomPort)
	w.archive.Start("storescp", "-aet", "NFARCH", "-od", filepath.Join(w.dir, "stored"), dicomPort)
	w.pacs.WaitPort(pacsAddress + ":" + dicomPort)
	w.ris.WaitPort(risAddress + ":" + dicomPort)
	w.archive.WaitPort(archiveAddress + ":" + dicomPort)
}

func (w *ward) file(name, body string) string { return write(w.t, w.dir, name, body) }

const worklistDump = `(0008,0005) CS [ISO_IR 100]
(0008,0050) SH [ZZACCN-9]
(0010,0010) PN [ZZCANARY^CANARYFIRST]
(0010,0020) LO [7755001]
(0010,0030) DA [19470229]
(0020,000d) UI [2.25.5500771]
(0040,0100) SQ (Sequence with undefined length #=1)
  (fffe,e000) na (Item with undefined length #=5)
    (0008,0060) CS [CT]
    (0040,0001) AE [NFCT1]
    (0040,0002) DA [20260914]
    (0040,0003) TM [0900]
    (0040,0010) SH [NFCT1-HOST]
  (fffe,e00d) na (ItemDelimitationItem)
(fffe,e0dd) na (SequenceDelimitationItem)
(0040,1001) SH [RP1]
`

// imageDump is one image of the scanner, with what only the patient has.
const imageDump = `(0008,0005) CS [ISO_IR 100]
(0008,0008) CS [ORIGINAL\PRIMARY\AXIAL]
(0008,0016) UI [1.2.840.10008.5.1.4.1.1.2]
(0008,0018) UI [2.25.5500772.1]
(0008,0020) DA [20260914]
(0008,0050) SH [ZZACCN-9]
(0008,0060) CS [CT]
(0008,0070) LO [Vireo Imaging]
(0008,0090) PN [ZZDOCTOR^REFERRER]
(0008,1010) SH [NFCT1-HOST]
(0008,1030) LO [ZZNOTE on the study]
(0008,1090) LO [Ring 64]
(0010,0010) PN [ZZCANARY^CANARYFIRST]
(0010,0020) LO [7755001]
(0010,0030) DA [19470229]
(0018,1000) LO [VI-4471]
(0018,1020) LO [1.0]
(0020,000d) UI [2.25.5500771]
(0020,000e) UI [2.25.5500773]
(0020,0010) SH [1]
(0028,0002) US 1
(0028,0004) CS [MONOCHROME2]
(0028,0010) US 2
(0028,0011) US 2
(0028,0100) US 8
(0028,0101) US 8
(0028,0102) US 7
(0028,0103) US 0
(7fe0,0010) OB 5a\5a\43\41
`

// examine is what a scanner does: asks for the worklist, stores an image; and a
// reading workstation has it moved to the archive.
func (w *ward) examine() {
	w.t.Helper()
	image := filepath.Join(w.dir, "image.dcm")
	w.ct.Run("dump2dcm", w.file("image.dump", imageDump), image)
	w.ct.Run("findscu", "-W", "-aet", "NFCT1", "-aec", "NFRIS", "-k", "0010,0010", "-k", "0010,0020", "-k", "0040,0100[0].0040,0001=NFCT1", risAddress, dicomPort)
	w.ct.Run("storescu", "-aet", "NFCT1", "-aec", "NFPACS", pacsAddress, dicomPort, image)
	w.reading.Run("movescu", "-S", "-aet", "NFREAD", "-aec", "NFPACS", "-aem", "NFARCH", "-k", "0008,0052=STUDY", "-k", "0020,000d=2.25.5500771", pacsAddress, dicomPort)
}

// lease: an ultrasound machine asks for an address. Its dhclient runs a script of
// its own: the stock one rewrites the machine's resolver.
func (w *ward) lease() {
	w.t.Helper()
	w.dhcp.Start("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--user=root", "--port=0", "--no-resolv", "--interface="+testbed.HostInterface,
		"--dhcp-range=10.40.1.100,10.40.1.150,255.255.255.0,12h", "--dhcp-authoritative", "--dhcp-leasefile="+filepath.Join(w.dir, "leases"), "--pid-file="+filepath.Join(w.dir, "dnsmasq.pid"))
	script := w.file("lease", "#!/bin/sh\ncase \"$reason\" in BOUND|RENEW|REBIND|REBOOT) ip address replace \"$new_ip_address/24\" dev \"$interface\" ;; esac\nexit 0\n")
	if err := os.Chmod(script, 0o755); err != nil {
		w.t.Fatal(err)
	}
	config := w.file("dhclient.conf", "send host-name \"NFUS1\";\nsend vendor-class-identifier \"Brightwater Sona\";\nrequest subnet-mask, routers;\ninitial-interval 1;\n")
	client := w.us.Start("dhclient", "-4", "-d", "-1", "-cf", config, "-lf", filepath.Join(w.dir, "dhclient.leases"), "-pf", filepath.Join(w.dir, "dhclient.pid"), "-sf", script, testbed.HostInterface)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if strings.Contains(w.us.Run("ip", "-4", "-o", "address", "show", "dev", testbed.HostInterface), "inet ") {
			_ = client.Signal(syscall.SIGKILL) // it would give the address back
			return
		}
	}
	w.t.Fatalf("no address was leased: %s", client.Output())
}

// startEngine answers every message with an acknowledgement.
func (w *ward) startEngine() {
	var server net.Listener
	if err := w.engine.Do(func() (err error) {
		server, err = net.Listen("tcp", engineAddress+":"+enginePort)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			acknowledge(c)
		}
	}()
	w.t.Cleanup(func() { _ = server.Close(); <-ended })
}

func acknowledge(c net.Conn) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	for {
		block, err := r.ReadString('\x1c')
		if err != nil {
			return
		}
		f := strings.Split(block, "|")
		if len(f) < 12 {
			return
		}
		if _, err := io.WriteString(c, acknowledgement(time.Now(), f[9])); err != nil {
			return
		}
	}
}

// tell sends messages to the interface engine and waits for each answer.
func (w *ward) tell(from *testbed.Host, messages ...string) {
	w.t.Helper()
	var c net.Conn
	if err := from.Do(func() (err error) {
		c, err = net.DialTimeout("tcp", engineAddress+":"+enginePort, patience)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	for _, m := range messages {
		if _, err := io.WriteString(c, m); err != nil {
			w.t.Fatal(err)
		}
		if _, err := r.ReadString('\x1c'); err != nil {
			w.t.Fatalf("no acknowledgement: %v", err)
		}
	}
}

// pumps lets the gateway tell of pumps, as of now.
func (w *ward) pumps(list ...pump) {
	w.t.Helper()
	var all []string
	for _, p := range list {
		w.messages++
		all = append(all, p.report(time.Now(), w.messages))
	}
	w.tell(w.gateway, all...)
}

// bridge is the namespace of the bridge, where the far end of the mirror port lies.
func (w *ward) bridge() string {
	return strings.TrimSuffix(w.sensor.Namespace, "mirror0") + "bridge"
}

// farEnd is the other end of the sensor's mirror port.
const farEnd = "m-0"
