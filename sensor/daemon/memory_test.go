package daemon_test

import (
	"testing"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/sensor/daemon"
)

// TestMemoryBoundGrowsWithTaps: each tap has conversations, buffers, and what HTTP holds
// of compressed bodies.
func TestMemoryBoundGrowsWithTaps(t *testing.T) {
	c := configs.Default()
	c.Taps = make([]configs.Tap, 1)
	one := daemon.MemoryBound(c)
	c.Taps = make([]configs.Tap, 2)
	grows := daemon.MemoryBound(c) - one
	if least := int64(c.Limits.BufferMiB)<<20 + http.MaxHeld + int64(c.Limits.Conversations); grows < least {
		t.Errorf("a tap adds %d octets, want at least %d", grows, least)
	}
}
