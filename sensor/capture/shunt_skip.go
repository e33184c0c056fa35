package capture

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/bpf"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

var _ sensor.Shunt = (*Live)(nil)

// Skip implements sensor.Shunt. It may be called from any goroutine, also after
// Close, when it does nothing. Where no kernel program is at work, it does nothing
// either: every frame is read.
func (l *Live) Skip(ranges []sensor.Skip) { l.shunt.skip(ranges) }

// Skipped implements sensor.Shunt.
func (l *Live) Skipped(w sensor.Way) (sensor.Skipped, bool) { return l.shunt.skipped(w) }

// Mode says where frames are dropped: driver, generic, filter or none.
func (l *Live) Mode() string { return l.shunt.mode }

// Unplaced is how many ranges the kernel did not take, because its map was full or
// they were out of bounds. What they meant is read instead.
func (l *Live) Unplaced() uint64 { return l.shunt.unplaced.Load() }

// Remainder is what the kernel program accounted for and then forgot, because more
// conversations were alive than it remembers, in packets and bytes of payload. It
// walks through all accounts: ask for it in minutes, not in seconds.
func (l *Live) Remainder() (packets, bytes uint64, err error) { return l.shunt.remainder() }

func (s *shunt) skip(ranges []sensor.Skip) {
	if len(ranges) == 0 {
		return
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.tap == nil {
		return
	}
	batch, ok := s.batches.Get().(*[]bpf.Range)
	if !ok {
		batch = new([]bpf.Range)
	}
	*batch = (*batch)[:0]
	for _, r := range ranges {
		if r.For == 0 {
			s.place(batch)                                // in the order in which they came: one may be asked for anew
			_ = s.tap.Forget([]bpf.Way{kernelWay(r.Way)}) // what stays runs out
			continue
		}
		*batch = append(*batch, kernelRange(r))
	}
	s.place(batch)
	s.batches.Put(batch)
}

// place hands a batch to the kernel and empties it. What was not taken is counted;
// why is the same each time.
func (s *shunt) place(batch *[]bpf.Range) {
	if len(*batch) == 0 {
		return
	}
	placed, _ := s.tap.Skip(*batch)
	s.unplaced.Add(uint64(len(*batch) - placed))
	*batch = (*batch)[:0]
}

// kernelRange says a skip in the words of package bpf.
func kernelRange(r sensor.Skip) bpf.Range {
	return bpf.Range{
		Way: kernelWay(r.Way), Start: r.Start, End: r.End,
		ISN: r.ISN, ISNKnown: r.ISNKnown, Whole: r.Whole, For: min(r.For, bpf.MaxFor),
	}
}

func kernelWay(w sensor.Way) bpf.Way {
	protocol := uint8(unix.IPPROTO_TCP)
	if w.Transport == protocols.UDP {
		protocol = unix.IPPROTO_UDP
	}
	return bpf.Way{From: w.From, To: w.To, Protocol: protocol}
}

func (s *shunt) skipped(w sensor.Way) (sensor.Skipped, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.tap == nil {
		return sensor.Skipped{}, false
	}
	a, ok, err := s.tap.Account(kernelWay(w))
	if err != nil || !ok {
		return sensor.Skipped{}, false
	}
	return sensor.Skipped{Packets: a.SkippedPackets, Bytes: a.SkippedBytes, Repeated: a.RepeatedBytes}, true
}

// shunted is what the program dropped, in frames and bytes of frames.
func (s *shunt) shunted() (frames, bytes uint64, err error) {
	if s.tap == nil {
		return 0, 0, nil
	}
	totals, err := s.tap.Totals()
	if err != nil {
		return 0, 0, err
	}
	dropped := totals.Dropped()
	return dropped.Packets, dropped.Bytes, nil
}

// sweep takes out ranges whose time is over.
func (s *shunt) sweep() {
	if s.tap == nil || time.Since(s.swept) < sweepEvery {
		return
	}
	s.swept = time.Now()
	_, _ = s.tap.Sweep(bpf.Now()) // a range that stays only takes room, and is tried again
}

func (s *shunt) remainder() (packets, bytes uint64, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.tap == nil {
		return 0, 0, nil
	}
	// The totals come second: an account that grows meanwhile must not stand for more
	// than was counted.
	var known bpf.Account
	if err := s.tap.Accounts(func(_ bpf.Way, a bpf.Account) bool {
		known.Packets += a.Packets
		known.Bytes += a.Bytes
		return true
	}); err != nil {
		return 0, 0, err
	}
	totals, err := s.tap.Totals()
	if err != nil {
		return 0, 0, err
	}
	return since(known.Packets, totals.Accounted.Packets), since(known.Bytes, totals.Accounted.Bytes), nil
}
