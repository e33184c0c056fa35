package record_test

import (
	"testing"

	"github.com/auscult/auscult/sensor/testbed"
)

// hospital is everybody who speaks on the bridge. Addresses are private (RFC
// 1918), MACs are from the block for documentation (RFC 7042, section 2.1.2), so
// that no maker's device is shown.
type hospital struct {
	t   *testing.T
	bed *testbed.Bed
	dir string // temporary

	dhcp, pacs, ris, archive, reading *testbed.Host
	mr, ct, us                        *testbed.Host
	ehr, engine, gateway, analyser    *testbed.Host
	office                            *testbed.Host

	node string // folder with the npm package
}

// The addresses of those that do not ask for one.
const (
	dhcpAddress    = "10.20.30.1"
	pacsAddress    = "10.20.30.10"
	risAddress     = "10.20.30.11"
	archiveAddress = "10.20.30.12"
	readingAddress = "10.20.30.20"
	mrAddress      = "10.20.30.31"
	ctAddress      = "10.20.30.32"
	ehrAddress     = "10.20.30.40"
	engineAddress  = "10.20.30.41"
	gatewayAddress = "10.20.30.42"

	enginePort = "6661"
)

func openHospital(t *testing.T) *hospital {
	h := &hospital{t: t, bed: testbed.New(t), dir: t.TempDir()}
	host := func(name, address, last string) *testbed.Host {
		if address != "" {
			address += "/24"
		}
		return h.bed.AddHost(name, address, "00:00:5e:00:53:"+last)
	}
	h.dhcp = host("dhcp", dhcpAddress, "01")
	h.pacs, h.ris = host("pacs", pacsAddress, "10"), host("ris", risAddress, "11")
	h.archive, h.reading = host("archive", archiveAddress, "12"), host("reading", readingAddress, "20")
	h.mr, h.ct, h.us = host("mr", mrAddress, "31"), host("ct", ctAddress, "32"), host("us", "", "33")
	h.ehr, h.engine = host("ehr", ehrAddress, "40"), host("engine", engineAddress, "41")
	h.gateway, h.analyser = host("gateway", gatewayAddress, "42"), host("analyser", "", "51")
	h.office = host("office", "", "61")
	h.node = installNode(t)
	h.startPACS()
	h.startRIS()
	h.startStores()
	h.startEngine()
	h.startDHCP()
	return h
}

// morning: everybody is heard for the first time.
func (h *hospital) morning() {
	h.lease(h.us, "SONA5-7", "Brightwater Sona")
	h.lease(h.analyser, "HX20-LAB1", "Arden HX")
	h.lease(h.office, "W4-PC-07", "MSFT 5.0")
	h.admit("A01", canaryOne)
	h.admit("A01", canaryTwo)
	h.find(canaryTwo)
	pause()
	h.worklist(h.mr, mrAE)
	h.step(h.mr, mrAE, "create", mrStep)
	h.store(h.mr, mrAE, mrImages(1, 3))
	h.pumps(morningPumps())
	pause()
	h.worklist(h.ct, ctAE)
	h.step(h.ct, ctAE, "create", ctStep)
	h.store(h.ct, ctAE, ctImages(1, 3))
	h.step(h.ct, ctAE, "end", ctStep)
	h.results(1)
	h.store(h.us, usAE, usImages(1, 2))
	pause()
	h.find(canaryTwo)
	h.move(canaryTwo, readingAE)
	h.move(canaryThree, archiveAE)
	h.pumps(morningPumps())
	h.results(2)
	h.echo(h.reading, readingAE)
	h.ping()
}

// round: what goes on for as long as nobody does anything. It is played again and
// again, so every conversation in it begins and ends.
func (h *hospital) round() {
	h.pumps(morningPumps())
	pause()
	h.store(h.mr, mrAE, mrImages(4, 1))
	h.results(3)
	pause()
	h.admit("A08", canaryOne)
	h.echo(h.reading, readingAE)
	h.echo(h.ct, ctAE)
	h.ping()
}

// afternoon: the therapy is over, one pump was updated, the missing one has come
// back, the examination has ended.
func (h *hospital) afternoon() {
	h.step(h.mr, mrAE, "end", mrStep)
	h.pumps(afternoonPumps())
	pause()
	h.results(4)
	h.admit("A03", canaryOne)
	h.echo(h.reading, readingAE)
	h.echo(h.ct, ctAE)
	h.store(h.us, usAE, usImages(3, 1))
	h.ping()
}

// ping lets the office computer ask the PACS whether it is there.
func (h *hospital) ping() {
	h.t.Helper()
	if err := h.office.Ping(h.pacs); err != nil {
		h.t.Fatal(err)
	}
}
