package sdc

const (
	// maxElements bounds how deep elements may nest. The deepest MDIB has about 20.
	maxElements = 48
	// maxName bounds a qualified name, in octets.
	maxName = 96
	// maxAttributes bounds the attributes of one element: an envelope with all
	// namespaces of SDC has about 20.
	maxAttributes = 64
	// maxValue bounds an attribute value that is read; longer ones count as absent.
	maxValue = 256
	// maxText bounds a text that is read. The scopes of a device with all its contexts
	// take about 1 KiB.
	maxText = 4 << 10
	// maxBindings bounds the namespace prefixes in force.
	maxBindings = 64
	// maxMatches bounds the devices that one message tells of: a proxy that answers
	// for a hospital sends several messages.
	maxMatches = 64
	// maxScopes bounds the scopes of one device.
	maxScopes = 64
	// maxSystems bounds the systems of one MDIB, and the parts of one system.
	maxSystems = 32
	// maxBody bounds a body over HTTP: the largest MDIBs known have about 2 MiB.
	maxBody = 16 << 20
)

const (
	// maxUnit bounds an APDU: IEEE 11073-20601 section 7.4.2 allows 63 KiB.
	maxUnit = 63 << 10
	// maxSpecifications bounds the production specification: eight kinds are defined.
	maxSpecifications = 16
)
