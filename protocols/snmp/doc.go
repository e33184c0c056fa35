// Package snmp reads the Simple Network Management Protocol (RFC 1157 version 1, RFC
// 1901 version 2c, RFC 3412 version 3, operations of RFC 3416): what an agent answers
// and notifies about itself, and who asks. Use it on UDP datagrams of any port; do not
// use it for SNMP over TCP or TLS, or to list what a switch knows of its neighbours.
//
// Of the objects that pass only an allow-list is read: the system group, the chassis of
// the entity table, the first device where that is a printer, the identity of a UPS, and
// the agent's own interface. Cards, power supplies, attached interfaces and everything
// else an agent knows of others are passed over, so that a row of a table never becomes
// the host's. The person to contact is not read.
//
// A community and a user's name are credentials. They are passed over by their length
// and are in no value of this package; that a community was used in clear text is said.
//
// A request says only that somebody asks. An answer that refuses (an error status)
// repeats the question, the confirmation of a notification repeats the notification, and
// a notification may be passed on: none of them says what its sender is.
package snmp
