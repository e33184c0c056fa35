// Package decode turns a captured frame into addresses and payload. It is the
// first step of the hot path: it reads headers with every bound checked, copies
// nothing and allocates nothing, except for datagrams that arrive in fragments.
// What it says are nouns of package sensor: Packet, Verdict, DecodeCounters.
//
// Use it to learn who sent what to whom in one frame; do not use it for ordered
// streams or conversations (package flow), for what a payload says (package
// protocols), or to judge whether a packet is good: checksums are not verified,
// because offloading leaves them unset on captures of the sender's own machine.
//
// # What is opened
//
// The endpoints of a packet are those inside all wrappings; the outermost wrapping is
// its Mirror, and Depth says how many there were, MaxDepth at most.
//
//	802.1Q, 802.1ad, 0x9100   IEEE 802.1Q section 9; up to MaxTags, no wrapping
//	MPLS                      RFC 3032; IP by its first bits, up to MaxLabels
//	EoMPLS                    RFC 4448, RFC 4385; with a control word or without, by content
//	PPPoE session             RFC 2516; RFC 1661 section 6.5 for short protocol numbers
//	GRE version 0             RFC 2784, RFC 2890; IP, MPLS, Ethernet, PPP; not source routing
//	GRE version 1 (PPTP)      RFC 2637; IP in PPP
//	GRE in UDP                RFC 8086; port 4754
//	ERSPAN I, II, III         draft-foschiano-erspan-03; Ethernet, and IP in type III
//	Aruba's GRE               Wireshark packet-gre.h, Zeek GRE.cc; 802.11 or 802.3
//	VXLAN                     RFC 7348; ports 4789 and 8472, to the receiver
//	Geneve                    RFC 8926; port 6081, to the receiver; Ethernet, IP, MPLS
//	IP in IP, 6in4, 4in6      RFC 2003, RFC 4213, RFC 2473
//	EtherIP                   RFC 3378; it is called IP in IP
//	Teredo                    RFC 4380; port 3544, of either side
//	CAPWAP data               RFC 5415, RFC 5416; port 5247, of either side
//	802.11 data frames        IEEE 802.11 section 9.3.2; inside CAPWAP and Aruba's GRE only
//
// Not opened, and counted: fragments of CAPWAP, pieces and aggregates (A-MSDU) of
// 802.11, source routed GRE (Tunnelled); what is in DTLS, in MPPE, or protected by
// 802.11 (Encrypted: the mirror belongs behind the controller); a wrapping that holds
// neither IP nor ARP, LLDP or CDP (NotIP). Not known: L2TP, GTP, IPsec, NSH, GRE of other makers.
//
// A datagram to the port of a tunnel is a tunnel's only where its content fits, down
// to an IP or ARP header, LLDP or CDP; otherwise it is a datagram. Where the capture cut what
// would tell, the verdict is Truncated, so that nobody takes a tunnel's ends for
// endpoints. Headers without a port in front (GRE, MPLS) are taken at their word.
//
// # Whose addresses
//
// The VLAN is that of the innermost tag of the innermost link, for ERSPAN without a
// tag that of its header; a tag on the way between the mirror and the sensor is
// nobody's inside. MPLS and PPPoE without Ethernet inside keep the tag before them:
// there is no network between. MAC addresses are those of the innermost Ethernet or
// 802.11 header, and zero where the wrapping holds bare IP, so that a router's is
// never given to the hosts behind it.
package decode
