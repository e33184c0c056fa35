package dicom

import "time"

const (
	// minAssociate is the fixed part of an A-ASSOCIATE-RQ or -AC body: PS3.8
	// tables 9-11 and 9-17.
	minAssociate = 68
	// maxAssociate bounds the body of an A-ASSOCIATE PDU. 128 contexts with 40
	// transfer syntaxes each take 150 KB, a SAML assertion up to 64 KB more. The
	// body is read item by item, so that the bound limits work, not memory.
	maxAssociate = 256 << 10
	// maxPDU bounds a P-DATA-TF PDU. PS3.8 sets no bound; a stack that is told
	// "unlimited" puts a whole multi-frame object into one. A larger length is
	// taken for lost framing, which would otherwise blind the session for good.
	maxPDU = 256 << 20
	// maxHuntedPDU bounds a P-DATA-TF PDU that a lost stream may be entered by:
	// the largest maximum length that stacks announce in practice is 4 MiB.
	maxHuntedPDU = 16 << 20

	// steadyPDUs is how many PDUs in a row must have had one length before more of
	// them are predicted. Two may agree by chance; sizes that alternate, or that come
	// from a buffer of few PDUs, differ within three. A longer rhythm costs one
	// resynchronisation an association, and each PDU more would cost a sixteenth of
	// an image of 256 KiB that has an association to itself.
	steadyPDUs = 3
	// maxChanges is how often a direction may change the length of its PDUs without
	// becoming steady before it is not followed any more. A sender that puts the
	// header of each picture into a PDU of its own changes twice a picture, and is
	// steady between.
	maxChanges = 64
	// minStride is the length from which PDUs are predicted: DCMTK can be told to
	// send no more than 4096 octets, and then sends PDUs of 4090. Headers are 12
	// octets a PDU, 0.3 % of the stream: a sender that goes over to longer PDUs
	// unseen is overrun by no more than that.
	minStride = 4000
	// minAhead is how much a prediction must save, the open PDU not counted: about
	// 45 full segments, below which telling the kernel costs as much as reading
	// headers.
	minAhead = 64 << 10
	// maxAhead bounds what one prediction passes over behind the open PDU, and so
	// what a value length that lies can hide: as much as the length of a PDU can.
	// Behind it the next one is made, after a look at two headers.
	maxAhead = maxPDU

	// maxItem bounds a sub-item that is read at all: a UID has 64 characters
	// (PS3.5 section 9.1), a version name 16 (PS3.7 D.3.3.2). Longer ones are
	// passed over.
	maxItem = 64
	// maxPrivate is how many private SOP classes are stated of one association: a
	// maker's own application proposes two or three, a toolkit's list all it knows.
	maxPrivate = 4
	// contextCount is how many presentation contexts an association can have:
	// the odd octets (PS3.8 section 9.3.2.2).
	contextCount = 128

	// maxDepth bounds nesting in a data set that is walked: structured reports
	// go deeper, but nothing wanted stands behind one.
	maxDepth = 12
	// maxElements bounds the elements of a data set that are looked at before
	// the last wanted one. An enhanced image has some hundred there; sequences of
	// undefined length (references to earlier images) make the rest.
	maxElements = 8192
	// maxHead bounds the octets of a data set that are looked at, values passed
	// over by length not counted: maxElements of the shortest form.
	maxHead = 64 << 10
	// maxFollowed bounds the headers that are looked at behind the last wanted
	// element, to know how much of a value is still to come. An enhanced image has
	// some 60 for each of its frames, and some thousand frames; at some 100 ns a
	// header it is 25 ms at most, spent before hundreds of MB that need not be seen.
	maxFollowed = 256 << 10
	// maxValue bounds one kept value. LO has 64 characters (PS3.5 table 6.2-1);
	// with escape sequences, four octets a character and several software
	// versions 1 KiB is ample.
	maxValue = 1 << 10
	// maxKept and maxKeptBytes bound the values kept of one data set: about 20
	// tags are wanted, and only device identifiers can come more than once.
	maxKept      = 48
	maxKeptBytes = 4 << 10
	// maxDeflated bounds the compressed octets that are kept of a deflated data
	// set, and maxInflated what they may unpack to: the wanted elements stand in
	// the first few KiB of either, and a bomb stops there.
	maxDeflated = 16 << 10
	maxInflated = 64 << 10

	// maxVersions bounds the software versions taken from one element: consoles
	// list their parts there, a dozen at most.
	maxVersions = 16
	// maxDigests is how many different data sets a direction remembers, to state
	// each once: a modality has few (image, dose report, screenshot).
	maxDigests = 8
	// maxProcedures is how many procedure steps a session remembers the subject
	// of: one association carries one, a broker's some.
	maxProcedures = 8
)

const (
	// repeatAfter is when a session states again what it has stated before, so
	// that "last seen" follows a long association without one statement an image.
	repeatAfter = time.Minute
	// examinationValid is how long "examination in progress" holds without a
	// word. Routine examinations end within two hours and long interventions
	// within four; a final N-SET that was missed must not keep a device busy for
	// the next day.
	examinationValid = 4 * time.Hour
	// endedValid is how long the end of an examination says anything: the next
	// patient may be on the table minutes later, and some devices announce a
	// procedure step only when it is done.
	endedValid = 10 * time.Minute
)
