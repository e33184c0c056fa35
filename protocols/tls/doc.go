// Package tls recognises TLS 1.0 to 1.3 and SSL 3.0 over TCP (RFC 8446, RFC 5246,
// RFC 6101), on any port and from either side, and reads what stands in clear
// before the keys change: who is client, who is server, and the name in the
// server's certificate. Then it asks for nothing more. Do not use it for DTLS,
// QUIC or STARTTLS, and not to judge whether a certificate is trusted.
//
// # Who is the subject
//
// A ClientHello is about its sender: it is a client. A ServerHello is about its
// sender: it is a server. Which side opened the connection decides nothing.
//
// The server name that a client asks for (SNI, RFC 6066 section 3) is never
// stated. It names neither end for sure: behind one address of a proxy or of a
// content network stand thousands of names, and a list of the names that one
// client asked for is a person's browsing.
//
// # Certificates
//
// Only the first certificate behind a ServerHello of the same direction is read,
// for a host name and nothing else. A client's direction is left alone after its
// ClientHello, so that a client certificate, which often names a person, is never
// looked at. A name is stated with low confidence, and only when all names of the
// certificate are plausible names of one host (certificate.go).
//
// # What is skipped
//
// A client is done with its ClientHello; a server with a ServerHello of TLS 1.3,
// with its certificate, or with the first message that shows that none will come.
// Broken framing ends a direction too. Then Segment answers everything.
package tls
