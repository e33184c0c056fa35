package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strings"

	"github.com/auscult/auscult/sensor/daemon"
)

func devicesCommand() command {
	return command{"devices", "[--format table|json|csv|fhir] [FILTER...]", "list the inventory; words must all fit, type:ct use:in-use unit:icu look at one field",
		func(fs *flag.FlagSet) action {
			w, f := whereFlags(fs), formatFlag(fs, "table", "json", "csv", "fhir")
			return func(ctx context.Context, s streams, args []string) error {
				if err := f.check(); err != nil {
					return err
				}
				op := "devices"
				if *f.name == "fhir" {
					op = "fhir"
				}
				objects, err := w.do(ctx, s, daemon.Request{Op: op, Args: map[string]string{"q": strings.Join(args, " ")}})
				if err != nil {
					return err
				}
				return printDevices(f, s.out, objects)
			}
		}}
}

// one runs an operation on one named thing and prints it indented.
func one(w where, op, what string) action {
	return func(ctx context.Context, s streams, args []string) error {
		if len(args) != 1 {
			return usagef("%s: want %s", op, what)
		}
		objects, err := w.do(ctx, s, daemon.Request{Op: op, Args: map[string]string{"id": args[0]}})
		if err != nil {
			return err
		}
		return printIndented(s, objects)
	}
}

func printIndented(s streams, objects []json.RawMessage) error {
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	for _, o := range objects {
		if err := e.Encode(o); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	return nil
}

// list makes a command that prints one list.
func list(name, summary, op string, head func() []string, row func(json.RawMessage) ([]string, error)) command {
	return command{name, "[--format table|json|csv]", summary, func(fs *flag.FlagSet) action {
		w, f := whereFlags(fs), formatFlag(fs, "table", "json", "csv")
		return func(ctx context.Context, s streams, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if len(args) > 0 {
				return usagef("%s: takes no arguments, got %q", name, args[0])
			}
			objects, err := w.do(ctx, s, daemon.Request{Op: op})
			if err != nil {
				return err
			}
			return f.print(s.out, objects, head(), row)
		}
	}}
}

func findingsCommand() command {
	return list("findings", "list what is wrong with which device, and why", "findings", findingHead, decoded(findingRow))
}

func ordersCommand() command {
	return list("orders", "list what is being done, what waits and why", "orders", orderHead, decoded(orderRow))
}

func orderCommand() command {
	verbs := []string{"send", "attest", "hold", "release", "cancel", "retry"}
	return command{"order", "ID [" + strings.Join(verbs, "|") + "] [--reason TEXT]", "show one order, or decide something about it",
		func(fs *flag.FlagSet) action {
			w := whereFlags(fs)
			reason := fs.String("reason", "", "why, for the record of decisions; no patient's name (`TEXT`)")
			return func(ctx context.Context, s streams, args []string) error {
				if len(args) == 2 {
					_, err := w.do(ctx, s, daemon.Request{Op: "order." + args[1], Args: map[string]string{"id": args[0], "reason": *reason}})
					return err
				}
				return one(w, "order", "an order's id or its number in the CMMS, and perhaps one of "+strings.Join(verbs, ", "))(ctx, s, args)
			}
		}}
}

func auditCommand() command {
	return command{"audit", "[verify]", "list the recorded decisions, or check that none was altered",
		func(fs *flag.FlagSet) action {
			w, f := whereFlags(fs), formatFlag(fs, "table", "json", "csv")
			return func(ctx context.Context, s streams, args []string) error {
				if err := f.check(); err != nil {
					return err
				}
				if len(args) == 1 && args[0] == "verify" {
					_, err := w.do(ctx, s, daemon.Request{Op: "audit.verify"})
					return err
				}
				if len(args) > 0 {
					return usagef("audit: want nothing or verify, got %q", args[0])
				}
				objects, err := w.do(ctx, s, daemon.Request{Op: "audit"})
				if err != nil {
					return err
				}
				return f.print(s.out, objects, []string{"NO", "WHEN", "WHO", "WHAT", "SUBJECT", "WHY"}, decoded(auditRow))
			}
		}}
}
