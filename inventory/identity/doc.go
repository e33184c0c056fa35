// Package identity turns observations into devices: it decides whom each
// statement is about, joins what several keys say of one device, keeps every
// statement as evidence, and keeps contradictions visible. Use it for "who is
// this"; do not use it for what a name means (package fingerprint), what a device
// is doing (package usage), or which record of the hospital it is (package
// register).
//
// # Atoms, links, devices
//
// A key that was seen (an address, a MAC, a serial number, an AE title) makes an
// atom: the evidence that was said of whoever has that key. Links join atoms, each
// for one reason. A device is a connected group of atoms; it is never stored, so
// that a join which proves wrong (a MAC that turns out to be a router's, images
// that turn out to be forwarded) is undone by taking its link away, and what was
// said goes back to whom it was said of.
//
// An id is minted from the key of the first atom of a device in wire order. After
// a join the device keeps the id that was minted first; the others are its aliases
// for ever, because every atom's id resolves to the device that holds it now.
//
// # Strength of keys
//
//	serial number with maker, UDI, EUI-64    one device in a site
//	MAC by ARP, DHCP or an initial hop limit one network interface in a site
//	IP address                               one host on a tap, for a time
//	AE title, label                          a name: it joins only while one host has it
//	hostname, station name                   evidence, no key
//
// A serial number joins no machines of which different EUI-64s are stated.
//
// # Conclusions
//
// Of conversations only what a rule of the knowledge base asks for is kept as evidence:
// a port that a host calls or serves, an address that a maker has built in. What rules
// conclude of several clues stands among the evidence under the name of the rule. It is
// made anew for each view, so nothing is ever concluded from a conclusion.
//
// # Announcements
//
// The interfaces of network equipment are numbered one after the other. What a chassis
// announces on its links (LLDP, CDP) is said of the chassis, through whichever of them it
// speaks; nobody else's interfaces are joined for being near.
package identity
