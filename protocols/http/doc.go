// Package http reads HTTP/1.1 (RFC 9112) and HTTP/2 with prior knowledge or behind an
// upgrade (RFC 9113, RFC 7540 section 3.2) over TCP in the clear, on any port: who is client and who is server, which
// program says so of itself, and what FHIR and DICOMweb carry. Do not use it for
// HTTP inside TLS, for HTTP over UDP (SSDP), or to judge web content: titles,
// realms and pages are not read.
//
// # Bodies
//
// A body that nobody reads is passed over by its length and never copied. Who
// reads one is decided by its media type: FHIR and the metadata of DICOMweb are read
// here; other rooms are handed in as Readers by whoever wires them, because rooms do
// not import each other. A gzip or deflate body is kept compressed up to a bound, and
// unpacked to another when it is whole, reaches the bound, or is broken off by a hole.
//
// Parts of a multipart body have no lengths. Where the reader of a part knows that it
// is inside one value (the pixels of an image), that is passed over without a look for
// a boundary. A length that lies hides what follows in the same body, and no more.
//
// # Who is the subject
//
// Product names and roles are about the sender of the message, unless the message
// shows that somebody passed it on (Via, Forwarded): then nothing is said of its
// program. A FHIR Device is a record about a device that somebody else has, never
// the sender. A CapabilityStatement is about the server only when the server
// answers with it as a whole and calls it an instance. What an object of DICOMweb says
// of equipment is about a referenced machine, whoever sends it; who answers with objects
// or passes them on is a forwarder besides. A request in absolute form is to a proxy,
// which is not the server that it asks for. The AE title in the path of a request is
// stated of its server once that has answered.
//
// # People
//
// Of a head only the values of an allow-list are copied: credentials, cookies and
// the query of a target are passed over byte by byte. HPACK needs its table of
// recent fields, which may hold a credential as long as the conversation lives;
// nothing reads it but the decoder. Of FHIR only the elements of an allow-list are
// copied: references to patients, narratives and notes are not on it, and names that
// users or patients give to a device are dropped when their type is known. Of DICOM
// objects in JSON and XML only equipment at the top level is copied. Codes, serial
// numbers and UDIs are stated in their form only, and nothing that has a caret; an id
// names no channel.
package http
