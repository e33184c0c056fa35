package flow

import "github.com/auscult/auscult/sensor"

// Decoder reads the headers of frames, and puts datagrams together that come in
// fragments. It belongs to one goroutine, and its results depend only on the
// frames that it was given, in their order.
type Decoder interface {
	// Decode fills p with what f says and keeps neither of them. An Engine looks at
	// p where the verdict is sensor.Decoded, until the next call. Decode neither
	// blocks nor locks, and allocates for fragments only.
	Decode(f *sensor.Frame, p *sensor.Packet) sensor.Verdict
	// Counters returns a copy of the counts since the decoder was made.
	Counters() sensor.DecodeCounters
}

// Decoding is how a Fan reads frames. Both functions are needed.
type Decoding struct {
	// New makes a decoder that holds nothing yet. It is called for each engine,
	// because what waits in one decoder must not depend on another's frames.
	New func() Decoder
	// Spread returns a number that is the same for both directions of a
	// conversation and for all fragments of its datagrams, and depends on nothing
	// but the frame: it decides which engine has it. It keeps nothing of the frame,
	// and is called from the goroutine of Fan.Frame.
	Spread func(*sensor.Frame) uint64
}
