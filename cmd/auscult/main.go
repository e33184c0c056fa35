// Command auscult is the sensor's one program: the daemon, the replay of
// captures, and the commands that read and steer what it knows. It holds flags,
// subcommands and exit codes only; each subcommand calls one function of a room.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // an appliance may have no zone files
)

// Exit statuses, as scripts rely on them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2 // wrong usage or configuration
	exitNothing     = 3 // nothing matched
	exitInterrupted = 130
)

// streams are where a command reads and writes: JSON and tables go to out and
// nothing else does; messages go to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// say writes a message to a person. Where nobody reads any more there is nobody
// to tell.
func (s streams) say(format string, args ...any) { _, _ = fmt.Fprintf(s.err, format, args...) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run executes one command line and returns its exit status.
func run(ctx context.Context, args []string, s streams) int {
	err := dispatch(ctx, args, s)
	if err == nil {
		return exitDone
	}
	var usage *usageError
	var nothing *nothingError
	switch {
	case errors.Is(err, errHelp):
		return exitDone
	case errors.As(err, &nothing):
		s.say("auscult: %s\n", plain(err.Error()))
		return exitNothing
	case errors.As(err, &usage):
		s.say("auscult: %s\n", plain(err.Error()))
		return exitUsage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		s.say("auscult: interrupted\n")
		return exitInterrupted
	}
	s.say("auscult: %s\n", plain(err.Error()))
	return exitFailed
}

// usageError is a wrong command line or configuration.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// nothingError says that nothing matched what was asked for.
type nothingError struct{ err error }

func (e *nothingError) Error() string { return e.err.Error() }
func (e *nothingError) Unwrap() error { return e.err }

var errHelp = errors.New("help was asked for")
