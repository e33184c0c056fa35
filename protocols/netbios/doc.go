// Package netbios reads the NetBIOS name service and browser announcements over UDP
// (RFC 1001 and 1002, [MS-BRWS]), on any port: computer names, workgroups and domains,
// Windows versions, domain controllers. Use it on whole datagrams; the session service
// over TCP belongs to package smb.
//
// # Who is the subject
//
// Always the speaker, and only where the message holds the speaker's own address: a
// name server and a proxy tell of others, and are not the hosts that they tell of. A
// host that asks for a name has not told its own.
//
// # People
//
// Names with the suffix 03 are those of the messenger service, which a user gets as
// well; they are not read, and neither is the comment of an announcement. A computer
// that is named after a person has no name here (protocols.HostName).
package netbios
