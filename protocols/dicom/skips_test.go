package dicom_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// scene is a random stream of one direction: some pictures of two machines, which
// all are cut into PDUs in one way when it is steady.
type scene struct {
	random *rand.Rand
	steady bool
}

func newScene(seed uint64, steady bool) scene {
	return scene{random: rand.New(rand.NewPCG(seed, 5)), steady: steady}
}

func (s scene) stream() []byte {
	length := 300 + s.random.IntN(40_000)
	if s.random.IntN(2) == 0 {
		length = dcmtkPDU
	}
	b := request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{explicit}}, proposal{3, ctStorage, []string{jpeg}})
	for i := range 2 + s.random.IntN(3) {
		b = append(b, s.picture(length, []string{"SN-4711", "SN-2"}[i%2])...)
	}
	return append(append(b, bytes.Repeat(echo(), 100)...), abort()...)
}

// picture is one C-STORE. One that is not steady changes its PDUs somewhere.
func (s scene) picture(length int, serial string) []byte {
	n, id, transfer := s.random.IntN(600_000)&^3, byte(1), explicit
	els := append(machineOf(serial), el(0x7FE00010, "OW", string(noise(n))))
	switch s.random.IntN(4) {
	case 0:
		els = append(machineOf(serial), pixels(n), el(0xFFFCFFFC, "OB", blank(2000)))
	case 1:
		id, transfer = 3, jpeg
		els = append(machineOf(serial), element{tag: 0x7FE00010, vr: "OB", undefined: true,
			fragments: []string{"", string(noise(n / 2 &^ 1)), string(noise(n / 3 &^ 1))}})
	}
	size := func(int) int { return length - 6 }
	pdvs := 1
	if at, other := s.random.IntN(40), 300+s.random.IntN(40_000); !s.steady && s.random.IntN(2) == 0 {
		pdvs += s.random.IntN(2)
		size = func(n int) int {
			if n < at {
				return length - 6
			}
			return other
		}
	}
	return append(storeRQ(id), cut(id, dataset(transfer, els...), pdvs, size)...)
}

// damaged plays the stream with losses: of what is skipped, and of some octets
// more.
func (s scene) damaged(b []byte, packet int) *wire {
	w := newWire()
	for len(b) > 0 {
		n := min(packet, len(b))
		switch chance := s.random.IntN(4000); {
		case w.skip > 0 && chance < 2000:
			n = min(1+s.random.IntN(int(w.skip)+chance%3*2000), len(b))
			w.lost(uint64(n))
		case chance < 2003:
			n = min(s.random.IntN(50_000), len(b))
			w.lost(uint64(n))
		case chance < 2005:
			n = min(s.random.IntN(50_000), len(b))
			w.astray()
		default:
			w.packet(b[:n])
		}
		b = b[n:]
	}
	return w
}

// checkSkips plays one scene whole, as a kernel that drops what is skipped, as
// flow that drops it, without any prediction, and with losses.
func checkSkips(t *testing.T, seed uint64, steady bool, packet int) {
	t.Helper()
	s := newScene(seed, steady)
	stream := s.stream()
	a, b := newWire().honoured(stream, packet).close(), newWire().packets(stream, packet).close()
	wantLines(t, b.lines(), a.lines())
	if a.outcomes != b.outcomes {
		t.Errorf("outcomes %v and %v", a.outcomes, b.outcomes)
	}
	wary := newWire()
	wary.wary = true
	wary.packets(stream, min(packet, 1000)).close()
	known := wary.lines()
	if steady {
		wantLines(t, a.lines(), known)
		if a.outcomes != wary.outcomes {
			t.Errorf("outcomes %v, without predictions %v", a.outcomes, wary.outcomes)
		}
	}
	c := s.damaged(stream, packet)
	for _, line := range append(a.lines(), c.lines()...) {
		if !slices.Contains(known, line) {
			t.Errorf("stated only with skips: %q", line)
		}
	}
	before := len(c.observations)
	c.packets(visit("CT03", "SN-3", 200_000, dcmtkPDU), packet).close()
	c.observations = c.observations[before:]
	for _, text := range visited("CT03", "SN-3") {
		if len(only(c.lines(), text)) != 1 {
			t.Errorf("not stated once: %q in %q", text, c.lines())
		}
	}
}

// TestSkipsChangeNothing is the property for fixed seeds.
func TestSkipsChangeNothing(t *testing.T) {
	for seed := range uint64(60) {
		checkSkips(t, seed, seed%2 == 0, []int{1460, 536, 9000, whole}[seed%4])
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// FuzzSkips is the same for any.
func FuzzSkips(f *testing.F) {
	f.Add(uint64(1), true, uint16(1460))
	f.Add(uint64(2), false, uint16(1460))
	f.Add(uint64(3), false, uint16(9))
	f.Fuzz(func(t *testing.T, seed uint64, steady bool, packet uint16) {
		checkSkips(t, seed, steady, int(packet)+1)
	})
}
