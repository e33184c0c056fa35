// Package smb reads how SMB sessions begin, over TCP or the NetBIOS session service, on
// any port: SMB 1 ([MS-CIFS], [MS-SMB]), SMB 2 and 3 ([MS-SMB2]) up to the session
// setup, with the NTLMSSP messages ([MS-NLMP]) inside. It tells systems and their
// versions, names, domains, dialects and signing, and who lets guests in. Behind the
// session setup it asks for nothing more: do not use it for files.
//
// # Who is the subject
//
// Always the speaker. A client that connects for somebody else repeats what that one
// said, and is believed less than a server that tells of itself. The GUID of a server is
// no key: Samba makes it of its name, and images of Windows are copied with it.
//
// # People
//
// Accounts, their domains, responses, hashes and tickets are passed over unread. Of the
// strings of SMB 1 the native system and program are read, by a list of what they may
// begin with. A computer that is named after a person has no name here
// (protocols.HostName).
package smb
