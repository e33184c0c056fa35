package main_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

const (
	// wireFrame is the largest Ethernet frame without a tag (IEEE 802.3, 3.2.7).
	wireFrame = 1514
	// firstEphemeral is where Linux begins to choose a client's port
	// (net.ipv4.ip_local_port_range).
	firstEphemeral = 32768
	// fileSnap is the snap length of the captures that are made here, tcpdump's own.
	fileSnap = 256 << 10
)

// recording is one capture file with what is in it. Captures are read and written
// with gopacket here, not with what is measured.
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
	if err := r.writer.WriteFileHeader(fileSnap, layers.LinkTypeEthernet); err != nil {
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

// gigabits is the rate at which packets went by in so much time.
func (r recording) gigabits(d time.Duration) float64 { return float64(r.bytes) * 8 / 1e9 / d.Seconds() }

// tape plays one capture file, frame by frame.
type tape struct {
	file  *os.File
	from  *pcapgo.Reader
	begin time.Time // of its first frame
	// data and when are the frame at hand, valid until the next one.
	data []byte
	when time.Time
}

func openTape(path string) (*tape, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	from, err := pcapgo.NewReader(bufio.NewReaderSize(file, 1<<18))
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	t := &tape{file: file, from: from}
	if err := t.next(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	t.begin = t.when
	return t, nil
}

// next takes the next frame; io.EOF ends the tape and closes it.
func (t *tape) next() error {
	data, info, err := t.from.ZeroCopyReadPacketData()
	if err != nil {
		return errors.Join(err, t.file.Close())
	}
	t.data, t.when = data, info.Timestamp
	return nil
}

// each calls f with every frame of a capture.
func each(path string, f func(t *tape) error) error {
	t, err := openTape(path)
	for ; err == nil; err = t.next() {
		if err := f(t); err != nil {
			return errors.Join(err, t.file.Close())
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// counted is what is in a capture. A frame that no wire carries is an error: the
// kernel put it together on this machine.
func counted(name, path string) (recording, error) {
	r := recording{name: name, path: path}
	err := each(path, func(t *tape) error {
		if len(t.data) > wireFrame {
			return errors.New("a frame longer than a wire carries: the kernel puts frames together")
		}
		r.packets, r.bytes, r.last = r.packets+1, r.bytes+int64(len(t.data)), t.when
		return nil
	})
	return r, err
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

// again appends a capture, a second after the last frame, from other client ports.
func (r *recording) again(path string, turn int) error {
	after := r.last.Add(time.Second)
	return each(path, func(t *tape) error {
		when := t.when
		if r.packets > 0 && turn > 0 {
			when = after.Add(t.when.Sub(t.begin))
		}
		otherPorts(t.data, turn)
		return r.add(when, t.data)
	})
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
