package medibus

import "time"

const (
	// maxFrame bounds one command or response without its curves: a response with
	// all 256 codes of a page has 1,541 octets, one with all text messages fewer.
	maxFrame = 4096
	// maxNested bounds how many frames are open at once: a command may stand inside
	// a response (Protocol Definition, "Software Handshaking"), and nothing in that.
	maxNested = 2
	// maxName bounds the name of a device identification; the definition gives 30.
	maxName = 40
	// revisionLen is the length of its revision field.
	revisionLen = 11
	// maxTextLen bounds the text of a text message: its length is one character
	// from '0' up, and the definition allows 32.
	maxTextLen = 0x40
	// minRecords is how many records of curves in a row tell MEDIBUS where a stream
	// was joined in the middle of them.
	minRecords = 16
)

const (
	// useValid is how long a statement holds. A line is polled every few seconds, and
	// breaks down without a command for ten; two minutes outlive a reconnection.
	useValid = 2 * time.Minute
	// standbyKept is how long measured values are not believed against a text that
	// said standby: the text is asked for again within it, or has become stale.
	standbyKept = 30 * time.Second
	// restate is how soon the same thing is said again.
	restate = 30 * time.Second
)
