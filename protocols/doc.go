// Package protocols turns bytes into meaning: it declares the contract between
// the sensor's flows and the dissectors (Segment, Session, Protocol) and the
// nouns that dissectors hand on (Observation, Fact, Report, Conversation).
//
// It knows nothing of the rest of the program: no sockets, no clocks, no files,
// no logs. Use it to say what a message states about whom; do not use it to
// decide which device that is (package inventory) or what is wrong with it
// (package remediation).
package protocols
