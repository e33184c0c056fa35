package mirror_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/mirror"
)

// monday is when each history begins: 2025-03-03 00:00 UTC.
var monday = time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC)

// ward is one VLAN as a hospital has it: frames a second at noon of a working day, at
// night, and on a weekend; in bursts where every so many minutes one has traffic.
type ward struct {
	noon, night, weekend float64
	burst                int
}

// port is a made-up mirror port that counts as the sensor does.
type port struct {
	t         *testing.T
	random    *rand.Rand
	m         *mirror.Mirror
	wards     map[uint16]ward
	snap      mirror.Snapshot
	heard     map[sensor.Place]*sensor.Heard
	changes   []mirror.Change
	gone      map[uint16]bool // VLANs that the switch no longer sends
	factor    float64         // of all rates
	loss      float64         // share of segments that the switch loses
	twice     float64         // share of frames that come a second time
	hidden    float64         // share of frames that are encrypted wireless
	cut       float64         // share of frames that arrive cut
	place     func(vlan uint16) sensor.Place
	talk      func(p *port) [2]uint64 // packets of one ended conversation
	protocols []protocols.Name
	stopped   bool
}

func hospital() map[uint16]ward {
	return map[uint16]ward{
		10: {noon: 4000, night: 300, weekend: 0.3},
		20: {noon: 900, night: 15, weekend: 0.05}, // an outpatient clinic
		30: {noon: 60, night: 50, weekend: 1},     // monitors
		40: {noon: 2500, night: 100, weekend: 0.2, burst: 17},
		50: {noon: 3, night: 0.4, weekend: 0.5},
		60: {noon: 0.1, night: 0.02, weekend: 0.5},
	}
}

func newPort(t *testing.T, seed uint64, d mirror.Declared) *port {
	d.Name = "span0"
	p := &port{t: t, random: rand.New(rand.NewPCG(seed, 1)), m: mirror.New(d), wards: hospital(), heard: map[sensor.Place]*sensor.Heard{},
		gone: map[uint16]bool{}, factor: 1, protocols: []protocols.Name{protocols.ARP, protocols.DICOM, protocols.HL7, protocols.DHCP}}
	p.place = func(vlan uint16) sensor.Place { return sensor.Place{VLAN: vlan} }
	p.talk = func(*port) [2]uint64 { return [2]uint64{20, 20} }
	p.snap = mirror.Snapshot{At: monday, LinkUp: true, Speed: 10e9, Conversations: map[protocols.Name]uint64{}}
	return p
}

// rate is what a ward sends at a time, with the ramps of a working day.
func (w ward) rate(at time.Time) float64 {
	hour := float64(at.Hour()) + float64(at.Minute())/60
	day := 1 / (1 + math.Exp(-(hour-7.5)*3)) * (1 - 1/(1+math.Exp(-(hour-18)*2)))
	top := w.noon
	if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
		top = w.night + (w.noon-w.night)*w.weekend
	}
	r := w.night + (top-w.night)*day
	if w.burst > 0 {
		if at.Minute()%w.burst != 0 {
			return r / 2000
		}
		return r * float64(w.burst)
	}
	return r
}

// frames draws how many come in a time: Poisson, with a rate that itself wavers.
func (p *port) frames(rate, seconds float64) uint64 {
	mean := rate * seconds * math.Exp(p.random.NormFloat64()*0.3)
	if mean > 50 {
		return uint64(max(0, mean+p.random.NormFloat64()*math.Sqrt(mean)))
	}
	n, product := uint64(0), p.random.Float64()
	for limit := math.Exp(-mean); product > limit; n++ {
		product *= p.random.Float64()
	}
	return n
}

// step lets time pass and shows the mirror what was counted.
func (p *port) step(dt time.Duration) {
	p.snap.At = p.snap.At.Add(dt)
	for _, vlan := range slices.Sorted(maps.Keys(p.wards)) { // in order: each draws from the same chance
		w := p.wards[vlan]
		if n := p.frames(w.rate(p.snap.At)*p.factor, dt.Seconds()); n > 0 && !p.stopped && !p.gone[vlan] {
			p.hear(vlan, n)
		}
	}
	if !p.stopped {
		for _, name := range p.protocols {
			p.snap.Conversations[name] += uint64(dt.Seconds())
		}
		for range 3 {
			p.converse(10)
		}
	}
	p.show()
}

func (p *port) hear(vlan uint16, n uint64) {
	at := p.place(vlan)
	h := p.heard[at]
	if h == nil {
		h = &sensor.Heard{Place: at}
		p.heard[at] = h
	}
	lost := uint64(float64(n) * p.loss / 2)
	twice := uint64(float64(n) * p.twice)
	h.Frames, h.Bytes, h.DuplicateFrames = h.Frames+n, h.Bytes+n*700, h.DuplicateFrames+twice
	h.Segments, h.SegmentBytes = h.Segments+n/2-min(lost, n/2), h.SegmentBytes+(n/2-min(lost, n/2))*1000
	h.Holes, h.HoleBytes = h.Holes+lost, h.HoleBytes+lost*1000
	p.snap.Frames, p.snap.Bytes = p.snap.Frames+n+twice, p.snap.Bytes+(n+twice)*700
	hidden := uint64(float64(n) * p.hidden)
	p.snap.Decoded.Verdicts[sensor.Decoded] += n + twice - hidden
	p.snap.Decoded.Verdicts[sensor.Encrypted] += hidden
	p.snap.Decoded.Cut += uint64(float64(n) * p.cut)
}

func (p *port) converse(vlan uint16) {
	p.m.Conversed(protocols.Conversation{Transport: protocols.TCP, Ended: true, OpenerKnown: true, Packets: p.talk(p),
		Opener: protocols.Endpoint{VLAN: vlan}, Acceptor: protocols.Endpoint{VLAN: vlan}})
}

func (p *port) show() {
	s := p.snap
	s.Heard = nil
	for _, h := range p.heard {
		s.Heard = append(s.Heard, *h)
	}
	p.changes = append(p.changes, p.m.Hear(s)...)
}

func (p *port) run(long, dt time.Duration) {
	for end := p.snap.At.Add(long); p.snap.At.Before(end); {
		p.step(dt)
	}
}

// raisedWithin runs on until a code is raised, and says how long it took.
func (p *port) raisedWithin(c mirror.Code, vlan uint16, limit, dt time.Duration) {
	p.t.Helper()
	p.changesWithin(true, c, vlan, limit, dt)
}

func (p *port) clearedWithin(c mirror.Code, vlan uint16, limit, dt time.Duration) {
	p.t.Helper()
	p.changesWithin(false, c, vlan, limit, dt)
}

func (p *port) changesWithin(raised bool, c mirror.Code, vlan uint16, limit, dt time.Duration) {
	p.t.Helper()
	p.changes = nil
	for begin := p.snap.At; p.snap.At.Sub(begin) < limit; {
		p.step(dt)
		for _, x := range p.changes {
			if x.Raised == raised && x.Trouble.Code == c && x.Trouble.VLAN == vlan {
				p.t.Logf("%s of VLAN %d, raised %t after %s: %s", c, vlan, raised, p.snap.At.Sub(begin), x.Trouble.Says)
				return
			}
		}
	}
	p.t.Errorf("%s of VLAN %d, raised %t: not within %s; changes %v, standing %v", c, vlan, raised, limit, p.changes, codes(p.m))
}

// calm fails where anything was raised.
func (p *port) calm() {
	p.t.Helper()
	for _, x := range p.changes {
		p.t.Errorf("false alarm: raised %t, %s, VLAN %d, since %s: %s", x.Raised, x.Trouble.Code, x.Trouble.VLAN, x.Trouble.Since.Format(time.DateTime), x.Trouble.Says)
	}
}

// codes lists what stands.
func codes(m *mirror.Mirror) map[mirror.Code]int {
	all := map[mirror.Code]int{}
	for _, t := range m.Report().Troubles {
		all[t.Code]++
	}
	return all
}
