package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os/user"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor/daemon"
)

// where says where a command finds what is known: the running daemon, or a
// state file.
type where struct{ state, socket, config *string }

func whereFlags(fs *flag.FlagSet) where {
	return where{
		state:  fs.String("state", "", "open this state `FILE` instead of asking the running daemon"),
		socket: fs.String("socket", "", "the running daemon's `SOCKET`"),
		config: fs.String("config", "", "the daemon's configuration `FILE`, which names its socket"),
	}
}

// do carries out one operation, prints its messages to standard error and
// returns its objects.
func (w where) do(ctx context.Context, s streams, r daemon.Request) ([]json.RawMessage, error) {
	service, done, err := w.open(makesState(r.Op))
	if err != nil {
		return nil, err
	}
	if u, err := user.Current(); err == nil {
		r.By = u.Username
	}
	a, err := service.Do(ctx, r)
	for _, says := range a.Says {
		s.say("%s\n", plain(says))
	}
	if err := errors.Join(err, done()); err != nil {
		return nil, exitKind(err)
	}
	return a.Objects, nil
}

// open opens the state file, or speaks to the daemon. create says whether the
// command may make a state file.
func (w where) open(create bool) (daemon.Service, func() error, error) {
	nothing := func() error { return nil }
	c := configs.Default()
	if *w.config != "" {
		loaded, err := configs.Load(*w.config)
		if err != nil {
			return nil, nothing, &usageError{err}
		}
		c = loaded
	}
	if *w.state != "" {
		return daemon.OpenFile(*w.state, c, *w.config == "", create)
	}
	if *w.socket != "" {
		c.Socket = *w.socket
	}
	return daemon.Dial(c.Socket), nothing, nil
}

// makesState reports whether an operation may begin a new state file.
func makesState(op string) bool {
	return op == "register.import" || op == "feeds.import" || op == "user.add"
}

// exitKind translates the daemon's sentinels into exit statuses.
func exitKind(err error) error {
	switch {
	case errors.Is(err, daemon.ErrUsage):
		return &usageError{err}
	case errors.Is(err, daemon.ErrNothing):
		return &nothingError{err}
	}
	return err
}
