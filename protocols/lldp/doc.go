// Package lldp reads the Link Layer Discovery Protocol (IEEE 802.1AB-2016), the VLANs of
// its annex D, and the inventory and location of LLDP-MED (ANSI/TIA-1057): what a switch,
// a telephone or a computer tells whoever is at the other end of its cable. Use it on the
// body of a link frame; do not use it to learn what is at the other end.
//
// An announcement is about its sender and nobody else. Its sender is the chassis that it
// names, where the frame comes from an interface that is numbered like one of that
// chassis; otherwise it is that interface alone. A location is the sender's own: what a
// switch tells a telephone about where the telephone stands says nothing of the switch.
// Telephone numbers (ELIN) and the names of occupants are not read.
package lldp
