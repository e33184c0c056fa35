package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/term"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor/daemon"
	"github.com/auscult/auscult/sensor/demo"
)

// Set by the linker.
var (
	version = "unreleased"
	commit  = "none"
)

func runCommand() command {
	return command{"run", "--config FILE [--interface IF]", "listen, and serve the page: the daemon",
		func(fs *flag.FlagSet) action {
			config := fs.String("config", "", "the configuration `FILE`; without it the defaults hold")
			iface := fs.String("interface", "", "listen on this mirror port (`IF`), besides the configured taps")
			state := fs.String("state", "", "keep the state in this `FILE` instead of the configured one")
			return func(ctx context.Context, s streams, args []string) error {
				if len(args) > 0 {
					return usagef("run: takes no arguments, got %q", args[0])
				}
				load := func() (configs.Config, error) { return effective(*config, *iface, *state) }
				if _, err := load(); err != nil {
					return &usageError{err}
				}
				return daemon.Run(ctx, daemon.Options{Load: load, Version: version, Commit: commit, Log: s.err, Interactive: terminal(s)})
			}
		}}
}

// effective is the configuration with what the command line adds.
func effective(path, iface, state string) (configs.Config, error) {
	c := configs.Default()
	if path != "" {
		loaded, err := configs.Load(path)
		if err != nil {
			return configs.Config{}, err
		}
		c = loaded
	}
	if state != "" {
		c.State = state
	}
	if iface != "" {
		c.Taps = append(c.Taps, configs.Tap{Name: iface, Interface: iface, Directions: "both"})
	}
	return c, nil
}

func terminal(s streams) bool {
	f, ok := s.err.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func checkCommand() command {
	return command{"check", "--config FILE", "validate a configuration and print what takes effect; secrets stay in their files",
		func(fs *flag.FlagSet) action {
			config := fs.String("config", "", "the configuration `FILE`")
			return func(_ context.Context, s streams, args []string) error {
				path := *config
				if path == "" && len(args) == 1 {
					path = args[0]
				}
				if path == "" {
					return usagef("check: want --config FILE")
				}
				c, err := configs.Load(path)
				if err != nil {
					return &usageError{err}
				}
				return c.Print(s.out)
			}
		}}
}

func demoCommand() command {
	return command{"demo", "[--listen ADDRESS] [--for DURATION]", "a sample hospital on this machine: its traffic, a CMMS stand-in, the page",
		func(fs *flag.FlagSet) action {
			listen := fs.String("listen", "127.0.0.1:8443", "where the page is served (`ADDRESS`)")
			length := fs.Duration("for", 0, "stop after this `DURATION`; 0 runs until Ctrl-C")
			quick := fs.Bool("files", false, "read the sample captures as files, also where root could play them on a wire")
			return func(ctx context.Context, s streams, args []string) error {
				if len(args) > 0 {
					return usagef("demo: takes no arguments, got %q", args[0])
				}
				return demo.Run(ctx, demo.Options{Listen: *listen, For: *length, FilesOnly: *quick, Out: s.out, Log: s.err, Version: version})
			}
		}}
}

func versionCommand() command {
	return command{"version", "", "print version, commit and build",
		func(*flag.FlagSet) action {
			return func(_ context.Context, s streams, _ []string) error {
				_, err := fmt.Fprintf(s.out, "auscult %s, commit %s, %s %s/%s%s\n", version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, modified())
				return err
			}
		}}
}

// modified says when the build was made from files that are in no commit.
func modified() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.modified" && s.Value == "true" {
			return ", with uncommitted changes"
		}
	}
	return ""
}
