package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Request is one operation that a command asks for: of the running daemon
// through its socket, or of a state file.
type Request struct {
	Op    string            `json:"op"`
	Args  map[string]string `json:"args,omitempty"`
	Files []File            `json:"files,omitempty"`
	// By is the account that asks. Over the socket the kernel says who it is.
	By string `json:"by,omitempty"`
}

// File is a file that an operation reads.
type File struct {
	Name string `json:"name"`
	Body []byte `json:"body"`
}

// Answer is what an operation gives: objects for standard output, one a line,
// and sentences for a person.
type Answer struct {
	Objects []json.RawMessage `json:"objects,omitempty"`
	Says    []string          `json:"says,omitempty"`
}

// Service does operations: a House itself, or a Client that speaks to one.
type Service interface {
	Do(ctx context.Context, r Request) (Answer, error)
	// Backup writes a consistent copy of the state.
	Backup(ctx context.Context, w io.Writer) error
}

// Sentinels that decide the exit status.
var (
	// ErrUsage: what was asked is not possible; the message says what is.
	ErrUsage = errors.New("wrong usage")
	// ErrNothing: nothing matched.
	ErrNothing = errors.New("nothing matched")
)

// refusal is an error that says one thing and is of one kind: the kind decides the
// exit status and does not stand in the message.
type refusal struct {
	err  error
	kind error // ErrUsage, ErrNothing, or nil
}

func (r *refusal) Error() string { return r.err.Error() }

// Unwrap gives both the cause and the kind.
func (r *refusal) Unwrap() []error {
	if r.kind == nil {
		return []error{r.err}
	}
	return []error{r.err, r.kind}
}

func usagef(format string, args ...any) error {
	return &refusal{fmt.Errorf(format, args...), ErrUsage}
}

func nothingf(format string, args ...any) error {
	return &refusal{fmt.Errorf(format, args...), ErrNothing}
}

// add appends v as one object.
func (a *Answer) add(v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	a.Objects = append(a.Objects, raw)
	return nil
}

func (a *Answer) say(format string, args ...any) {
	a.Says = append(a.Says, fmt.Sprintf(format, args...))
}

// answer makes one object of each element.
func answer[T any](list []T) (Answer, error) {
	var a Answer
	for _, v := range list {
		if err := a.add(v); err != nil {
			return Answer{}, err
		}
	}
	return a, nil
}
