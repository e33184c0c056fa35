package flow

import (
	"slices"

	"github.com/auscult/auscult/sensor"
)

// doubt marks a packet that came through a tunnel which is not the mirror's own. Any
// program that can send a datagram can put any packet into one, so it has no part in
// what is said on the wire, and who hears it said must know.
func (e *Engine) doubt(p *sensor.Packet) {
	if p.Depth == 0 || p.Depth == 1 && (!p.Mirror.From.IsValid() || slices.Contains(e.options.Sessions, p.Mirror.Session)) {
		return
	}
	p.From.Tunnelled, p.To.Tunnelled = true, true
}
