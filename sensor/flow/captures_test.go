package flow_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
)

// captures are beside the repository, on machines that have them.
const captures = "../../../shared/captures"

// readCapture reads a file up to its end or its first damage.
func readCapture(t *testing.T, path string) (frames []*sensor.Frame) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var source interface {
		ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
		LinkType() layers.LinkType
	}
	in := bufio.NewReader(file)
	if magic, _ := in.Peek(4); string(magic) == "\x0a\x0d\x0d\x0a" { // names lie
		source, err = pcapgo.NewNgReader(in, pcapgo.DefaultNgReaderOptions)
	} else {
		source, err = pcapgo.NewReader(in)
	}
	for err == nil {
		var data []byte
		var info gopacket.CaptureInfo
		if data, info, err = source.ReadPacketData(); err == nil {
			frames = append(frames, &sensor.Frame{
				Data: data, Length: info.Length, When: info.Timestamp.UTC(), Link: sensor.LinkType(source.LinkType()), Tap: tap,
			})
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Logf("%s: ends early: %v", filepath.Base(path), err)
	}
	return frames
}

// greedy recognises any stream, so that all of them are put in order.
type greedy struct{ greet }

func (greedy) Probe(protocols.Opening) protocols.Verdict { return protocols.Yes }

// Every public capture goes through without a panic, says the same with three
// workers as with one, and leaves nothing behind.
func TestPublicCaptures(t *testing.T) {
	paths, _ := filepath.Glob(captures + "/public/*.pcap*")
	own, _ := filepath.Glob(captures + "/*.pcap")
	if paths = append(paths, own...); len(paths) == 0 {
		t.Skip("no captures beside the repository")
	}
	ps := []protocols.Protocol{
		greedy{greet{name: "stream", on: protocols.TCP}},
		greedy{greet{name: "datagram", on: protocols.UDP}},
		greedy{greet{name: "link", on: protocols.Link}},
	}
	var total flow.Counters
	for _, path := range paths {
		frames := readCapture(t, path)
		run := func(workers int) (*listener, flow.Counters) {
			out := new(listener)
			fan := flow.NewFan(workers, decoding, flow.Options{}, ps, out)
			for _, f := range frames {
				fan.Frame(f)
			}
			fan.Close()
			return out, fan.Counters()
		}
		one, c := run(1)
		three, _ := run(3)
		compareLines(t, three.all, one.all)
		if c.Open != 0 || c.Buffered != 0 || c.Frames != uint64(len(frames)) {
			t.Errorf("%s: %+v", filepath.Base(path), c)
		}
		total.Add(c)
	}
	t.Logf("%d files: %d frames, %d conversations, %d observations, %d gaps of %d bytes, %d out of order, ended %v, decode %v",
		len(paths), total.Frames, total.Opened, total.Observations, total.Gaps, total.GapBytes, total.OutOfOrder, total.Ended, total.Decode)
	if total.Observations == 0 {
		t.Error("nothing was heard")
	}
}
