package poct1a

import "time"

// Bounds of what is kept and of what passes.
const (
	// maxField bounds one kept value, in octets: that of an observation's text.
	maxField = 128
	// maxName bounds the name of an element or attribute; the longest of POCT01-A2 has
	// 33 octets, and vendors' own have some more.
	maxName = 64
	// maxAttributes bounds the attributes of one element: a coded value has six (V,
	// DN, SN, SV, U, NI).
	maxAttributes = 16
	// maxDepth bounds the nesting of elements: an observation of a patient is five
	// deep, vendors add two.
	maxDepth = 16
	// maxDocument bounds one document as it passes, in octets. Devices name limits of
	// some ten thousand (DSC.max_message_sz); images in notes reach megabytes.
	maxDocument = 16 << 20
)

// How long a statement of use holds, counted from its wire time.
const (
	// measuredValid: an observation is sent when the test is over, and the device is
	// then still at the patient.
	measuredValid = 10 * time.Minute
	// busyValid: the longest tests of such devices take a quarter of an hour.
	busyValid = 15 * time.Minute
	// readyValid: a meter is taken out of its station at any moment, and says nothing
	// before it is back.
	readyValid = 5 * time.Minute
)

// maxError is how far a clock may be from the wire: managers set the clocks of
// devices (DTV.R02 SET_TIME).
const maxError = 15 * time.Minute

// Confidences, by the ladder of protocols/README.md.
const (
	statedFact = 0.95 // the greeting's own field, with model and serial number
	roleFact   = 0.9  // the document is of that kind
	partFact   = 0.8  // a part of the device identifier, a greeting without a number
	placeFact  = 0.7  // typed in by whoever set the device up
	looseFact  = 0.6  // a name that may be anything; a role that follows from the other side's
)
