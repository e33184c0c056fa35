package snmp

const (
	// maxVarbinds bounds the objects that are read of one message. One datagram has room
	// for some 9,000 without values; managers ask for 10 to 50 rows at once.
	maxVarbinds = 1024
	// maxRows bounds the chassis of an entity table: the largest stacks have 16 units.
	maxRows = 16
	// maxInterfaces bounds the interfaces whose address is kept until it is known which
	// of them answers: the largest stacks have some 500 ports.
	maxInterfaces = 512
	// maxSubIDs bounds the path of an object below mib-2 that is looked at: the longest
	// on the allow-list has ten.
	maxSubIDs = 12
)
