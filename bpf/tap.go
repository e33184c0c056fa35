package bpf

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// Bounds of the maps, in entries. The kernel takes the memory when the tap is
// loaded, about 180 bytes for an account and 130 for a range.
const (
	// DefaultConversations is for accounts, two for each conversation: about 50 MB.
	DefaultConversations = 1 << 18
	// MinConversations is what the kernel needs to choose well what it forgets: it
	// keeps a list of free entries for each processor.
	MinConversations = 1 << 10
	// MaxConversations keeps accounts below 400 MB.
	MaxConversations = 1 << 21
	// DefaultRanges is for the conversations that are skipped at the same time.
	DefaultRanges = 1 << 14
	// MaxRanges keeps ranges below 40 MB.
	MaxRanges = 1 << 18
)

// Options says how large the maps are, in entries. Zero asks for the default; what
// is out of bounds takes the nearest bound.
type Options struct {
	Conversations int // accounts, MinConversations to MaxConversations
	Ranges        int // skip ranges, 1 to MaxRanges
}

func (o Options) bounded() Options {
	if o.Conversations == 0 {
		o.Conversations = DefaultConversations
	}
	if o.Ranges == 0 {
		o.Ranges = DefaultRanges
	}
	o.Conversations = min(max(o.Conversations, MinConversations), MaxConversations)
	o.Ranges = min(max(o.Ranges, 1), MaxRanges)
	return o
}

// Tap is the kernel's half of a tap: it accounts for every packet and drops what
// nobody needs to see. It takes effect where its program is attached to an interface
// (AttachXDP), or its filter to a packet socket (FilterFD); both at once would count
// twice. Its methods are safe for concurrent use, except Close, which comes last.
type Tap struct {
	maps     kernelMaps
	programs kernelPrograms
	variant  variant

	mu      sync.Mutex // for what is below: one writer of ranges at a time
	keys    []kernelConversationWay
	values  []kernelSkipRange
	single  bool // the kernel has no batches
	refused Refused
}

// variant is how the programs look at a frame: what the kernel and the rights of
// this process allow.
type variant struct {
	direct      bool // packet pointers with variable offsets: CAP_PERFMON
	multiBuffer bool // frames in several buffers, and the helpers for them: Linux 5.18
}

// variants, the best first. The last is for Linux 5.10 to 5.17.
func variants() []variant {
	return []variant{{direct: true, multiBuffer: true}, {multiBuffer: true}, {direct: true}}
}

// LoadTap loads the programs and their maps into the kernel. The caller owns the tap
// and closes it. The error says which capability or which kernel is missing.
func LoadTap(o Options) (*Tap, error) { return loadTap(o, variants()) }

// loadTap takes the first variant that the kernel accepts. The maps are made once.
func loadTap(o Options, all []variant) (*Tap, error) {
	t := &Tap{keys: make([]kernelConversationWay, 0, batch), values: make([]kernelSkipRange, 0, batch)}
	spec, err := tapSpec(o)
	if err == nil {
		err = spec.LoadAndAssign(&t.maps, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("kernel tap: maps: %w", tapRemedy(err))
	}
	var refusals error
	for _, v := range all {
		err := t.loadPrograms(o, v)
		if err == nil {
			t.variant = v
			return t, nil
		}
		refusals = errors.Join(refusals, err)
	}
	return nil, errors.Join(fmt.Errorf("kernel tap: programs: %w", tapRemedy(refusals)), t.maps.Close())
}

// tapSpec is what is embedded, with maps of the size that is asked for.
func tapSpec(o Options) (*ebpf.CollectionSpec, error) {
	spec, err := loadKernel()
	if err != nil {
		return nil, err
	}
	o = o.bounded()
	spec.Maps[kernelMapAccounting].MaxEntries = uint32(o.Conversations)
	spec.Maps[kernelMapRanges].MaxEntries = uint32(o.Ranges)
	return spec, nil
}

func (t *Tap) loadPrograms(o Options, v variant) error {
	spec, err := tapSpec(o)
	if err == nil {
		err = v.apply(spec)
	}
	if err != nil {
		return err
	}
	return spec.LoadAndAssign(&t.programs, &ebpf.CollectionOptions{MapReplacements: map[string]*ebpf.Map{
		kernelMapAccounting: t.maps.Accounting,
		kernelMapRanges:     t.maps.Ranges,
		kernelMapTotals:     t.maps.Totals,
	}})
}

// apply sets the constants of the programs.
func (v variant) apply(spec *ebpf.CollectionSpec) error {
	if !v.multiBuffer {
		spec.Programs[kernelProgAuscultTap].Flags &^= unix.BPF_F_XDP_HAS_FRAGS
	}
	return errors.Join(
		spec.Variables[kernelVarDirect].Set(asByte(v.direct)),
		spec.Variables[kernelVarMultiBuffer].Set(asByte(v.multiBuffer)))
}

func asByte(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// FilterFD is the descriptor of the socket filter, for SO_ATTACH_BPF. It has the
// same rules and the same maps as the program at an interface. It stays the tap's
// and is valid until Close; a socket that holds it goes on filtering.
func (t *Tap) FilterFD() int { return t.programs.AuscultFilter.FD() }

// Close lets go of the programs and their maps. What is attached goes on until it is
// closed too.
func (t *Tap) Close() error { return errors.Join(t.programs.Close(), t.maps.Close()) }

// Now is the clock of the kernel's accounts and ranges: CLOCK_MONOTONIC, which stands
// still while the machine sleeps.
func Now() time.Duration {
	var now unix.Timespec
	// It can fail only for a clock that does not exist.
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return time.Duration(now.Nano())
}
