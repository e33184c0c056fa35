package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/auscult/auscult/configs"
)

// command is one subcommand. setup registers its flags and returns what runs
// after they are parsed.
type command struct {
	name    string
	args    string // the synopsis after the name
	summary string
	setup   func(fs *flag.FlagSet) action
}

type action func(ctx context.Context, s streams, args []string) error

func commands() []command {
	return []command{
		runCommand(), replayCommand(), checkCommand(),
		devicesCommand(), deviceCommand(),
		registerCommand(), feedsCommand(),
		findingsCommand(), ordersCommand(), orderCommand(),
		cmmsCommand(), auditCommand(),
		backupCommand(), restoreCommand(), userCommand(),
		demoCommand(), versionCommand(),
	}
}

func dispatch(ctx context.Context, args []string, s streams) error {
	all := commands()
	if len(args) == 0 {
		s.say("%s\n", overview(all))
		return usagef("no command; try auscult demo")
	}
	switch args[0] {
	case "help", "-h", "--help", "-help":
		if len(args) > 1 {
			return dispatch(ctx, []string{args[1], "-h"}, s)
		}
		return help(s.out, overview(all))
	case "--version", "-version":
		args = []string{"version"}
	}
	for _, c := range all {
		if c.name == args[0] {
			return c.invoke(ctx, s, args[1:])
		}
	}
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.name
	}
	return usagef("unknown command %q; the nearest is %q (auscult help lists all)", args[0], configs.Nearest(args[0], names))
}

// help writes what was asked for.
func help(w io.Writer, text string) error {
	if _, err := fmt.Fprintln(w, text); err != nil {
		return fmt.Errorf("write help: %w", err)
	}
	return errHelp
}

func overview(all []command) string {
	lines := []string{"auscult listens on a mirror port, knows every medical device, and gets the work done.", "", "Usage: auscult COMMAND [flags] [arguments]", ""}
	for _, c := range all {
		lines = append(lines, fmt.Sprintf("  %-10s %s", c.name, c.summary))
	}
	return strings.Join(append(lines, "",
		"auscult COMMAND -h explains one. Exit status: 0 done, 1 failed, 2 wrong usage, 3 nothing matched, 130 interrupted."), "\n")
}

func (c command) invoke(ctx context.Context, s streams, args []string) error {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are told below, with the nearest flag
	run := c.setup(fs)
	rest, err := parse(fs, args)
	if errors.Is(err, flag.ErrHelp) {
		return help(s.out, c.help(fs))
	}
	if err != nil {
		return err
	}
	return run(ctx, s, rest)
}

func (c command) help(fs *flag.FlagSet) string {
	lines := []string{"Usage: auscult " + strings.TrimSpace(c.name+" "+c.args), "", c.summary + "."}
	fs.VisitAll(func(f *flag.Flag) {
		name, usage := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
			usage += " (default " + f.DefValue + ")"
		}
		lines = append(lines, "", strings.TrimRight("  --"+f.Name+" "+name, " "), "      "+usage)
	})
	return strings.Join(lines, "\n")
}

// parse reads flags that may stand before, between and after the arguments.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for len(args) > 0 {
		if args[0] == "--" {
			return append(rest, args[1:]...), nil
		}
		if err := fs.Parse(args); err != nil {
			return nil, flagError(fs, err)
		}
		left := fs.Args()
		if len(left) == 0 {
			break
		}
		if len(left) < len(args) && args[len(args)-len(left)-1] == "--" {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
	return rest, nil
}

func flagError(fs *flag.FlagSet, err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	written, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return usagef("%s: %w; see auscult %s -h", fs.Name(), err, fs.Name())
	}
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if len(names) == 0 {
		return usagef("%s takes no flags, got --%s", fs.Name(), written)
	}
	return usagef("%s: unknown flag --%s; the nearest is --%s (auscult %s -h lists all)", fs.Name(), written, configs.Nearest(written, names), fs.Name())
}
