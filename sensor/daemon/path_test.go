package daemon_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/cmms/servicenow/standin"
	"github.com/auscult/auscult/sensor/testbed"
	"github.com/auscult/auscult/sensor/testbed/sender"

	"golang.org/x/sys/unix"
)

// path is the whole path: a ward that speaks, a sensor that hears it, and those
// whom the sensor tells.
type path struct {
	*ward
	box   *box
	cmms  *standin.Server
	query func(string) string // of Prometheus
	siem  string              // the file that rsyslogd writes
	heard string              // capture of what the sensor heard
	said  string              // capture of what it said: nothing
	stop  func()              // both captures
}

// TestWholePath lets real programs speak on a mirrored bridge, and follows what
// they say to the orders in the hospital's system and back.
func TestWholePath(t *testing.T) {
	t.Parallel()
	needs(t, "Orthanc", "storescu", "findscu", "movescu", "dump2dcm", "wlmscpfs", "storescp", "dnsmasq", "dhclient", "rsyslogd", "prometheus", "promtool", "tcpdump")
	p := newPath(t)
	p.act()
	p.run(t, "devices", p.devices)
	p.run(t, "orders", p.orders)
	p.run(t, "Invariant12DoneMeansSeen", p.done)
	p.run(t, "told", p.told)
	p.run(t, "Invariant02NoPatient", p.noPatient)
	live := p.lastWord()
	code, took := p.box.stop()
	if code != 0 || took > stopTime {
		t.Errorf("stopped with %d after %v: %s", code, took, p.box.tail())
	}
	p.stop()
	p.run(t, "Invariant02NoPatientAfterTheEnd", p.noPatientInFiles)
	p.run(t, "Invariant06LiveAgreesWithReplay", func(t *testing.T) { p.liveAndReplay(t, live) })
	p.run(t, "Invariant01Mute", p.mute)
}

func newPath(t *testing.T) *path {
	p := &path{ward: newWard(t)}
	p.startDICOM()
	var address string
	p.cmms, address = startCMMS(t, p.sensor)
	siem, ca, file := startSIEM(t, p.sensor)
	p.siem = file
	p.box = newBox(t, p.sensor, "")
	secret := write(t, p.box.dir, "secret", "made-up\n")
	p.box.configure(fmt.Sprintf(`taps: [{name: core, interface: %s, where: Core switch}]
mode: {default: auto}
cmms: {system: servicenow, url: %q, user: auscult, password_file: %q, poll_interval: 1s}
syslog: {address: %q, transport: tls, ca_file: %q, heartbeat: 10s}
`, testbed.MirrorInterface, address, secret, siem, ca))
	var stops [2]func()
	p.heard, stops[0] = p.record("out", "heard.pcap")
	p.said, stops[1] = p.record("in", "said.pcap")
	p.stop = func() { stops[0](); stops[1]() }
	p.box.start()
	p.box.await("the tap listens", func() bool { s, _ := p.box.get("/readyz", "", ""); return s == 200 })
	newPapers(t).importInto(t, "--socket", p.box.socket())
	p.query = startPrometheus(t, p.box)
	return p
}

// run is one part of the whole; what fails in it fails there.
func (p *path) run(t *testing.T, name string, part func(*testing.T)) {
	t.Run(name, func(s *testing.T) {
		p.t, p.box.t = s, s
		defer func() { p.t, p.box.t = t, t }()
		part(s)
	})
}

// act lets everybody speak.
func (p *path) act() {
	p.t.Helper()
	p.tell(p.ehr, admission(time.Now(), "A01"))
	p.lease()
	if err := p.us.Ping(p.pacs); err != nil {
		p.t.Fatal(err)
	}
	p.examine()
	p.pumps(contractPump("2.1", infusing()), ownPump("2.1", standingBy()))
	p.everyRoom()
	p.box.await("both pumps and the scanner are known", func() bool {
		n := 0
		for _, d := range p.box.known().devices {
			if d.Asset != nil && d.Asset.Match.State == inventory.Matched && len(d.Findings) > 0 {
				n++
			}
		}
		return n == 3
	})
}

// everyRoom lets a ward speak every protocol on the same bridge, each with a patient: it
// is told of by frames, because nobody sells the partners.
func (p *path) everyRoom() {
	p.t.Helper()
	c := sender.New(p.t, time.Now())
	for _, v := range voices(p.t, time.Now()) {
		v.play(c, sender.Shape{})
	}
	err := p.dhcp.Do(func() error {
		link, err := net.InterfaceByName(testbed.HostInterface)
		if err != nil {
			return err
		}
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		for _, f := range c.Frames {
			if err == nil {
				err = unix.Sendto(fd, f.Data, 0, &unix.SockaddrLinklayer{Ifindex: link.Index})
				time.Sleep(time.Millisecond)
			}
		}
		return errors.Join(err, unix.Close(fd))
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.box.await("the ward is known", func() bool {
		_, lung := find(p.box.known().devices, "VB-0047")
		_, cuff := find(p.box.known().devices, "BP-4711")
		return lung && cuff
	})
}

func find(all []inventory.Device, serial string) (inventory.Device, bool) {
	i := slices.IndexFunc(all, func(d inventory.Device) bool { return d.SerialNumber == serial })
	if i < 0 {
		return inventory.Device{}, false
	}
	return all[i], true
}

func (p *path) devices(t *testing.T) {
	k := p.box.known()
	pump := k.control(t, "000101")
	if u := pump.Use; u.State != protocols.InUse || u.Hazard != "cytotoxic" || u.Caution != inventory.CautionHigh || len(u.Channels) != 2 {
		t.Errorf("the pump with chemotherapy: %+v", u)
	}
	if u := k.control(t, "000102").Use; u.State != protocols.Standby {
		t.Errorf("the pump on standby: %+v", u)
	}
	at := func(ip string) inventory.Device {
		return k.device(t, ip, func(d inventory.Device) bool { return slices.Contains(d.IPs, ip) })
	}
	gateway := at("10.40.1.42")
	for _, d := range []inventory.Device{pump, k.control(t, "000102")} {
		if d.Presence != inventory.Behind || d.Via != gateway.ID || len(d.IPs) != 0 || d.Type != "infusion-pump" {
			t.Errorf("%s: %s via %s, %v, %s", d.SerialNumber, d.Presence, d.Via, d.IPs, d.Type)
		}
	}
	for _, want := range []struct {
		ip, kind, ae, role string
	}{
		{"10.40.1.10", "pacs", "NFPACS", "dicom-store-scp"}, {"10.40.1.11", "ris", "NFRIS", "dicom-worklist-scp"},
		{"10.40.1.12", "image-archive", "NFARCH", "dicom-store-scp"}, {"10.40.1.32", "ct", "NFCT1", "dicom-store-scu"},
		{"10.40.1.20", "imaging-workstation", "NFREAD", "dicom-move-scu"},
		{"10.40.1.42", "infusion-gateway", "", ""}, {"10.40.1.41", "unknown", "", "hl7-receiver"}, {"10.40.1.40", "ehr", "", ""},
	} {
		d := at(want.ip)
		if string(d.Type) != want.kind || want.ae != "" && !slices.Contains(d.AETitles, want.ae) || want.role != "" && !slices.Contains(d.Roles, want.role) {
			t.Errorf("%s is %s, %v, %v; want %+v", want.ip, d.Type, d.AETitles, d.Roles, want)
		}
	}
	ct := at("10.40.1.32")
	if ct.Manufacturer != "Vireo Imaging" || ct.Model != "Ring 64" || ct.SerialNumber != "VI-4471" || ct.Asset == nil || ct.Asset.ControlNumber != "000201" {
		t.Errorf("the scanner: %s %s %s, %+v", ct.Manufacturer, ct.Model, ct.SerialNumber, ct.Asset)
	}
	if pacs := at("10.40.1.10"); pacs.SerialNumber != "" || pacs.Model == "Ring 64" {
		t.Errorf("the PACS took the scanner's identity: %s %s", pacs.Model, pacs.SerialNumber)
	}
	us := k.device(t, "the leased address", func(d inventory.Device) bool { return slices.Contains(d.Hostnames, "NFUS1") })
	if len(us.IPs) != 1 || !slices.Contains(us.MACs, "00:00:5e:00:53:33") {
		t.Errorf("the ultrasound machine: %v %v", us.IPs, us.MACs)
	}
	if d := k.control(t, "000301"); d.Presence != inventory.RegisterOnly || d.Connectivity != inventory.NeverConnected {
		t.Errorf("the defibrillator: %s, %s", d.Presence, d.Connectivity)
	}
}

func (p *path) orders(t *testing.T) {
	var k known
	p.box.await("two orders are in the CMMS", func() bool {
		k = p.box.known()
		return k.order(k.control(t, "000101"), pumpCause).CMMS.Number != "" && k.order(k.control(t, "000102"), pumpCause).CMMS.Number != ""
	})
	provider := k.order(k.control(t, "000101"), pumpCause)
	if provider.Assignee.Queue != "Quell Infusion" || provider.Assignee.Person != "" || !holds(provider.Start.Gate, remediation.InUse) || refusal(provider, "a.north") == "" {
		t.Errorf("the provider's order: %+v, start %s, refused %v", provider.Assignee, codes(provider.Start.Gate), provider.Refused)
	}
	own := k.order(k.control(t, "000102"), pumpCause)
	if own.Assignee.Person != "a.north" || !strings.Contains(refusal(own, "b.south"), "expired on 2025-02-28") || !holds(own.Start.Gate, remediation.OnStandby) {
		t.Errorf("the engineer's order: %+v, start %s, refused %v", own.Assignee, codes(own.Start.Gate), own.Refused)
	}
	held := k.order(k.control(t, "000201"), scannerCause)
	if held.State != remediation.StateHeld || !holds(held.Tell, remediation.NoEligiblePerson) || held.CMMS.Number != "" || !strings.Contains(refusal(held, "c.west"), "expired") {
		t.Errorf("the scanner's order: %s, tell %s, refused %v", held.State, codes(held.Tell), held.Refused)
	}
	remote := p.cmms.Orders()
	if len(remote) != 2 {
		t.Fatalf("%d orders in the CMMS", len(remote))
	}
	for _, r := range remote {
		switch r.Number {
		case provider.CMMS.Number:
			if r.Group != "Quell Infusion" || r.Assignee != "" {
				t.Errorf("in the CMMS it is with %q %q", r.Group, r.Assignee)
			}
		case own.CMMS.Number:
			if r.Assignee != "a.north" {
				t.Errorf("in the CMMS it is with %q %q", r.Group, r.Assignee)
			}
		default:
			t.Errorf("an order of nobody: %s", r.Number)
		}
		if !strings.Contains(r.Description, "START: ") || !strings.Contains(r.Title, "0001") {
			t.Errorf("the ticket reads %s\n%s", r.Title, r.Description)
		}
	}
}

// done: both orders come back as done; one pump has the new version, the other has
// not.
func (p *path) done(t *testing.T) {
	k := p.box.known()
	mended, not := k.control(t, "000102"), k.control(t, "000101")
	for _, d := range []inventory.Device{mended, not} {
		if err := p.cmms.Close(k.order(d, pumpCause).CMMS.Number, "6", "done"); err != nil {
			t.Fatal(err)
		}
	}
	state := func(d inventory.Device) remediation.OrderState {
		k = p.box.known()
		return k.order(k.device(t, d.ID, func(x inventory.Device) bool { return x.ID == d.ID }), pumpCause).State
	}
	p.box.await("the work is reported done", func() bool {
		return state(mended) == remediation.StateVerifying && state(not) == remediation.StateVerifying
	})
	p.pumps(contractPump("2.1", infusing()), ownPump("2.2", standingBy()))
	p.box.await("the wire shows it", func() bool {
		return state(mended) == remediation.StateVerified && k.finding(k.control(t, "000102"), pumpCause).Status == remediation.Resolved
	})
	// An update is often reported before the restart: the old version counts later.
	if o := k.order(k.control(t, "000101"), pumpCause); o.State != remediation.StateVerifying {
		t.Errorf("the order of the other pump is %s", o.State)
	}
}

// told: the SIEM and Prometheus have what they are to have.
func (p *path) told(t *testing.T) {
	p.box.await("the SIEM is told", func() bool {
		raw, err := os.ReadFile(p.siem)
		if err != nil {
			return false
		}
		for _, want := range []string{"device.new|", "finding.new|", "finding.closed|", "order.state|", "heartbeat|"} {
			if !bytes.Contains(raw, []byte("\n"+want)) && !bytes.HasPrefix(raw, []byte(want)) {
				return false
			}
		}
		return true
	})
	scrape := p.box.metrics()
	lint(t, scrape)
	for _, want := range []string{"auscult_frames_total", "auscult_transmit_frames_total", "auscult_devices{", "auscult_findings{", "auscult_build_info", "auscult_flows", "auscult_capture_loss_ratio"} {
		if !strings.Contains(scrape, want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
	p.box.await("Prometheus scrapes", func() bool { return strings.Contains(p.query(`up{job="auscult"}`), "=> 1 ") })
	if got := p.query(`auscult_devices{type="infusion-pump",presence="behind"}`); !strings.Contains(got, "=> 3 ") {
		t.Errorf("Prometheus knows of pumps: %q", got)
	}
}

// mute: not one frame came out of the mirror port, while everything above ran.
func (p *path) mute(t *testing.T) {
	if frames := framesOf(t, p.said); len(frames) != 0 {
		t.Errorf("%d frames left the capture interface, the first is % x", len(frames), frames[0].Data[:min(64, len(frames[0].Data))])
	}
	if n := len(framesOf(t, p.heard)); n < 100 {
		t.Errorf("the sensor heard %d frames only", n)
	}
	if n := p.sensor.Returned(); n != 0 {
		t.Errorf("the interface counts %d frames sent", n)
	}
	// The proof that such a capture sees what leaves: somebody else sends there.
	control, stop := p.record("in", "control.pcap")
	p.sensor.Run("ip", "link", "set", testbed.MirrorInterface, "up")
	if err := p.sensor.Do(sendRaw); err != nil {
		t.Fatal(err)
	}
	stop()
	if len(framesOf(t, control)) == 0 {
		t.Error("a frame that was sent there was not seen: this test proves nothing")
	}
}
