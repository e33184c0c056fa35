package record_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
	"github.com/auscult/auscult/sensor/testbed"
)

var record = flag.Bool("record", false, "make the sample captures anew (root, network for npm, about two minutes)")

// sampleFolder is where package demo embeds the captures from.
const sampleFolder = "../sample"

// snapLength keeps every frame whole.
const snapLength = 65535

// TestRecord plays three acts of a day and writes down what the mirror port hears.
func TestRecord(t *testing.T) {
	if !*record {
		t.Skip("makes the sample captures anew; ask for it with -record")
	}
	h := openHospital(t)
	mirror := h.bed.Mirror()
	film(t, mirror, "morning.pcap", h.morning)
	film(t, mirror, "round.pcap", h.round)
	film(t, mirror, "afternoon.pcap", h.afternoon)
}

// film captures on the mirror port while act plays.
func film(t *testing.T, mirror *testbed.Host, name string, act func()) {
	t.Helper()
	over, open, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- mirror.Do(func() error { return write(filepath.Join(sampleFolder, name), open, over) })
	}()
	select {
	case <-open:
	case err := <-done:
		t.Fatalf("%s: %v", name, err)
	}
	act()
	close(over)
	if err := <-done; err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if n := mirror.Returned(); n != 0 {
		t.Fatalf("%s: the mirror port sent %d frames", name, n)
	}
}

// write keeps every frame in a file until over is closed and nothing is heard.
func write(path string, open chan<- struct{}, over <-chan struct{}) (err error) {
	live, err := capture.OpenLive(capture.LiveOptions{Interface: testbed.MirrorInterface, RingBytes: 8 << 20}, &sensor.Tap{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := pcapgo.NewWriter(file)
	if err := w.WriteFileHeader(snapLength, layers.LinkTypeEthernet); err != nil {
		return err
	}
	close(open)
	var f sensor.Frame
	for {
		switch err := live.Next(&f); {
		case err == nil:
			info := gopacket.CaptureInfo{Timestamp: f.When, CaptureLength: len(f.Data), Length: f.Length}
			if err := w.WritePacket(info, f.Data); err != nil {
				return err
			}
		case !errors.Is(err, sensor.ErrIdle):
			return err
		case closed(over):
			return nil
		}
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// pause lets a moment of wire time pass between two scenes.
func pause() { time.Sleep(300 * time.Millisecond) }
