// Package dns reads the answers that hosts give for themselves in the form of DNS (RFC
// 1035) without a server: multicast DNS (RFC 6762) with service discovery (RFC 6763),
// and LLMNR (RFC 4795), on any port. They share the message form, and so one room. Use
// it on whole datagrams; do not use it for DNS servers, which speak of others.
//
// # Who is the subject
//
// The speaker, and only under a name for which it gives its own address: reflectors,
// sleep proxies and gateways repeat the records of others, and do not become them. A
// service counts where its SRV record points at that name; its TXT record goes with it.
// What is asked, or known to whoever asks, tells nothing. A record with a time to live
// of zero is taken back, and so is the name with it.
//
// # People
//
// Instance names ("Anna's printer") and TXT values are read by an allow-list; no
// instance name is ever stated. A host that is named after a person has no name here
// (protocols.HostName), nor one that made its hardware address up. A print queue tells
// of another device: what it says of its printer is left out.
package dns
