// Package flow turns frames into conversations: it keeps who talks to whom, puts
// TCP streams in order within named bounds, recognises protocols by what is
// said, and hands each session its bytes and its gaps.
//
// Use an Engine where one goroutine has all frames, and a Fan to spread them over
// several. Both are given what reads the headers of a frame, as a Decoder or a
// Decoding (package decode has one). Do not use it to learn what a message means
// (package protocols) or which device said it (package inventory).
//
// # What it promises
//
// Frame never blocks, locks or waits, and allocates nothing for a packet of a
// known conversation that arrives in order. Overload is a designed state: a full
// table gives up its oldest conversation, a full buffer declares the hole that it
// waits for a gap, and both are counted. Results depend on the frames alone: on
// their order and wire time, not on the machine's clock or the number of workers.
//
// # Time
//
// Time is that of the frames. It only goes forward: where frames jump backwards
// it stands still, and goes on from there when they stay there.
//
// # Reassembly
//
// Where segments overlap, the bytes that arrived first win. A hole is waited for
// until it is filled or one of these declares it a gap: the receiver acknowledged
// what lies behind it and a few more packets went by; HoleTimeout of wire time;
// MaxHolePackets; a bound on buffered bytes; the end of the conversation. So one
// direction alone is enough, as on an asymmetric mirror. A segment farther than
// MaxJump from where its stream stands is believed only when a second one
// continues it; then the stream goes on there, after a gap of unknown length.
//
// # What nobody needs
//
// A session answers how many of the coming bytes it does not want (the rest of an
// image, everything behind a TLS handshake), and a conversation that no protocol
// knows is listened to no longer once it is bulk. Where there is a Shunt it is
// asked to drop them; without one they are passed over here. So the shunt is the
// same decision carried out elsewhere, and results do not depend on it. A landing
// is as far from its stream as the skip allows, and what is before it, a
// retransmission, is old. A range that runs out, or never took effect, is asked
// for again by the packets that come all the same. What was dropped is counted to
// its conversation when that is reported.
//
// # Frames seen twice
//
// A mirror of both directions of both ports shows each frame twice, and a mirror
// of two VLANs shows what is routed between them twice. The second is counted and
// taken no further.
//
// # What was lost before
//
// Sequence numbers that are missing from a stream that is followed, and that no
// Shunt was asked to drop, were lost before the sensor or by it. They are counted
// by place (sensor.Heard).
package flow
