package tls

const (
	// maxPlain is the longest record in clear: RFC 8446 section 5.1, RFC 5246
	// section 6.2.1.
	maxPlain = 1 << 14
	// maxRecord is the longest record at all: RFC 5246 section 6.2.3.
	maxRecord = maxPlain + 2048
	// maxHello bounds the body of a hello that is read. Browsers send 500 to 2,500
	// octets with post-quantum keys and tickets; one record's worth is ample.
	maxHello = maxPlain
	// maxLeaf bounds the server's own certificate. A certificate of a device has 1
	// to 2 KiB; one with a hundred names, which names no single host, about 6 KiB.
	maxLeaf = 8 << 10
	// maxNames bounds the names of a certificate that are compared: a host has a
	// short name, a full name and perhaps an alias.
	maxNames = 8
	// maxWanted bounds how many octets of a direction are looked at: a hello, a
	// certificate and what may stand around them. Warnings and heartbeats without
	// end must not keep a conversation from being skipped.
	maxWanted = 64 << 10
	// maxHunt is how far behind a hole, or behind the point where a stream was
	// joined, a record is looked for. Recognition had as much to look at.
	maxHunt = 512
)
