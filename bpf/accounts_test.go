package bpf_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/bpf"
)

func (e engine) account(t *testing.T, w bpf.Way) bpf.Account {
	t.Helper()
	a, ok, err := e.tap.Account(w)
	if err != nil || !ok {
		t.Fatalf("%s: no account of %v: %v", e.name, w, err)
	}
	return a
}

// converse opens a conversation, skips most of what follows, and repeats some of it.
func converse(t *testing.T, e engine, way bpf.Way) {
	t.Helper()
	for _, s := range []step{opens, answers, forth(segment{seq: 1000, flags: ack | psh, payload: 100})} {
		e.judge(t, s.frame(way))
	}
	r := during(1100, 2000)
	r.Way = way
	e.skip(t, r)
	for _, s := range []step{
		forth(segment{seq: 1100, flags: ack, payload: 300}),
		forth(segment{seq: 1400, flags: ack, payload: 100}),
		forth(segment{seq: 1400, flags: ack, payload: 100}), // again
		forth(segment{seq: 1100, flags: ack, payload: 300}), // again
		reply(segment{ack: 1500, flags: ack}),
		forth(segment{seq: 1900, flags: ack, payload: 200}), // passes
		forth(segment{seq: 1450, flags: ack, payload: 100}), // new for half of it
	} {
		e.judge(t, s.frame(way))
	}
}

func TestAccountOfAConversation(t *testing.T) {
	for _, e := range engines(t) {
		for family, two := range ends {
			way := tcpWay(two)
			began := bpf.Now()
			converse(t, e, way)
			got := e.account(t, way)
			if got.First < began-tick || got.Last < got.First || got.Last > bpf.Now() {
				t.Errorf("%s, %s: first %v, last %v; the test began at %v", e.name, family, got.First, got.Last, began)
			}
			got.First, got.Last = 0, 0
			want := bpf.Account{
				Packets: 8, Bytes: 1200, SkippedPackets: 5, SkippedBytes: 900, RepeatedBytes: 400,
				Flags: syn | ack | psh, ISN: 999, ISNKnown: true,
			}
			if got != want {
				t.Errorf("%s, %s: forth\n%+v, want\n%+v", e.name, family, got, want)
			}
			got = e.account(t, back(way))
			got.First, got.Last = 0, 0
			want = bpf.Account{Packets: 2, SkippedPackets: 1, Flags: syn | ack, ISN: 77, ISNKnown: true}
			if got != want {
				t.Errorf("%s, %s: back\n%+v, want\n%+v", e.name, family, got, want)
			}
		}
	}
}

func TestANewConversationRepeatsNothing(t *testing.T) {
	for _, e := range engines(t) {
		way := tcpWay(ends["IPv4"])
		for range 2 {
			for _, isn := range []uint32{900, 950} {
				e.judge(t, forth(segment{seq: isn, flags: syn}).frame(way))
				r := epoch(some[0], isn)
				r.Way = way
				e.skip(t, r)
				e.judge(t, inside.frame(way))
			}
		}
		if got := e.account(t, way); got.SkippedBytes != 36 || got.RepeatedBytes != 0 || got.ISN != 950 {
			t.Errorf("%s: %+v, want 36 bytes skipped and none repeated", e.name, got)
		}
	}
}

func TestUnknownAccount(t *testing.T) {
	tap := loadTap(t)
	for _, w := range []bpf.Way{numbered(1), {}} {
		if a, ok, err := tap.Account(w); ok || err != nil {
			t.Errorf("%v: %+v, %v, %v; want nothing", w, a, ok, err)
		}
	}
}

func TestAccountsGiveEveryWayBack(t *testing.T) {
	for _, e := range engines(t) {
		want := map[bpf.Way]uint64{}
		for _, two := range ends {
			for i, w := range []bpf.Way{tcpWay(two), back(tcpWay(two)), udpWay(two)} {
				e.judge(t, ether(packetOf(w, segment{flags: ack, payload: 10 + i})))
				want[w] = uint64(10 + i)
			}
		}
		got := map[bpf.Way]uint64{}
		if err := e.tap.Accounts(func(w bpf.Way, a bpf.Account) bool {
			got[w] = a.Bytes
			return true
		}); err != nil {
			t.Fatal(err)
		}
		for w, bytes := range want {
			if got[w] != bytes {
				t.Errorf("%s: %v: %d bytes, want %d", e.name, w, got[w], bytes)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d accounts, want %d", e.name, len(got), len(want))
		}
		calls := 0
		if err := e.tap.Accounts(func(bpf.Way, bpf.Account) bool { calls++; return false }); err != nil || calls != 1 {
			t.Errorf("%s: %d calls after the first said no: %v", e.name, calls, err)
		}
	}
}

func TestWhatIsForgottenIsARemainder(t *testing.T) {
	tap := loadTap(t)
	const ways, payload = 5 * bpf.MinConversations, 100
	for n := range ways {
		if _, err := tap.Run(ether(packetOf(numbered(n), segment{flags: syn, payload: payload}))); err != nil {
			t.Fatal(err)
		}
	}
	var kept, bytes uint64
	if err := tap.Accounts(func(_ bpf.Way, a bpf.Account) bool {
		kept++
		bytes += a.Bytes
		return true
	}); err != nil {
		t.Fatal(err)
	}
	totals, err := tap.Totals()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d ways, of which %d are kept", ways, kept)
	if kept == 0 || kept > bpf.MinConversations {
		t.Errorf("%d accounts in a map of %d", kept, bpf.MinConversations)
	}
	if totals.Accounted != (bpf.Count{Packets: ways, Bytes: ways * payload}) {
		t.Errorf("accounted %+v, want %d packets of %d bytes", totals.Accounted, ways, payload)
	}
	if remainder := totals.Accounted.Bytes - bytes; remainder != (ways-kept)*payload {
		t.Errorf("the remainder is %d bytes, want those of %d ways", remainder, ways-kept)
	}
	if got := totals.Verdicts[bpf.Unaccounted].Packets; got != 0 {
		t.Errorf("%d packets without an account", got)
	}
}

func TestTotalsAddUp(t *testing.T) {
	tap := loadTap(t)
	e := engine{name: "XDP", tap: tap, run: tap.Run}
	skipSome(t, e)
	var frames, bytes uint64
	for _, o := range otherFrames() {
		e.judge(t, o.frame)
		frames++
		bytes += uint64(len(o.frame))
	}
	totals := e.totals(t)
	var sum bpf.Count
	for _, c := range totals.Verdicts {
		sum.Packets += c.Packets
		sum.Bytes += c.Bytes
	}
	if sum != (bpf.Count{Packets: frames, Bytes: bytes}) {
		t.Errorf("the verdicts add up to %+v, want %d frames of %d bytes", sum, frames, bytes)
	}
	if got := totals.Dropped().Packets; got != 3 {
		t.Errorf("%d dropped, want 3", got)
	}
}

func TestVerdictsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for v := range bpf.VerdictCount {
		if name := v.String(); seen[name] || name == "?" || name == "" {
			t.Errorf("verdict %d is named %q", v, name)
		}
		seen[v.String()] = true
	}
	if bpf.VerdictCount.String() != "?" || bpf.KernelVerdicts != 13 || int(bpf.VerdictCount) != int(bpf.KernelVerdicts) {
		t.Errorf("%d verdicts here, %d in the kernel program", bpf.VerdictCount, bpf.KernelVerdicts)
	}
}

func TestClockIsTheKernels(t *testing.T) {
	tap := loadTap(t)
	before := bpf.Now()
	drops(t, tap, numbered(1))
	a, _, err := tap.Account(numbered(1))
	if err != nil || a.First < before-tick || a.First > before+10*time.Second {
		t.Errorf("first seen at %v, after %v: %v", a.First, before, err)
	}
}
