// Package cdp reads Cisco's Discovery Protocol, versions 1 and 2, as Cisco describes it
// ("Cisco Discovery Protocol Version 2", frame format) and as others speak it: what a
// switch, a router, an access point, a telephone or a computer tells whoever is at the
// other end of its cable. Use it on the body of a link frame; do not use it to learn what
// is at the other end, or for Cisco's other protocols behind the same SNAP header.
//
// An announcement is about its sender and nobody else: the chassis whose address a switch
// gives as its own, where the frame comes from an interface that is numbered like one of
// it, and otherwise that interface.
package cdp
