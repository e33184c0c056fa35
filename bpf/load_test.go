package bpf_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/cilium/ebpf"

	"github.com/auscult/auscult/bpf"
)

// small are maps that cost little to make.
var small = bpf.Options{Conversations: bpf.MinConversations, Ranges: 64}

// loaded returns a tap that the test closes, or skips where the kernel refuses for a
// reason that is not ours.
func loaded(t testing.TB, load func() (*bpf.Tap, error)) *bpf.Tap {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to load a kernel program")
	}
	tap, err := load()
	if errors.Is(err, ebpf.ErrNotSupported) {
		t.Skipf("this kernel lacks what the program needs: %v", err)
	}
	if err != nil {
		t.Fatalf("load: %+v", err)
	}
	t.Cleanup(func() {
		if err := tap.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return tap
}

func loadTap(t testing.TB) *bpf.Tap {
	return loaded(t, func() (*bpf.Tap, error) { return bpf.LoadTap(small) })
}

// variants are what LoadTap tries, by name.
var variants = map[string]bpf.Variant{
	"direct":      {Direct: true, MultiBuffer: true},
	"helpers":     {MultiBuffer: true},
	"before 5.18": {Direct: true},
}

// maxVerified bounds how many instructions the verifier may walk through, well below
// the million at which every kernel since 5.2 gives up: older verifiers walk further.
const maxVerified = 100_000

func TestVerifierHasRoomToSpare(t *testing.T) {
	for name, v := range variants {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			tap := loaded(t, func() (*bpf.Tap, error) { return bpf.LoadVariant(small, v) })
			took := time.Since(began)
			xdp, filter := tap.Programs()
			for _, p := range []*ebpf.Program{xdp, filter} {
				info, err := p.Info()
				if err != nil {
					t.Fatal(err)
				}
				walked, _ := info.VerifiedInstructions()
				size, _ := info.TranslatedSize()
				jited, _ := info.JitedSize()
				t.Logf("%s: %d instructions verified, %d in the kernel, %d bytes of machine code; both loaded in %v",
					info.Name, walked, size/8, jited, took)
				if walked > maxVerified {
					t.Errorf("%s: the verifier walked through %d instructions, want at most %d", info.Name, walked, maxVerified)
				}
			}
		})
	}
}
