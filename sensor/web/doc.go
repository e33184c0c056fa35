// Package web is the status page and the JSON API: what a clinical engineer, a
// security analyst and a network person see of the house, over HTTPS. It shows
// nouns and passes on decisions of people; it decides nothing itself, and asks
// the daemon through the House interface. Do not use it for the export to the
// SIEM (package syslog).
//
// Pages are made on the server, without a script, and open to a session only; the
// API takes a session, a bearer token or a password with each request. Whatever
// changes something needs the session's token, or comes from no browser. What is
// said of a device goes through one place (veil.go), which keeps drug, rate and
// bed to the role therapy, and ends what has expired.
package web
