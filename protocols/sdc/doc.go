// Package sdc reads IEEE 11073 in the clear: what devices announce by WS-Discovery
// over UDP (SOAP 1.2, the namespaces of 2005/04 and 2009/01), the bodies that SDC
// devices send over HTTP (DPWS metadata, the MDIB and its reports), and the
// association of IEEE 11073-20601 over TCP. All are recognised by content, on any
// port. Do not use it for SDC inside TLS, or as a general XML reader.
//
// # Who is the subject
//
// A Hello and a match are about the device whose addresses they give. Where those
// are not the sender's, a discovery proxy speaks, and the statement is about the
// address. Windows computers, printers and cameras use WS-Discovery, too: they are
// recognised, and nothing is stated of them. An MDIB with several systems is a
// gateway's: each of them is described by its serial number, and none is the
// sender.
//
// # People
//
// Of a patient context only one thing is kept: that there is one. Names that a
// hospital gives to a device (FriendlyName) are free text, and are not read.
//
// # Markup
//
// Document types, entity declarations and processing instructions other than the
// XML declaration are refused, as SOAP 1.2 part 1 section 5 asks: there are no
// entities to expand. Depth, names, attributes and texts have bounds.
package sdc
