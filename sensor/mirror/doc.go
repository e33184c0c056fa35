// Package mirror holds what a tap was declared to carry against what it hears: is
// the mirror whole, has it changed, and what did the switch lose before the sensor.
// Use it to tell a network person what to check; do not use it to count frames
// (packages capture and flow) or to tell anybody (package daemon).
//
// A Mirror is one tap. It is fed with a Snapshot about once a second and with each
// conversation that ended, and answers with a Report and with what was raised and
// cleared. It has no clock, no files and no log: time is what a Snapshot says. What
// was not seen is never called clean: below a named count the answer is "not enough
// seen to say", and a trouble is raised only with enough evidence.
package mirror
