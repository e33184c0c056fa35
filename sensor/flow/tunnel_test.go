package flow_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

// inERSPAN wraps a raw IPv4 frame as a mirror does, in a session (type II), on VLAN
// 7 of the sensor's own wire.
func inERSPAN(f *sensor.Frame, session uint16) *sensor.Frame {
	inner := append([]byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x81\x00\x00\x3c\x08\x00"), f.Data...)
	b := append([]byte("\x02\x00\x00\x00\x00\x99\x02\x00\x00\x00\x00\x98\x81\x00\x00\x07\x08\x00"), make([]byte, 20+8+8)...)
	ip, gre, header := b[18:38], b[38:46], b[46:54]
	ip[0], ip[8], ip[9] = 0x45, 255, 47
	binary.BigEndian.PutUint16(ip[2:], uint16(36+len(inner)))
	copy(ip[12:], []byte{192, 0, 2, 1, 192, 0, 2, 2})
	copy(gre, []byte{0x10, 0, 0x88, 0xbe})
	binary.BigEndian.PutUint16(header, 1<<12|60)
	binary.BigEndian.PutUint16(header[2:], session)
	b = append(b, inner...)
	return &sensor.Frame{Data: b, Length: len(b), When: f.When, Link: sensor.LinkEthernet, Tap: f.Tap}
}

// What comes through a tunnel that is not the mirror's own has no part in what is
// said on the wire, and says that it was tunnelled; the mirror's own session is the
// wire.
func TestStrangersTunnelsStandApart(t *testing.T) {
	for _, c := range []struct {
		session uint16
		want    string
	}{
		{11, "o:HI one two"},
		{12, "o:HI one"},
	} {
		r := newRig(t, flow.Options{Sessions: []uint32{11}})
		r.send(syn, synack, ack, from('c', 0, "HI one"))
		r.engine.Frame(inERSPAN(r.frame(from('c', 6, " two")), c.session))
		r.engine.Close()
		log := strings.Join(r.log, "\n")
		if !strings.Contains(log+"\n", "\n"+c.want+"\n") {
			t.Errorf("session %d: heard %q", c.session, log)
		}
		vlan := map[uint16]uint64{}
		for _, h := range r.engine.Counters().Heard {
			vlan[h.Place.VLAN] += h.Frames
		}
		if mine := c.session == 11; mine != (vlan[60] == 1) || mine == (vlan[7] == 1) {
			t.Errorf("session %d: frames by VLAN %v", c.session, vlan)
		}
		for _, k := range r.heard.talked {
			if k.Opener.Tunnelled != (c.session == 12 && k.Opener.VLAN == 60) {
				t.Errorf("session %d: opener %+v", c.session, k.Opener)
			}
		}
	}
}

// A stranger's datagrams to everybody do not silence what is said there: DHCP has
// one conversation for a whole network.
func TestBulkToEverybodyIsListenedTo(t *testing.T) {
	r := newShuntRig(t)
	any, all := "0.0.0.0:68", "255.255.255.255:67"
	for i := range 400 {
		f := udpFrame(addrPort(any), addrPort(all), strings.Repeat("z", 1400)+fmt.Sprint(i))
		f.When = r.now.Add(time.Duration(i) * time.Millisecond)
		r.engine.Frame(f)
	}
	if len(r.kernel.asked) != 0 {
		t.Errorf("%d ranges were asked for", len(r.kernel.asked))
	}
	r.engine.Frame(udpFrame(addrPort(any), addrPort(all), "HI"))
	r.engine.Close()
	if log := strings.Join(r.log, "\n"); !strings.Contains(log, "HI") {
		t.Errorf("heard %q", log)
	}
}

// Bulk between two hosts that nobody knows is listened to again from time to time.
func TestBulkIsListenedToAgain(t *testing.T) {
	r := newRig(t, flow.Options{})
	for i := range 400 {
		r.engine.Frame(udpFrame(client, server, strings.Repeat("z", 1400)+fmt.Sprint(i)))
	}
	hi := func(after time.Duration) {
		f := udpFrame(client, server, "HI")
		f.When = start.Add(after)
		r.engine.Frame(f)
	}
	hi(time.Second)
	if len(r.log) != 0 {
		t.Fatal("bulk is still listened to")
	}
	hi(flow.ShuntDatagramsFor + time.Second) // wakes
	hi(flow.ShuntDatagramsFor + 2*time.Second)
	r.engine.Close()
	if len(r.log) == 0 {
		t.Error("bulk is never listened to again")
	}
}

// What a blind stranger can put onto the wire, without a sequence number, hides
// nothing that is said there.
func TestInvariant07BlindPacketsHideNothing(t *testing.T) {
	// genuine is a conversation that rests between its words.
	genuine := func(i int) []packet {
		text := fmt.Sprintf(" word%04d", i)
		return []packet{{by: 'c', flags: sensor.ACK | sensor.PSH, seq: 2 + 9*i, data: text, after: 10 * time.Second}, acks('s', 0, 2+9*(i+1))}
	}
	forge := func(r *rig, seq uint32, f sensor.TCPFlags, data string) {
		x := tcpFrame(client, server, seq, 7, f, data)
		x.When = r.now
		r.engine.Frame(x)
	}
	for name, attack := range map[string]func(r *rig, i int){
		"a SYN, and a greeting behind it": func(r *rig, i int) {
			if i == 3 {
				forge(r, 0x70000000, sensor.SYN, "")
				forge(r, 0x70000001, sensor.ACK, "HI#99999999999;")
			}
		},
		"a SYN before each word": func(r *rig, i int) { forge(r, uint32(i)<<24, sensor.SYN, "") },
		"two from nowhere, again and again": func(r *rig, i int) {
			forge(r, 0x60000000+uint32(i)<<20, sensor.ACK, "evil")
			forge(r, 0x60000004+uint32(i)<<20, sensor.ACK, "evil")
		},
		"a spray over all sequence numbers": func(r *rig, i int) {
			if i == 3 {
				for at := range uint64(1 << 12) {
					forge(r, uint32(at<<20), sensor.ACK, "e")
				}
			}
		},
		"resets over all sequence numbers": func(r *rig, i int) {
			for at := range uint64(1 << 10) {
				forge(r, uint32(at<<22)+0x15555, sensor.RST, "")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, flow.Options{})
			r.send(opened()...)
			for i := range 30 {
				r.send(genuine(i)...)
				attack(r, i)
				r.engine.Tick(r.now)
			}
			r.engine.Close()
			log := strings.Join(r.log, "")
			for i := range 30 {
				if !strings.Contains(log, fmt.Sprintf("word%04d", i)) {
					t.Errorf("word %d was hidden", i)
				}
			}
		})
	}
}

// Two packets that differ in any header field, or in the middle of a datagram, are
// never taken for one.
func TestNothingElseIsACopy(t *testing.T) {
	first := udpFrame(client, server, "HI"+strings.Repeat("a", 50))
	first.Data[4], first.Data[5] = 7, 7
	other := udpFrame(client, server, "HI"+strings.Repeat("a", 20)+"b"+strings.Repeat("a", 29))
	other.Data[4], other.Data[5] = 7, 7
	e := flow.New(decode.New(), flow.Options{}, []protocols.Protocol{greet{name: "udp", on: protocols.UDP, word: "HI"}}, new(listener))
	e.Frame(first)
	e.Frame(other)
	e.Frame(first)
	if n := e.Counters().DuplicateFrames; n != 1 {
		t.Errorf("%d copies, want 1", n)
	}
	segment := func(seq, id uint32) *sensor.Frame {
		f := tcpFrame(client, server, seq, 1, sensor.ACK, strings.Repeat("m", 100))
		f.Data[4], f.Data[5] = byte(id>>8), byte(id)
		return f
	}
	e.Frame(segment(0x40000000, 0x4000))
	e.Frame(segment(0, 0))
	if n := e.Counters().DuplicateFrames; n != 1 {
		t.Errorf("%d copies, want 1: a segment elsewhere was taken for one", n)
	}
}

// A handshake is something to lose, too: SYNs before the first word hide nothing.
func TestInvariant07BlindSYNsBeforeTheFirstWord(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(syn, synack, ack)
	for i := range 5 {
		x := tcpFrame(client, server, 0x70000000+uint32(i)<<24, 0, sensor.SYN, "")
		x.When = r.now
		r.engine.Frame(x)
	}
	r.send(from('c', 0, "HI one"), acks('s', 0, 6))
	r.engine.Close()
	if log := strings.Join(r.log, "\n"); !strings.Contains(log, "HI one") {
		t.Errorf("heard %q", log)
	}
}
