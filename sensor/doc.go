// Package sensor holds what the capture path hands on: Frame, Tap, Source and
// the contract of the hot loop. Use it to read frames and to hear what became of
// them; do not use it for what a frame says (package protocols).
//
// # The hot loop
//
// Between a Source and a dissector nothing blocks, locks or allocates per
// packet. A Frame's bytes belong to its Source and are valid until the next call
// of Next. Every frame that is dropped is counted by cause.
package sensor
