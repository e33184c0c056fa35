package astm

import "time"

// Bounds of what is kept and of what passes.
const (
	// maxField bounds one kept field, in octets. The longest sender known has 45; a
	// hospital's name in front of it leaves room. A longer field is no identity and
	// is dropped, not cut.
	maxField = 160
	// maxIndex is the highest field number of the allow-list (O-23).
	maxIndex = 23
	// maxArena holds every field that a record may have kept: six of a header.
	maxArena = 6 * maxField
	// maxEncoding bounds H-2: repetition, component and escape (LIS02-A2, section
	// 5.4), and one that HL7 knows besides.
	maxEncoding = 4
	// maxPassed bounds what passes between two ends of messages, in octets. A frame has
	// 240 (E1381) or 64,000 (LIS01-A2, section 6.3) and a message some thousand
	// records; images in M records reach megabytes. More is taken for a stream that
	// lost its ends.
	maxPassed = 16 << 20
	// maxHeld bounds the messages that end inside one frame that is not yet believed;
	// the standard has at most one.
	maxHeld = 8
	// maxInstruments bounds the instruments of one message: the results of a
	// specimen come from one, on a line from a few.
	maxInstruments = 4
	// maxNumber bounds the number of an instrument, in octets; serial numbers of the
	// makers in layout.go have at most 12.
	maxNumber = 32
)

const (
	// resultValid: a result leaves an analyser within minutes of the measurement, and
	// the next specimen is then usually on board.
	resultValid = 10 * time.Minute
)

// Confidences, by the ladder of protocols/README.md.
const (
	statedFact  = 0.95 // model and serial number in a layout that is known
	roleFact    = 0.9  // the records are of that kind
	productFact = 0.8  // a model in a known layout, without a serial number
	tableFact   = 0.7  // the maker of a model, by the table and not by the wire
	looseFact   = 0.6  // a name that may be anything; a frame whose checksum is wrong
	echoedFact  = 0.4  // what the sender calls the receiver; a name typed in by whoever set it up
)
