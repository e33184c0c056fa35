package bpf

import (
	"errors"
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// tcActShot is TC_ACT_SHOT of linux/pkt_cls.h: drop the packet and tell the
// sender that it was dropped.
const tcActShot = 2

// skbLen is the offset of len in struct __sk_buff of linux/bpf.h.
const skbLen = 0

// Offsets in gateCount, as the program writes it.
const (
	countPackets = 0
	countBytes   = 8
)

// gateCount is one processor's share of what the gate dropped.
type gateCount struct {
	Packets, Bytes uint64
}

// EgressGate is a traffic-control program that drops every packet which it is
// shown and counts it. It takes effect when its descriptor is attached as a
// direct-action filter to the egress of an interface, and goes on dropping there
// until that filter is removed, even when this process ends.
type EgressGate struct {
	drops   *ebpf.Map
	program *ebpf.Program
}

// LoadEgressGate loads the program and its map into the kernel. The caller owns
// the gate and closes it. The error says which capability is missing.
func LoadEgressGate() (*EgressGate, error) {
	drops, err := ebpf.NewMap(egressMapSpec())
	if err != nil {
		return nil, fmt.Errorf("egress gate: map: %w", withRemedy(err))
	}
	program, err := ebpf.NewProgram(egressProgramSpec(drops.FD()))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("egress gate: program: %w", withRemedy(err)), drops.Close())
	}
	return &EgressGate{drops: drops, program: program}, nil
}

// FD is the program's descriptor, for the filter that attaches it. It stays the
// gate's and is valid until Close.
func (g *EgressGate) FD() int { return g.program.FD() }

// Dropped says how many packets and bytes the gate has dropped on all processors
// since it was loaded, wherever it is attached.
func (g *EgressGate) Dropped() (packets, bytes uint64, err error) {
	var counts []gateCount
	if err := g.drops.Lookup(uint32(0), &counts); err != nil {
		return 0, 0, fmt.Errorf("egress gate: read drop counts: %w; restart the sensor", err)
	}
	for _, c := range counts {
		packets += c.Packets
		bytes += c.Bytes
	}
	return packets, bytes, nil
}

// Close lets go of the program and its map. A filter that still holds the program
// keeps dropping.
func (g *EgressGate) Close() error {
	return errors.Join(g.program.Close(), g.drops.Close())
}

// egressMapSpec describes one counter per processor, so that counting needs no
// atomic operation.
func egressMapSpec() *ebpf.MapSpec {
	return &ebpf.MapSpec{
		Name:       "auscult_drops",
		Type:       ebpf.PerCPUArray,
		KeySize:    4,
		ValueSize:  16,
		MaxEntries: 1,
	}
}

// egressProgramSpec describes the program: count, then drop. A packet that cannot
// be counted is dropped all the same.
func egressProgramSpec(dropsFD int) *ebpf.ProgramSpec {
	return &ebpf.ProgramSpec{
		Name:    "auscult_mute",
		Type:    ebpf.SchedCLS,
		License: "Apache-2.0",
		Instructions: asm.Instructions{
			asm.Mov.Reg(asm.R6, asm.R1),            // keep the packet's context over the call
			asm.StoreImm(asm.RFP, -4, 0, asm.Word), // key 0, on the stack
			asm.LoadMapPtr(asm.R1, dropsFD),
			asm.Mov.Reg(asm.R2, asm.RFP),
			asm.Add.Imm(asm.R2, -4),
			asm.FnMapLookupElem.Call(),
			asm.JEq.Imm(asm.R0, 0, "shot"), // the verifier asks for it; index 0 always exists
			asm.LoadMem(asm.R1, asm.R0, countPackets, asm.DWord),
			asm.Add.Imm(asm.R1, 1),
			asm.StoreMem(asm.R0, countPackets, asm.R1, asm.DWord),
			asm.LoadMem(asm.R2, asm.R6, skbLen, asm.Word),
			asm.LoadMem(asm.R1, asm.R0, countBytes, asm.DWord),
			asm.Add.Reg(asm.R1, asm.R2),
			asm.StoreMem(asm.R0, countBytes, asm.R1, asm.DWord),
			asm.Mov.Imm(asm.R0, tcActShot).WithSymbol("shot"),
			asm.Return(),
		},
	}
}

// withRemedy adds what to do to the errors that an operator can mend.
func withRemedy(err error) error {
	switch {
	case errors.Is(err, ebpf.ErrNotSupported):
		return fmt.Errorf("%w; this kernel has no eBPF: use Linux 5.10 or later", err)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w; run as root or give the process CAP_BPF and CAP_NET_ADMIN "+
			"(before Linux 5.11 also an unlimited RLIMIT_MEMLOCK)", err)
	}
	return err
}
