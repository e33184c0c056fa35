// Package bpf holds the programs that run in the kernel, their maps, and what
// loads them. Use it to keep an interface silent in the kernel; do not use it for
// anything that knows what a frame says, which is user space's matter.
//
// So far there is one program, the egress gate (EgressGate). The XDP program that
// accounts for every packet, and the skip ranges that let it drop pixel data
// before a copy is made, come later, in this package: their program and map
// sources as xdp.go and ranges.go beside egress.go, all with the same shape: a
// pure specification first, the kernel's copy of it second.
//
// The package attaches nothing: a caller hands the descriptor of a program to the
// interface that it owns.
package bpf
