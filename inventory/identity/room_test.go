package identity_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/protocols"
)

func smallHouse(t testing.TB, atoms, clients int) *house {
	return &house{t: t, Ledger: identity.New(identity.Options{Atoms: atoms, Clients: clients}, knowledge{})}
}

// ask lets n interfaces ask for an address.
func (h *house) ask(from, n int) {
	for i := from; i < from+n; i++ {
		h.discover(fmt.Sprintf("00:08:00:%02x:%02x:%02x", i>>16, i>>8&255, i&255), fmt.Sprintf("host%d", i))
	}
}

// visit is what a hospital says in a few seconds.
func (h *house) visit() {
	for range 4 {
		h.image(scanner, ct()...)
		h.describe(host("10.0.3.10", gatewayMAC), pump("11223344", "9.33")...)
		h.dicom(scanner, fact(protocols.AETitle, "CT01"))
	}
}

func (h *house) visited() bool {
	scanned := slices.ContainsFunc(h.devices(), func(d inventory.Device) bool { return slices.Contains(d.AETitles, "CT01") && len(d.IPs) > 0 })
	return scanned && slices.ContainsFunc(h.devices(), func(d inventory.Device) bool { return d.SerialNumber == "11223344" })
}

// One host that invents names fills its own bound, and nobody else's.
func TestOneHostDoesNotFillTheLedger(t *testing.T) {
	h := smallHouse(t, 3000, 0)
	liar := host("10.0.9.9", "00:08:00:00:00:01")
	for i := range 3000 {
		h.dicom(liar, fact(protocols.AETitle, fmt.Sprint("AE", i)))
	}
	if s := h.Stats(); s.Atoms > identity.MaxTitles+10 || s.RefusedFor.Names != uint64(3000-identity.MaxTitles) || s.Refused != s.RefusedFor.Names+s.RefusedFor.Links {
		t.Errorf("%+v", s)
	}
	if h.visit(); !h.visited() {
		t.Errorf("the hospital is not heard: %+v", h.Stats())
	}
	if s := h.Stats(); s.RefusedFor.Full != 0 {
		t.Errorf("%+v", s)
	}
}

// A flood pushes out what it brought itself: what was known stays, and what comes
// is heard.
func TestAFullLedgerForgetsWhatWeighsLeast(t *testing.T) {
	for name, flood := range map[string]func(h *house){
		"clients": func(h *house) { h.ask(0, 6000) },
		"addresses": func(h *house) {
			for i := range 6000 {
				h.talk(routed(fmt.Sprintf("10.9.%d.%d", i/250, i%250+1)), host("10.0.0.6", macB), 1, 1)
			}
		},
		"described": func(h *house) {
			for i := range 6000 {
				h.describe(routed(fmt.Sprintf("10.9.0.%d", i%200+1)), machine("BD", "8015", fmt.Sprint("X", 1000000+i), "")...)
			}
		},
	} {
		h := smallHouse(t, 3000, 0)
		h.visit()
		id := h.serial("11223344").ID
		flood(h)
		h.describe(host("10.0.3.11", "00:d0:75:00:11:23"), pump("99887766", "12.1.2")...)
		if !h.visited() || h.serial("11223344").ID != id || h.serial("99887766").Presence != inventory.Behind {
			t.Errorf("%s: something is lost: visited %v, was %s, %s, %s", name, h.visited(), id, text(h.serial("11223344")), text(h.serial("99887766")))
		}
		if s := h.Stats(); s.Atoms > 3000 || s.RefusedFor.Full != 0 || s.EvictedFor.Full == 0 || s.Evicted != s.EvictedFor.Full+s.EvictedFor.Clients {
			t.Errorf("%s: %+v", name, s)
		}
		store := newStore()
		save(t, h, store)
		again := smallHouse(t, 3000, 0)
		if err := again.Load(store); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if x, y := text(h.Snapshot(at(9000))), text(again.Snapshot(at(9000))); x != y {
			t.Fatalf("%s: loaded ledger differs:\n%s", name, difference(x, y))
		}
	}
}

func TestClientsWithoutAnAddressAreBounded(t *testing.T) {
	h := smallHouse(t, 0, 400)
	h.visit()
	h.ask(0, 1000)
	s := h.Stats()
	if s.EvictedFor.Clients < 600 || s.EvictedFor.Full != 0 || s.Atoms > 420 || !h.visited() {
		t.Errorf("%+v", s)
	}
	h.with("the last one", func(d inventory.Device) bool { return slices.Contains(d.Hostnames, "host999") })
	h.count(s.Atoms - countOther(h))
}

// countOther counts the atoms that are no device of their own.
func countOther(h *house) int { return h.Stats().Atoms - len(h.devices()) }

// What is forgotten is the same in every play, and over a restart.
func TestInvariant06ForgettingIsDeterministic(t *testing.T) {
	flood := func(seed uint64) []step {
		r := rand.New(rand.NewPCG(seed, 9))
		var all []step
		for i, s := range scenario(seed, 150) {
			all = append(all, s)
			for j := range 12 {
				n := r.IntN(5000)
				mac := fmt.Sprintf("00:08:00:00:%02x:%02x", n>>8, n&255)
				o := statement(i, protocols.DHCP, host("0.0.0.0", mac), protocols.Endpoint{}, aboutAddress("", mac), role(protocols.RoleDHCPClient), fact(protocols.Hostname, fmt.Sprint("h", n)))
				if j%3 == 0 {
					o = statement(i, protocols.DICOM, routed(fmt.Sprintf("10.8.%d.%d", n%16, n%200+1)), protocols.Endpoint{}, aboutSpeaker, fact(protocols.AETitle, fmt.Sprint("T", n)))
				}
				all = append(all, step{observation: &o})
			}
		}
		return all
	}
	for seed := range uint64(8) {
		steps := flood(seed)
		whole, first, second := smallHouse(t, 700, 200), smallHouse(t, 700, 200), smallHouse(t, 700, 200)
		whole.play(steps...)
		store := newStore()
		for i, s := range steps[:1300] {
			first.play(s)
			if i%300 == 299 || i == 1299 {
				save(t, first, store)
			}
		}
		if err := second.Load(store); err != nil {
			t.Fatal(err)
		}
		second.play(steps[1300:]...)
		if whole.Stats().EvictedFor.Full == 0 || whole.Stats().EvictedFor.Clients == 0 {
			t.Fatalf("seed %d forgets nothing: %+v", seed, whole.Stats())
		}
		if x, y := text(whole.Snapshot(at(1000))), text(second.Snapshot(at(1000))); x != y {
			t.Fatalf("seed %d: after a restart:\n%s", seed, difference(x, y))
		}
	}
}

// A client that asks for an address costs the ledger little.
func TestMemoryOfClients(t *testing.T) {
	const n, most = 10_000, 4096 // octets each; twice what was measured
	h := newHouse(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	h.ask(0, n)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / n; each > most {
		t.Errorf("%d octets for each client, want at most %d", each, most)
	}
	runtime.KeepAlive(h)
}
