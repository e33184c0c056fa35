package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"slices"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/sensor/daemon"
)

// indented is how a device is printed unless another format is asked for: one JSON
// object over many lines. Scripts rely on it.
const indented = "indented"

func deviceCommand() command {
	return command{"device", "ID [--format indented|json|text]", "show one device, by id, control number, serial, MAC, IP, AE title or host name; --format text is for people",
		func(fs *flag.FlagSet) action {
			w := whereFlags(fs)
			name := fs.String("format", indented, "print as `FORMAT`: indented or json, which is one object a line, or text, which is short")
			return func(ctx context.Context, s streams, args []string) error {
				switch f := (format{name, []string{indented, "json", "text"}}); {
				case f.check() != nil:
					return f.check()
				case *name == indented || len(args) != 1:
					return one(w, "device", "a device's id, control number, serial, MAC, IP, AE title or host name")(ctx, s, args)
				}
				objects, err := w.do(ctx, s, daemon.Request{Op: "device", Args: map[string]string{"id": args[0]}})
				if err != nil {
					return err
				}
				if *name == "json" {
					return printLines(s.out, objects)
				}
				return describeAll(ctx, w, s, objects)
			}
		}}
}

// describeAll writes devices for people, with what is wrong and what is done.
func describeAll(ctx context.Context, w where, s streams, objects []json.RawMessage) error {
	for _, raw := range objects {
		var d inventory.Device
		if err := json.Unmarshal(raw, &d); err != nil {
			return fmt.Errorf("answer: %w; are the program and the daemon the same release?", err)
		}
		findings, err := about(ctx, w, s, "findings", func(f remediation.Finding) bool { return slices.Contains(d.Findings, f.ID) })
		if err != nil {
			return err
		}
		orders, err := about(ctx, w, s, "orders", func(o remediation.WorkOrder) bool { return slices.Contains(d.Orders, o.ID) })
		if err != nil {
			return err
		}
		if err := describe(s.out, d, findings, orders); err != nil {
			return err
		}
	}
	return nil
}

// about asks for a list and keeps what is wanted. A list with nothing in it is none.
func about[T any](ctx context.Context, w where, s streams, op string, wanted func(T) bool) (kept []T, err error) {
	objects, err := w.do(ctx, s, daemon.Request{Op: op})
	if nothing := (*nothingError)(nil); errors.As(err, &nothing) {
		return nil, nil
	}
	for _, raw := range objects {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("answer: %w; are the program and the daemon the same release?", err)
		}
		if wanted(v) {
			kept = append(kept, v)
		}
	}
	return kept, err
}
