// Package banner recognises remote access in clear, telnet (RFC 854) and FTP (RFC
// 959), by what is said and on any port: who offers it, and what device that is,
// where the knowledge base knows its greeting. Do not use it for what happens after
// the greeting: names, passwords and commands are passed over unread.
//
// # What leaves the room
//
// A greeting is free text, and a hospital may have written a person's name into it.
// So no line of it is ever stated. The room is handed the knowledge of greetings (it
// may import none of ours) and states what a rule took out of one: names that stand
// in the rule, and numbers whose form is checked here once more. A greeting that no
// rule knows gives the roles alone.
//
// # Where a greeting ends
//
// At a prompt for a name or a password, at the first octet that the other side types,
// at a hole, or at a bound. Where nothing of the other side is heard, its typing may pass
// elsewhere: then also at the mark of a shell, and at any mark of a prompt (: > # $ ?)
// behind which the server pauses. A server echoes what is typed, so what follows may be a
// login name in the server's own voice. Options of telnet can carry one, too (RFC
// 1572, USER): their contents are never kept. A stream that was joined later gives
// roles and no greeting.
//
// # Serial lines
//
// Telnet that carries a serial line is no terminal: it begins with binary transmission
// or the COM port option (RFC 856, RFC 2217). It is left to the protocols on that
// line.
package banner
