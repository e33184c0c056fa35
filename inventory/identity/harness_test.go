package identity_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/protocols"
)

var start = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

// knowledge is a small knowledge base: enough to see that the ledger asks it.
type knowledge struct{}

func (knowledge) Manufacturer(name string) (string, bool) {
	for _, m := range [][2]string{{"ge", "GE Healthcare"}, {"philips", "Philips"}, {"phillips", "Philips"}, {"bd", "BD"}, {"carefusion", "BD"}} {
		if strings.HasPrefix(strings.ToLower(name), m[0]) {
			return m[1], true
		}
	}
	return strings.TrimSpace(name), false
}
func (knowledge) Model(_, model string) (string, bool) {
	if strings.Contains(model, "8015") {
		return "Alaris 8015", true
	}
	return strings.TrimSpace(model), false
}
func (knowledge) Vendor(mac string) string {
	return map[string]string{"00:09:5c": "Philips", "00:d0:75": "BD", "00:1b:54": "Cisco"}[mac[:8]]
}
func (knowledge) PlaceholderSerial(s string) bool {
	return strings.Trim(s, "0- ") == "" || strings.EqualFold(s, "none")
}
func (knowledge) Family(string, string) string { return "" }
func (knowledge) Classify(c inventory.Clues) inventory.Verdict {
	has := func(a protocols.Attribute, v string) bool {
		return slices.ContainsFunc(c.Facts, func(f inventory.Clue) bool { return f.Attribute == a && f.Value == v })
	}
	switch {
	case len(c.SpeaksFor) == 0 && has(protocols.DeviceType, "mdc:69985"):
		return inventory.Verdict{Type: "infusion-pump", Confidence: 0.93}
	case has(protocols.RoleOf, string(protocols.RoleHL7DeviceGateway)) && len(c.SpeaksFor) > 0:
		return inventory.Verdict{Type: "infusion-gateway", Confidence: 0.9}
	case c.HL7Senders > 1:
		return inventory.Verdict{Type: "integration-engine", Confidence: 0.9}
	case c.Model == "Alaris 8015":
		return inventory.Verdict{Type: "infusion-pump", Confidence: 0.9}
	case has(protocols.Application, "EPIC"):
		return inventory.Verdict{Type: "ehr", Confidence: 0.9}
	case has(protocols.RoleOf, string(protocols.RoleDICOMQuerySCP)):
		return inventory.Verdict{Type: "pacs", Confidence: 0.9}
	case c.OtherDevices > 0:
		return inventory.Verdict{Type: "image-router", Confidence: 0.8}
	case c.Machines == 1 && has(protocols.Modality, "CT"):
		return inventory.Verdict{Type: "ct", Confidence: 0.9}
	}
	return inventory.Verdict{Type: inventory.UnknownType}
}
func (knowledge) Implies(a protocols.Attribute, v string) []inventory.Implied {
	if a == protocols.VendorClass && v == "VxWorks" {
		return []inventory.Implied{{Attribute: protocols.OS, Value: "VxWorks", Confidence: 0.5}}
	}
	if a == protocols.HardwareAddress && strings.HasPrefix(v, "00:03:b1") {
		return []inventory.Implied{{Attribute: protocols.Manufacturer, Value: "ICU Medical", Confidence: 0.3}}
	}
	if a == protocols.Application && v == "EPIC" {
		return []inventory.Implied{{Attribute: inventory.Software, Value: "Epic", Confidence: 0.7}}
	}
	return nil
}
func (knowledge) Contacts(c protocols.Conversation, of, server protocols.Direction) []inventory.Implied {
	switch ends := [2]protocols.Endpoint{c.Opener, c.Acceptor}; {
	case ends[server].Port != 3613:
		return nil
	case of == server:
		return []inventory.Implied{
			{Attribute: inventory.Serves, Value: "tcp/3613", Confidence: 0.9}, {Attribute: inventory.CalledBy, Value: "BD tcp/3613", Confidence: 0.9},
		}
	}
	return []inventory.Implied{{Attribute: inventory.Calls, Value: "tcp/3613", Confidence: 0.9}}
}
func (knowledge) Tells(c inventory.Clues) []inventory.Tell {
	if c.Vendor == "BD" && slices.ContainsFunc(c.Facts, func(f inventory.Clue) bool { return f.Attribute == inventory.Calls }) {
		return []inventory.Tell{{Rule: "pump", Manufacturer: "BD", Note: "calls as a pump does", Confidence: 0.6}}
	}
	return nil
}
func (knowledge) Hazard(string) inventory.Hazard { return inventory.HazardNone }

// house is a ledger with the tools of a test.
type house struct {
	t testing.TB
	*identity.Ledger
	clock int // seconds; each statement takes one
}

func newHouse(t testing.TB) *house {
	return &house{t: t, Ledger: identity.New(identity.Options{}, knowledge{})}
}

// host is an endpoint on the link that is listened to; router is what a frame of
// a host behind a router looks like.
func host(ip, mac string) protocols.Endpoint {
	m, err := protocols.ParseMAC(mac)
	if err != nil {
		panic(err)
	}
	e := protocols.Endpoint{MAC: m, Hops: 64, Port: 40000}
	if ip != "" {
		e.Addr = netip.MustParseAddr(ip)
	}
	return e
}

func routed(ip string) protocols.Endpoint {
	e := host(ip, "00:1b:54:00:00:01")
	e.Hops = 63
	return e
}

func fact(a protocols.Attribute, v string) protocols.Fact {
	return protocols.Fact{Attribute: a, Value: v, Field: "test", Confidence: 0.9}
}

func role(r protocols.Role) protocols.Fact { return fact(protocols.RoleOf, string(r)) }

func machine(maker, model, serial, station string) []protocols.Fact {
	var out []protocols.Fact
	for _, f := range []protocols.Fact{
		fact(protocols.Manufacturer, maker), fact(protocols.Model, model), fact(protocols.SerialNumber, serial), fact(protocols.StationName, station),
	} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// say states facts at the next second.
func (h *house) say(p protocols.Name, from, to protocols.Endpoint, about protocols.Subject, facts ...protocols.Fact) {
	h.clock++
	h.Observe(statement(h.clock, p, from, to, about, facts...))
}

func statement(second int, p protocols.Name, from, to protocols.Endpoint, about protocols.Subject, facts ...protocols.Fact) protocols.Observation {
	return protocols.Observation{
		When: at(second), Site: "s", Tap: "t", Protocol: p, Speaker: from, Listener: to, About: about, Facts: facts,
	}
}

var (
	aboutSpeaker    = protocols.Subject{Kind: protocols.AboutSpeaker}
	aboutListener   = protocols.Subject{Kind: protocols.AboutListener}
	aboutDescribed  = protocols.Subject{Kind: protocols.AboutDescribed}
	aboutReferenced = protocols.Subject{Kind: protocols.AboutReferenced}
)

func aboutAddress(ip, mac string) protocols.Subject {
	e := host(ip, mac)
	return protocols.Subject{Kind: protocols.AboutAddress, Addr: e.Addr, MAC: e.MAC}
}

// dicom, hl7: a host says something of itself.
func (h *house) dicom(from protocols.Endpoint, facts ...protocols.Fact) {
	h.say(protocols.DICOM, from, protocols.Endpoint{}, aboutSpeaker, facts...)
}

// image: a host sends an object that a machine made.
func (h *house) image(from protocols.Endpoint, facts ...protocols.Fact) {
	h.say(protocols.DICOM, from, protocols.Endpoint{}, aboutReferenced, facts...)
}

// arp: an interface claims an address.
func (h *house) arp(ip, mac string) {
	e := host("", mac)
	h.say(protocols.ARP, e, protocols.Endpoint{}, aboutAddress(ip, mac), fact(protocols.HardwareAddress, mac))
}

// discover and ack: a DHCP client asks, and the server gives it an address.
func (h *house) discover(mac, hostname string) {
	e := host("0.0.0.0", mac)
	h.say(protocols.DHCP, e, protocols.Endpoint{}, aboutAddress("", mac), role(protocols.RoleDHCPClient), fact(protocols.Hostname, hostname))
}

func (h *house) ack(ip, mac string) {
	h.say(protocols.DHCP, host("10.0.0.1", "00:1b:54:00:00:01"), protocols.Endpoint{}, aboutAddress(ip, mac), fact(protocols.IPAddress, ip))
}

// talk: two hosts exchange packets.
func (h *house) talk(a, b protocols.Endpoint, there, back uint64) {
	h.clock++
	h.Converse(protocols.Conversation{
		Site: "s", Tap: "t", Transport: protocols.TCP, Opener: a, Acceptor: b, OpenerKnown: true,
		Bytes: [2]uint64{there * 100, back * 100}, Packets: [2]uint64{there, back}, First: at(h.clock), Last: at(h.clock),
	})
}

// devices is the inventory now.
func (h *house) devices() []inventory.Device { return h.Snapshot(at(h.clock)) }

// with finds the one device that fits, and fails the test when there is another
// number of them.
func (h *house) with(what string, fits func(inventory.Device) bool) inventory.Device {
	h.t.Helper()
	var found []inventory.Device
	for _, d := range h.devices() {
		if fits(d) {
			found = append(found, d)
		}
	}
	if len(found) != 1 {
		h.t.Fatalf("%s: %d devices, want 1: %s", what, len(found), text(found))
	}
	return found[0]
}

func (h *house) ip(ip string) inventory.Device {
	h.t.Helper()
	return h.with(ip, func(d inventory.Device) bool { return slices.Contains(d.IPs, ip) })
}

func (h *house) serial(serial string) inventory.Device {
	h.t.Helper()
	return h.with(serial, func(d inventory.Device) bool { return d.SerialNumber == serial })
}

func (h *house) count(want int) {
	h.t.Helper()
	if ds := h.devices(); len(ds) != want {
		h.t.Fatalf("%d devices, want %d: %s", len(ds), want, text(ds))
	}
}

func text(v any) string {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func has(d inventory.Device, code string) bool {
	return slices.ContainsFunc(d.Conflicts, func(c inventory.Conflict) bool { return c.Code == code })
}

func shows(d inventory.Device, a, v string) bool {
	return slices.ContainsFunc(d.Evidence, func(e inventory.Evidence) bool { return e.Attribute == a && e.Value == v })
}

// memoryStore is a Store without a disk.
type memoryStore struct{ buckets map[string]map[string][]byte }

func newStore() *memoryStore { return &memoryStore{buckets: map[string]map[string][]byte{}} }

func (s *memoryStore) View(fn func(inventory.Tx) error) error { return fn(s) }
func (s *memoryStore) Update(fn func(inventory.Tx) error) error {
	before := map[string]map[string][]byte{}
	for name, b := range s.buckets {
		before[name] = maps.Clone(b)
	}
	err := fn(s)
	if err != nil {
		s.buckets = before
	}
	return err
}
func (s *memoryStore) Backup(io.Writer) error { return nil }
func (s *memoryStore) Close() error           { return nil }
func (s *memoryStore) Bucket(name string) inventory.Bucket {
	if s.buckets[name] == nil {
		s.buckets[name] = map[string][]byte{}
	}
	return memoryBucket(s.buckets[name])
}

type memoryBucket map[string][]byte

func (b memoryBucket) Get(k []byte) []byte           { return b[string(k)] }
func (b memoryBucket) Put(k, v []byte) error         { b[string(k)] = bytes.Clone(v); return nil }
func (b memoryBucket) Delete(k []byte) error         { delete(b, string(k)); return nil }
func (b memoryBucket) NextSequence() (uint64, error) { return uint64(len(b)), nil }
func (b memoryBucket) Scan(prefix []byte, fn func(k, v []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if bytes.HasPrefix([]byte(k), prefix) {
			if err := fn([]byte(k), b[k]); err != nil {
				return err
			}
		}
	}
	return nil
}
