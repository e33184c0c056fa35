package bpf_test

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/bpf"
)

// withOnly runs f in a thread that has these capabilities and no others, and ends
// the thread.
func withOnly(t *testing.T, f func(), capabilities ...uint) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to take capabilities away")
	}
	var data [2]unix.CapUserData
	for _, c := range capabilities {
		data[c/32].Effective |= 1 << (c % 32)
		data[c/32].Permitted |= 1 << (c % 32)
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		err := unix.Capset(&header, &data[0])
		if err == nil {
			f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// The service has no CAP_PERFMON, so the verifier grants no packet pointers with
// variable offsets, and the helpers of Linux 5.18 are used.
func TestTheRightsOfTheServiceAreEnough(t *testing.T) {
	loadTap(t) // skips where nothing can be loaded at all
	withOnly(t, func() {
		tap, err := bpf.LoadTap(small)
		if err != nil {
			t.Errorf("load: %+v", err)
			return
		}
		if got := tap.Variant(); got != (bpf.Variant{MultiBuffer: true}) {
			t.Errorf("loaded %+v without CAP_PERFMON", got)
		}
		if err := tap.Close(); err != nil {
			t.Error(err)
		}
	}, unix.CAP_BPF, unix.CAP_NET_ADMIN)
}

func TestLoadTapWithoutRightsNamesThem(t *testing.T) {
	withOnly(t, func() {
		_, err := bpf.LoadTap(small)
		if err == nil {
			t.Log("this kernel lets unprivileged users load programs")
			return
		}
		for _, want := range []string{"kernel tap", "CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not say %q", err, want)
			}
		}
	})
}

func TestOldKernelsNeedCapPerfmonAndAreTold(t *testing.T) {
	loadTap(t)
	withOnly(t, func() {
		_, err := bpf.LoadVariant(small, variants["before 5.18"])
		if err == nil {
			t.Error("loaded without CAP_PERFMON")
			return
		}
		for _, want := range []string{"Linux 5.10", "CAP_PERFMON"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not say %q", err, want)
			}
		}
	}, unix.CAP_BPF, unix.CAP_NET_ADMIN)
}
