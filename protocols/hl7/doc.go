// Package hl7 reads HL7 version 2 (2.1 to 2.9) over MLLP, on any port and in
// either direction: who sends and who receives, which devices are described
// (IHE PCD-01, -04, -10 and -15 with their containment tree, OBX-18, PRT, DEV, EQU),
// where they stand, how they are and what they are doing. HTTP hands it the bodies that
// are HL7 version 2 (OpenBody). Do not use it for HL7 version 3 or FHIR.
//
// Messages are read as a stream, segment by segment. Only the fields of an
// allow-list (wanted, in segment.go) are ever copied out of the stream: segments
// about a patient are passed over byte by byte and never enter a buffer. Of a
// field at most maxField bytes are kept, so that an image in OBX-5 costs
// nothing. MLLP has no lengths, so no bytes can be skipped unseen; over HTTP the rest
// of a body is not asked for inside of a document of which nothing is wanted.
//
// An alarm is a state of the device, one of a closed set of technical conditions; of a
// patient's alarm nothing is kept. An order is no delivery.
//
// What is said of use must hold now: a training message, one from an archive, and
// one whose own times show that it waited say who a device is, and nothing of
// use. A message that its receiver will refuse (MSA-1 AE or AR) cannot be told
// from others when it is stated: the answer comes later, and refuses the message,
// not the device's word.
//
// A message is stated when its end has been seen. One that is broken, cut or
// over a bound states nothing. A message without MLLP framing ends at the next
// MSH, at the peer's acknowledgement, or with the conversation; in the last case
// its report is never called complete.
package hl7
