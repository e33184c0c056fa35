package decode

import (
	"net/netip"
	"time"

	"github.com/auscult/auscult/sensor"
)

// The bounds of reassembly, for one decoder. Fragments are rare in a hospital
// (large DNS answers, some video) but for a mirror whose way is too narrow, and that
// sends the pieces of a frame one after the other: so little room is enough, and a
// flood of fragments pushes out other fragments only.
const (
	// MaxDatagrams is how many unfinished datagrams are held; the oldest goes first.
	MaxDatagrams = 64
	// MaxFragmentBytes is how many bytes they hold together: 16 whole datagrams.
	MaxFragmentBytes = 1 << 20
	// MaxPieces is how many pieces one datagram may come in: 65,535 bytes in pieces
	// of 576 bytes, the least that every IPv4 host takes (RFC 791, section 3.1), are 118.
	MaxPieces = 128
	// FragmentTimeout is how long, in wire time, a datagram may take. RFC 791 and RFC
	// 8200 name 15 s and 60 s; the common systems wait 30 s.
	FragmentTimeout = 30 * time.Second
	// maxDatagram is the largest IP payload (RFC 791, section 3.1).
	maxDatagram = 65535
)

// fragmentKey names a datagram: RFC 791 section 3.2, RFC 8200 section 4.5.
type fragmentKey struct {
	tap      sensor.Tap
	from, to netip.Addr
	id       uint32
	protocol uint8 // 0 for IPv6, where it is not part of the name
	// path names the wrappings around the piece: the pieces of a tunnel's datagram and
	// those of a datagram inside it are never mixed, nor are those of two networks.
	path uint64
}

// datagram is one that is not complete.
type datagram struct {
	key        fragmentKey
	since      time.Time
	pieces     []piece // in order of offset, none overlaps another
	bytes      int
	total      int // -1 until the last piece is there
	next       uint8
	dead       bool // its pieces overlapped: refuse the rest of it
	newer, old *datagram
}

type piece struct {
	offset int
	data   []byte
}

// reassembler puts datagrams together. A piece that is wholly there already is
// passed over, because mirrors often show a frame twice; any other overlap gives
// up the whole datagram, as RFC 5722 demands for IPv6 and Linux does for IPv4.
// So no datagram has two readings, and the old attacks with overlaps are void.
type reassembler struct {
	held           map[fragmentKey]*datagram
	oldest, newest *datagram
	bytes          int
	counters       sensor.FragmentCounters
}

func newReassembler() reassembler {
	return reassembler{held: make(map[fragmentKey]*datagram)}
}

// add takes one piece. With the verdict Decoded it returns the datagram's
// payload and the number of what it carries.
func (r *reassembler) add(f *sensor.Frame, data []byte, p *sensor.Packet, next uint8, path uint64) ([]byte, uint8, sensor.Verdict) {
	r.expire(f.When)
	end := p.Piece.Offset + len(data)
	if len(data) == 0 || end > maxDatagram || p.Piece.More && len(data)%8 != 0 {
		return nil, 0, sensor.FragmentRefused
	}
	g := r.find(f, p, path)
	if g.dead {
		return nil, 0, sensor.FragmentRefused
	}
	if !g.fits(p.Piece, end) {
		return nil, 0, r.kill(g)
	}
	at, duplicate, overlap := g.place(p.Piece.Offset, end)
	switch {
	case overlap || !duplicate && len(g.pieces) == MaxPieces:
		return nil, 0, r.kill(g)
	case duplicate:
		r.counters.Duplicates++
		return nil, 0, sensor.Fragment
	}
	r.insert(g, at, p.Piece, data)
	if p.Piece.Offset == 0 {
		g.next = next
	}
	if g.total != g.bytes {
		r.bound(g)
		return nil, 0, sensor.Fragment
	}
	r.counters.Reassembled++
	r.remove(g)
	return g.join(), g.next, sensor.Decoded
}

func (r *reassembler) find(f *sensor.Frame, p *sensor.Packet, path uint64) *datagram {
	key := fragmentKey{from: p.From.Addr, to: p.To.Addr, id: p.Piece.ID, path: path}
	if f.Tap != nil {
		key.tap = *f.Tap
	}
	if key.from.Is4() {
		key.protocol = p.IPProtocol
	}
	if g := r.held[key]; g != nil {
		return g
	}
	for len(r.held) >= MaxDatagrams {
		r.counters.Evicted++
		r.remove(r.oldest)
	}
	g := &datagram{key: key, since: f.When, total: -1, old: r.newest}
	if r.newest != nil {
		r.newest.newer = g
	} else {
		r.oldest = g
	}
	r.newest = g
	r.held[key] = g
	return g
}

// fits reports whether a piece agrees with the length that the datagram has, and
// fixes that length when it is the last one.
func (g *datagram) fits(p sensor.Piece, end int) bool {
	last := 0
	if n := len(g.pieces); n > 0 {
		last = g.pieces[n-1].offset + len(g.pieces[n-1].data)
	}
	if p.More {
		return g.total < 0 || end <= g.total
	}
	if g.total >= 0 && g.total != end || last > end {
		return false
	}
	g.total = end
	return true
}

// place finds where a piece belongs.
func (g *datagram) place(start, end int) (at int, duplicate, overlap bool) {
	for at = len(g.pieces); at > 0; at-- {
		q := g.pieces[at-1]
		qEnd := q.offset + len(q.data)
		if qEnd <= start {
			break
		}
		if q.offset < end {
			inside := q.offset <= start && end <= qEnd
			return at, inside, !inside
		}
	}
	return at, false, false
}

func (r *reassembler) insert(g *datagram, at int, p sensor.Piece, data []byte) {
	g.pieces = append(g.pieces, piece{})
	copy(g.pieces[at+1:], g.pieces[at:])
	g.pieces[at] = piece{offset: p.Offset, data: append([]byte(nil), data...)}
	g.bytes += len(data)
	r.bytes += len(data)
}

// kill forgets the pieces and keeps the name, so that later pieces are refused.
func (r *reassembler) kill(g *datagram) sensor.Verdict {
	r.counters.Overlapping++
	r.bytes -= g.bytes
	g.pieces, g.bytes, g.dead = nil, 0, true
	return sensor.FragmentRefused
}

// bound drops the oldest datagrams, never the one that is being built.
func (r *reassembler) bound(keep *datagram) {
	for r.bytes > MaxFragmentBytes && r.oldest != keep {
		r.counters.Evicted++
		r.remove(r.oldest)
	}
}

// expire drops what waited too long. Wire time that jumps backwards drops nothing.
func (r *reassembler) expire(now time.Time) {
	for r.oldest != nil && now.Sub(r.oldest.since) > FragmentTimeout {
		r.counters.Expired++
		r.remove(r.oldest)
	}
}

func (r *reassembler) remove(g *datagram) {
	delete(r.held, g.key)
	r.bytes -= g.bytes
	if g.old != nil {
		g.old.newer = g.newer
	} else {
		r.oldest = g.newer
	}
	if g.newer != nil {
		g.newer.old = g.old
	} else {
		r.newest = g.old
	}
	g.newer, g.old = nil, nil
}

func (g *datagram) join() []byte {
	whole := make([]byte, 0, g.total)
	for _, p := range g.pieces {
		whole = append(whole, p.data...)
	}
	return whole
}
