package tls_test

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/tls"
)

// publicCaptures is beside the repository, and only there: see the README of
// testdata.
const publicCaptures = "../../../shared/captures/public"

// stream is one TCP conversation of a capture, read in the order in which it lies
// there.
type stream struct {
	session protocols.Session
	result  result
	opener  netip.AddrPort
	held    [2][]byte
	refused [2]bool
	next    [2]uint32
	seen    [2]bool
	late    [2]bool
}

func (st *stream) payload(d protocols.Direction, seq uint32, b []byte) {
	if ahead := int32(seq - st.next[d]); st.seen[d] && ahead != 0 {
		if ahead < 0 {
			return // sent again
		}
		if st.session != nil {
			st.session.Gap(d, uint64(ahead), st.result.sink())
		}
		st.held[d], st.late[d] = nil, true
	}
	st.late[d] = st.late[d] || !st.seen[d]
	st.seen[d], st.next[d] = true, seq+uint32(len(b))
	if st.session == nil {
		st.recognise(d, b)
		return
	}
	st.session.Segment(segment(d, b), st.result.sink())
}

func segment(d protocols.Direction, b []byte) protocols.Segment {
	from, to := endpoints(d)
	return protocols.Segment{When: start, Direction: d, From: from, To: to, Bytes: b}
}

func (st *stream) recognise(d protocols.Direction, b []byte) {
	if st.refused[d] {
		return
	}
	st.held[d] = append(st.held[d], b...)
	look := st.held[d][:min(len(st.held[d]), protocols.ProbeLimit)]
	switch tls.New().Probe(protocols.Opening{Transport: protocols.TCP, Direction: d, Midstream: st.late[d], Bytes: look}) {
	case protocols.No:
		st.refused[d] = true
	case protocols.Yes:
		st.session = tls.New().Open(protocols.Context{OpenerKnown: true, Midstream: st.late[d]})
		st.session.Segment(segment(d, st.held[d]), st.result.sink())
	}
}

// readCapture runs the innermost TCP conversations of a capture through the
// dissector, and returns how many stated something and how many were recognised
// and stated nothing.
func readCapture(t *testing.T, name string) (stated, silent int) {
	t.Helper()
	f, err := os.Open(filepath.Join(publicCaptures, name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s is not beside the repository; this test reads a capture that is not part of it", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	packets := packetsOf(t, f)
	streams, order := map[[2]netip.AddrPort]*stream{}, []*stream(nil)
	for {
		packet, err := packets.NextPacket()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			continue
		}
		from, to, tcp := innermost(packet)
		if tcp == nil {
			continue
		}
		key := [2]netip.AddrPort{from, to}
		if to.Compare(from) < 0 {
			key = [2]netip.AddrPort{to, from}
		}
		st := streams[key]
		if st == nil || tcp.SYN && !tcp.ACK && (st.seen != [2]bool{true} || st.next[0] != tcp.Seq+1) {
			st = &stream{opener: from}
			streams[key], order = st, append(order, st)
		}
		d := opener
		if from != st.opener {
			d = acceptor
		}
		if tcp.SYN {
			st.seen[d], st.next[d] = true, tcp.Seq+1
		} else if len(tcp.Payload) > 0 {
			st.payload(d, tcp.Seq, tcp.Payload)
		}
	}
	for _, st := range order {
		if st.session == nil {
			continue
		}
		st.session.Close(st.result.sink())
		if t.Logf("%v\n%s", st.opener, st.result.print()); len(st.result.observations) > 0 {
			stated++
		} else {
			silent++
		}
	}
	return stated, silent
}

// packetsOf reads a capture in either format.
func packetsOf(t *testing.T, f *os.File) *gopacket.PacketSource {
	t.Helper()
	if r, err := pcapgo.NewReader(f); err == nil {
		return gopacket.NewPacketSource(r, r.LinkType())
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	return gopacket.NewPacketSource(r, r.LinkType())
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

// TestPublicCaptures counts conversations against tshark, which sees a ClientHello
// in so many (4.0.17, filter tls.handshake.type==1 && tcp). Two files begin as
// another protocol, HTTP CONNECT (1) and SMTP with STARTTLS (2), and are not ours.
func TestPublicCaptures(t *testing.T) {
	for name, want := range publicCounts {
		t.Run(name, func(t *testing.T) {
			got, silent := readCapture(t, name)
			t.Logf("%d recognised, %d by tshark, and %d joined too late to say more", got, want, silent)
			if got != want {
				t.Errorf("%d recognised, want %d", got, want)
			}
		})
	}
}

var publicCounts = map[string]int{
	"Malcolm-Test-Artifacts__pcap__protocols__Tunnels.pcap": 3, "arkime__tests__pcap__arkime_synthetic.pcap": 10,
	"huginn-net__pcap__tls-alpn-h2.pcap": 1, "huginn-net__pcap__tls12.pcap": 1, "ja4__pcap__https-connect.pcap": 0,
	"nDPI__tests__cfgs__default__pcap__4in6tunnel.pcap": 1, "nDPI__tests__cfgs__default__pcap__6in4tunnel.pcap": 2,
	"nDPI__tests__cfgs__default__pcap__android.pcap": 18, "nDPI__tests__cfgs__default__pcap__anyconnect-vpn.pcap": 5,
	"nDPI__tests__cfgs__default__pcap__gaijin_mobile_mixed.pcap": 2, "nDPI__tests__cfgs__default__pcap__http_ipv6.pcap": 6,
	"nDPI__tests__cfgs__default__pcap__smtp-starttls.pcap": 0, "nDPI__tests__cfgs__default__pcap__vxlan.pcap": 2,
	"nDPI__tests__cfgs__default__pcap__zoom.pcap": 10, "suricata-verify__tests__ja4-sv-handshake__input.pcap": 1,
	"tapirxl__tests__fixtures__synthetic_philips_demo.pcap": 2, "zeek__testing__btest__Traces__modbus__modbus-and-non-modbus-p502.pcap": 1,
	"zeek__testing__btest__Traces__pppoe-over-qinq.pcap": 1, "zeek__testing__btest__Traces__tunnels__geneve-47101.pcap": 1,
	"ja4__pcap__browsers-x509.pcapng": 3, "ja4__pcap__ssh2.pcapng": 5, "nDPI__tests__cfgs__default__pcap__sonos.pcapng": 1,
}
