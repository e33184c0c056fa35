// Package decode turns a captured frame into addresses and payload. It is the
// first step of the hot path: it reads headers with every bound checked, copies
// nothing and allocates nothing, except for datagrams that arrive in fragments.
// What it says are nouns of package sensor: Packet, Verdict, DecodeCounters.
//
// Use it to learn who sent what to whom in one frame; do not use it for ordered
// streams or conversations (package flow), for what a payload says (package
// protocols), or to judge whether a packet is good: checksums are not verified,
// because offloading leaves them unset on captures of the sender's own machine.
package decode
