package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// throttle slows guessing down: a key that failed as often as its limit waits
// after each further failure. It is bounded and forgets by itself.
type throttle struct {
	mu     sync.Mutex
	failed map[string]failures
	now    func() time.Time
}

type failures struct {
	count int
	last  time.Time
}

const (
	// freeTries of one address are as many as a person with two passwords in mind
	// needs.
	freeTries = 5
	// freeAccountTries of one account from anywhere: higher, so that a stranger
	// cannot easily keep somebody out, and still only two tries a minute after.
	freeAccountTries = 20
	throttleWait     = 30 * time.Second
	// throttleMemory is how long a failure counts. A success does not clear it:
	// whoever knows one password could otherwise guess at others for ever.
	throttleMemory = 15 * time.Minute
	maxThrottled   = 10_000
)

// try asks whether a key may try now, and counts the attempt as a failure until
// forgive takes it back: attempts at the same moment must not all pass. It
// returns what was counted before.
func (t *throttle) try(key string, free int) (before failures, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	f := t.failed[key]
	if now.Sub(f.last) > throttleMemory {
		f = failures{}
	}
	if f.count >= free && now.Sub(f.last) < throttleWait {
		return f, false
	}
	if _, known := t.failed[key]; !known && len(t.failed) >= maxThrottled {
		t.sweep(now)
	}
	t.failed[key] = failures{f.count + 1, now}
	return f, true
}

// sweep makes room: what is forgotten goes, else the one that waits since longest.
func (t *throttle) sweep(now time.Time) {
	var oldest string
	var last time.Time
	for k, f := range t.failed {
		if now.Sub(f.last) > throttleMemory {
			delete(t.failed, k)
			continue
		}
		if oldest == "" || f.last.Before(last) {
			oldest, last = k, f.last
		}
	}
	if len(t.failed) >= maxThrottled {
		delete(t.failed, oldest)
	}
}

// forgive takes one attempt back, since it succeeded.
func (t *throttle) forgive(key string, before failures) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.failed[key]; f.count > 1 {
		t.failed[key] = failures{f.count - 1, before.last}
	} else {
		delete(t.failed, key)
	}
}

// origin is who a request is counted for: an IPv4 address, or the /64 network
// that one IPv6 host may roam in (RFC 4291, section 2.5.4).
func origin(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	a := at.Addr().Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
