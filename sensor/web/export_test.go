package web

import (
	"fmt"
	"net/http/httptest"
	"time"
)

// LocalPath is what keeps a redirect on this host.
var LocalPath = localPath

// MaxSearch and MaxWords bound a search.
const MaxSearch, MaxWords = maxSearch, maxWords

// AfterFailures is how many keys are remembered after that many failed each, and
// the most that may be.
func AfterFailures(n int) (kept, most int) {
	at := time.Unix(0, 0)
	t := &throttle{failed: map[string]failures{}, now: func() time.Time { return at }}
	for i := range n {
		at = at.Add(time.Millisecond)
		t.try(fmt.Sprint(i), freeTries)
	}
	return len(t.failed), maxThrottled
}

// AfterSignIns is how many sessions are open after that many sign-ins, and the
// most that may be.
func AfterSignIns(n int) (open, most int, err error) {
	at := time.Unix(0, 0)
	s := newSessions(time.Hour, func() time.Time { return at })
	for range n {
		at = at.Add(time.Millisecond)
		if err := s.begin(httptest.NewRecorder(), httptest.NewRequest("POST", "/login", nil), accountRecord{}); err != nil {
			return 0, 0, err
		}
	}
	return len(s.open), maxSessions, nil
}
