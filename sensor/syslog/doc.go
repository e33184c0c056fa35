// Package syslog tells a SIEM what happened, as RFC 5424 messages over UDP, TCP
// (RFC 6587) or TLS (RFC 5425). Use it for events that a security analyst must
// get even if the collector was down for a day; do not use it as a program log.
//
// Send puts an event into a bounded queue on disk and returns when it is durable
// there; Run delivers the queue in order. Syslog has no acknowledgement, so an
// event counts as delivered when the receiver's kernel has acknowledged its
// octets (for UDP: when no refusal came back) and the connection has stayed up
// for a moment after that. Whatever was on the way when a connection broke is
// sent again: receivers get every event at least once and tell repetitions by
// its number (the "event" parameter), which is never used twice.
//
// What a device delivers stays on the box (DESIGN.md, invariant 2): an event has
// no drug, rate, bed or patient, because its fields are an allow-list.
package syslog
