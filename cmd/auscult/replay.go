package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor/daemon"
)

func replayCommand() command {
	return command{"replay", "[--state FILE] [--format table|json|csv] CAPTURE...", "put capture files through the same pipeline and print the inventory; - is standard input",
		func(fs *flag.FlagSet) action {
			f := formatFlag(fs, "table", "json", "csv")
			config := fs.String("config", "", "a configuration `FILE`")
			state := fs.String("state", "", "keep what is learnt, and decide findings and orders, in this `FILE`")
			workers := fs.Int("workers", 0, "how many workers dissect (`N`); the result does not depend on it")
			now := fs.String("now", "", "what \"today\" is (`TIME`, RFC 3339); default: the last frame's time")
			return func(ctx context.Context, s streams, args []string) error {
				if err := f.check(); err != nil {
					return err
				}
				if len(args) == 0 {
					return usagef("replay: want at least one capture file; - is standard input")
				}
				o, err := replayOptions(*config, *state, *workers, *now, args)
				if err != nil {
					return &usageError{err}
				}
				if terminal(s) {
					o.Progress = func(done, total int64) { progress(s, done, total) }
				}
				result, replayErr := daemon.Replay(ctx, o)
				for _, w := range result.Warnings {
					s.say("auscult: %s\n", w)
				}
				if result.Devices != nil {
					// What could be read is printed, also where a capture is damaged.
					if err := printDevices(f, s.out, result.Devices); err != nil {
						return err
					}
				}
				sayTrouble(s, result.Trouble)
				return exitKind(replayErr)
			}
		}}
}

// sayTrouble tells of messages that were not understood, a line for each protocol.
func sayTrouble(s streams, all []daemon.ProtocolTrouble) {
	for _, t := range all {
		var parts []string
		for _, p := range []struct {
			n    uint64
			what string
		}{{t.Malformed, "malformed"}, {t.Truncated, "truncated"}, {t.Unsupported, "unsupported"}} {
			if p.n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
			}
		}
		s.say("auscult: messages of %s: %s\n", t.Protocol, strings.Join(parts, ", "))
	}
}

func replayOptions(config, state string, workers int, now string, captures []string) (daemon.ReplayOptions, error) {
	c := configs.Default()
	if config != "" {
		loaded, err := configs.Load(config)
		if err != nil {
			return daemon.ReplayOptions{}, err
		}
		c = loaded
	}
	if workers < 0 || workers > 64 {
		return daemon.ReplayOptions{}, fmt.Errorf("replay: --workers %d: want 1 to 64", workers)
	}
	if workers > 0 {
		c.Workers = workers
	}
	o := daemon.ReplayOptions{Config: c, State: state, Captures: captures, AdoptSite: config == ""}
	if now != "" {
		t, err := parseTime(now)
		if err != nil {
			return daemon.ReplayOptions{}, err
		}
		o.Now = t
	}
	return o, nil
}

func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("--now " + s + ": want a time such as 2026-11-23T15:00:00Z, or a day")
}

// progress draws one line that replaces itself.
func progress(s streams, done, total int64) {
	if total <= 0 {
		s.say("\r%d MiB read", done>>20)
		return
	}
	const width = 40
	full := int(done * width / total)
	s.say("\r[%s%s] %3d %%", strings.Repeat("=", full), strings.Repeat(" ", width-full), done*100/total)
	if done >= total {
		s.say("\r\x1b[K")
	}
}
