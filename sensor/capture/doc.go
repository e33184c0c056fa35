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
// The package is for Linux, and needs a C compiler to build, because the ring
// reader that it uses does.
package capture
