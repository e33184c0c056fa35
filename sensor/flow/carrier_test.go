package flow_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

// post carries another protocol, in whose name it speaks.
type post struct{ greet }

func (post) Carries() []protocols.Name                        { return []protocols.Name{"letter"} }
func (p post) Open(protocols.Context) protocols.Session       { return p }
func (post) Gap(protocols.Direction, uint64, *protocols.Sink) {}
func (post) Close(*protocols.Sink)                            {}

func (post) Segment(s protocols.Segment, out *protocols.Sink) uint64 {
	out.Outcome(protocols.Parsed)
	letter := out.As("letter")
	letter.Outcome(protocols.Malformed)
	letter.Observe(protocols.Observation{Facts: []protocols.Fact{{Attribute: protocols.Hostname, Value: strings.Trim(string(s.Bytes), "HI "), Field: "x", Confidence: 1}}})
	return 0
}

// What a protocol carries for another is counted under the other's name.
func TestCarriedProtocolsAreCountedByTheirName(t *testing.T) {
	e := flow.New(decode.New(), flow.Options{}, []protocols.Protocol{post{greet{name: "post", on: protocols.TCP, word: "HI"}}}, new(listener))
	e.Frame(tcpFrame(client, server, 0, 0, sensor.SYN, ""))
	e.Frame(tcpFrame(client, server, 1, 0, sensor.ACK, "HI host"))
	e.Close()
	got := map[protocols.Name]flow.ProtocolCounters{}
	for _, c := range e.Counters().Protocols {
		got[c.Protocol] = c
	}
	if p, l := got["post"], got["letter"]; p.Outcomes[protocols.Parsed] != 1 || p.Observations != 0 || l.Outcomes[protocols.Malformed] != 1 || l.Observations != 1 {
		t.Errorf("counted %+v", got)
	}
}
