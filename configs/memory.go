package configs

// MaxTaps bounds the mirror ports: each has a ring, kernel tables and a buffer of its
// own, and a reader. With the defaults 32 of them take 12 GiB, below MaxMemoryMiB.
const MaxTaps = 32

// MaxMemoryMiB bounds what all taps may take together, in MiB: 16 GiB, which leaves
// half of a machine of 32 GiB to all else. The kernel pins the rings and the tables,
// so that too much of them stops the machine and not only the sensor.
const MaxMemoryMiB = 16 << 10

// What one entry of the kernel's tables takes with the kernel's own part of it, in
// bytes; package bpf rounds them to 180 and 130.
const (
	conversationEntry = 176
	rangeEntry        = 128
)

// tables is what the kernel's tables of one tap take, in bytes.
func (l Limits) tables() int64 {
	return conversationEntry*int64(l.ShuntConversations) + rangeEntry*int64(l.ShuntRanges)
}

// MemoryMiB is what the taps take together at most, in MiB, rounded up: each its ring,
// its kernel tables, and its buffer, which its workers share.
func (c Config) MemoryMiB() int {
	each := (int64(c.Limits.RingMiB)+int64(c.Limits.BufferMiB))<<20 + c.Limits.tables()
	return int((int64(len(c.Taps))*each + 1<<20 - 1) >> 20)
}

// memory checks what the taps take together.
func (v *validator) memory(c Config) {
	n := len(c.Taps)
	if n > MaxTaps {
		v.require(false, "taps", "%d, want at most %d; each has a ring and kernel tables of its own: leave out what is seldom needed, or use a second sensor", n, MaxTaps)
		return
	}
	l, sum := c.Limits, c.MemoryMiB()
	v.require(sum <= MaxMemoryMiB, "limits", "%d taps, each with ring_mib %d, buffer_mib %d and %d MiB of shunt tables, take %d MiB together, want at most %d; lower %s, or declare fewer taps",
		n, l.RingMiB, l.BufferMiB, (l.tables()+1<<20-1)>>20, sum, MaxMemoryMiB, l.largest())
}

// largest names what to lower first.
func (l Limits) largest() string {
	tables := l.tables() >> 20
	switch {
	case int64(l.BufferMiB) >= max(int64(l.RingMiB), tables):
		return "buffer_mib"
	case int64(l.RingMiB) >= tables:
		return "ring_mib"
	}
	return "shunt_conversations and shunt_ranges"
}
