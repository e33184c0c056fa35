// Package bpf holds the programs that run in the kernel, their maps, and what
// loads them. Use it to keep an interface silent in the kernel, to account for what
// arrives there, and to drop what nobody needs to see before it costs a copy; do not
// use it for anything that knows what a frame says, which is user space's matter.
//
// There are two things in it:
//
//   - The egress gate (EgressGate) drops and counts every frame that would leave.
//     The caller hands its descriptor to the interface that it owns.
//   - The tap (Tap) reads Ethernet with up to two VLAN tags, IPv4 and IPv6, TCP and
//     UDP, and one level of GRE, ERSPAN I to III or VXLAN around them; the inner
//     conversation counts. What it does not read, it passes and counts by cause. It is
//     attached to an interface (AttachXDP: in the driver, or generic), or to a packet
//     socket (FilterFD). It passes or drops, and never changes or sends a frame.
//
// The tap has two maps with two writers, and counts beside them. The kernel writes
// accounts, one for each way of a conversation; it forgets the longest unused ones
// when they are full, and the totals of each processor, which forget nothing, show
// what is missing as a remainder (Totals.Accounted). User space writes skip ranges,
// which the kernel obeys: segments wholly inside one are dropped, and so are pure
// acknowledgements opposite to it. The kernel deletes the ranges of both ways at a
// SYN, and passes SYN, FIN, RST, URG, SACK and what straddles an edge. A range that is
// wrong or lost costs work and nothing else.
//
// A way carries no VLAN tag, no interface and no mirror session: where two sites use
// the same addresses, load a tap for each. Counts of an account go on when its pair of
// ports is used again; who wants those of one conversation subtracts. Geneve, Teredo
// and CAPWAP are datagrams here: their accounts are those of the outer ends.
//
// # Kernels
//
// Linux 5.10 or later, of amd64 or arm64: links for XDP came with 5.9, batches for
// maps with 5.6, time for a program that is not GPL and CAP_BPF with 5.8. Linux 5.18
// and later take frames in several buffers, which drivers need for jumbo frames, and
// need CAP_BPF and CAP_NET_ADMIN. Before 5.18 CAP_PERFMON is needed too: without it
// the verifier refuses to read a header at an offset that the packet itself says. With
// it the program is quicker on every kernel. LoadTap takes the best that is allowed.
// A link goes with its process, so a crash leaves nothing at the interface.
// Every variant is tested on the kernel that runs the tests, none on another one.
//
// # The programs in C
//
// tap.c has the programs; maps.h, window.h, parse.h, tunnel.h and skip.h what they
// share; kernel.h the little that they need of Linux. The compiled object and its Go
// types are committed, so that building needs no C compiler for it. After a change run
//
//	go generate ./bpf
//
// with Debian's clang-19 and llvm-19, and commit kernel_bpfel.o and kernel_bpfel.go.
// The same sources give the same bytes in any directory; .ci/generated compares them.
package bpf
