package main_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
	"github.com/auscult/auscult/sensor/testbed"
)

const (
	// imageSide makes a square image of 16-bit pixels of about 100 MB: a large
	// radiograph.
	imageSide = 7168
	// imageCopies is how often it is sent.
	imageCopies = 3
	// wanted is how large a capture must be to be measured: shorter ones measure how
	// a program starts.
	wanted = 64 << 20
	// wireFrame is the largest Ethernet frame without a tag (IEEE 802.3, 3.2.7).
	wireFrame = 1514
	// firstEphemeral is where Linux begins to choose a client's port
	// (net.ipv4.ip_local_port_range).
	firstEphemeral = 32768
)

// recording is one capture file with what is in it.
type recording struct {
	name, path     string
	packets, bytes int64
	last           time.Time
	file           *os.File
	buffer         *bufio.Writer
	writer         *pcapgo.Writer
}

func newRecording(t *testing.T, folder, name string) *recording {
	t.Helper()
	r := &recording{name: name, path: filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".pcap")}
	var err error
	if r.file, err = os.Create(r.path); err != nil {
		t.Fatal(err)
	}
	r.buffer = bufio.NewWriterSize(r.file, 1<<20)
	r.writer = pcapgo.NewWriterNanos(r.buffer)
	if err := r.writer.WriteFileHeader(256<<10, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *recording) add(when time.Time, data []byte) error {
	r.packets, r.bytes, r.last = r.packets+1, r.bytes+int64(len(data)), when
	return r.writer.WritePacket(gopacket.CaptureInfo{Timestamp: when, CaptureLength: len(data), Length: len(data)}, data)
}

func (r *recording) done(t *testing.T) recording {
	t.Helper()
	if err := errors.Join(r.buffer.Flush(), r.file.Close()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d packets, %d bytes", r.name, r.packets, r.bytes)
	return *r
}

// startup is one ARP request: what a program costs before it has read anything.
func startup(t *testing.T, folder string) recording {
	t.Helper()
	r := newRecording(t, folder, "one frame")
	frame := make([]byte, 60)
	copy(frame, "\xff\xff\xff\xff\xff\xff\x00\x13\x38\x01\x02\x03\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01\x00\x13\x38\x01\x02\x03\xc0\x00\x02\x01")
	if err := r.add(time.Unix(1_700_000_000, 0), frame); err != nil {
		t.Fatal(err)
	}
	return r.done(t)
}

// imaging records, on a mirror port, a scanner that sends a large image to an
// archive, with DCMTK at both ends and frames as a wire has them.
func imaging(t *testing.T, folder string) recording {
	t.Helper()
	for _, tool := range []string{"storescu", "storescp", "dump2dcm", "ethtool"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s; install the Debian packages dcmtk and ethtool", tool)
		}
	}
	image := makeImage(t, folder)
	bed := testbed.New(t)
	scanner := bed.AddHost("scanner", "10.77.0.1/24", "00:04:a5:00:00:01")
	archive := bed.AddHost("archive", "10.77.0.2/24", "00:25:90:00:00:02")
	mirror := bed.Mirror()
	archive.Start("storescp", "--ignore", "--aetitle", "ARCHIVE", "11112")
	archive.WaitPort("10.77.0.2:11112")

	r := newRecording(t, folder, "imaging")
	sent := make(chan error, 1)
	err := mirror.Do(func() error {
		live, err := capture.OpenLive(capture.LiveOptions{Interface: testbed.MirrorInterface, RingBytes: 512 << 20}, &sensor.Tap{})
		if err != nil {
			return err
		}
		go func() { sent <- send(scanner, image) }()
		return errors.Join(record(live, r, sent), live.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.done(t)
}

// send sends the image several times, each in an association of its own.
func send(scanner *testbed.Host, image string) error {
	for range imageCopies {
		out, err := scanner.Command("storescu", "--aetitle", "DR-ROOM-1", "--call", "ARCHIVE", "10.77.0.2", "11112", image).CombinedOutput()
		if err != nil {
			return fmt.Errorf("storescu: %w: %s", err, out)
		}
	}
	return nil
}

// record writes all that is heard until the sender is done and the wire silent.
func record(live *capture.Live, r *recording, sent <-chan error) error {
	var failed error
	ended := false
	var f sensor.Frame
	for {
		err := live.Next(&f)
		switch {
		case err == nil && len(f.Data) > wireFrame:
			return fmt.Errorf("a frame of %d bytes: the kernel puts frames together, which no wire does", len(f.Data))
		case err == nil:
			if err := r.add(f.When, f.Data); err != nil {
				return err
			}
			continue
		case !errors.Is(err, sensor.ErrIdle):
			return err
		case ended:
			if lost := live.Stats().KernelDrops; lost > 0 {
				failed = errors.Join(failed, fmt.Errorf("%d frames were lost while recording; run it on an idle machine", lost))
			}
			return failed
		}
		select {
		case failed = <-sent:
			ended = true
		default:
		}
	}
}

// makeImage makes a radiograph of nobody, whose pixels are noise.
func makeImage(t *testing.T, folder string) string {
	t.Helper()
	pixels, dump, image := filepath.Join(folder, "pixels"), filepath.Join(folder, "dump"), filepath.Join(folder, "image.dcm")
	noise := make([]byte, imageSide*imageSide*2)
	if _, err := rand.NewChaCha8([32]byte{1}).Read(noise); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`(0008,0016) UI =DigitalXRayImageStorageForPresentation
(0008,0018) UI [1.2.826.0.1.3680043.9.7777.1]
(0008,0060) CS [DX]
(0008,0070) LO [Example Imaging]
(0008,1090) LO [Radiograph 9]
(0018,1000) LO [SN-0001]
(0018,1020) LO [4.2.1]
(0028,0002) US 1
(0028,0004) CS [MONOCHROME2]
(0028,0010) US %[1]d
(0028,0011) US %[1]d
(0028,0100) US 16
(0028,0101) US 16
(0028,0102) US 15
(0028,0103) US 0
(7fe0,0010) OW =%[2]s
`, imageSide, pixels)
	if err := errors.Join(os.WriteFile(pixels, noise, 0o600), os.WriteFile(dump, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("dump2dcm", "--write-xfer-little", dump, image).CombinedOutput(); err != nil {
		t.Fatalf("dump2dcm: %v: %s", err, out)
	}
	return image
}

// repeated is a short capture, or the captures of a folder, again and again until
// it is long enough to measure: as if the same machines had gone on. Each time
// comes after the last, from other client ports.
func repeated(t *testing.T, folder, name, path string) []recording {
	t.Helper()
	paths := []string{path}
	if info, err := os.Stat(path); err != nil {
		t.Logf("%s is not measured: %s is not there", name, filepath.Base(path))
		return nil
	} else if info.IsDir() {
		if paths, err = filepath.Glob(filepath.Join(path, "*.pcap")); err != nil || len(paths) == 0 {
			t.Logf("%s is not measured: no captures in %s", name, filepath.Base(path))
			return nil
		}
	}
	r := newRecording(t, folder, name)
	for turn := 0; r.bytes < wanted; turn++ {
		for _, p := range paths {
			if err := again(r, p, turn); err != nil {
				t.Fatal(err)
			}
		}
	}
	return []recording{r.done(t)}
}

// again appends one capture, a second after the last frame.
func again(r *recording, path string, turn int) error {
	file, err := capture.OpenFile(path, &sensor.Tap{})
	if err != nil {
		return err
	}
	var f sensor.Frame
	shift := time.Duration(0)
	for err = file.Next(&f); err == nil; err = file.Next(&f) {
		if r.packets > 0 && shift == 0 {
			shift = r.last.Add(time.Second).Sub(f.When)
		}
		otherPorts(f.Data, turn)
		if err := r.add(f.When.Add(shift), f.Data); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, file.Close())
}

// otherPorts gives the client of an IPv4 frame another port, the same in both
// directions. Nobody here verifies the checksum.
func otherPorts(frame []byte, turn int) {
	at := 14
	for len(frame) >= at+4 && binary.BigEndian.Uint16(frame[at-2:]) == 0x8100 {
		at += 4
	}
	if len(frame) < at+20 || binary.BigEndian.Uint16(frame[at-2:]) != 0x0800 || binary.BigEndian.Uint16(frame[at+6:])&0x1fff != 0 {
		return
	}
	ports := at + int(frame[at]&15)*4
	if p := frame[at+9]; p != 6 && p != 17 || len(frame) < ports+4 {
		return
	}
	for _, b := range [][]byte{frame[ports:], frame[ports+2:]} {
		if port := int(binary.BigEndian.Uint16(b)); port >= firstEphemeral {
			port = firstEphemeral + (port-firstEphemeral+turn*101)%(1<<16-firstEphemeral)
			binary.BigEndian.PutUint16(b, uint16(port))
		}
	}
}
