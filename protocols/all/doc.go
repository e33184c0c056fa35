// Package all is the one explicit list of the protocols that are dissected. Use
// it where a program wires flows to dissectors; a room that needs one protocol
// imports that one.
package all
