package bpf

import (
	"errors"

	"github.com/cilium/ebpf"
)

// Variant is how the programs look at a frame.
type Variant struct{ Direct, MultiBuffer bool }

// LoadVariant loads one variant, whatever this kernel could do better.
func LoadVariant(o Options, v Variant) (*Tap, error) {
	return loadTap(o, []variant{{direct: v.Direct, multiBuffer: v.MultiBuffer}})
}

// Variant says which one was loaded.
func (t *Tap) Variant() Variant { return Variant{t.variant.direct, t.variant.multiBuffer} }

// Programs are the two loaded programs, at an interface and at a socket.
func (t *Tap) Programs() (xdp, filter *ebpf.Program) {
	return t.programs.AuscultTap, t.programs.AuscultFilter
}

// Single makes Skip write one range at a time, as on a kernel without batches.
func (t *Tap) Single() { t.single = true }

// Wipe empties both maps.
func (t *Tap) Wipe() error {
	var errs error
	for _, m := range []*ebpf.Map{t.maps.Accounting, t.maps.Ranges} {
		var keys []kernelConversationWay
		var key kernelConversationWay
		value := make([]byte, m.ValueSize())
		for all := m.Iterate(); all.Next(&key, &value); {
			keys = append(keys, key)
		}
		for i := range keys {
			errs = errors.Join(errs, m.Delete(&keys[i]))
		}
	}
	return errs
}

// LoadSpec is what is embedded, before the kernel sees it.
func LoadSpec() (*ebpf.CollectionSpec, error) { return loadKernel() }

// The Go types of the kernel's memory.
type (
	KernelWay     = kernelConversationWay
	KernelAccount = kernelAccount
	KernelRange   = kernelSkipRange
	KernelTotal   = kernelTotal
)

// KernelVerdicts is VERDICT_COUNT of the kernel program.
const KernelVerdicts = kernelVerdictVERDICT_COUNT
