package lldp

const (
	// maxTLVs bounds the elements of one frame that are read. Switches send some 20,
	// telephones 30; a jumbo frame has room for 4,500 that are empty.
	maxTLVs = 256
	// maxAddresses bounds the management addresses of one frame: one for each family is
	// usual, one for each interface of a router has been seen.
	maxAddresses = 8
	// maxVLANs bounds the names of VLANs of one frame.
	maxVLANs = 16
)
