package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor/daemon"
)

func registerCommand() command {
	return command{"register", "import --kind KIND FILE | matches | confirm|reject CONTROL DEVICE | merge|split CONTROL CONTROL | report",
		"import the hospital's records, see what they match, decide, and see what is wrong with them",
		func(fs *flag.FlagSet) action {
			w, f := whereFlags(fs), formatFlag(fs, "table", "json", "csv")
			kind := fs.String("kind", "", "what the file holds: assets, history or engineers (`KIND`)")
			mapping := fs.String("map", "", "a mapping `FILE` that names the columns")
			reason := fs.String("reason", "", "why, for the record of decisions (`TEXT`)")
			asOf := fs.String("as-of", "", "the `DATE` of the export, YYYY-MM-DD (default: the file's time)")
			return func(ctx context.Context, s streams, args []string) error {
				if len(args) == 0 {
					return usagef("register: want import, matches, confirm, reject, split, merge or report")
				}
				verbs := []string{"import", "matches", "confirm", "reject", "split", "merge", "report"}
				if !slices.Contains(verbs, args[0]) {
					return usagef("register: unknown %q; the nearest is %q", args[0], configs.Nearest(args[0], verbs))
				}
				if err := f.check(); err != nil {
					return err
				}
				r := daemon.Request{Op: "register." + args[0], Args: map[string]string{"kind": *kind, "reason": *reason, "as_of": *asOf}}
				switch args[0] {
				case "import":
					return importRecords(ctx, s, w, r, *mapping, args[1:])
				case "matches":
					objects, err := w.do(ctx, s, r)
					if err != nil {
						return err
					}
					return f.print(s.out, objects, []string{"CONTROL", "STATE", "SCORE", "DEVICE", "ON", "SAYS"}, decoded(matchRow))
				case "report":
					objects, err := w.do(ctx, s, r)
					if err != nil {
						return err
					}
					return f.print(s.out, objects, []string{"CODE", "ROW", "SAYS"}, decoded(defectRow))
				}
				if len(args) != 3 {
					what := "a control number and a device"
					if args[0] == "merge" || args[0] == "split" {
						what = "two control numbers"
					}
					return usagef("register %s: want %s", args[0], what)
				}
				r.Args["control"], r.Args["device"] = args[1], args[2]
				_, err := w.do(ctx, s, r)
				return err
			}
		}}
}

func importRecords(ctx context.Context, s streams, w where, r daemon.Request, mapping string, args []string) error {
	if len(args) != 1 {
		return usagef("register import: want one file, got %d", len(args))
	}
	if r.Args["kind"] == "" {
		return usagef("register import: want --kind assets, history or engineers")
	}
	f, err := readFile(s, args[0])
	if err != nil {
		return err
	}
	r.Files = []daemon.File{f}
	if r.Args["as_of"] == "" {
		if info, err := os.Stat(args[0]); err == nil {
			r.Args["as_of"] = info.ModTime().UTC().Format("2006-01-02T15:04:05Z")
		}
	}
	if mapping != "" {
		m, err := readFile(s, mapping)
		if err != nil {
			return err
		}
		r.Files = append(r.Files, m)
	}
	_, err = w.do(ctx, s, r)
	return err
}

func readFile(s streams, path string) (daemon.File, error) {
	if path == "-" {
		body, err := io.ReadAll(s.in)
		if err != nil {
			return daemon.File{}, fmt.Errorf("standard input: %w", err)
		}
		return daemon.File{Name: "standard input", Body: body}, nil
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return daemon.File{}, fmt.Errorf("%w; name a readable file", err)
	}
	return daemon.File{Name: filepath.Base(path), Body: body}, nil
}

func feedsCommand() command {
	return command{"feeds", "import PATH... | list", "import advisories and catalogues from files and folders, or list what is known and how old it is",
		func(fs *flag.FlagSet) action {
			w, f := whereFlags(fs), formatFlag(fs, "table", "json", "csv")
			return func(ctx context.Context, s streams, args []string) error {
				if err := f.check(); err != nil {
					return err
				}
				switch {
				case len(args) == 1 && args[0] == "list":
					objects, err := w.do(ctx, s, daemon.Request{Op: "feeds.list"})
					if err != nil {
						return err
					}
					return f.print(s.out, objects, []string{"FEED", "COUNT", "AS OF", "IMPORTED"}, decoded(feedRow))
				case len(args) > 1 && args[0] == "import":
					files, err := feedFiles(s, args[1:])
					if err != nil {
						return err
					}
					_, err = w.do(ctx, s, daemon.Request{Op: "feeds.import", Files: files})
					return err
				}
				return usagef("feeds: want list, or import with at least one file or folder")
			}
		}}
}

// feedFiles reads the named files, and below named folders every JSON file. A
// file that was named must be a feed; one that was found may be something else.
func feedFiles(s streams, paths []string) ([]daemon.File, error) {
	var files []daemon.File
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, fmt.Errorf("%w; name a file or a folder", err)
		}
		if !info.IsDir() {
			f, err := readFile(s, p)
			if err != nil {
				return nil, err
			}
			f.Name = p
			files = append(files, f)
			continue
		}
		err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
				return err
			}
			f, err := readFile(s, path)
			f.Name = daemon.FoundPrefix + path
			files = append(files, f)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

func cmmsCommand() command {
	return command{"cmms", "test", "check the way to the CMMS without creating anything",
		func(fs *flag.FlagSet) action {
			w := whereFlags(fs)
			return func(ctx context.Context, s streams, args []string) error {
				if len(args) != 1 || args[0] != "test" {
					return usagef("cmms: want test")
				}
				_, err := w.do(ctx, s, daemon.Request{Op: "cmms.test"})
				return err
			}
		}}
}
