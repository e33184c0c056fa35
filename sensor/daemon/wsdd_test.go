package daemon_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
	"github.com/auscult/auscult/sensor/testbed"
	"github.com/auscult/auscult/sensor/testbed/sender"
)

// TestInvariant05AWindowsHostIsNoMedicalDevice: Debian's wsdd speaks WS-Discovery and
// DPWS as Windows hosts do, on the port of SDC. It says Hello, answers a Probe and a Get
// of its metadata, and says Bye: nothing of that makes it a medical device, but it is
// heard.
func TestInvariant05AWindowsHostIsNoMedicalDevice(t *testing.T) {
	t.Parallel()
	needs(t, "wsdd")
	bed := testbed.New(t)
	pc, asker := bed.AddHost("pc", "10.40.4.10/24", "00:00:5e:00:53:70"), bed.AddHost("asker", "10.40.4.11/24", "00:00:5e:00:53:71")
	mirror := bed.Mirror()
	c := sender.New(t, time.Now())
	err := mirror.Do(func() error {
		live, err := capture.OpenLive(capture.LiveOptions{Interface: testbed.MirrorInterface, RingBytes: 4 << 20}, &sensor.Tap{})
		if err != nil {
			return err
		}
		discovered(t, pc, asker)
		var f sensor.Frame
		for err = live.Next(&f); err == nil; err = live.Next(&f) {
			c.Frames = append(c.Frames, sender.Frame{When: f.When, Data: bytes.Clone(f.Data)})
		}
		if errors.Is(err, sensor.ErrIdle) {
			err = nil
		}
		return errors.Join(err, live.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	if t.Failed() {
		return
	}
	raw := string(c.Pcap())
	for _, part := range []string{"discovery/Hello", "ProbeMatches", "ThisDevice", "pub:Computer"} {
		if !strings.Contains(raw, part) {
			t.Errorf("%s was not heard: this test proves nothing", part)
		}
	}
	devices := pipeline(t, 1, c)
	i := slices.IndexFunc(devices, func(d inventory.Device) bool { return slices.Contains(d.IPs, "10.40.4.10") })
	if i < 0 {
		t.Fatalf("the host is not known: %d devices", len(devices))
	}
	if d := devices[i]; d.Type != inventory.UnknownType && d.Type != "workstation" || d.Use.State != protocols.UnknownUse || d.SerialNumber != "" ||
		slices.ContainsFunc(d.Roles, func(r string) bool { return strings.HasPrefix(r, "sdc") }) {
		t.Errorf("it is a %s with serial number %q, roles %v, %s", d.Type, d.SerialNumber, d.Roles, d.Use.State)
	}
}

// discovered lets wsdd run on a host while another asks for it.
func discovered(t *testing.T, pc, asker *testbed.Host) {
	t.Helper()
	wsdd := pc.Start("wsdd", "--ipv4only", "--interface", testbed.HostInterface, "--hostname", "NFPC7")
	pc.WaitPort("10.40.4.10:5357")
	err := asker.Do(func() error {
		answer, err := probed()
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(answer, "Address>")
		id, _, _ := strings.Cut(strings.TrimPrefix(rest, "urn:uuid:"), "<")
		return described(id)
	})
	if err != nil {
		t.Errorf("ask wsdd: %v: %s", err, wsdd.Output())
	}
	_ = wsdd.Stop() // ended by a signal, having said Bye
}

// probed sends a Probe for every device to the group and returns the answer.
func probed() (string, error) {
	conn, err := net.ListenPacket("udp4", "10.40.4.11:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	body := envelope("http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe", "<wsd:Probe><wsd:Types>dpws:Device</wsd:Types></wsd:Probe>")
	to := &net.UDPAddr{IP: net.ParseIP(everybody.Address), Port: 3702}
	if _, err := conn.WriteTo([]byte(oldDiscovery(body)), to); err != nil {
		return "", fmt.Errorf("probe: %w", err)
	}
	answer := make([]byte, 1<<16)
	if err := conn.SetReadDeadline(time.Now().Add(patience / 4)); err != nil {
		return "", err
	}
	n, _, err := conn.ReadFrom(answer)
	return string(answer[:n]), err
}

// oldDiscovery is a message in the namespaces of April 2005, which Windows speaks, with
// the prefix that wsdd compares the type with.
func oldDiscovery(message string) string {
	return strings.NewReplacer("http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01", "http://schemas.xmlsoap.org/ws/2005/04/discovery",
		"http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing",
		"http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01", "http://schemas.xmlsoap.org/ws/2006/02/devprof",
		"dpws:", "wsdp:", ":dpws", ":wsdp", "<wsa:MessageID>", "<wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</wsa:To><wsa:MessageID>").Replace(message)
}

// described gets the metadata of a host by its id.
func described(id string) error {
	conn, err := net.DialTimeout("tcp", "10.40.4.10:5357", patience)
	if err != nil {
		return err
	}
	body := strings.ReplaceAll(oldDiscovery(envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/Get", "")), "urn:schemas-xmlsoap-org:ws:2005:04:discovery", "urn:uuid:"+id)
	body = strings.Replace(body, "8000-000000000001", "8000-000000000002", 1) // a message of its own
	err = conn.SetDeadline(time.Now().Add(patience))
	if err == nil {
		_, err = fmt.Fprintf(conn, "POST /%s HTTP/1.1\r\nHost: 10.40.4.10:5357\r\nContent-Type: application/soap+xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", id, len(body), body)
	}
	if err == nil {
		_, err = bytes.NewBuffer(nil).ReadFrom(conn)
	}
	return errors.Join(err, conn.Close())
}
