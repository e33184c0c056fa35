package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/remediation/cmms/servicenow/standin"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/daemon"
)

// Options say how the demo is run.
type Options struct {
	// Listen is where the page is served, as address and port. Where the port is
	// taken, a free one is used and said.
	Listen string
	// For ends the demo by itself; 0 runs until ctx ends.
	For time.Duration
	// FilesOnly plays no traffic on a wire, also where that could be done.
	FilesOnly bool
	// Out gets what a person reads, Log the program's warnings. nil discards them.
	Out, Log io.Writer
	Version  string
}

// Run shows the sample hospital until ctx ends or the time is over. It leaves
// nothing behind: no file, no interface, no process.
func Run(ctx context.Context, o Options) (err error) {
	if o.For > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, o.For)
		defer stop()
	}
	h, err := open(o)
	defer func() { err = errors.Join(err, h.close()) }()
	if err != nil {
		return err
	}
	return h.run(ctx)
}

// hospital is everything that the demo has made.
type hospital struct {
	o        Options
	say      *voice
	dir      string // temporary
	config   configs.Config
	cmms     *standin.Server
	cmmsAt   net.Listener
	to       carrier
	opener   func(configs.Tap, *sensor.Tap) (daemon.TapSource, error)
	wire     *wire // nil where the sample is played from files
	wireless error // why
}

// open makes everything that must be there before the daemon starts. What it made
// is to be closed, also where it failed.
func open(o Options) (*hospital, error) {
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	h := &hospital{o: o, say: newVoice(o.Out)}
	var err error
	if h.dir, err = os.MkdirTemp("", "auscult-demo-"); err != nil {
		return h, fmt.Errorf("demo: %w; set TMPDIR to a folder that can be written", err)
	}
	page, err := freeAddress(o.Listen, h.say)
	if err != nil {
		return h, err
	}
	if h.cmmsAt, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return h, fmt.Errorf("demo: the CMMS stand-in: %w", err)
	}
	if err := h.configure(page); err != nil {
		return h, err
	}
	h.openCarrier()
	return h, nil
}

// freeAddress is where the page will be: where it was asked for, or at a free
// port of the same address.
func freeAddress(listen string, say *voice) (*net.TCPAddr, error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		host, _, split := net.SplitHostPort(listen)
		if split != nil {
			return nil, fmt.Errorf("demo: --listen: %w; want an address and a port, such as 127.0.0.1:8443", err)
		}
		taken := err
		if l, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			return nil, fmt.Errorf("demo: --listen: %w; name an address of this machine", err)
		}
		say.line("The page cannot be at %s (%v). It takes a free port.", listen, cause(taken))
	}
	address := l.Addr().(*net.TCPAddr) //nolint:errcheck // a TCP listener has no other
	return address, l.Close()
}

// cause is the last and plainest of a chain of errors.
func cause(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

// openCarrier lays a wire where it may, and takes a tape otherwise.
func (h *hospital) openCarrier() {
	if !h.o.FilesOnly {
		w, err := openWire()
		if err == nil {
			h.wire, h.to, h.opener = w, w, w.open
			h.config.Taps[0].Where = "Sample mirror port, on a wire inside this program"
			return
		}
		h.wireless = err
	}
	t := newTape()
	h.to, h.opener = t, t.open
	h.config.Taps[0].Where = "Sample captures, read as files"
}

// run starts everything and waits for its end.
func (h *hospital) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	serving := make(chan string, 1)
	group.Go(func() error {
		err := daemon.Run(ctx, daemon.Options{Load: func() (configs.Config, error) { return h.config, nil }, Version: h.o.Version, Log: h.o.Log,
			Ready: func(address string) { serving <- address }, Open: h.opener})
		if err == nil && ctx.Err() == nil {
			err = errors.New("demo: the daemon ended")
		}
		return err
	})
	group.Go(func() error { return serveCMMS(ctx, h.cmms, h.cmmsAt) })
	group.Go(func() error {
		select {
		case address := <-serving:
			return h.direct(ctx, address)
		case <-ctx.Done():
			return nil
		}
	})
	err := group.Wait()
	if h.wire == nil {
		return err
	}
	n, counted := h.wire.returned()
	if counted == nil && n > 0 {
		counted = fmt.Errorf("demo: the mirror port sent %d frames; please report it", n)
	}
	return errors.Join(err, counted)
}

// direct fills the register, tells the person what to do, then plays the day and
// tells what follows from it.
func (h *hospital) direct(ctx context.Context, page string) error {
	house := daemon.Dial(h.config.Socket)
	if err := admit(ctx, house); err != nil {
		return err
	}
	if err := h.welcome(page); err != nil {
		return err
	}
	select {
	case <-h.to.ready():
	case <-ctx.Done():
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	afternoon := make(chan struct{})
	group.Go(func() error { return day(ctx, h.to, afternoon) })
	group.Go(func() error { return newNarrator(h.say, house).tell(ctx) })
	group.Go(func() error { return h.awaitRepair(ctx, afternoon) })
	return group.Wait()
}

// patience is how long the daemon gets to answer its socket.
const patience = 20 * time.Second

// admit imports the hospital's records and the advisories once the daemon answers.
func admit(ctx context.Context, house daemon.Service) error {
	requests, err := imports(time.Now().AddDate(0, 0, -1))
	if err != nil {
		return err
	}
	end := time.Now().Add(patience)
	for _, r := range requests {
		_, err := house.Do(ctx, r)
		for err != nil && r.Op == requests[0].Op && time.Now().Before(end) && sleep(ctx, 50*time.Millisecond) == nil {
			_, err = house.Do(ctx, r)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("demo: %s: %w", r.Op, err)
		}
	}
	return nil
}

// awaitRepair calls the afternoon once a person has said in the CMMS that some
// work is done.
func (h *hospital) awaitRepair(ctx context.Context, afternoon chan<- struct{}) error {
	for sleep(ctx, time.Second) == nil {
		for _, o := range h.cmms.Orders() {
			if o.State == stateResolved || o.State == stateClosed {
				h.say.event("afternoon", "%s is reported done. The afternoon begins: pump CS4-104437 was updated, the therapy has ended, a missing pump is back.", o.Number)
				close(afternoon)
				return nil
			}
		}
	}
	return nil
}

// The states of ServiceNow's incident table that say that work is done.
const (
	stateResolved = "6"
	stateClosed   = "7"
)

// serveCMMS serves the stand-in until ctx ends.
func serveCMMS(ctx context.Context, s *standin.Server, l net.Listener) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("demo: the CMMS stand-in: %w", err)
	case <-ctx.Done():
	}
	err := server.Close()
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// close takes away all that was made.
func (h *hospital) close() (err error) {
	if h.cmmsAt != nil {
		_ = h.cmmsAt.Close() //nolint:errcheck // closed already where it was served
	}
	if h.wire != nil {
		err = h.wire.Close()
	}
	if h.dir != "" {
		err = errors.Join(err, os.RemoveAll(h.dir))
	}
	if err == nil && h.dir != "" {
		h.say.line("The demo has ended. Nothing is left of it.")
	}
	return err
}

// firstPassword is where the daemon leaves the first account's password.
func (h *hospital) firstPassword() (string, error) {
	raw, err := os.ReadFile(filepath.Join(h.dir, "first-password"))
	if err != nil {
		return "", fmt.Errorf("demo: the first password: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}
