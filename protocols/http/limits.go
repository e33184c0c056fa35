package http

const (
	// maxHead bounds a head or the trailers of a message: servers refuse 8 KiB to 64
	// KiB, and floods have no end.
	maxHead = 64 << 10
	// maxTarget bounds the path that is kept; longer ones are cut, and match nothing.
	maxTarget = 512
	// maxFieldName bounds the name of a field; the longest that is read has 17 octets.
	maxFieldName = 32
	// maxFieldValue bounds a value that is read. Accept lists of browsers have 150.
	maxFieldValue = 512
	// maxBlankLines is how many empty lines may stand before a start line; RFC 9112
	// section 2.2 asks a server to pass over one.
	maxBlankLines = 4
	// maxLength bounds Content-Length, in octets: above any object that exists, and
	// below overflow.
	maxLength = 1 << 50
	// maxSizeLine bounds the line before a chunk, with its extensions.
	maxSizeLine = 256
	// maxPending bounds the requests that wait for an answer. Pipelining is seldom
	// deeper than 10.
	maxPending = 64
	// maxSeek bounds how far a direction is searched for the next head, after a hole
	// or an error, before it is given up: an image passes in fewer octets.
	maxSeek = 1 << 20
	// maxSeekLine is how much of a line is kept while searching.
	maxSeekLine = 1 << 10
)

const (
	// maxCompressed bounds what a conversation holds of compressed bodies that somebody
	// reads: both sides and all streams together. A bundle of 1,000 devices takes about
	// 60 KiB.
	maxCompressed = 64 << 10
	// packedPiece is what is held at a time: each of maxStreams may hold one.
	packedPiece = maxCompressed / maxStreams
	// maxUnpacked bounds what comes out of one body: maxCompressed at maxRatio.
	maxUnpacked = maxCompressed * maxRatio
	// maxRatio bounds what the compressed bodies of one side of a conversation come to,
	// together, in octets for each of theirs. A bundle of maxDevices of one kind comes to
	// 30, and indented to 48; deflate can come to 1,030.
	maxRatio = 48
	// freeUnpacked may come out of them besides, once: a small body of one text, over and
	// over. More would pay for a bomb in a conversation of its own.
	freeUnpacked = 16 << 10
)

const (
	// maxDepth bounds how deep JSON may nest: FHIR bundles of devices have 12.
	maxDepth = 64
	// maxPath bounds the names of all levels together.
	maxPath = 512
	// maxKey bounds one name: the longest of FHIR R5 has 40 octets.
	maxKey = 64
	// maxText bounds a JSON text that is read; longer ones count as absent.
	maxText = 256
	// maxDevices bounds the devices and the metrics that wait for the end of a body,
	// and the machines that the metadata of one tell of.
	maxDevices = 256
	// maxFacts bounds the facts that are kept of one device; versions repeat.
	maxFacts = 24
	// maxNesting bounds resources in resources: bundle, entry, contained.
	maxNesting = 3
)

const (
	// maxFrame bounds a frame of HTTP/2 that has no data: RFC 9113 section 4.2, the
	// size that every endpoint must accept.
	maxFrame = 16 << 10
	// maxBlock bounds a header block over all its frames.
	maxBlock = 64 << 10
	// maxTable bounds the table of HPACK: 16 times the usual.
	maxTable = 64 << 10
	// maxHeaderText bounds one name or value in a header block.
	maxHeaderText = 16 << 10
	// maxStreams bounds the streams whose bodies are read at the same time; RFC 9113
	// section 6.5.2 recommends to allow 100, and few of them carry what is read.
	maxStreams = 32
)

// MaxHeld bounds, in octets, what all sessions of one dissector hold of compressed
// bodies: 1,024 conversations at their bound, and some 30,000 whose bodies are as short
// as most. Who reckons with the memory of the program adds it for each dissector.
const MaxHeld = 64 << 20

// maxBoundary bounds the boundary of a multipart body: RFC 2046 section 5.1.1.
const maxBoundary = 70

// maxParts bounds the parts of a multipart body: a study of a modern CT has some
// thousand instances, and all may come in one body.
const maxParts = 16 << 10
