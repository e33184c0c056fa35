package identity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/protocols"
)

// step is one statement or conversation of a scenario.
type step struct {
	observation  *protocols.Observation
	conversation *protocols.Conversation
}

func (h *house) play(steps ...step) {
	for _, s := range steps {
		if s.observation != nil {
			o := *s.observation
			o.Facts = slices.Clone(o.Facts)
			h.Observe(o)
		} else {
			h.Converse(*s.conversation)
		}
	}
}

// scenario makes n random statements of a small hospital, in which everything
// happens: shared MACs, leases that move, titles and serial numbers used twice,
// archives, gateways. The seed tells all.
func scenario(seed uint64, n int) []step {
	r := rand.New(rand.NewPCG(seed, 7))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	end := func() protocols.Endpoint {
		i := r.IntN(8)
		e := host(fmt.Sprintf("10.0.0.%d", i+1), fmt.Sprintf("00:09:5c:00:00:%02x", (i+r.IntN(20)/19)%8))
		if r.IntN(4) == 0 {
			e = routed(fmt.Sprintf("10.0.0.%d", i+1))
		}
		return e
	}
	facts := func() []protocols.Fact {
		var out []protocols.Fact
		for _, f := range []protocols.Fact{
			fact(protocols.Manufacturer, pick("GE", "Philips", "BD", "")), fact(protocols.Model, pick("T5", "8015", "")),
			fact(protocols.SerialNumber, pick("0", "1001", "1002", "", "")), fact(protocols.StationName, pick("A", "B", "")),
			fact(protocols.AETitle, pick("A", "B", "C", "", "")), fact(protocols.Modality, pick("CT", "", "")),
			fact(protocols.SoftwareVersion, pick("1", "2", "")), fact(protocols.EUI64, pick("00095CFFFE000001", "00095CFFFE0000AA", "", "")),
			role(protocols.Role(pick(string(protocols.RoleDICOMStoreSCP), string(protocols.RoleDICOMQuerySCP), string(protocols.RoleDICOMForwarder),
				string(protocols.RoleHL7DeviceGateway), string(protocols.RoleHL7Receiver), "", "", ""))),
			fact(protocols.DeviceLabel, pick("P1", "P2", "", "")), fact(protocols.HardwareAddress, pick("00:09:5c:00:00:03", "", "", "")),
		} {
			if f.Value != "" && r.IntN(3) > 0 {
				f.Confidence = float64(1+r.IntN(9)) / 10
				out = append(out, f)
			}
		}
		return out
	}
	var out []step
	for i := range n {
		a, b := end(), end()
		if r.IntN(4) == 0 {
			out = append(out, step{conversation: &protocols.Conversation{
				Site: "s", Tap: "t", Transport: protocols.TCP, Opener: a, Acceptor: b, OpenerKnown: r.IntN(2) == 0,
				Bytes: [2]uint64{100, 10}, Packets: [2]uint64{uint64(r.IntN(2)), uint64(r.IntN(2))}, First: at(i), Last: at(i),
			}})
			continue
		}
		about := protocols.Subject{Kind: protocols.SubjectKind(1 + r.IntN(6)), Title: pick("A", "B", "C")}
		p := protocols.Name(pick("dicom", "hl7"))
		f := facts()
		if about.Kind == protocols.AboutAddress {
			p, about.Addr, about.MAC = protocols.Name(pick("arp", "dhcp")), a.Addr, a.MAC
			f = append(f, fact(protocols.Hostname, pick("x", "y")))
		}
		o := statement(i, p, a, b, about, f...)
		if r.IntN(6) == 0 {
			o.Report = &protocols.Report{Complete: true, Valid: 1e12, Source: "test", Channels: []protocols.Channel{
				{Name: "A", State: protocols.InUse, Agent: "SECRETDRUG", Rate: "SECRETRATE"},
			}}
		}
		out = append(out, step{observation: &o})
	}
	return out
}

const seeds = 60

// The same statements give the same inventory, byte for byte, and looking at it
// in between changes nothing.
func TestInvariant06Deterministic(t *testing.T) {
	for seed := range uint64(seeds) {
		steps := scenario(seed, 120)
		a, b := newHouse(t), newHouse(t)
		a.play(steps...)
		for _, s := range steps {
			b.play(s)
			b.Snapshot(at(1000))
		}
		if x, y := text(a.Snapshot(at(1000))), text(b.Snapshot(at(1000))); x != y {
			t.Fatalf("seed %d: two plays differ:\n%s", seed, difference(x, y))
		}
	}
}

// A ledger that was saved and loaded is the same, and goes on as if it had never
// stopped.
func TestLoadAfterSaveIsTheSame(t *testing.T) {
	for seed := range uint64(seeds) {
		steps := scenario(seed, 160)
		whole, first := newHouse(t), newHouse(t)
		store := newStore()
		whole.play(steps...)
		for i, s := range steps[:100] {
			first.play(s)
			if i%30 == 29 || i == 99 {
				save(t, first, store)
			}
		}
		second := newHouse(t)
		if err := second.Load(store); err != nil {
			t.Fatal(err)
		}
		if x, y := text(first.Snapshot(at(1000))), text(second.Snapshot(at(1000))); x != y {
			t.Fatalf("seed %d: loaded ledger differs:\n%s", seed, difference(x, y))
		}
		second.play(steps[100:]...)
		if x, y := text(whole.Snapshot(at(1000))), text(second.Snapshot(at(1000))); x != y {
			t.Fatalf("seed %d: after a restart:\n%s", seed, difference(x, y))
		}
	}
}

func save(t *testing.T, h *house, store *memoryStore) int {
	t.Helper()
	var n int
	if err := store.Update(func(tx inventory.Tx) (err error) {
		n, err = h.Save(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func difference(x, y string) string {
	a, b := strings.Split(x, "\n"), strings.Split(y, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			from := max(0, i-12)
			return strings.Join(a[from:min(len(a), i+4)], "\n") + "\n---\n" + strings.Join(b[from:min(len(b), i+4)], "\n")
		}
	}
	return "one is longer"
}

// Statements that do not move an address or end a claim commute: the order in
// which they come changes ids and aliases, and nothing else.
func TestOrderOfCommutingStatementsDoesNotMatter(t *testing.T) {
	gateway := host("10.0.3.10", gatewayMAC)
	base := []protocols.Observation{
		statement(1, protocols.DICOM, scanner, archive, aboutSpeaker, fact(protocols.AETitle, "CT01"), role(protocols.RoleDICOMStoreSCU)),
		statement(2, protocols.DICOM, scanner, archive, aboutReferenced, ct()...),
		statement(3, protocols.DICOM, archive, scanner, aboutSpeaker, role(protocols.RoleDICOMStoreSCP), role(protocols.RoleDICOMQuerySCP), fact(protocols.AETitle, "PACS")),
		statement(4, protocols.DICOM, archive, reader, aboutReferenced, ct()...),
		statement(5, protocols.DICOM, archive, reader, aboutReferenced, mr()...),
		statement(6, protocols.ARP, host("", macA), protocols.Endpoint{}, aboutAddress("10.0.0.5", macA), fact(protocols.HardwareAddress, macA)),
		statement(7, protocols.DHCP, host("0.0.0.0", macA), protocols.Endpoint{}, aboutAddress("", macA), role(protocols.RoleDHCPClient), fact(protocols.Hostname, "cart")),
		statement(8, protocols.HL7, gateway, archive, aboutSpeaker, role(protocols.RoleHL7DeviceGateway), fact(protocols.EUI64, "00D075FFFE001122")),
		statement(9, protocols.HL7, gateway, archive, aboutDescribed, append(pump("11223344", "9.33"), fact(protocols.EUI64, "00D075FFFE001122"))...),
		statement(10, protocols.HL7, gateway, archive, aboutDescribed, pump("99887766", "12.1.2")...),
		statement(11, protocols.DICOM, reader, archive, protocols.Subject{Kind: protocols.AboutStation, Title: "CT01"}, fact(protocols.Location, "RAD-1")),
		statement(12, protocols.DICOM, host("10.0.0.5", macA), archive, aboutSpeaker, fact(protocols.AETitle, "CART")),
	}
	var want string
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		order := r.Perm(len(base))
		if round == 0 {
			slices.Sort(order)
		}
		h := newHouse(t)
		for _, i := range order {
			o := base[i]
			o.Facts = slices.Clone(o.Facts)
			h.Observe(o)
		}
		got := withoutIDs(h.Snapshot(at(1000)))
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("order %v:\n%s", order, difference(want, got))
		}
	}
}

// withoutIDs writes devices with their ids replaced by what they are.
func withoutIDs(ds []inventory.Device) string {
	name := map[string]string{}
	for _, d := range ds {
		name[d.ID] = d.SerialNumber + strings.Join(d.IPs, ",")
	}
	var out []string
	for _, d := range ds {
		d.ID, d.Via, d.Aliases = name[d.ID], name[d.Via], nil
		out = append(out, text(d))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// An id stays valid for ever, through joins and partings.
func TestIDsStayValid(t *testing.T) {
	for seed := range uint64(seeds) {
		h := newHouse(t)
		known := map[string]bool{}
		for i, s := range scenario(seed, 120) {
			h.play(s)
			for _, d := range h.Snapshot(at(i)) {
				known[d.ID] = true
				if len(d.ID) != len("d-")+12 || !strings.HasPrefix(d.ID, "d-") {
					t.Fatalf("id %q", d.ID)
				}
				for _, alias := range d.Aliases {
					if to, ok := h.Resolve(alias); !ok || to != d.ID {
						t.Fatalf("seed %d: alias %s of %s resolves to %q", seed, alias, d.ID, to)
					}
				}
				if to, ok := h.Resolve(d.ID); !ok || to != d.ID {
					t.Fatalf("seed %d: %s resolves to %q", seed, d.ID, to)
				}
			}
		}
		for id := range known {
			if _, ok := h.Resolve(id); !ok {
				t.Fatalf("seed %d: %s was a device, and is forgotten", seed, id)
			}
		}
	}
	if _, ok := newHouse(t).Resolve("d-000000000000"); ok {
		t.Error("an id that never was resolves")
	}
}

// No key is on two devices: no address, no real serial number of one maker.
func TestInvariant04NothingIsOnTwoDevices(t *testing.T) {
	for seed := range uint64(seeds) {
		h := newHouse(t)
		h.play(scenario(seed, 200)...)
		holder := map[string]string{}
		for _, d := range h.Snapshot(at(1000)) {
			for _, key := range slices.Concat(d.IPs, d.MACs) {
				if other, ok := holder[key]; ok && !strings.Contains(text(d), "EUI-64") && !strings.Contains(other, "EUI-64") {
					t.Fatalf("seed %d: %s is on two devices:\n%s\n%s", seed, key, other, text(d))
				}
				holder[key] = text(d)
			}
			if d.Presence == inventory.Behind && len(d.IPs) > 0 {
				t.Fatalf("seed %d: behind a gateway, with an address: %s", seed, text(d))
			}
			if d.Via == d.ID || d.Parent == d.ID {
				t.Fatalf("seed %d: its own gateway: %s", seed, text(d))
			}
			if (knowledge{}).PlaceholderSerial(d.SerialNumber) && d.SerialNumber != "" {
				t.Fatalf("seed %d: a placeholder is shown: %s", seed, text(d))
			}
		}
	}
}

// What a device delivers is kept by what keeps uses, and nowhere here.
func TestInvariant02TherapyIsNotInTheLedger(t *testing.T) {
	h := newHouse(t)
	h.play(scenario(3, 200)...)
	store := newStore()
	save(t, h, store)
	for name, bucket := range store.buckets {
		for k, v := range bucket {
			if bytes.Contains(v, []byte("SECRET")) {
				t.Errorf("%s %s holds a drug or a rate", name, k)
			}
		}
	}
	if b, _ := json.Marshal(h.Snapshot(at(1000))); bytes.Contains(b, []byte("SECRET")) {
		t.Error("the inventory holds a drug or a rate")
	}
}

func TestSaveWritesWhatChanged(t *testing.T) {
	h := newHouse(t)
	store := newStore()
	h.dicom(scanner, fact(protocols.AETitle, "CT01"))
	if n := save(t, h, store); n != 3 { // address, interface, title
		t.Errorf("%d records, want 3", n)
	}
	if n := save(t, h, store); n != 0 {
		t.Errorf("%d records without a change", n)
	}
	h.dicom(reader, fact(protocols.AETitle, "R"))
	full := errors.New("disk full")
	if err := store.Update(func(tx inventory.Tx) error {
		if _, err := h.Save(tx); err != nil {
			return err
		}
		return full
	}); !errors.Is(err, full) {
		t.Fatal(err)
	}
	h.Unsaved()
	if n := save(t, h, store); n != 3 {
		t.Errorf("%d records after a transaction that failed, want 3", n)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		want  error
	}{
		"newer schema":      {`{"v":99,"id":"d-1"}`, inventory.ErrNewerState},
		"no JSON":           {`{`, nil},
		"a part is missing": {`{"v":1,"id":"d-1","key":{"kind":"ip","value":"10.0.0.1"},"links":[{"to":"d-2","why":"bound"}]}`, nil},
	} {
		store := newStore()
		_ = store.Bucket(identity.Bucket).Put([]byte("d-1"), []byte(c.value))
		h := newHouse(t)
		h.dicom(scanner, fact(protocols.AETitle, "CT01"))
		before := text(h.devices())
		err := h.Load(store)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if text(h.devices()) != before {
			t.Errorf("%s: a refused load changed the ledger", name)
		}
	}
}

// FuzzScenario hunts for a seed that breaks what every scenario must keep.
func FuzzScenario(f *testing.F) {
	f.Add(uint64(1), uint8(100))
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) {
		steps := scenario(seed, int(n))
		h, store := newHouse(t), newStore()
		h.play(steps...)
		save(t, h, store)
		again := newHouse(t)
		if err := again.Load(store); err != nil {
			t.Fatal(err)
		}
		x, y := text(h.Snapshot(at(1000))), text(again.Snapshot(at(1000)))
		if x != y {
			t.Fatal(difference(x, y))
		}
		for _, d := range h.Snapshot(at(1000)) {
			if id, ok := again.Resolve(d.ID); !ok || id != d.ID {
				t.Fatalf("%s resolves to %q", d.ID, id)
			}
		}
	})
}
