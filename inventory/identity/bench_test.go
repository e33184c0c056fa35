package identity_test

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// BenchmarkRepeated is one statement that was made before: a look-up and a count.
func BenchmarkRepeated(b *testing.B) {
	for name, o := range repeated() {
		b.Run(name, func(b *testing.B) {
			h := hospital(b)
			b.ReportAllocs()
			for b.Loop() {
				o.When = o.When.Add(time.Second)
				h.Observe(o)
			}
		})
	}
}

// BenchmarkConversation is one report of two known hosts.
func BenchmarkConversation(b *testing.B) {
	h := hospital(b)
	c := protocols.Conversation{
		Site: "s", Tap: "t", Transport: protocols.TCP, Protocol: protocols.DICOM, OpenerKnown: true, Last: at(5), First: at(5), Packets: [2]uint64{1, 1},
		Opener: host("10.0.0.1", "00:09:5c:00:00:01"), Acceptor: host("10.0.0.3", "00:25:90:00:00:03"),
	}
	b.ReportAllocs()
	for b.Loop() {
		h.Converse(c)
	}
}

// BenchmarkNew is the first statement of a host that was never heard, in a hospital
// of up to 20,000.
func BenchmarkNew(b *testing.B) {
	const hospitalHosts = 20_000
	var h *house
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%hospitalHosts == 0 {
			h = newHouse(b)
		}
		n := i % hospitalHosts
		e := protocols.Endpoint{
			Addr: netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)}), MAC: protocols.MAC{0, 9, 0x5c, 1, byte(n >> 8), byte(n)}, Hops: 64,
		}
		serial := "s-" + strconv.Itoa(n)
		h.Observe(statement(i, protocols.HL7, e, protocols.Endpoint{}, aboutSpeaker, machine("GE", "CT750", serial, "")...))
	}
}
