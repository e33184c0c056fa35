package hl7

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
)

// Bounds of a containment tree.
const (
	// maxDevices bounds the systems of one message: a central station reports a
	// ward of some 30 beds at most.
	maxDevices = 64
	// maxUnits bounds the parts of all systems of one message: a modular monitor
	// has about a dozen slots, and a message that reports many systems reports
	// pumps, with four modules each.
	maxUnits = 128
	// maxChannels bounds the channels of all systems of one message, as above.
	maxChannels = 256
	// maxSeen bounds the modules of one system that are remembered for having to be
	// accounted for: more than a rack of pumps has.
	maxSeen = 64
	// maxNumber bounds a number of a path, so that it cannot overflow.
	maxNumber = 1 << 30
)

// path is OBX-4 of a device row: MDS.VMD.CHAN.METRIC, more levels ignored (IHE
// PCD TF-2, B.8.4). 0 means "of the level above".
type path struct{ mds, vmd, channel int }

// pathOf reads OBX-4, and reports whether it is a containment path.
func pathOf(s string) (path, bool) {
	var numbers [4]int
	for i, rest, more := 0, s, true; i < len(numbers); i++ {
		if !more {
			return path{}, false
		}
		var level string
		level, rest, more = strings.Cut(rest, ".")
		n, err := strconv.Atoi(level)
		if err != nil || n < 0 || n > maxNumber {
			return path{}, false
		}
		numbers[i] = n
	}
	return path{numbers[0], numbers[1], numbers[2]}, numbers[0] > 0
}

// String writes the path down to the level that it names.
func (p path) String() string {
	out := strconv.Itoa(p.mds) + "." + strconv.Itoa(p.vmd)
	if p.channel > 0 {
		out += "." + strconv.Itoa(p.channel)
	}
	return out
}

// device is one medical device system (MDS) of a message.
type device struct {
	identity
	mds        int
	group      int      // of the message: the rows of one patient's results
	root       string   // OBX-18 of its own row, as sent
	own        string   // the same, decoded, of the first row of its level
	rooted     bool     // its own row was there
	condition  identity // how it is now: power, battery, alarms
	pump       bool
	ventilator bool
	measures   bool // it reports numbers
	location   string
	votes      instanceVote
	units      []*unit
	channels   []*channel
	source     string        // name of the first row that told a state
	order      int           // of the message: the last OBR with a row of it
	further    bool          // it has rows below another OBR than its own
	number     string        // its serial number by production specification
	doubtful   bool          // its rows may be another device's
	age        time.Duration // of the oldest row that told a state, before its message
	seen       []path        // modules that rows speak of, and parts that are not understood
	unread     bool          // over maxSeen
	unchecked  []path        // parts of which the drug library is off, at most maxSeen
}

// unit is a virtual medical device (VMD): a module, perhaps with its own serial
// number.
type unit struct {
	identity
	vmd    int
	letter string
	pump   bool
}

// channel is what the pump rows of one path say.
type channel struct {
	path
	letter           string
	supply           bool // a source of fluid, not a delivery of its own
	said             states
	flowing          bool // a measured flow above zero
	agents           agents
	programmed       bool // a rate is set, or something remains to be given
	flowNow, flowSet string
	doseRate, dose   string
	volume           string
}

// row reads one OBX.
func (m *message) row(r reader) {
	m.unit = nil
	p, isPath := pathOf(r.text(4).component(1))
	c, isConcept := conceptOf(r.text(3))
	if !isPath || !isConcept {
		m.current = nil
		m.foreign(p, isPath, r)
		m.result(r)
		return
	}
	kind := r.text(11).component(1)
	d := m.device(p, kind == "X", r)
	if d == nil {
		return
	}
	m.current = d
	d.sees(path{mds: p.mds, vmd: p.vmd})
	switch kind {
	case "X":
		m.structure(d, p, c, r)
	case "D", "W", "N":
		// deleted, wrong, not asked for (HL7 table 0085): no value
	default:
		m.value(d, p, c, r)
	}
	if id := r.text(18); id.s != "" && r.inPlace() {
		m.identify(d, p, c, id)
	}
}

// inPlace reports a row whose fields stand where they should: OBX-11, which is required,
// holds a code (HL7 table 0085). A separator in a text that is not escaped, or half of a
// character of a double-octet set, shifts all behind it, and what then stands in OBX-18
// may be the person who observed (OBX-16).
func (r reader) inPlace() bool {
	const table0085 = "ABCDFINOPRSUVWX"
	k := r.text(11).component(1)
	return len(k) == 1 && strings.Contains(table0085, k)
}

// foreign reads a row without a code of the nomenclature: that it is there, and
// whether it may speak of use.
func (m *message) foreign(p path, isPath bool, r reader) {
	// A code that cannot be read may be of a status, and a path anybody's.
	m.unread = m.unread || r.lost(3) || r.lost(4)
	if !isPath {
		return
	}
	for i := len(m.devices) - 1; i >= 0; i-- {
		if d := m.devices[i]; d.mds == p.mds && d.group == m.group {
			d.sees(path{p.mds, p.vmd, p.channel})
			m.hint(d, p, strings.ToUpper(r.text(3).s), r)
			return
		}
	}
	m.unread = true
}

// sees notes a part of the system that must be accounted for before the system
// may be called idle.
func (d *device) sees(p path) {
	if p.vmd == 0 || slices.Contains(d.seen, p) {
		return
	}
	if len(d.seen) == maxSeen {
		d.unread = true
		return
	}
	d.seen = append(d.seen, p)
}

// structure reads a row that names a system, a part or a channel.
func (m *message) structure(d *device, p path, c concept, r reader) {
	pump := strings.Contains(c.name, "PUMP") || c.code == 126978
	d.pump = d.pump || pump
	switch {
	case strings.HasPrefix(c.name, "MDC_MOC_"):
		// a battery or a radio: managed, and no module
	case p.vmd == 0 && p.channel == 0:
		d.ventilator = d.ventilator || strings.Contains(c.name, "VENT")
		d.add(protocols.DeviceType, c.nomenclatureCode(), "OBX-3", statedFact)
		d.addEUI(m.filler, "OBR-3", looseFact)
		m.filler = "" // the first system is the one that was ordered
	case p.channel == 0:
		if u := m.part(d, p.vmd); u != nil {
			m.unit, u.pump = u, pump
			u.add(protocols.DeviceType, c.nomenclatureCode(), "OBX-3", statedFact)
		}
	case pump && strings.HasSuffix(c.name, "_INFO") && !strings.Contains(c.name, "DELIVERY"):
		// of the syringe, of a bolus: no channel
	case pump:
		if ch := m.channel(d, p); ch != nil {
			ch.supply = strings.Contains(c.name, "CHAN_SOURCE") || strings.Contains(c.name, "INFUSATE_SOURCE")
		}
	default:
		d.sees(p) // a part that is not understood
	}
}

// part returns the unit with that number, nil over the bound.
func (m *message) part(d *device, vmd int) *unit {
	for _, u := range d.units {
		if u.vmd == vmd {
			return u
		}
	}
	if m.units == maxUnits {
		m.overflow = true
		return nil
	}
	m.units++
	u := &unit{vmd: vmd}
	d.units = append(d.units, u)
	return u
}

// channel returns what is known of a path, nil over the bound.
func (m *message) channel(d *device, p path) *channel {
	for _, ch := range d.channels {
		if ch.path == p {
			return ch
		}
	}
	if m.channels == maxChannels {
		m.overflow = true
		return nil
	}
	m.channels++
	ch := &channel{path: p}
	d.channels = append(d.channels, ch)
	return ch
}
