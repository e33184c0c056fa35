package banner

const (
	// maxLine bounds a line that is read; a longer one is passed over as a whole. The
	// longest known that tells of a device has 60 octets.
	maxLine = 160
	// maxLines and maxGreeting bound a greeting, also what is passed over in it: those known that tell of a device have
	// four lines; legal notices before a prompt have some 20, and 2 KiB.
	maxLines    = 32
	maxGreeting = 2 << 10
	// maxOpening bounds all octets of one direction of telnet: a greeting, 40 options that
	// are each refused and offered anew, and a terminal's environment of some hundred
	// octets, with room.
	maxOpening = 8 << 10
	// maxForm bounds a number or a version that a rule takes from a greeting.
	maxForm = 32
)
