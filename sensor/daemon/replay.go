package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory/boltstore"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/all"
	"github.com/auscult/auscult/protocols/banner"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

// ReplayOptions say what to replay.
type ReplayOptions struct {
	Config configs.Config
	State  string // "" keeps nothing
	// AdoptSite takes the site of the state file: no configuration was named.
	AdoptSite bool
	Captures  []string
	Now       time.Time // "today"; zero is the last frame's time
	// Progress is told about bytes read, from one goroutine; may be nil.
	Progress func(done, total int64)
}

// ReplayResult is what a replay gives, also where it failed in the end.
type ReplayResult struct {
	Devices  []json.RawMessage
	Warnings []string
	// Trouble counts the messages that were not understood, by protocol, in the order
	// of their names; a protocol that was understood throughout is left out.
	Trouble []ProtocolTrouble
}

// ProtocolTrouble is what a protocol was recognised by and not understood from:
// evidence about whoever sent it, or about the mirror.
type ProtocolTrouble struct {
	Protocol                          protocols.Name
	Malformed, Truncated, Unsupported uint64 // messages; see protocols.Outcome
}

func troubleOf(c flow.Counters) (all []ProtocolTrouble) {
	for _, p := range c.Protocols {
		t := ProtocolTrouble{p.Protocol, p.Outcomes[protocols.Malformed], p.Outcomes[protocols.Truncated], p.Outcomes[protocols.Unsupported]}
		if t.Malformed+t.Truncated+t.Unsupported > 0 {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b ProtocolTrouble) int { return cmp.Compare(a.Protocol, b.Protocol) })
	return all
}

// replayGC is how much the heap grows between collections, in per cent.
const replayGC = 400

// replayTap is the tap under which files are heard: the same for all, so that
// the number of files changes nothing.
const replayTap = "replay"

// Replay puts capture files through the same pipeline as a live interface. A
// damaged capture gives what could be read and an error at the end.
func Replay(ctx context.Context, o ReplayOptions) (ReplayResult, error) {
	// A replay is over soon and its heap is small: collecting less often costs a few
	// megabytes and saves a seventh of its time.
	defer debug.SetGCPercent(debug.SetGCPercent(replayGC))
	defer boundMemory(o.Config)()
	path, done, err := replayState(o.State)
	if err != nil {
		return ReplayResult{}, err
	}
	store, err := boltstore.Open(path, boltstore.Options{Scratch: o.State == ""})
	if err != nil {
		return ReplayResult{}, errors.Join(err, done())
	}
	var today time.Time
	h, err := openHouse(store, houseOptions{config: o.Config, now: func() time.Time { return today }, adoptSite: o.AdoptSite})
	if err != nil {
		return ReplayResult{}, errors.Join(err, store.Close(), done())
	}
	last, counted, damage, err := h.replayFiles(ctx, o)
	if today = o.Now; today.IsZero() {
		today = last
	}
	var result ReplayResult
	if err == nil {
		if today.IsZero() {
			today = h.view.Load().At
		}
		err = errors.Join(h.commit(), h.decide(today))
		result, err = h.replayed(err)
	}
	result.Trouble = troubleOf(counted)
	return result, errors.Join(damage, err, h.Close(), done())
}

// replayState names the file to keep state in: a temporary one where nothing is
// to be kept.
func replayState(path string) (string, func() error, error) {
	if path != "" {
		return path, func() error { return nil }, nil
	}
	dir, err := os.MkdirTemp("", "auscult-replay-")
	if err != nil {
		return "", nil, fmt.Errorf("replay: %w; set TMPDIR to a folder that can be written, or use --state", err)
	}
	return filepath.Join(dir, "state.db"), func() error { return os.RemoveAll(dir) }, nil
}

func (h *House) replayed(err error) (ReplayResult, error) {
	if err != nil {
		return ReplayResult{}, err
	}
	a, err := answer(h.Devices())
	result := ReplayResult{Devices: a.Objects}
	if result.Devices == nil {
		result.Devices = []json.RawMessage{}
	}
	return result, err
}

// replayFiles reads all files into one pipeline, so that a conversation may go on
// from one file to the next. counted is complete once all were read; damage is what
// was wrong with the files; err stops everything.
func (h *House) replayFiles(ctx context.Context, o ReplayOptions) (last time.Time, counted flow.Counters, damage, err error) {
	tap := &sensor.Tap{Site: o.Config.Site, Name: replayTap}
	fan := newFan(o.Config, nil, h.knowledge, h, nil)
	defer fan.Close()
	for _, path := range o.Captures {
		at, fault, err := replayFile(ctx, path, tap, fan, o.Progress)
		if at.After(last) {
			last = at
		}
		damage = errors.Join(damage, fault)
		if err != nil {
			return last, counted, damage, err
		}
	}
	fan.Close()
	return last, fan.Counters(), damage, nil
}

// progressEvery is how many frames pass between two looks at progress and
// cancellation.
const progressEvery = 4096

func replayFile(ctx context.Context, path string, tap *sensor.Tap, fan *flow.Fan, progress func(done, total int64)) (last time.Time, damage, err error) {
	file, err := capture.OpenFile(path, tap)
	if err != nil {
		return last, err, nil // other files may be good
	}
	defer func() { _ = file.Close() }() // read only
	var f sensor.Frame
	for n := 0; ; n++ {
		if n%progressEvery == 0 {
			if err := ctx.Err(); err != nil {
				return last, nil, err
			}
			if progress != nil {
				progress(file.Progress())
			}
		}
		if err := file.Next(&f); err != nil {
			if progress != nil {
				_, total := file.Progress()
				progress(total, total)
			}
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return last, err, nil
		}
		if f.When.After(last) {
			last = f.When
		}
		fan.Frame(&f)
	}
}

// newFan is the way from frames to out, the same for interfaces and files. sessions
// are those by which a mirror is declared to come; g may be nil.
func newFan(c configs.Config, sessions []uint32, g banner.Greetings, out flow.Output, shunt sensor.Shunt) *flow.Fan {
	decoding := flow.Decoding{New: func() flow.Decoder { return decode.New() }, Spread: decode.Spread}
	o := flowOptions(c.Limits)
	o.Sessions, o.Shunt = sessions, shunt
	return flow.NewFan(c.Workers, decoding, o, all.Knowing(all.Known{Greetings: g, Zone: zone(c.TimeZone)}), out)
}

func flowOptions(l configs.Limits) flow.Options {
	o := flow.DefaultOptions()
	o.MaxConversations, o.MaxBufferedBytes = l.Conversations, l.BufferMiB<<20
	return o
}

// OpenFile opens a state file for the commands that read and steer it without a
// daemon. adopt takes the site that the file is of; create makes it where there is none; a command that reads must not.
func OpenFile(path string, c configs.Config, adopt, create bool) (Service, func() error, error) {
	if _, err := os.Stat(path); err != nil && !create {
		return nil, func() error { return nil }, fmt.Errorf("state file %s: %w; name an existing one with --state", path, err)
	}
	store, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		return nil, func() error { return nil }, err
	}
	h, err := openHouse(store, houseOptions{config: c, now: func() time.Time { return time.Now().UTC() }, adoptSite: adopt})
	if err != nil {
		return nil, func() error { return nil }, errors.Join(err, store.Close())
	}
	return h, h.Close, nil
}
