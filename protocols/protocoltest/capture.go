package protocoltest

import (
	"errors"
	"io"
	"iter"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/auscult/auscult/protocols"
)

// publicCaptures is beside the repository, and only there, as seen from a room of
// protocols: see the README of each testdata.
const publicCaptures = "../../../shared/captures/public"

// PublicCaptures returns the paths of all public captures. Where there are none it
// skips the test: the project builds and is tested without them.
func PublicCaptures(t *testing.T) []string {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(publicCaptures, "*.pcap*"))
	if len(paths) == 0 {
		t.Skip("no captures beside the repository; this test reads captures that are not part of it")
	}
	return paths
}

// Packets reads a capture in either format. A file in neither has no packets, and
// packets that break off are passed over.
func Packets(t *testing.T, path string) iter.Seq[gopacket.Packet] {
	t.Helper()
	return func(yield func(gopacket.Packet) bool) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		source, err := sourceOf(f)
		if err != nil {
			t.Logf("%s: %v", filepath.Base(path), err)
			return
		}
		for {
			switch packet, err := source.NextPacket(); {
			case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
				return
			case err == nil && !yield(packet):
				return
			}
		}
	}
}

func sourceOf(f *os.File) (*gopacket.PacketSource, error) {
	if r, err := pcapgo.NewReader(f); err == nil {
		return gopacket.NewPacketSource(r, r.LinkType()), nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		return nil, err
	}
	return gopacket.NewPacketSource(r, r.LinkType()), nil
}

// stream is one TCP conversation of a capture, read in the order in which it lies
// there.
type stream struct {
	protocol protocols.Protocol
	session  protocols.Session
	heard    Heard
	opener   netip.AddrPort
	held     [2][]byte
	refused  [2]bool
	next     [2]uint32
	seen     [2]bool
	late     [2]bool
}

func (st *stream) payload(d protocols.Direction, seq uint32, b []byte) {
	if ahead := int32(seq - st.next[d]); st.seen[d] && ahead != 0 {
		if ahead < 0 {
			return // sent again
		}
		if st.session != nil {
			st.session.Gap(d, uint64(ahead), st.heard.Sink(st.protocol.Name()))
		}
		st.held[d], st.late[d] = nil, true
	}
	st.late[d] = st.late[d] || !st.seen[d]
	st.seen[d], st.next[d] = true, seq+uint32(len(b))
	if st.session == nil {
		st.recognise(d, b)
		return
	}
	st.session.Segment(segment(d, b), st.heard.Sink(st.protocol.Name()))
}

func (st *stream) recognise(d protocols.Direction, b []byte) {
	if st.refused[d] {
		return
	}
	st.held[d] = append(st.held[d], b...)
	look := st.held[d][:min(len(st.held[d]), protocols.ProbeLimit)]
	switch st.protocol.Probe(protocols.Opening{Transport: protocols.TCP, Direction: d, Midstream: st.late[d], Bytes: look}) {
	case protocols.No:
		st.refused[d] = true
	case protocols.Yes:
		st.session = st.protocol.Open(protocols.Context{OpenerKnown: true, Midstream: st.late[d]})
		st.session.Segment(segment(d, st.held[d]), st.heard.Sink(st.protocol.Name()))
	}
}

// Recognised compares how many innermost TCP conversations of public captures state
// something with how many are wanted, and logs those that were joined too late.
func Recognised(t *testing.T, p protocols.Protocol, wanted map[string]int) {
	t.Helper()
	for name, want := range wanted {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(publicCaptures, name)
			if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
				t.Skipf("%s is not beside the repository; this test reads a capture that is not part of it", name)
			}
			stated, silent := read(t, p, path)
			t.Logf("%d recognised, %d wanted, and %d joined too late to say more", stated, want, silent)
			if stated != want {
				t.Errorf("%d recognised, want %d", stated, want)
			}
		})
	}
}

// read runs the innermost TCP conversations of a capture through a dissector, and
// returns how many stated something and how many were recognised and stated nothing.
func read(t *testing.T, p protocols.Protocol, path string) (stated, silent int) {
	t.Helper()
	for _, st := range streams(t, p, path) {
		if st.session == nil {
			continue
		}
		st.session.Close(st.heard.Sink(p.Name()))
		if t.Logf("%v\n%s", st.opener, st.heard.Lines()); len(st.heard.Observations) > 0 {
			stated++
		} else {
			silent++
		}
	}
	return stated, silent
}

func streams(t *testing.T, p protocols.Protocol, path string) (order []*stream) {
	t.Helper()
	open := map[[2]netip.AddrPort]*stream{}
	for packet := range Packets(t, path) {
		from, to, tcp := innermost(packet)
		if tcp == nil {
			continue
		}
		key := [2]netip.AddrPort{from, to}
		if to.Compare(from) < 0 {
			key = [2]netip.AddrPort{to, from}
		}
		st := open[key]
		if st == nil || tcp.SYN && !tcp.ACK && (st.seen != [2]bool{true} || st.next[0] != tcp.Seq+1) {
			st = &stream{protocol: p, opener: from}
			open[key], order = st, append(order, st)
		}
		d := protocols.FromOpener
		if from != st.opener {
			d = protocols.FromAcceptor
		}
		if tcp.SYN {
			st.seen[d], st.next[d] = true, tcp.Seq+1
		} else if len(tcp.Payload) > 0 {
			st.payload(d, tcp.Seq, tcp.Payload)
		}
	}
	return order
}

// innermost returns the last TCP header of a packet, and its ends.
func innermost(packet gopacket.Packet) (from, to netip.AddrPort, tcp *layers.TCP) {
	var source, target netip.Addr
	for _, layer := range packet.Layers() {
		switch l := layer.(type) {
		case *layers.IPv4:
			source, _ = netip.AddrFromSlice(l.SrcIP)
			target, _ = netip.AddrFromSlice(l.DstIP)
		case *layers.IPv6:
			source, _ = netip.AddrFromSlice(l.SrcIP)
			target, _ = netip.AddrFromSlice(l.DstIP)
		case *layers.TCP:
			from, to, tcp = netip.AddrPortFrom(source, uint16(l.SrcPort)), netip.AddrPortFrom(target, uint16(l.DstPort)), l
		}
	}
	return from, to, tcp
}
