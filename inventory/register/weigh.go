package register

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// The weights of evidence, as natural log-odds, and the thresholds. They encode
// the rules of practice (who reuses what, how often): see the matching table in
// the tests, which names each rule. Zero total is "as likely as not".
const (
	prior = -7.0 // one record in about a thousand is the right one by chance

	weightSerial       = 8.0 // exact, of any maker
	weightSerialZeros  = 7.5 // but for leading zeros: spreadsheets eat them
	weightSerialFolded = 5.0 // but for O/0 and I/1: people mix them up
	weightSerialShort  = 3.0 // digits only, fewer than shortSerial
	weightUDI          = 9.0 // the serial number inside a UDI, which is scanned and not typed
	weightMAC          = 9.0
	weightControl      = 7.0 // the hospital's own tag, told by the device
	weightAE           = 5.0
	weightHost         = 5.0 // equal, or holding the serial or control number
	weightSameName     = 2.0 // a host name that repeats the AE title says little new
	weightIP           = 4.0
	weightMaker        = 2.0 // agrees
	weightVendor       = 1.0 // the MAC's block belongs to the maker
	weightModel        = 2.0 // agrees
	weightPlace        = 0.5 // room or department agrees

	againstSerial  = -8.0 // both are readable and differ: also a contradiction
	againstMaker   = -8.0 // both are known and differ: also a contradiction
	againstModel   = -3.0 // both are known and differ
	againstName    = -1.0 // the register's AE title or host name is not what was heard
	againstMAC     = -1.0 // the register's MAC is not what was heard: cards are replaced
	againstRetired = -1.5 // a retired device should not speak

	decisive = 2.0  // total from which a match is decisive: 88 in 100
	margin   = 2.0  // by how much it must beat the runner-up
	worth    = -2.0 // total from which a person is asked at all: 12 in 100
)

// The contradictions of package identity after which addresses and names tell
// nothing: two hosts use them, and either may be the wrong one.
const (
	addressMoved = "address_moved"
	titleOnTwo   = "ae_title_on_two"
)

// minToken is the shortest serial or control number that is looked for inside a
// host name: shorter runs occur by chance.
const minToken = 5

// heard is one device as matching sees it.
type heard struct {
	d          *inventory.Device
	maker      string
	makerKnown bool
	model      string
	modelKnown bool
	vendors    []string
	serials    []string // said by the device, without placeholders
	udi        string   // the serial number inside its UDI
	macs       []string
	aes        []string // upper case
	hosts      []string // labels
	tokens     []string // normal runs of its host names that may be numbers
	labels     []string // the hospital's tag as the device tells it, normal
	place      string   // normal
}

// pair is one device and one record, weighed.
type pair struct {
	rec     *record
	total   float64
	against float64 // the part of total that contradictions took
	on      []string
	why     []string
	serial  bool // the serial numbers differ
	maker   bool // the makers differ
	strong  bool // joined by a key that only one device has
	// lent is the part of total that addresses and names give, which any host can
	// take for itself.
	lent float64
}

func (p *pair) add(weight float64, on, says string) {
	p.total += weight
	if on != "" && !slices.Contains(p.on, on) {
		p.on = append(p.on, on)
	}
	p.why = append(p.why, says)
}

// lend adds evidence that any host on the network can take for itself.
func (p *pair) lend(weight float64, on, says string) {
	p.lent += weight
	p.add(weight, on, says)
}

// contested reports whether another host uses the device's address or name.
func (h *heard) contested() bool {
	return slices.ContainsFunc(h.d.Conflicts, func(c inventory.Conflict) bool {
		return c.Code == addressMoved || c.Code == titleOnTwo
	})
}

func (p *pair) contradict(weight float64, says string) {
	p.total += weight
	p.against += weight
	p.why = append(p.why, says)
}

// support is what speaks for the pair when contradictions are left aside.
func (p *pair) support() float64 { return p.total - p.against }

func (p *pair) contradicted() bool { return p.serial || p.maker }

// score is the probability that the total means, to three digits; only a
// person's word is 1.
func (p *pair) score() float64 { return min(math.Round(1000/(1+math.Exp(-p.total)))/1000, 0.999) }

// weigh compares a device with a record that shares at least one key with it.
func weigh(h *heard, rec *record) *pair {
	p := &pair{rec: rec, total: prior}
	p.weighSerial(h)
	p.weighAddresses(h)
	p.weighNames(h)
	p.weighMaker(h)
	p.weighModel(h)
	if room := normal(rec.asset.Room); len(room) >= 3 && strings.Contains(h.place, room) {
		p.add(weightPlace, "", "the device's place names the register's room")
	} else if dept := normal(rec.asset.Department); len(dept) >= 3 && strings.Contains(h.place, dept) {
		p.add(weightPlace, "", "the device's place names the register's department")
	}
	if rec.asset.Status == inventory.Retired {
		p.add(againstRetired, "", "against: the register calls the asset retired")
	}
	return p
}

func (p *pair) weighSerial(h *heard) {
	if p.rec.serial == "" || len(h.serials) == 0 && h.udi == "" {
		if p.rec.asset.SerialDefect != "" {
			p.add(0, "", "the register's serial number was not used: "+p.rec.asset.SerialDefect)
		}
		return
	}
	weight, says := 0.0, ""
	for _, s := range h.serials {
		if w, how := compareSerial(s, p.rec.serial); w > weight {
			weight, says = w, how
		}
	}
	if h.udi != "" && normal(h.udi) == normal(p.rec.serial) {
		weight, says = weightUDI, "the serial number inside the device's UDI is the register's"
	}
	if weight > 0 {
		p.strong = weight > weightSerialFolded
		p.add(weight, "serial_number", says)
		return
	}
	p.serial = true
	p.contradict(againstSerial, fmt.Sprintf("against: the register holds serial number %s, the device says %s", p.rec.serial, strings.Join(append(slices.Clone(h.serials), nonEmpty(h.udi)...), ", ")))
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func compareSerial(said, written string) (float64, string) {
	switch {
	case withoutZeros(said) == withoutZeros(written) && weakSerial(written):
		return weightSerialShort, "a short serial number is the same, which says little"
	case normal(said) == normal(written):
		return weightSerial, "the serial number is the same"
	case withoutZeros(said) == withoutZeros(written):
		return weightSerialZeros, "the serial number is the same but for leading zeros"
	case folded(said) == folded(written):
		return weightSerialFolded, "the serial number is the same but for O and 0, or I and 1"
	}
	return 0, ""
}

func (p *pair) weighAddresses(h *heard) {
	a := p.rec.asset
	switch {
	case shareAny(a.MACs, h.macs):
		p.strong = true
		p.add(weightMAC, "mac", "the MAC address is the same")
	case len(a.MACs) > 0 && len(h.macs) > 0:
		p.add(againstMAC, "", "against: the register's MAC address was not heard on the device")
	}
	if a.IP != "" && slices.Contains(h.d.IPs, a.IP) {
		p.lend(weightIP, "ip", "the IP address is the same")
	}
	if control := normal(a.ControlNumber); slices.Contains(h.labels, control) {
		p.strong = true
		p.add(weightControl, "control_number", "the device tells the control number as its label")
	}
}

func (p *pair) weighNames(h *heard) {
	ae := p.rec.ae != "" && slices.Contains(h.aes, p.rec.ae)
	switch {
	case ae:
		p.lend(weightAE, "ae_title", "the AE title is the same")
	case p.rec.ae != "" && len(h.aes) > 0:
		p.add(againstName, "", fmt.Sprintf("against: the register's AE title is %s, the device uses %s", p.rec.ae, strings.Join(h.aes, ", ")))
	}
	switch {
	case p.rec.host != "" && slices.Contains(h.hosts, p.rec.host):
		weight := weightHost
		if ae && normal(p.rec.host) == normal(p.rec.ae) {
			weight = weightSameName
		}
		p.lend(weight, "hostname", "the host name is the same")
	case len(normal(p.rec.serial)) >= minToken && !weakSerial(p.rec.serial) && slices.Contains(h.tokens, normal(p.rec.serial)):
		p.lend(weightHost, "hostname", "the host name holds the serial number")
	case slices.Contains(h.tokens, normal(p.rec.asset.ControlNumber)):
		p.lend(weightHost, "hostname", "the host name holds the control number")
	case p.rec.host != "" && len(h.hosts) > 0:
		p.add(againstName, "", "against: the register's host name was not heard on the device")
	}
}

func (p *pair) weighMaker(h *heard) {
	switch {
	case p.rec.maker == "":
	case h.maker == "":
		if slices.Contains(h.vendors, p.rec.maker) {
			p.add(weightVendor, "", "the MAC address is of a block of the register's maker")
		}
	case normal(h.maker) == normal(p.rec.maker):
		p.add(weightMaker, "", "the maker is the same: "+p.rec.maker)
	case h.makerKnown && p.rec.makerKnown:
		p.maker = true
		p.contradict(againstMaker, fmt.Sprintf("against: the register's maker is %s, the device's is %s", p.rec.maker, h.maker))
	default:
		p.add(0, "", fmt.Sprintf("the makers %s and %s cannot be compared: one is not in the knowledge base", p.rec.maker, h.maker))
	}
}

func (p *pair) weighModel(h *heard) {
	switch {
	case p.rec.model == "" || h.model == "" || p.maker:
	case sameModel(h.model, p.rec.model), sameModel(h.d.Model, p.rec.asset.Model):
		p.add(weightModel, "", "the model agrees: "+p.rec.model)
	case h.modelKnown && p.rec.modelKnown:
		p.add(againstModel, "", fmt.Sprintf("against: the register's model is %s, the device's is %s", p.rec.model, h.model))
	}
}

// sameModel compares two names of models of one maker: equal, or one inside the
// other ("8015" in "8015 PCU").
func sameModel(a, b string) bool {
	x, y := normal(a), normal(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	return x != "" && (x == y || len(x) >= 3 && strings.Contains(y, x))
}
