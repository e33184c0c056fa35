package dns

const (
	headerLen = 12
	// maxName bounds a name with its length octets: RFC 1035 section 2.3.4.
	maxName = 255
	// maxPointers bounds how often one name goes on elsewhere. Each pointer leads
	// backwards, so that none is followed for ever; a name has at most 127 labels.
	maxPointers = 16
	// maxQuestions and maxRecords bound a message. What fits into the 9,000 octets of
	// RFC 6762 section 17 is more; the richest host known announces about 60 records.
	maxQuestions = 64
	maxRecords   = 256
	// maxServices bounds the services of a host that are looked at in one message.
	maxServices = 32
	// maxValue bounds a TXT value: makes and models are shorter.
	maxValue = 64
)
