// Package web is the status page and the JSON API: what a clinical engineer, a
// security analyst and a network person see of the house, over HTTPS. It shows
// nouns and passes on decisions of people; it decides nothing itself, and asks
// the daemon through the House interface. Do not use it for the export to the
// SIEM (package syslog).
package web
