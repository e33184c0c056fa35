package identity_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/protocols"
)

// again repeats a scenario as a hospital does: the same few things are said over
// and over, some late, some after the machines stood still for weeks.
func again(seed uint64, steps []step, n int) []step {
	r := rand.New(rand.NewPCG(seed, 11))
	var out []step
	now := at(0)
	for i := range n {
		now = now.Add(time.Second)
		switch r.IntN(40) {
		case 0:
			now = now.Add(time.Duration(r.IntN(int(identity.ClaimsFade))))
		case 1:
			now = now.Add(-time.Duration(r.IntN(int(identity.ClaimsFade))))
		}
		s := steps[r.IntN(1+i*len(steps)/n)]
		if s.observation != nil {
			o := *s.observation
			o.When = now
			s.observation = &o
		} else {
			c := *s.conversation
			c.First, c.Last = now, now
			s.conversation = &c
		}
		out = append(out, s)
	}
	return out
}

// What is not settled again, because nothing that it depends on changed, would
// have come out the same: a ledger that settles everything knows the same at every
// moment, also what it keeps.
func TestInvariant06NothingLeftUnsettled(t *testing.T) {
	for seed := range uint64(seeds / 3) {
		one, all := newHouse(t), newHouse(t)
		all.EachTurn()
		for i, s := range again(seed, scenario(seed, 30), 600) {
			one.play(s)
			all.play(s)
			if i%50 == 0 || i == 599 {
				a, b := newStore(), newStore()
				if x, y := text(one.Snapshot(at(i))), text(all.Snapshot(at(i))); x != y {
					t.Fatalf("seed %d, step %d: settled once and settled anew differ:\n%s", seed, i, difference(x, y))
				}
				save(t, one, a)
				save(t, all, b)
				if x, y := text(a.buckets), text(b.buckets); x != y {
					t.Fatalf("seed %d, step %d: what is kept differs:\n%s", seed, i, difference(x, y))
				}
			}
		}
	}
}

// repeated is what is heard most: a modality that names itself, a host that sends
// images, a gateway that speaks for a pump, a client that claims its address.
func repeated() map[string]protocols.Observation {
	ct, pump := machine("GE", "CT750", "ct-1001", "CT1"), machine("BD", "8015", "p-77", "")
	scanner, gateway := host("10.0.0.1", "00:09:5c:00:00:01"), host("10.0.0.2", "00:d0:75:00:00:02")
	archive := host("10.0.0.3", "00:25:90:00:00:03")
	claim := statement(1, protocols.ARP, host("", "00:09:5c:00:00:01"), protocols.Endpoint{}, aboutAddress("10.0.0.1", "00:09:5c:00:00:01"))
	claim.Facts = []protocols.Fact{fact(protocols.HardwareAddress, "00:09:5c:00:00:01")}
	return map[string]protocols.Observation{
		"of_itself":  statement(1, protocols.DICOM, scanner, archive, aboutSpeaker, fact(protocols.AETitle, "CT1"), role(protocols.RoleDICOMStoreSCU)),
		"of_a_whole": statement(1, protocols.HL7, scanner, archive, aboutSpeaker, append(ct, fact(protocols.SoftwareVersion, "7.1"))...),
		"of_images":  statement(1, protocols.DICOM, archive, scanner, aboutReferenced, ct...),
		"for_a_pump": statement(1, protocols.HL7, gateway, archive, aboutDescribed, append(pump, fact(protocols.SoftwareVersion, "9.33"))...),
		"of_address": claim,
	}
}

// hospital is a ledger that has heard everything of repeated before.
func hospital(t testing.TB) *house {
	h := newHouse(t)
	for range 3 {
		for _, o := range repeated() {
			h.play(step{observation: &o})
		}
	}
	return h
}

// repeatAllocations is what a statement may allocate that was made before. The
// name of the machine is written out to find it; nothing else is.
const repeatAllocations = 2

func TestARepeatedStatementAllocatesNextToNothing(t *testing.T) {
	h := hospital(t)
	for name, o := range repeated() {
		n := testing.AllocsPerRun(100, func() {
			o.When = o.When.Add(time.Second)
			h.Observe(o)
		})
		if n > repeatAllocations {
			t.Errorf("%s: a repeated statement makes %v allocations, want at most %d", name, n, repeatAllocations)
		}
	}
	c := protocols.Conversation{
		Site: "s", Tap: "t", Transport: protocols.TCP, Protocol: protocols.DICOM, OpenerKnown: true, Last: at(5), First: at(5), Packets: [2]uint64{1, 1},
		Opener: host("10.0.0.1", "00:09:5c:00:00:01"), Acceptor: host("10.0.0.3", "00:25:90:00:00:03"),
	}
	if n := testing.AllocsPerRun(100, func() { h.Converse(c) }); n > 0 {
		t.Errorf("a conversation of known hosts makes %v allocations, want none", n)
	}
}

// day is a day of scenario seconds.
const day = 24 * 3600

func (h *house) imageAt(when int, from protocols.Endpoint, facts ...protocols.Fact) {
	h.Observe(statement(when, protocols.DICOM, from, protocols.Endpoint{}, aboutReferenced, facts...))
}

func (h *house) selfAt(when int, from protocols.Endpoint, facts ...protocols.Fact) {
	h.Observe(statement(when, protocols.HL7, from, protocols.Endpoint{}, aboutSpeaker, facts...))
}

var ct1 = host("10.0.0.1", "00:09:5c:00:00:01")

func replacedMachineFades(h *house) {
	h.imageAt(0, ct1, machine("GE", "CT750", "old", "")...)
	for i := range 140 {
		h.imageAt(i*day/2, ct1, machine("GE", "T5", "new", "")...)
		h.imageAt(i*day/2+1, ct1, machine("GE", "T5", "new", "")...)
	}
}

func fadedMachineComesBackLate(h *house) {
	h.imageAt(0, ct1, machine("GE", "CT750", "old", "")...)
	for i := range 70 {
		h.imageAt(i*day, ct1, machine("GE", "T5", "new", "")...)
	}
	h.imageAt(42*day, ct1, machine("GE", "CT750", "old", "")...)
	for i := range 3 {
		h.imageAt(70*day+i, ct1, machine("GE", "T5", "new", "")...)
	}
}

func addressThatWasLeftSpeaksAgain(h *house) {
	before, after := routed("10.9.0.7"), routed("10.9.0.8")
	for i := range 5 {
		h.selfAt(i, before, machine("GE", "CT750", "1", "")...)
	}
	for i := range 5 {
		h.selfAt(100+i, after, machine("GE", "CT750", "1", "")...)
	}
	for _, when := range []int{3, 3, 200, 201} { // first what came late, then what is new
		h.Converse(protocols.Conversation{
			Site: "s", Tap: "t", Opener: before, Acceptor: ct1, Packets: [2]uint64{1, 0}, First: at(when), Last: at(when),
		})
	}
	for i := range 5 {
		h.selfAt(300+i, after, machine("GE", "CT750", "1", "")...)
	}
}

func hostTurnsOutToPassOn(h *house) {
	for i := range 5 {
		h.imageAt(i, ct1, machine("GE", "CT750", "1", "")...)
	}
	h.selfAt(10, ct1, role(protocols.RoleDICOMForwarder))
	for i := range 5 {
		h.imageAt(20+i, ct1, machine("GE", "CT750", "1", "")...)
	}
}

func gatewayDescribedItBefore(h *house) {
	pump := routed("10.9.0.7")
	for i := range 5 {
		h.selfAt(50+i, pump, machine("BD", "8015", "p", "")...)
	}
	for _, when := range []int{70, 10} {
		h.Observe(statement(when, protocols.HL7, ct1, pump, aboutDescribed, machine("BD", "8015", "p", "")...))
	}
	for i := range 5 {
		h.selfAt(80+i, pump, machine("BD", "8015", "p", "")...)
	}
}

// What changes by the passing of time, or by somebody else's word, is settled also
// while a host only repeats itself.
func TestWhatChangesLateIsSettled(t *testing.T) {
	for name, play := range map[string]func(*house){
		"replaced machine fades": replacedMachineFades, "faded machine comes back late": fadedMachineComesBackLate,
		"address that was left speaks again": addressThatWasLeftSpeaksAgain, "host turns out to pass on": hostTurnsOutToPassOn,
		"gateway described it before": gatewayDescribedItBefore,
	} {
		one, all := newHouse(t), newHouse(t)
		play(one)
		all.EachTurn()
		play(all)
		if x, y := text(one.Snapshot(at(100*day))), text(all.Snapshot(at(100*day))); x != y {
			t.Errorf("%s: settled once and settled anew differ:\n%s", name, difference(x, y))
		}
	}
}
