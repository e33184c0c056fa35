package main_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/bpf"
	"github.com/auscult/auscult/sensor/testbed"
)

const (
	// alone and alive are how often the program runs on one frame: by itself, and on
	// frames that the kernel then treats as if a driver had received them.
	alone, alive = 2_000_000, 2_000_000
	// rangeStart is the first sequence number that nobody needs, and rangeLength how
	// many follow.
	rangeStart, rangeLength = 1_000_000, 1 << 20
)

// kernel measures the kernel program without a sender: what one processor can take
// where tcpreplay is the limit.
func (b *bench) kernel(t *testing.T) {
	b.say("#### The kernel program alone")
	bed := testbed.New(t)
	host := bed.AddHost("kernel", "", "")
	tab := newTable(1, "frame of 1514 bytes", "ns a packet, alone", "M packets/s", "ns a packet, live frames", "M packets/s", "Gbit/s")
	err := host.Do(func() error {
		tap, err := bpf.LoadTap(bpf.Options{})
		if err != nil {
			return err
		}
		return errors.Join(measureProgram(tab, tap), tap.Close())
	})
	if err != nil {
		b.say("Skipped: %v", err)
		return
	}
	b.say("%s", tab)
	b.say("Alone is BPF_PROG_TEST_RUN repeated on one frame, all in cache; live frames is its XDP_LIVE_FRAMES mode: the kernel makes a frame in a page for each run, "+
		"drops what is dropped and takes the rest up its stack, %d times. One processor; medians of %d.", alive, often(liveRounds))
}

// attached is the XDP program of a tap, attached to an interface.
func attached(tap *bpf.Tap) (program *ebpf.Program, index int, done func() error, err error) {
	link, err := netlink.LinkByName(testbed.HostInterface)
	if err != nil {
		return nil, 0, nil, err
	}
	index = link.Attrs().Index
	at, err := tap.AttachXDP(index, false)
	if err != nil {
		return nil, 0, nil, err
	}
	if link, err = netlink.LinkByIndex(index); err == nil {
		program, err = ebpf.NewProgramFromID(ebpf.ProgramID(link.Attrs().Xdp.ProgId))
	}
	if err != nil {
		return nil, 0, nil, errors.Join(err, at.Close())
	}
	return program, index, func() error { return errors.Join(program.Close(), at.Close()) }, nil
}

func measureProgram(tab *table, tap *bpf.Tap) error {
	program, index, done, err := attached(tap)
	if err != nil {
		return err
	}
	from, to := netip.MustParseAddrPort("10.77.0.1:40000"), netip.MustParseAddrPort("10.77.0.9:11112")
	pixels := bpf.Range{Way: bpf.Way{From: from, To: to, Protocol: unix.IPPROTO_TCP}, Start: rangeStart, End: rangeStart + rangeLength, For: bpf.MaxFor}
	if n, err := tap.Skip([]bpf.Range{pixels}); err != nil || n != 1 {
		return errors.Join(err, fmt.Errorf("%d ranges were taken, not one", n), done())
	}
	inside, outside := segment(from, to, rangeStart+1000, 1460), segment(from, to, rangeStart-100_000, 1460)
	for _, f := range []struct {
		what  string
		frame []byte
	}{
		{"dropped", inside}, {"passed", outside},
		{"in VXLAN, dropped", vxlan(segment(from, to, rangeStart+1000, 1410))}, {"in VXLAN, passed", vxlan(segment(from, to, rangeStart-100_000, 1410))},
	} {
		if err := programRow(tab, program, index, f.what, f.frame); err != nil {
			return errors.Join(err, done())
		}
	}
	return done()
}

// programRow runs the program on one frame, in both modes, in turns.
func programRow(tab *table, program *ebpf.Program, index int, what string, frame []byte) error {
	var plain, live []time.Duration
	for range often(liveRounds) {
		_, each, err := program.Benchmark(frame, alone, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		plain = append(plain, each)
		began := time.Now()
		if err := runLive(program, index, frame, alive); err != nil {
			return fmt.Errorf("%s, live frames: %w", what, err)
		}
		live = append(live, time.Since(began)/alive)
	}
	self := func(d time.Duration) time.Duration { return d }
	p, l := middle(plain, self), middle(live, self)
	millions := func(d time.Duration) float64 { return 1e3 / float64(max(d, 1)) }
	tab.add(what, p.Nanoseconds(), fmt.Sprintf("%.1f", millions(p)), l.Nanoseconds(), fmt.Sprintf("%.1f", millions(l)),
		fmt.Sprintf("%.1f", millions(l)*float64(len(frame))*8/1000))
	return nil
}

// xdpContext is struct xdp_md of linux/bpf.h.
type xdpContext struct{ data, end, meta, ingress, queue, egress uint32 }

// runLive runs the program on frames that then go where the program says
// (Documentation/bpf/bpf_prog_run.rst; Linux 5.18).
func runLive(program *ebpf.Program, index int, frame []byte, times uint32) error {
	raw := make([]byte, 24)
	c := xdpContext{end: uint32(len(frame)), ingress: uint32(index)}
	for i, v := range []uint32{c.data, c.end, c.meta, c.ingress, c.queue, c.egress} {
		binary.NativeEndian.PutUint32(raw[4*i:], v)
	}
	_, err := program.Run(&ebpf.RunOptions{Data: frame, Context: raw, Repeat: times, Flags: unix.BPF_F_TEST_XDP_LIVE_FRAMES})
	return err
}

// segment is a frame with TCP payload.
func segment(from, to netip.AddrPort, sequence uint32, payload int) []byte {
	link := &layers.Ethernet{SrcMAC: net.HardwareAddr{0, 4, 0xa5, 0, 0, 1}, DstMAC: net.HardwareAddr{0, 0x25, 0x90, 0, 0, 9}, EthernetType: layers.EthernetTypeIPv4}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: from.Addr().AsSlice(), DstIP: to.Addr().AsSlice()}
	tcp := &layers.TCP{SrcPort: layers.TCPPort(from.Port()), DstPort: layers.TCPPort(to.Port()), Seq: sequence, ACK: true, PSH: true, Window: 65535}
	return serialized(link, ip, tcp, gopacket.Payload(make([]byte, payload)))
}

// vxlan wraps a frame as a virtual switch does that mirrors (RFC 7348).
func vxlan(inner []byte) []byte {
	link := &layers.Ethernet{SrcMAC: net.HardwareAddr{0, 4, 0xa5, 0, 0, 3}, DstMAC: net.HardwareAddr{0, 0x25, 0x90, 0, 0, 4}, EthernetType: layers.EthernetTypeIPv4}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: net.IP{10, 99, 0, 1}, DstIP: net.IP{10, 99, 0, 2}}
	udp := &layers.UDP{SrcPort: 50000, DstPort: 4789}
	return serialized(link, ip, udp, &layers.VXLAN{ValidIDFlag: true, VNI: 77}, gopacket.Payload(inner))
}

func serialized(all ...gopacket.SerializableLayer) []byte {
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, all...); err != nil {
		return nil // the kernel refuses an empty frame, with an error
	}
	return b.Bytes()
}
