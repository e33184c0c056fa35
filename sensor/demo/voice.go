package demo

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// continued begins a further line of one event, below its words.
const continued = "\n                  "

// voice writes what a person reads, from several goroutines, a line at a time.
type voice struct {
	mu    sync.Mutex
	to    io.Writer
	begin time.Time
}

func newVoice(to io.Writer) *voice { return &voice{to: to, begin: time.Now()} }

// line writes a sentence.
func (v *voice) line(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, _ = fmt.Fprintf(v.to, format+"\n", args...) // where nobody reads any more, the demo goes on
}

// event writes something that happened, with the time since the beginning.
func (v *voice) event(word, format string, args ...any) {
	at := time.Since(v.begin).Round(time.Second)
	v.line("%2d:%02d  %-10s %s", int(at.Minutes()), int(at.Seconds())%60, word, fmt.Sprintf(format, args...))
}
