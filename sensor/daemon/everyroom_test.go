package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/sensor/testbed/sender"
)

// wardKnown is what a person reads in voices: each device that says who it is, once.
const wardKnown = `behind infusion-pump: maker "Quell Infusion" model "Quell 5" serial "QP-990055" software ["2.1"] hardware "" UDI "" at "W4 R0447 BEDQ", in-use infusing
behind unknown: maker "Quell Infusion" model "Quell 5" serial "QP-990001" software ["2.3"] hardware "" UDI "" at "", unknown 
behind ventilator: maker "Dräger" model "Evita XL" serial "" software ["07.04"] hardware "" UDI "" at "", standby 
network ct: maker "Vireo Imaging" model "Ring 64" serial "VI-3301" software ["3.1.4"] hardware "" UDI "" at "", unknown 
network patient-monitor: maker "GE Healthcare" model "" serial "" software [] hardware "" UDI "" at "ICU B-02", in-use monitoring
network patient-monitor: maker "Philips" model "M8007A" serial "DE22700001" software ["G.01.78"] hardware "B.00.05" UDI "" at "ICU 07 ÄÖ", standby 
network patient-monitor: maker "Quell Infusion" model "Quell Watch" serial "QW-7" software [] hardware "" UDI "" at "W4 R0447 BEDQ", in-use monitoring
network point-of-care-analyzer: maker "Siemens Healthcare Diagnostics" model "DCA Vantage" serial "S900302" software ["4.4.0.0"] hardware "" UDI "" at "Ward 4", in-use analysing
network point-of-care-analyzer: maker "Siemens Healthineers" model "DCA VANTAGE" serial "S900301" software ["04.04.00.00"] hardware "" UDI "" at "", in-use analysing
network unknown: maker "" model "" serial "" software [] hardware "" UDI "" at "ICU CENTRAL", unknown 
network unknown: maker "Vireo Home" model "Cuff 2" serial "BP-4711" software ["2.4"] hardware "B" UDI "" at "", unknown 
network ventilator: maker "Vireo Breath" model "Lung 3" serial "VB-0047" software ["5.2.1"] hardware "rev C" UDI "(01)04049098000001(21)VB-0047" at "NORTHFIELD ICU VB3", in-use 
`

// TestEveryRoomThroughTheProgram: conversations of every protocol, the MDIB over HTTP
// and the association of 20601 among them, give the devices with who they are, where,
// and what they do.
func TestEveryRoomThroughTheProgram(t *testing.T) {
	t.Parallel()
	c := sender.New(t, monday)
	for _, v := range voices(t, monday) {
		v.play(c, sender.Shape{})
	}
	if got := toldOf(replayed(t, c.Pcap())); got != wardKnown {
		t.Errorf("known is\n%swant\n%s", got, wardKnown)
	}
	if got := toldOf(pipeline(t, 1, c)); got != wardKnown {
		t.Errorf("without a state file it is\n%s", got)
	}
}

// TestInvariant02NoPatientOfAnyProtocol replays the ward into a state file, and looks
// for its patients in all that is printed and kept. What the running sensor shows and
// tells is looked through in TestWholePath.
func TestInvariant02NoPatientOfAnyProtocol(t *testing.T) {
	t.Parallel()
	dir, c := t.TempDir(), sender.New(t, monday)
	for _, v := range voices(t, monday) {
		v.play(c, sender.Shape{})
	}
	state, capture := filepath.Join(dir, "state.db"), write(t, dir, "c.pcap", string(c.Pcap()))
	newPapers(t).importInto(t, "--state", state)
	for _, args := range [][]string{{"replay", "--state", state, "--format", "json", capture}, {"replay", "--format", "csv", capture}, {"replay", capture},
		{"devices", "--state", state}, {"devices", "--format", "fhir", "--state", state}, {"findings", "--state", state}, {"orders", "--state", state}, {"audit", "--state", state}} {
		o := must(t, args...)
		clean(t, strings.Join(args, " "), o.out+o.err, canaries())
	}
	kept, err := os.ReadFile(state)
	if err != nil || !bytes.Contains(kept, []byte("VB-0047")) {
		t.Fatalf("the state file has %d bytes and knows no ventilator: %v", len(kept), err)
	}
	clean(t, "the state file", string(kept), canaries())
}

// anyShape is a shape by chance, which leaves nothing out but perhaps the handshake.
func anyShape(r *rand.Rand) sender.Shape {
	return sender.Shape{Segment: []int{0, 1, 2, 3, 7, 16, 100, 536}[r.IntN(8)], Cut: r.IntN(200), Midway: r.IntN(2) == 0, Open: r.IntN(2) == 0}
}

// TestInvariant06EveryRoomInAnyPieces: however each conversation of the ward is cut,
// with or without its handshake, the same is known; and by any number of workers to the
// last byte.
func TestInvariant06EveryRoomInAnyPieces(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 36))
		c := sender.New(t, monday)
		var shapes []string
		for _, v := range voices(t, monday) {
			s := anyShape(r)
			v.play(c, s)
			shapes = append(shapes, fmt.Sprintf("%s %+v", v.name, s))
		}
		one := pipeline(t, 1, c)
		if got := toldOf(one); got != wardKnown {
			t.Errorf("seed %d, %s\n%swant\n%s", seed, strings.Join(shapes, "\n"), got, wardKnown)
		}
		for _, workers := range []int{2, 4} {
			if got, want := asJSON(t, pipeline(t, workers, c)), asJSON(t, one); got != want {
				t.Errorf("seed %d, %d workers: %s", seed, workers, firstDifference(want, got))
			}
		}
	}
}

func asJSON(t *testing.T, devices []inventory.Device) string {
	t.Helper()
	var b strings.Builder
	for _, d := range devices {
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(raw, '\n'))
	}
	return b.String()
}

// TestJoinedLateNothingElseIsSaid joins each conversation of the ward anywhere: what is
// then known was known of the whole, and nobody is called idle or off by what was
// missed.
func TestJoinedLateNothingElseIsSaid(t *testing.T) {
	t.Parallel()
	for _, v := range voices(t, monday) {
		length := 0
		for _, l := range v.lines {
			if !l.FromServer {
				length += len(l.Data)
			}
		}
		if length == 0 {
			continue // datagrams are each whole
		}
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			whole := sender.New(t, monday)
			v.play(whole, sender.Shape{})
			known, r := pipeline(t, 1, whole), rand.New(rand.NewPCG(uint64(length), 37))
			for range 60 {
				s := sender.Shape{Midway: true, Late: r.IntN(length), Segment: []int{0, 1, 13}[r.IntN(3)], Unheard: sender.Side(r.IntN(3))}
				c := sender.New(t, monday)
				v.play(c, s)
				for _, d := range pipeline(t, 1, c) {
					if why := beyond(d, known); why != "" {
						t.Errorf("%+v: %s", s, why)
					}
				}
			}
		})
	}
}

// beyond says what a device states that no device of the whole does, "" for nothing.
func beyond(d inventory.Device, known []inventory.Device) string {
	if d.Type == "lab-analyzer" {
		d.Type = inventory.UnknownType // without its header a transmission is an analyser's, of whatever kind
	}
	values := func(d inventory.Device) (all []string) {
		for _, v := range append([]string{d.Manufacturer, d.Model, d.SerialNumber, d.HardwareVersion, d.UDI, d.Location, string(d.Type)}, d.SoftwareVersions...) {
			if v != "" && v != "unknown" {
				all = append(all, v)
			}
		}
		return all
	}
	freer := d.Use.State != "unknown" && d.Use.State != "in-use"
	for _, w := range known {
		if !slices.ContainsFunc(values(d), func(v string) bool { return !slices.Contains(values(w), v) }) && (!freer || d.Use.State == w.Use.State) {
			return ""
		}
	}
	return fmt.Sprintf("%s %v %q is %s, which nobody is who was heard whole", d.Presence, d.IPs, values(d), d.Use.State)
}

// TestWhatIsStillSayableIsSaid joins conversations in the middle of what is said first:
// what is told later is known as if all had been heard.
func TestWhatIsStillSayableIsSaid(t *testing.T) {
	t.Parallel()
	all := voices(t, monday)
	for name, want := range map[string]string{
		"dicom":   `network ct: maker "Vireo Imaging" model "Ring 64" serial "VI-3301" software ["3.1.4"]`, // the second image
		"medibus": `model "Evita XL"`, "sdc": `maker "Vireo Breath" model "Lung 3" serial "VB-0047" software ["5.2.1"]`,
		"ieee11073-20601": `maker "Vireo Home" model "Cuff 2" serial "BP-4711"`, "fhir": `serial "QP-990001" software ["2.3"]`,
	} {
		v := all[slices.IndexFunc(all, func(v voice) bool { return v.name == name })]
		for _, size := range []int{0, 1, 17} {
			c := sender.New(t, monday)
			v.play(c, sender.Shape{Midway: true, Late: len(v.lines[0].Data) / 2, Segment: size})
			if got := toldOf(pipeline(t, 1, c)); !strings.Contains(got, want) {
				t.Errorf("%s, in segments of %d: %s is not in\n%s", name, size, want, got)
			}
		}
	}
}

// replayed puts a capture through the whole program, with a state file.
func replayed(t testing.TB, pcap []byte) []inventory.Device {
	t.Helper()
	path := write(t, t.TempDir(), "c.pcap", string(pcap))
	return objects[inventory.Device](t, must(t, "replay", "--format", "json", path).out)
}
