package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// maxRequest bounds a request over the socket: a register of 100,000 assets has
// about 40 MB, all public advisories about 60 MB, and JSON adds a third.
const maxRequest = 256 << 20

// controlMode lets the service's group speak to the daemon, and nobody else.
const controlMode = 0o660

// reply is an Answer or a refusal as it travels.
type reply struct {
	Answer
	Error string `json:"error,omitempty"`
	Kind  string `json:"kind,omitempty"` // usage | nothing | failed
}

// controlTask serves operations on a Unix socket at path.
func controlTask(path string, s Service) (task, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return task{}, fmt.Errorf("control socket: %w; create the folder or name another socket", err)
	}
	if c, err := net.Dial("unix", path); err == nil {
		return task{}, errors.Join(fmt.Errorf("control socket: another auscult answers at %s; stop it first, or name another socket in the configuration", path), c.Close())
	}
	if err := removeStale(path); err != nil {
		return task{}, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return task{}, fmt.Errorf("control socket: %w; name another one in the configuration", err)
	}
	if err := os.Chmod(path, controlMode); err != nil {
		return task{}, errors.Join(fmt.Errorf("control socket: %w", err), listener.Close())
	}
	server := &http.Server{Handler: controlHandler(s), ReadHeaderTimeout: 5 * time.Second, ConnContext: rememberPeer}
	return task{name: "control socket", run: func(ctx context.Context) error { return serveHTTP(ctx, server, listener) }}, nil
}

// removeStale removes a socket that a crash left behind and that would refuse the
// bind. Anything else in its place is somebody's file and stays.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("control socket: %s is there and is no socket; name another path in the configuration", path)
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		return fmt.Errorf("control socket: %w; remove it by hand", err)
	}
	return nil
}

// serveHTTP serves until ctx ends, then lets requests under way finish.
func serveHTTP(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime/2)
	defer cancel()
	err := server.Shutdown(grace)
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

type peerKey struct{}

// rememberPeer asks the kernel which account opened the connection.
func rememberPeer(ctx context.Context, c net.Conn) context.Context {
	name := "unknown"
	if u, ok := c.(*net.UnixConn); ok {
		if raw, err := u.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { // without it the name stays unknown
				if cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
					name = accountName(int(cred.Uid))
				}
			})
		}
	}
	return context.WithValue(ctx, peerKey{}, name)
}

func accountName(uid int) string {
	id := strconv.Itoa(uid)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "uid " + id
}

func controlHandler(s Service) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == backupPath {
			sendBackup(w, s)
			return
		}
		var req Request
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(&req); err != nil {
			send(w, Answer{}, usagef("request: %w", err))
			return
		}
		req.By, _ = r.Context().Value(peerKey{}).(string)
		a, err := s.Do(r.Context(), req)
		send(w, a, err)
	})
}

func send(w http.ResponseWriter, a Answer, err error) {
	out := reply{Answer: a}
	switch {
	case errors.Is(err, ErrUsage):
		out.Error, out.Kind = err.Error(), "usage"
	case errors.Is(err, ErrNothing):
		out.Error, out.Kind = err.Error(), "nothing"
	case err != nil:
		out.Error, out.Kind = err.Error(), "failed"
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // the client is gone
}

// Client speaks to a running daemon.
type Client struct {
	http   *http.Client
	socket string
}

// Dial returns a client for the daemon at a socket. It does not connect yet.
func Dial(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	return &Client{http: &http.Client{Transport: &http.Transport{DialContext: dial}}, socket: socket}
}

// Do implements Service.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return Answer{}, fmt.Errorf("request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://auscult/", bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("no daemon answers at %s: %w; start it, or name a state file with --state", c.socket, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end
	var out reply
	if err := json.NewDecoder(io.LimitReader(resp.Body, 4*maxRequest)).Decode(&out); err != nil {
		return Answer{}, fmt.Errorf("answer of the daemon at %s: %w; are both the same release?", c.socket, err)
	}
	switch out.Kind {
	case "usage":
		return out.Answer, usagef("%s", out.Error)
	case "nothing":
		return out.Answer, nothingf("%s", out.Error)
	case "failed":
		return out.Answer, errors.New(out.Error)
	}
	return out.Answer, nil
}
