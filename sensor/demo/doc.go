// Package demo is a sample hospital on this machine: its traffic, its register,
// its advisories and a stand-in for its CMMS, with the real daemon between them.
// Use it to show the program to somebody, and to test the whole path; do not use
// anything of it in a hospital. Makers, models, people and weaknesses are made up.
//
// Where it may, the traffic goes over a wire: a veth pair in a network namespace
// that exists only as long as the program does, with the capture path of a mirror
// port at its end. Elsewhere the frames are handed to the same pipeline directly.
//
// The captures below sample are recorded from real programs by package record;
// sample/README.md says from which.
package demo
