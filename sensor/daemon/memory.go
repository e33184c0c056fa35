package daemon

import (
	"runtime/debug"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/protocols/http"
)

// What the parts of the program keep at most, in bytes of heap, measured in a flood
// that fills them.
const (
	// keyMemory is one key of a device with its links, facts and peers.
	keyMemory = 2560
	// conversationMemory is one conversation with its session. What a session holds of a
	// compressed body is not in it: http.MaxHeld bounds that for each tap.
	conversationMemory = 1 << 10
	// houseMemory is the rest: the knowledge base, the register, the view, the page, and
	// what is on its way.
	houseMemory = 256 << 20
)

// memoryBound is the most that the configuration lets the heap hold. The rings and
// the kernel's tables are not in it: they are taken once, and do not grow.
func memoryBound(c configs.Config) int64 {
	taps := int64(max(1, len(c.Taps)))
	flows := taps * (int64(c.Limits.Conversations)*conversationMemory + int64(c.Limits.BufferMiB)<<20 + http.MaxHeld)
	return flows + identity.MaxAtoms*keyMemory + houseMemory
}

// boundMemory makes the collector work harder before the heap grows beyond its
// bound, instead of letting a flood double it. undo restores what was before.
func boundMemory(c configs.Config) (undo func()) {
	before := debug.SetMemoryLimit(memoryBound(c))
	return func() { debug.SetMemoryLimit(before) }
}
