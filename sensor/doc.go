// Package sensor holds what the capture path hands on: Frame, Tap and Source, the
// Packet and Verdict that decoding makes of a frame, and the contract of the hot
// loop. Use it to read frames and to hear what became of them; do not use it for
// what a payload says (package protocols).
//
// # The hot loop
//
// Between a Source and a dissector nothing blocks, locks or allocates per
// packet. A Frame's bytes belong to its Source and are valid until the next call
// of Next; those of a Packet are the frame's, or valid until the next frame is
// decoded. Every frame that is dropped is counted by cause.
package sensor
