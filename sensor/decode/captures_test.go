package decode_test

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
	"github.com/auscult/auscult/sensor/decode"
)

// captures are beside the repository, on machines that have them.
const captures = "../../../shared/captures"

// eachFrame reads a capture file up to its end or its first damage.
func eachFrame(t *testing.T, path string, do func(*sensor.Frame)) {
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
	if err != nil {
		t.Logf("%s: not read: %v", filepath.Base(path), err)
		return
	}
	for {
		data, info, err := source.ReadPacketData()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Logf("%s: ends early: %v", filepath.Base(path), err)
			}
			return
		}
		do(&sensor.Frame{Data: data, Length: info.Length, When: info.Timestamp.UTC(), Link: sensor.LinkType(source.LinkType()), Tap: tap})
	}
}

// On captures of the public, decode agrees with gopacket about every whole TCP
// and UDP packet that is not in a tunnel.
func TestAgreesWithGopacket(t *testing.T) {
	paths, _ := filepath.Glob(captures + "/public/*.pcap*")
	own, _ := filepath.Glob(captures + "/*.pcap")
	if paths = append(paths, own...); len(paths) == 0 {
		t.Skip("no captures beside the repository")
	}
	var total sensor.DecodeCounters
	compared := 0
	for _, path := range paths {
		d := decode.New()
		eachFrame(t, path, func(f *sensor.Frame) {
			var p sensor.Packet
			v := d.Decode(f, &p)
			if v == sensor.Decoded && !p.Reassembled {
				check(t, &p, f.Data)
			}
			if compare(t, filepath.Base(path), f, v, &p) {
				compared++
			}
		})
		total.Add(d.Counters())
	}
	t.Logf("%d files, %d packets compared, %v", len(paths), compared, total)
	if compared < 10000 {
		t.Errorf("only %d packets were compared", compared)
	}
}

// compare looks at the first IP layer only, where the packet is not cut.
func compare(t *testing.T, name string, f *sensor.Frame, v sensor.Verdict, p *sensor.Packet) bool {
	if f.Link != sensor.LinkEthernet || f.Length > len(f.Data) || p.Depth > 0 || v == sensor.Encrypted || v == sensor.Tunnelled {
		return false
	}
	g := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.DecodeOptions{Lazy: false, NoCopy: true})
	ls := g.Layers()
	for i, l := range ls {
		switch l.LayerType() {
		case layers.LayerTypeEthernet, layers.LayerTypeDot1Q, layers.LayerTypeLLC, layers.LayerTypeSNAP:
			continue
		case layers.LayerTypeIPv4, layers.LayerTypeIPv6:
			if i+1 < len(ls) {
				return agree(t, name, l.(gopacket.NetworkLayer), ls[i+1], v, p)
			}
		}
		return false
	}
	return false
}

func agree(t *testing.T, name string, ip gopacket.NetworkLayer, above gopacket.Layer, v sensor.Verdict, p *sensor.Packet) bool {
	var from, to uint16
	var transport protocols.Transport
	switch l := above.(type) {
	case *layers.TCP:
		from, to, transport = uint16(l.SrcPort), uint16(l.DstPort), protocols.TCP
		if p.Seq != l.Seq || p.Ack != l.Ack {
			t.Errorf("%s: sequence %d and %d, gopacket has %d and %d", name, p.Seq, p.Ack, l.Seq, l.Ack)
		}
	case *layers.UDP:
		from, to, transport = uint16(l.SrcPort), uint16(l.DstPort), protocols.UDP
	default:
		return false
	}
	if v == sensor.Malformed && transport == protocols.UDP {
		return false // gopacket takes a UDP length past the end of IP
	}
	src, dst := ip.NetworkFlow().Endpoints()
	if v != sensor.Decoded || p.Transport != transport || p.From.Port != from || p.To.Port != to ||
		p.From.Addr.String() != src.String() || p.To.Addr.String() != dst.String() ||
		string(p.Payload) != string(above.LayerPayload()) {
		t.Errorf("%s: %v %v from %v:%d to %v:%d with %d bytes; gopacket has %v %v:%d to %v:%d with %d bytes", name, v, p.Transport,
			p.From.Addr, p.From.Port, p.To.Addr, p.To.Port, len(p.Payload), transport, src, from, dst, to, len(above.LayerPayload()))
	}
	return true
}
