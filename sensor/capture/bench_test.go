package capture_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
)

// BenchmarkLiveNext reads frames that already stand in the ring: what the reader
// costs by itself.
func BenchmarkLiveNext(b *testing.B) {
	for _, kind := range []struct {
		name  string
		frame []byte
	}{
		{"untagged", ethernet(experimental, "x")},
		{"tagged", ethernet(0x8100, "\x01\x42\x88\xb5tagged")},
	} {
		b.Run(kind.name, func(b *testing.B) {
			newCable(b)
			o := small()
			o.RingBytes = 64 << 20
			live, err := capture.OpenLive(o, tap)
			check(b, err)
			defer func() { check(b, live.Close()) }()
			wire := packetSocket(b, far)
			const chunk = 50_000
			var f sensor.Frame
			b.ReportAllocs()
			b.ResetTimer()
			for left := b.N; left > 0; left -= chunk {
				b.StopTimer()
				n := min(left, chunk)
				for range n {
					send(b, wire, kind.frame)
				}
				time.Sleep(50 * time.Millisecond) // until the kernel has handed over the last block
				b.StartTimer()
				for n > 0 {
					if live.Next(&f) == nil {
						n--
					}
				}
			}
			b.StopTimer()
			if s := live.Stats(); s.KernelDrops != 0 {
				b.Errorf("%d lost", s.KernelDrops)
			}
		})
	}
}
