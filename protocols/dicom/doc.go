// Package dicom dissects DICOM conversations (PS3.8 upper layer, PS3.7 DIMSE,
// PS3.5 data sets): who is an imaging device, an archive, a worklist or a
// printer, what it is made of, and whether an examination is in progress. Do not
// use it for DICOM files (PS3.10), for DICOMweb or to reach pixel data: pictures
// are passed over by their length and never held.
//
// # Who is the subject
//
// The calling AE title and an implementation UID or version are about the host
// that sent them. The called AE title is about the acceptor, and only once the
// acceptor has accepted. A role follows from a request that was made, or from a
// response that reports success, a warning or pending: a refusal proves no
// service, and a proposal proves no use.
//
// What a stored image says of equipment is stated of a referenced device, always:
// an archive sends other machines' images with the same bytes as the machine
// itself, and one conversation cannot tell them apart. Package inventory sees
// whether a host ever speaks for two machines, and decides. What this package
// can tell it adds as the role of a forwarder, which is given to a sender
//
//   - whose C-STORE names a move originator (0000,1030),
//   - that sends images as the acceptor (the sub-operations of a C-GET), or
//   - that sends images of two different machines in one conversation.
//
// A performed procedure step is about its sender when the performed station AE
// title (0040,0241) is missing or is the sender's own title, and about the
// station of that title otherwise.
//
// # Patients
//
// Elements are picked by lists of wanted tags (tags.go); no other value is ever
// copied out of a segment. Responses to queries, query identifiers other than
// the scheduled station, and passwords are passed over by length. Instance UIDs
// leave the package only as a part of their SHA-256.
//
// # Memory
//
// A session reads its stream through fixed windows and keeps values of wanted
// elements only, so that segmentation never changes the result and the state of
// a conversation in the middle of a picture is small. Each bound is a constant
// in limits.go, with its reason.
package dicom
