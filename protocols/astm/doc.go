// Package astm reads what laboratory analysers and their hosts say over ASTM
// E1381 and E1394 (CLSI LIS01-A2 and LIS02-A2) on TCP, on any port and in either
// direction: which instrument speaks, what its serial number and software are,
// who takes its results, and that it has just measured. Do not use it for HL7
// (package hl7, also where a sender wraps it in the same blocks), for POCT1-A
// (package poct1a), or for records in files.
//
// Records are read octet by octet, in frames with a checksum or bare. Only the
// fields of an allow-list (wanted, in record.go) are ever copied: the header's
// sender, receiver, purpose, processing and time, the times of orders and
// results, and a result's instrument.
// Passwords (H-4), patients, specimens, orders, values, comments and operators
// are passed over and never enter a buffer, however long they are.
//
// A frame counts when its checksum fits. One that does not is evidence of a
// broken sender, not of a broken wire (TCP has a checksum of its own), so it
// counts once the receiver has taken it or the sender goes on, with less
// confidence, and not when it is asked for again. A frame that is sent twice
// counts once. Every whole record stands for itself: what a message said before a
// hole, or before the end of a conversation, is stated.
//
// What a sender's name (H-5) is made of differs by model. The table in layout.go
// knows; of a sender that is not in it only what it calls itself is stated.
package astm
