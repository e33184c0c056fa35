package banner

const (
	// maxLine bounds a line that is read; a longer one is passed over as a whole. The
	// longest known that tells of a device has 60 octets.
	maxLine = 160
	// maxLines and maxGreeting bound a greeting: those known that tell of a device have
	// four lines; legal notices before a prompt have some 20, and 2 KiB.
	maxLines    = 32
	maxGreeting = 2 << 10
	// maxOption bounds the contents of one option, which are passed over: a terminal's
	// environment has some hundred octets.
	maxOption = 4 << 10
	// maxNegotiation bounds what is negotiated in one direction before anything is said:
	// 40 options, each refused and offered anew, have 3 octets each.
	maxNegotiation = 1 << 10
	// maxForm bounds a number or a version that a rule takes from a greeting.
	maxForm = 32
)
