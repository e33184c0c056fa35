package sensor_test

import (
	"testing"

	"github.com/auscult/auscult/sensor"
)

// The flags stand at the bits of the TCP header.
func TestTCPFlags(t *testing.T) {
	for bit, f := range []sensor.TCPFlags{sensor.FIN, sensor.SYN, sensor.RST, sensor.PSH, sensor.ACK, sensor.URG} {
		if f != 1<<bit {
			t.Errorf("flag %d is %#x, want bit %d (RFC 9293, section 3.1)", bit, f, bit)
		}
	}
	both := sensor.SYN | sensor.ACK
	for _, c := range []struct {
		has, asked sensor.TCPFlags
		want       bool
	}{
		{both, sensor.SYN, true},
		{both, both, true},
		{sensor.SYN, both, false},
		{both, sensor.FIN, false},
		{both, 0, true},
	} {
		if got := c.has.Has(c.asked); got != c.want {
			t.Errorf("%#x has %#x: %v, want %v", c.has, c.asked, got, c.want)
		}
	}
}

func TestPacketCut(t *testing.T) {
	for _, c := range []struct {
		payload string
		length  int
		want    bool
	}{
		{"", 0, false},
		{"hello", 5, false},
		{"hel", 5, true},
		{"", 5, true},
	} {
		p := sensor.Packet{Payload: []byte(c.payload), PayloadLength: c.length}
		if p.Cut() != c.want {
			t.Errorf("%q of %d bytes: cut %v, want %v", c.payload, c.length, p.Cut(), c.want)
		}
	}
}
