package ssh

const (
	// maxIdentification bounds the identification string with its line end: RFC
	// 4253 section 4.2.
	maxIdentification = 255
	// maxPrelude bounds the lines that a server may send before. RFC 4253 sets no
	// bound; recognition needs the string within what a probe sees, or the client's
	// own, and a legal notice has a few KiB.
	maxPrelude = 8 << 10
	// maxSoftware bounds the software version that is stated. The longest seen name
	// a product and its build in about 60 octets.
	maxSoftware = 96
	// maxPacket bounds the first key exchange message. RFC 4253 section 6.1 asks
	// for 35,000 octets of any packet; lists of all algorithms ever made take 3 KiB.
	maxPacket = 16 << 10
)
