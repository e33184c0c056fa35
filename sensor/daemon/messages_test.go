package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/daemon"
	"github.com/auscult/auscult/sensor/testbed/sender"
)

// shapes are the ways in which a conversation passes the mirror port. All of them say
// the same of the host that sends.
func shapes() map[string]sender.Shape {
	return map[string]sender.Shape{
		"one octet a segment": {Segment: 1}, "seven octets a segment": {Segment: 7}, "batched": {Batched: true},
		"joined after the handshake": {Midway: true}, "joined, in small segments": {Midway: true, Segment: 11},
		"the server unheard": {Unheard: sender.TheServer}, "the server unheard, joined": {Unheard: sender.TheServer, Midway: true},
		"no end": {Open: true},
	}
}

func wrappings() map[string]sender.Wrapping {
	return map[string]sender.Wrapping{
		"VLAN": sender.Tagged(120), "QinQ": sender.Stacked(900, 120), "ERSPAN II": sender.ERSPAN2(7, 120), "ERSPAN III": sender.ERSPAN3(7, 120),
		"GRE with Ethernet": sender.Bridged(), "GRE": sender.Routed(), "VXLAN": sender.VXLAN(5000),
	}
}

// The MACs are local (IEEE 802, U/L bit): they name no maker, and it is the same
// where a tunnel leaves them out.
var (
	speaking  = sender.Host{MAC: "02:00:5e:00:53:61", Address: "10.40.2.61"}
	listening = sender.Host{MAC: "02:00:5e:00:53:62", Address: "10.40.2.62"}
)

// oddPort is no protocol's.
const oddPort = 31999

// knownAfter is what is known after a conversation in a shape.
func knownAfter(t *testing.T, m mail, lines []sender.Line, s sender.Shape, w sender.Wrapping) string {
	t.Helper()
	c := sender.New(t, m.when)
	c.Wrap = w
	c.Converse(speaking, listening, oddPort, s, lines...)
	return toldOf(pipeline(t, 1, c))
}

// knowledge is loaded once: that takes longer than a conversation.
var knowledge = sync.OnceValues(daemon.Knowledge)

// pipeline puts a capture through everything from frames to devices.
func pipeline(t testing.TB, workers int, c *sender.Capture) []inventory.Device {
	t.Helper()
	base, err := knowledge()
	if err != nil {
		t.Fatal(err)
	}
	config := configs.Default()
	config.Workers = workers
	return daemon.Inventory(config, base, heardFrames(c))
}

func heardFrames(c *sender.Capture) (frames []sensor.Frame) {
	for _, f := range c.Frames {
		frames = append(frames, sensor.Frame{Data: f.Data, Length: len(f.Data), When: f.When, Link: sensor.LinkEthernet})
	}
	return frames
}

// toldOf is what a person would want of each device that has a name, a line each:
// who it is, what it does, and whether it is spoken for.
func toldOf(devices []inventory.Device) string {
	var lines []string
	for _, d := range devices {
		if makerOf(d)+d.Model+d.SerialNumber+d.Location == "" {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s: maker %q model %q serial %q software %q hardware %q UDI %q at %q, %s %s\n", d.Presence, d.Type,
			makerOf(d), d.Model, d.SerialNumber, d.SoftwareVersions, d.HardwareVersion, d.UDI, d.Location, d.Use.State, d.Use.Activity))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// makerOf is the maker of a device, unless only the block of a MAC tells it: a tunnel
// that leaves link headers out takes that away, and may bring another.
func makerOf(d inventory.Device) string {
	for _, e := range d.Evidence {
		if e.Attribute == string(protocols.Manufacturer) && e.Value == d.Manufacturer && e.Confidence > 0.3 {
			return d.Manufacturer
		}
	}
	return ""
}

// uses is what toldOf says of use, at the end of each line.
var uses = regexp.MustCompile(`, [a-z-]+ [a-z]*\n`)

// agrees reports whether the same is known as is wanted. A careful one may call unknown
// or in use what is wanted as something else.
func agrees(got, want string, careful bool) bool {
	if !careful || got == want {
		return got == want
	}
	told, wanted := uses.FindAllString(got, -1), uses.FindAllString(want, -1)
	for i, use := range told {
		if i >= len(wanted) || use != wanted[i] && !strings.HasPrefix(use, ", unknown") && !strings.HasPrefix(use, ", in-use") {
			return false
		}
	}
	return len(told) == len(wanted) && uses.ReplaceAllString(got, "\n") == uses.ReplaceAllString(want, "\n")
}

// everyShape plays a file in every framing and shape, and checks that the same is
// known of the devices after each. What is said at one moment, because it came in one
// segment, counts as the worst of it (inventory/usage).
func everyShape(t *testing.T, m mail) string {
	t.Helper()
	framings := m.framings()
	want := knownAfter(t, m, framings[0].lines(m), sender.Shape{}, nil)
	for _, f := range framings {
		lines := f.lines(m)
		check := func(how string, s sender.Shape, w sender.Wrapping) {
			if got := knownAfter(t, m, lines, s, w); !agrees(got, want, f.endless || s.Batched) {
				t.Errorf("%s, %s:\n%swant\n%s", f.name, how, got, want)
			}
		}
		check("as usual", sender.Shape{}, nil)
		for name, s := range shapes() {
			check(name, s, nil)
		}
		for name, w := range wrappings() {
			check(name, sender.Shape{}, w)
		}
		c := sender.New(t, m.when)
		c.Converse(sender.Host{MAC: speaking.MAC, Address: "fd00:40:2::61"}, sender.Host{MAC: listening.MAC, Address: "fd00:40:2::62"}, oddPort, sender.Shape{}, lines...)
		if got := toldOf(pipeline(t, 1, c)); !agrees(got, want, f.endless) {
			t.Errorf("%s, IPv6:\n%swant\n%s", f.name, got, want)
		}
	}
	return want
}

// cutAnywhere says a file again and again, each time with the first line cut behind
// another octet, checks that the dissectors state the same each time, and returns it.
func cutAnywhere(t *testing.T, m mail) (first string) {
	t.Helper()
	for _, f := range m.framings() {
		lines, c := f.lines(m), sender.New(t, m.when)
		cuts := len(lines[0].Data)
		if len(lines[0].Data) == 1 && len(lines) > 2 { // ENQ; the first frame is what can be cut
			lines = lines[2:]
			cuts = len(lines[0].Data)
		}
		for n := 0; n < cuts; n += stride() {
			c.Converse(speaking, listening, oddPort, sender.Shape{Cut: n}, lines...)
		}
		said := make(map[uint16]string)
		for _, o := range daemon.Statements(configs.Default(), heardFrames(c)) {
			port := max(o.Speaker.Port, o.Listener.Port)
			if o.Report != nil {
				o.Report.At = time.Time{} // each conversation is later than the one before
			}
			said[port] += fmt.Sprintf("%s about %+v: %+v %+v\n", o.Speaker.Addr, o.About, o.Facts, o.Report)
		}
		first = said[firstClient]
		for n := 0; n < cuts; n += stride() {
			if got := said[firstClient+uint16(n/stride())]; got != first {
				t.Errorf("%s, cut behind octet %d:\n%swant\n%s", f.name, n, got, first)
			}
		}
	}
	return first
}

// stride is how far apart the cuts are: everywhere, but for the race detector, which
// takes ten times as long and sees nothing of octets.
func stride() int {
	if len(raceFlags()) > 0 {
		return 7
	}
	return 1
}

// firstClient is the port of the first client of a capture (sender).
const firstClient = 49152

// TestMessagesInEveryShape plays the messages of the rooms' own tests.
func TestMessagesInEveryShape(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"hl7/testdata/*.hl7", "astm/testdata/*.astm", "poct1a/testdata/*.poct1a"} {
		for _, path := range found(t, filepath.Join("..", "..", "protocols", pattern)) {
			t.Run(filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				m := ownMail(t, path)
				t.Logf("\n%s", everyShape(t, m))
				if cutAnywhere(t, m) == "" {
					t.Error("nothing is stated: this test proves nothing")
				}
			})
		}
	}
}

// TestMessagesFromElsewhere plays every message file of a folder that is no part of
// the repository, and prints what is known after each, so that a person compares.
func TestMessagesFromElsewhere(t *testing.T) {
	folder := os.Getenv("AUSCULT_MESSAGES")
	if folder == "" {
		t.Skip("plays the message files of a folder when AUSCULT_MESSAGES names one: files of HL7, ASTM and POCT1-A in folders of any name")
	}
	for _, path := range found(t, filepath.Join(folder, "*", "*")) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range readings(raw) {
				m := mail{filepath.Base(path), moment(raw), []turn{{text: text}}}
				t.Logf("%s at %s\n%s", m.name, m.when.Format(time.RFC3339), everyShape(t, m))
				cutAnywhere(t, m)
			}
		})
	}
}
