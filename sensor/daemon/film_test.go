package daemon_test

import (
	"os"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/testbed/sender"
)

// monday is when the made-up captures begin.
var monday = time.Date(2026, 9, 14, 9, 0, 0, 0, time.UTC)

// film is a made-up capture: frames with their times, as a mirror port gives them.
type film struct {
	*sender.Capture
	t testing.TB
}

type (
	frame = sender.Frame
	party = sender.Host
)

func newFilm(t testing.TB, at time.Time) *film { return &film{sender.New(t, at), t} }

var (
	gatewayParty = party{MAC: "00:00:5e:00:53:42", Address: "10.40.1.42"}
	engineParty  = party{MAC: "00:00:5e:00:53:41", Address: "10.40.1.41"}
	ehrParty     = party{MAC: "00:00:5e:00:53:40", Address: "10.40.1.40"}
)

// round: the gateway tells of pumps, the EHR of a patient, and hosts ask for each
// other's addresses.
func (f *film) round(pumps ...pump) *film {
	f.ARP(gatewayParty, engineParty)
	var told []string
	for i, p := range pumps {
		told = append(told, p.report(f.At, i+1))
	}
	f.talk(gatewayParty, engineParty, 6661, told...)
	f.talk(ehrParty, engineParty, 6661, admission(f.At, "A01"))
	return f
}

// segmentSize is small, so that a message spans several segments.
const segmentSize = 536

// talk is one TCP connection in which a client sends messages and has each
// acknowledged.
func (f *film) talk(client, server party, port uint16, messages ...string) {
	var said []sender.Line
	for i, m := range messages {
		said = append(said, sender.Client([]byte(m)), sender.Server([]byte(acknowledgement(f.At, "P"+string(rune('1'+i))))))
	}
	f.Converse(client, server, port, sender.Shape{Segment: segmentSize}, said...)
}

func pcapOf(t testing.TB, frames []frame) []byte {
	t.Helper()
	c := sender.New(t, monday)
	c.Frames = frames
	return c.Pcap()
}

// save writes the film into a file.
func (f *film) save(t testing.TB, path string) {
	t.Helper()
	if err := os.WriteFile(path, f.Pcap(), 0o600); err != nil {
		t.Fatal(err)
	}
}
