// Package dicom dissects DICOM conversations (PS3.8 upper layer, PS3.7 DIMSE,
// PS3.5 data sets): who is an imaging device, an archive, a worklist or a
// printer, what it is made of, and whether an examination is in progress. Instances reads
// the files (PS3.10) that HTTP carries. Do not use it for files on a disk, for
// requests of DICOMweb (package http) or to reach pixel data: pictures are passed
// over by their length and never held.
//
// # Who is the subject
//
// The calling AE title and an implementation UID or version are about the host
// that sent them. The called AE title is about the acceptor, and only once the
// acceptor has accepted. A role follows from a request that was made, or from a
// response that reports success, a warning or pending: a refusal proves no
// service, and a proposal proves no use. The one exception is a role selection that
// both ends agreed on, where the service is no storage: then the requestor serves.
//
// A rejection is about the requestor and an abort about who aborts, with a reason of
// a closed list. What follows a rejection states nothing until the next request.
// What a requestor says of itself waits for the answer: whose title the acceptor does not
// know is given none.
//
// Who takes an object is told apart by who asked for it: its own C-MOVE, which names
// it as the originator, or its own C-GET; or nobody, or somebody else. The title of
// whoever asked is stated of the station that has it.
//
// What a stored image says of equipment is stated of a referenced device, always:
// an archive sends other machines' images with the same bytes as the machine
// itself, and one conversation cannot tell them apart. Package inventory sees
// whether a host ever speaks for two machines, and decides. What this package
// can tell it adds as the role of a forwarder, which is given to a sender
//
//   - whose C-STORE names a move originator (0000,1030),
//   - that sends images as the acceptor (the sub-operations of a C-GET),
//   - that sends images of two different machines in one conversation, or
//   - that sends a digitised film or video signal of another maker's machine.
//
// A performed procedure step is about its sender when the performed station AE
// title (0040,0241) is missing or is the sender's own title, and about the
// station of that title otherwise. A workitem (unified procedure step) is performed by
// who changes its state; that it is scheduled, watched or reported says nothing of use.
// What its server did not consent to is unknown.
// That a step is over never means that its device is idle.
//
// # Patients
//
// Elements are picked by lists of wanted tags (tags.go); no other value is ever
// copied out of a segment. Responses to queries, query identifiers other than
// the scheduled station, films, the text of workitems, and all of a user identity but
// its type are passed over by length. Instance UIDs
// leave the package only as a part of their SHA-256.
//
// # What need not be seen
//
// Behind the last wanted element of a data set only the headers of elements are
// looked at, for their lengths. Inside a long value, or a fragment of a picture, a
// sender's P-DATA-TF PDUs nearly always have one length and one PDV each. When some
// in a row had (limits.go), the session says that it need not see the next ones, up
// to a quarter of a GiB: as many as lie wholly inside the value, so that the PDU
// which ends the value, and may end the message, is always read. Where the next PDU
// should begin, 12 octets are verified: type, lengths, context and control. If they
// do not fit, the message counts as truncated, the next boundary is hunted for, and
// the direction is not predicted again in that association. Only what a message
// says is lost that way, never anything stated falsely: nothing is predicted before
// all that is wanted of the message at hand was read, and a message is read from
// its command on or not at all.
//
// What is predicted follows from the octets before it alone. A hole of known size
// inside such a value is passed over in the same way. Where no length is known,
// nothing is predicted: deflated data sets (reports, a few KiB), fragments of a
// message whose command was not seen, and sequences that are nested too deeply. A
// blind guess would hide the next command as often as it would save anything.
//
// # Memory
//
// A session reads its stream through fixed windows and keeps values of wanted
// elements only, so that segmentation never changes the result and the state of
// a conversation in the middle of a picture is small. Each bound is a constant
// in limits.go, with its reason.
package dicom
