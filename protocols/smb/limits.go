package smb

const (
	// maxMessage bounds a negotiation or a session setup that is read. NTLMSSP takes
	// under 2 KiB; what is longer carries a ticket, and is passed over.
	maxMessage = 16 << 10
	// maxWanted bounds what is looked at of one direction: a client that tries several
	// accounts needs a few KiB for each.
	maxWanted = 256 << 10
	// maxDialects bounds the dialects of one offer: no client has more than 12.
	maxDialects = 64
	// maxNative bounds the text of a native system: the longest known names an edition,
	// a build and a service pack in 60 characters.
	maxNative = 80
	// maxPairs bounds the pairs of target information: [MS-NLMP] 2.2.2.1 has 11.
	maxPairs = 32
)
