// Package ssh recognises SSH over TCP (RFC 4253) by its identification string, on
// any port and from either side: which program speaks, who is client and who is
// server. After the first key exchange message of a direction it asks for nothing
// more. Do not use it to judge whether a host key or an algorithm is good.
//
// # Who is the subject
//
// An identification string is about its sender. Client and server are told by
// what only one of them may offer (RFC 8308 section 2.1), and by who opened the
// connection where neither says so: in a call home (RFC 8071) the server does.
// Lines before the identification belong to it, unless they are another
// protocol's: behind the answer of an HTTP proxy speaks somebody else, and that
// stream is not taken for SSH.
//
// # People
//
// Only the software version of an identification is kept. Its comment is free
// text, and so are the lines before: neither is ever stated.
package ssh
