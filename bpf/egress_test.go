package bpf_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/auscult/auscult/bpf"
)

// tcActShot is TC_ACT_SHOT of linux/pkt_cls.h.
const tcActShot = 2

// loadGate skips where the kernel refuses for a reason that is not ours.
func loadGate(t *testing.T) *bpf.EgressGate {
	t.Helper()
	gate, err := bpf.LoadEgressGate()
	if os.Geteuid() != 0 && err != nil {
		t.Skipf("needs root to load a kernel program: %v", err)
	}
	if errors.Is(err, ebpf.ErrNotSupported) {
		t.Skipf("this kernel has no eBPF: %v", err)
	}
	if err != nil {
		t.Fatalf("LoadEgressGate: %v", err)
	}
	t.Cleanup(func() {
		if err := gate.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return gate
}

func TestInvariant01MuteGateDropsAndCounts(t *testing.T) {
	gate := loadGate(t)
	sizes := []int{14, 60, 1514}
	var wantBytes uint64
	for i, size := range sizes {
		if got := runGate(t, gate, make([]byte, size)); got != tcActShot {
			t.Errorf("a frame of %d bytes: verdict %d, want TC_ACT_SHOT", size, got)
		}
		wantBytes += uint64(size)
		packets, bytes, err := gate.Dropped()
		if err != nil {
			t.Fatalf("Dropped: %v", err)
		}
		if packets != uint64(i+1) || bytes != wantBytes {
			t.Errorf("after %d frames: dropped %d packets, %d bytes; want %d, %d", i+1, packets, bytes, i+1, wantBytes)
		}
	}
}

// runGate runs the loaded program once on data, without any interface.
func runGate(t *testing.T, gate *bpf.EgressGate, data []byte) uint32 {
	t.Helper()
	// The descriptor that NewProgramFromFD takes over must be a copy.
	fd, err := dup(gate.FD())
	if err != nil {
		t.Fatalf("dup: %v", err)
	}
	program, err := ebpf.NewProgramFromFD(fd)
	if err != nil {
		t.Fatalf("open program: %v", err)
	}
	defer func() {
		if err := program.Close(); err != nil {
			t.Errorf("close program: %v", err)
		}
	}()
	verdict, err := program.Run(&ebpf.RunOptions{Data: data})
	if errors.Is(err, ebpf.ErrNotSupported) {
		t.Skipf("this kernel cannot run a program on test data: %v", err)
	}
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	return verdict
}

func TestTwoGatesCountApart(t *testing.T) {
	one, two := loadGate(t), loadGate(t)
	runGate(t, one, make([]byte, 60))
	packets, bytes, err := two.Dropped()
	if err != nil || packets != 0 || bytes != 0 {
		t.Errorf("the gate that saw nothing: %d packets, %d bytes, %v", packets, bytes, err)
	}
}

func TestLoadWithoutRightsNamesThem(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("needs a process without CAP_BPF; this one is root")
	}
	_, err := bpf.LoadEgressGate()
	if err == nil {
		t.Skip("this kernel lets unprivileged users load programs")
	}
	for _, want := range []string{"egress gate", "CAP_BPF", "CAP_NET_ADMIN"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}
