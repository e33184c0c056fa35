package bpf_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"github.com/auscult/auscult/bpf"
)

// TestLayout compares the kernel's memory, by the type information of the embedded
// object, with the Go types that read and write it.
func TestLayout(t *testing.T) {
	spec, err := bpf.LoadSpec()
	if err != nil {
		t.Fatal(err)
	}
	accounting, ranges, totals := spec.Maps["accounting"], spec.Maps["ranges"], spec.Maps["totals"]
	sameLayout(t, accounting.Key, bpf.KernelWay{}, 40)
	sameLayout(t, accounting.Value, bpf.KernelAccount{}, 72)
	sameLayout(t, ranges.Key, bpf.KernelWay{}, 40)
	sameLayout(t, ranges.Value, bpf.KernelRange{}, 24)
	sameLayout(t, totals.Value, bpf.KernelTotal{}, 32)
	if totals.MaxEntries != uint32(bpf.VerdictCount) {
		t.Errorf("totals has %d entries, want %d", totals.MaxEntries, bpf.VerdictCount)
	}
	for m, want := range map[*ebpf.MapSpec]ebpf.MapType{accounting: ebpf.LRUHash, ranges: ebpf.Hash, totals: ebpf.PerCPUArray} {
		if m.Type != want {
			t.Errorf("%s is a %v, want a %v", m.Name, m.Type, want)
		}
	}
}

func sameLayout(t *testing.T, kernel btf.Type, here any, size int) {
	t.Helper()
	c, ok := btf.UnderlyingType(kernel).(*btf.Struct)
	if !ok {
		t.Fatalf("%v is no struct", kernel)
	}
	g := reflect.TypeOf(here)
	if int(c.Size) != size || int(g.Size()) != size {
		t.Errorf("%s: %d bytes in C, %d in Go, want %d", c.Name, c.Size, g.Size(), size)
	}
	fields := reflect.VisibleFields(g)[1:] // the first marks the layout as the host's
	if len(fields) != len(c.Members) {
		t.Fatalf("%s: %d fields in C, %d in Go", c.Name, len(c.Members), len(fields))
	}
	next := 0
	for i, m := range c.Members {
		f := fields[i]
		bytes, err := btf.Sizeof(m.Type)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.EqualFold(strings.ReplaceAll(m.Name, "_", ""), f.Name) ||
			int(m.Offset.Bytes()) != int(f.Offset) || bytes != int(f.Type.Size()) {
			t.Errorf("%s.%s: offset %d, %d bytes; %s: offset %d, %d bytes",
				c.Name, m.Name, m.Offset.Bytes(), bytes, f.Name, f.Offset, f.Type.Size())
		}
		if int(m.Offset.Bytes()) != next {
			t.Errorf("%s.%s: unnamed bytes in front of it", c.Name, m.Name)
		}
		next = int(m.Offset.Bytes()) + bytes
	}
	if next != size {
		t.Errorf("%s: unnamed bytes at its end", c.Name)
	}
}

func TestProgramsAreNamedAndLicensed(t *testing.T) {
	spec, err := bpf.LoadSpec()
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]ebpf.ProgramType{bpf.XDPName: ebpf.XDP, "auscult_filter": ebpf.SocketFilter} {
		p := spec.Programs[name]
		if p == nil || p.Type != kind || p.License != "Apache-2.0" {
			t.Errorf("%s is %v, want a %v under Apache-2.0", name, p, kind)
		}
	}
}
