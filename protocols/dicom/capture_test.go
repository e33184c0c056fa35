package dicom_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dicom"
)

// sharedCaptures is beside the repository, and only there: see the README of
// testdata.
const sharedCaptures = "../../../shared/captures"

// stream is one TCP conversation of a capture whose segments come in order.
type stream struct {
	session protocols.Session
	sink    *protocols.Sink
	refused [2]bool
	held    [2][]byte
	next    [2]uint32
	seen    [2]bool
	skip    [2]uint64
	opener  netip.AddrPort
}

func (st *stream) payload(d protocols.Direction, seq uint32, seg protocols.Segment) {
	if st.seen[d] && seq != st.next[d] {
		if int32(seq-st.next[d]) < 0 {
			return // sent again
		}
		if st.session != nil {
			st.session.Gap(d, uint64(seq-st.next[d]), st.sink)
		}
	}
	st.seen[d], st.next[d] = true, seq+uint32(len(seg.Bytes))
	if st.session == nil && !st.recognise(d, seg) {
		return
	}
	n := min(st.skip[d], uint64(len(seg.Bytes)))
	st.skip[d] -= n
	if seg.Bytes = seg.Bytes[n:]; len(seg.Bytes) > 0 {
		st.skip[d] = st.session.Segment(seg, st.sink)
	}
}

func (st *stream) recognise(d protocols.Direction, seg protocols.Segment) bool {
	if st.refused[d] {
		return false
	}
	st.held[d] = append(st.held[d], seg.Bytes...)
	switch dicom.New().Probe(protocols.Opening{Transport: protocols.TCP, Direction: d, Bytes: st.held[d]}) {
	case protocols.No:
		st.refused[d] = true
	case protocols.Yes:
		st.session = dicom.New().Open(protocols.Context{OpenerKnown: true})
		seg.Bytes = st.held[d]
		st.skip[d] = st.session.Segment(seg, st.sink)
	}
	return false
}

// readCapture runs the TCP conversations of a capture through the dissector.
func readCapture(t *testing.T, path string, sink *protocols.Sink) {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s is not beside the repository; this test reads a capture that is not part of it", filepath.Base(path))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	streams, order := map[[2]netip.AddrPort]*stream{}, []*stream(nil)
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		packet := gopacket.NewPacket(data, r.LinkType(), gopacket.Default)
		ip, _ := packet.NetworkLayer().(*layers.IPv4)
		tcp, _ := packet.TransportLayer().(*layers.TCP)
		if ip == nil || tcp == nil {
			continue
		}
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip.SrcIP.To4())), uint16(tcp.SrcPort))
		to := netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip.DstIP.To4())), uint16(tcp.DstPort))
		key := [2]netip.AddrPort{from, to}
		if to.Compare(from) < 0 {
			key = [2]netip.AddrPort{to, from}
		}
		st := streams[key]
		if tcp.SYN && !tcp.ACK || st == nil {
			st = &stream{sink: sink, opener: from}
			streams[key], order = st, append(order, st)
		}
		if len(tcp.Payload) == 0 {
			continue
		}
		d := protocols.FromOpener
		if from != st.opener {
			d = protocols.FromAcceptor
		}
		st.payload(d, tcp.Seq, protocols.Segment{When: info.Timestamp, Direction: d, Bytes: tcp.Payload,
			From: protocols.Endpoint{Addr: from.Addr(), Port: from.Port()}, To: protocols.Endpoint{Addr: to.Addr(), Port: to.Port()}})
	}
	for _, st := range order {
		if st.session != nil {
			st.session.Close(sink)
		}
	}
}

// TestCaptureStVincent reads a recorded hospital segment: five modalities, two
// archives, a worklist, a workstation.
func TestCaptureStVincent(t *testing.T) {
	var got []protocols.Observation
	outcomes := map[protocols.Outcome]int{}
	sink := protocols.NewSink(protocols.DICOM, func(o protocols.Observation) { got = append(got, o) },
		func(_ protocols.Name, o protocols.Outcome) { outcomes[o]++ }, nil)
	readCapture(t, filepath.Join(sharedCaptures, "stvincent.pcap"), sink)

	for _, want := range []struct{ addr, kind, attribute, value string }{
		{"10.60.2.21", "speaker", "ae_title", "CT01"},
		{"10.60.2.22", "speaker", "ae_title", "TOSHMR1"},
		{"10.60.2.23", "speaker", "ae_title", "FCRIRS"},
		{"10.60.9.71", "speaker", "ae_title", "PHT5"},
		{"10.60.9.75", "speaker", "ae_title", "ELI250"},
		{"10.60.1.10", "speaker", "ae_title", "STVPACS"},
		{"10.60.1.12", "speaker", "ae_title", "STVVNA"},
		{"10.60.1.11", "speaker", "ae_title", "STVRIS"},
		{"10.60.9.57", "speaker", "ae_title", "STVREAD01"},
		{"10.60.2.21", "referenced", "manufacturer", "GE MEDICAL SYSTEMS"},
		{"10.60.2.21", "referenced", "model", "RHAPSODE"},
		{"10.60.2.21", "referenced", "software_version", "05"},
		{"10.60.2.21", "referenced", "station_name", "CT01_OC0"},
		{"10.60.2.21", "referenced", "modality", "CT"},
		{"10.60.2.21", "speaker", "role", "dicom-worklist-scu"},
		{"10.60.2.21", "speaker", "role", "dicom-mpps-scu"},
		{"10.60.2.21", "speaker", "role", "dicom-verification-scu"},
		{"10.60.1.11", "speaker", "role", "dicom-worklist-scp"},
		{"10.60.1.11", "speaker", "role", "dicom-mpps-scp"},
		{"10.60.2.22", "referenced", "manufacturer", "TOSHIBA_MEC"},
		{"10.60.2.22", "referenced", "model", "MRT50H1"},
		{"10.60.2.22", "referenced", "serial_number", "-0000200"},
		{"10.60.2.22", "referenced", "software_version", "V3.51*P25"},
		{"10.60.2.23", "referenced", "manufacturer", "FUJI PHOTO FILM CO. LTD."},
		{"10.60.2.23", "referenced", "model", "IRS"},
		{"10.60.9.71", "referenced", "model", "T5"},
		{"10.60.9.75", "referenced", "model", "el250"},
		{"10.60.1.10", "speaker", "role", "dicom-store-scp"},
		{"10.60.1.10", "speaker", "role", "dicom-query-scp"},
		{"10.60.1.10", "speaker", "role", "dicom-forwarder"},
		{"10.60.9.57", "speaker", "role", "dicom-move-scu"},
	} {
		if !states(got, want.addr, want.kind, want.attribute, want.value) {
			t.Errorf("%s does not state %s %q of the %s", want.addr, want.attribute, want.value, want.kind)
		}
	}
	checkStVincentUse(t, got)
	if outcomes[protocols.Malformed]+outcomes[protocols.Truncated]+outcomes[protocols.Resynchronised] != 0 {
		t.Errorf("outcomes: %v", outcomes)
	}
	checkStVincentPatients(t, got)
}

// kindName names a subject kind in tables and golden files.
func kindName(k protocols.SubjectKind) string {
	return [...]string{"?", "speaker", "listener", "described", "referenced", "address", "station"}[k]
}

func states(got []protocols.Observation, addr, kind, attribute, value string) bool {
	for _, o := range got {
		for _, f := range o.Facts {
			if o.Speaker.Addr.String() == addr && kindName(o.About.Kind) == kind &&
				string(f.Attribute) == attribute && f.Value == value {
				return true
			}
		}
	}
	return false
}

func checkStVincentUse(t *testing.T, got []protocols.Observation) {
	t.Helper()
	state := map[string]string{}
	for _, o := range got {
		if o.Report != nil {
			state[o.Speaker.Addr.String()] += string(o.Report.Channels[0].State) + " "
		}
	}
	if state["10.60.2.21"] != "in-use idle " || state["10.60.9.71"] != "in-use " || len(state) != 2 {
		t.Errorf("use = %v, want the CT busy and then idle, and the Philips MR busy", state)
	}
}

func checkStVincentPatients(t *testing.T, got []protocols.Observation) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(sharedCaptures, "stvincent.truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		PHI []string `json:"phi"`
	}
	if err := json.Unmarshal(raw, &truth); err != nil {
		t.Fatal(err)
	}
	all, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range truth.PHI {
		if strings.Contains(string(all), secret) {
			t.Errorf("an observation holds the canary %q", secret)
		}
	}
}
