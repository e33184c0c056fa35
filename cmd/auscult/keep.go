package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor/daemon"
)

func backupCommand() command {
	return command{"backup", "FILE", "write a consistent copy of the state, also while the daemon runs",
		func(fs *flag.FlagSet) action {
			w := whereFlags(fs)
			return func(ctx context.Context, s streams, args []string) error {
				if len(args) != 1 {
					return usagef("backup: want the file to write")
				}
				service, done, err := w.open(false)
				if err != nil {
					return err
				}
				return errors.Join(daemon.WriteBackup(ctx, service, args[0]), done())
			}
		}}
}

func restoreCommand() command {
	return command{"restore", "FILE", "put a backup in place of the state; the daemon must be stopped",
		func(fs *flag.FlagSet) action {
			state := fs.String("state", "", "the state `FILE` to replace")
			config := fs.String("config", "", "the configuration `FILE` that names it")
			return func(_ context.Context, s streams, args []string) error {
				if len(args) != 1 {
					return usagef("restore: want the backup to read")
				}
				path := *state
				if path == "" {
					c := configs.Default()
					if *config != "" {
						loaded, err := configs.Load(*config)
						if err != nil {
							return &usageError{err}
						}
						c = loaded
					}
					path = c.State
				}
				_, before := os.Stat(path)
				if err := daemon.Restore(path, args[0]); err != nil {
					return err
				}
				s.say("restored %s\n", path)
				if before == nil {
					s.say("the state before is kept as %s.before\n", path)
				}
				return nil
			}
		}}
}

func userCommand() command {
	return command{"user", "add NAME [--role LIST] | passwd NAME | token NAME | list | remove NAME", "make, change and remove the accounts of the page and the API",
		func(fs *flag.FlagSet) action {
			w, f := whereFlags(fs), formatFlag(fs, "table", "json", "csv")
			roles := fs.String("role", "read", "roles, with commas: read, therapy (sees drug, rate and bed), act (decides), admin (`LIST`)")
			return func(ctx context.Context, s streams, args []string) error {
				if err := f.check(); err != nil {
					return err
				}
				if len(args) == 1 && args[0] == "list" {
					objects, err := w.do(ctx, s, daemon.Request{Op: "user.list"})
					if err != nil {
						return err
					}
					return f.print(s.out, objects, []string{"ACCOUNT", "ROLES", "CREATED"}, decoded(accountRow))
				}
				if len(args) != 2 {
					return usagef("user: want add, passwd, token or remove with a name, or list")
				}
				r := daemon.Request{Op: "user." + args[0], Args: map[string]string{"name": args[1], "roles": *roles}}
				if args[0] == "add" || args[0] == "passwd" {
					password, err := askPassword(s)
					if err != nil {
						return err
					}
					r.Args["password"] = password
				}
				objects, err := w.do(ctx, s, r)
				if err != nil {
					return err
				}
				return printLines(s.out, objects)
			}
		}}
}

// askPassword reads a password twice from a terminal, or one line from a pipe:
// never from the command line, where every process could read it.
func askPassword(s streams) (string, error) {
	tty, ok := s.in.(*os.File)
	if !ok || !term.IsTerminal(int(tty.Fd())) {
		line, err := bufio.NewReader(s.in).ReadString('\n')
		if err != nil && line == "" {
			return "", usagef("password: want it on one line of standard input")
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	first, err := readHidden(s, tty, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := readHidden(s, tty, "Again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two passwords differ; nothing was changed")
	}
	return first, nil
}

func readHidden(s streams, tty *os.File, prompt string) (string, error) {
	s.say("%s", prompt)
	raw, err := term.ReadPassword(int(tty.Fd()))
	s.say("\n")
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	return string(raw), nil
}
