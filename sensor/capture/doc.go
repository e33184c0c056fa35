// Package capture gives frames: from capture files (File) and from a mute live
// interface (Live), both as a sensor.Source. Use it to open one; do not use it to
// look into a frame, which is package decode's matter.
//
// # Files
//
// pcap and pcapng are read as a stream, through gzip where the content says so,
// in one pass and without allocating per packet. What can be read is given; then
// the error says where the file stops making sense.
//
// # The live interface
//
// A capture interface never sends a frame. OpenLive reads the state of the link,
// plans what has to change (PlanMute, which touches nothing), and only then
// changes it: the kernel's egress drop comes first, the link comes up last. Close
// takes back what was changed in the opposite order. Network cards whose firmware
// speaks by itself (an LLDP agent, say) do so below the kernel: switch that off
// in the card; where the card counts such frames, SourceStats.Transmitted shows
// them.
//
// Receive offloads that put frames together are switched off for as long, and so
// is taking VLAN tags out where an XDP program is to see them. What cannot be
// switched is told in Notes and stops nothing.
//
// One Live owns an interface, whatever its name: a second one, of this process or
// another, is refused (ErrInterfaceTaken), because it would take the first one's
// drop for one that a crash left. The right to it is an abstract unix socket, which
// ends with the process. Stats look about every five seconds whether the drop still
// stands; what somebody took away is put back, and Muted and State tell it.
//
// With a folder for it (LiveOptions.Journal), how the interface was found is written
// there before the first change, until it is put back. The next run after one that
// was killed finds the interface as that run changed it: the journal of the same
// boot, card and number says what was there before, for all that still stands as
// the sensor leaves it.
//
// # The ring
//
// Frames lie in memory that the kernel shares with the sensor (a TPACKET_V3 ring)
// and are read there: no copy, no lock, no allocation and, while frames come, no
// system call. A block of the ring is kept for as long as somebody holds it
// (sensor.Block), goes back to the kernel with its last hold, and outlives Close.
// The memory is full of patients: it is left out of core dumps.
//
// There is one ring for each interface, not one for each worker (PACKET_FANOUT).
// The kernel would share frames out by the outer addresses, which are the mirror's
// where it wraps them, and every ring would have an order of its own. From one
// ring, frames come in the order in which the kernel took them: package flow
// shares them out by what is inside, and what comes out does not depend on how
// many workers there are.
//
// # The shunt
//
// Live implements sensor.Shunt with the program of package bpf, at the earliest
// place that the machine offers: XDP in the driver, generic XDP, a filter at the
// ring's socket, nowhere. Each refusal is a note. The program goes with the
// process, however that ends. A frame that it drops is counted as shunted, never
// as lost: no kernel counter that has shunted frames, or frames that the ring did
// get, is taken for loss. So rx_dropped is not: it counts each frame whose
// EtherType or VLAN nobody in the kernel wants, although the ring has it.
// InterfaceDrops is what the card missed for want of room (rx_missed_errors,
// rx_fifo_errors).
//
// The package is for Linux on a 64 bit machine. It needs no C compiler.
package capture
