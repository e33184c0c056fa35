package fingerprint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

// maxRuleFile bounds one rule file: the shipped ones have under 64 KiB together.
const maxRuleFile = 4 << 20

// Load reads every *.yaml file at the top of fsys in name order, checks all of
// it, and plays the rules' own examples. It returns either a whole knowledge base
// or an error that names file, line and remedy; nothing is half-loaded.
func Load(fsys fs.FS) (*Base, error) {
	b, err := Shipped(fsys)
	if err != nil {
		return nil, err
	}
	if err := b.SelfTest(); err != nil {
		return nil, fmt.Errorf("fingerprint rules disagree with their own examples: %w", err)
	}
	return b, nil
}

// Shipped is Load without the examples: for the rules inside the program, which its
// tests have played already. They are a fifth of what starting costs.
func Shipped(fsys fs.FS) (*Base, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list fingerprint rules: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("no fingerprint rules (*.yaml) found; install the package's configuration files again")
	}
	slices.Sort(names)
	b := newBase()
	for i, f := range readAll(fsys, names) {
		if f.err != nil {
			return nil, f.err
		}
		if err := b.add(names[i], f.rules); err != nil {
			return nil, err
		}
	}
	if err := b.build(); err != nil {
		return nil, err
	}
	return b, nil
}

// readRules is what came of reading one file.
type readRules struct {
	rules *ruleFile
	err   error
}

// readAll reads the files beside each other, because reading YAML is most of what
// starting costs. The answers stand in the order of the names.
func readAll(fsys fs.FS, names []string) []readRules {
	all := make([]readRules, len(names))
	var files sync.WaitGroup
	for i, name := range names {
		files.Go(func() { all[i].rules, all[i].err = readFile(fsys, name) })
	}
	files.Wait()
	return all
}

func readFile(fsys fs.FS, name string) (*ruleFile, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open fingerprint rules: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxRuleFile+1))
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, fmt.Errorf("read fingerprint rules %s: %w", name, err)
	}
	if len(data) > maxRuleFile {
		return nil, fmt.Errorf("fingerprint rules %s: more than %d bytes; split the file", name, maxRuleFile)
	}
	return decode(name, data)
}

// decode reads one file strictly: an unknown key is an error.
func decode(name string, data []byte) (*ruleFile, error) {
	var rules ruleFile
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&rules); err != nil && !errors.Is(err, io.EOF) {
		return nil, explain(name, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one YAML document; keep one in a file", path.Base(name))
	}
	return &rules, nil
}

var unknownField = regexp.MustCompile(`line (\d+): field (\S+) not found in type fingerprint\.(\w+)`)

// explain turns the decoder's words into file, line and the nearest known key.
func explain(name string, err error) error {
	if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("%s:%s: unknown key %q; did you mean %q?", path.Base(name), m[1], m[2], nearest(m[2], keysOf(m[3])))
	}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	return fmt.Errorf("%s: %s; correct the file", path.Base(name), strings.ReplaceAll(text, "\n", " "))
}

// keysOf lists the YAML keys of one of the rule types.
func keysOf(typeName string) []string {
	kinds := map[string]reflect.Type{}
	for _, t := range []reflect.Type{reflect.TypeFor[ruleFile](), reflect.TypeFor[greetingRule]()} {
		kinds[t.Name()] = t
		for i := range t.NumField() {
			if field := t.Field(i).Type; field.Kind() == reflect.Slice {
				kinds[field.Elem().Name()] = field.Elem()
			}
		}
	}
	var keys []string
	if kind, ok := kinds[typeName]; ok && kind.Kind() == reflect.Struct {
		for i := range kind.NumField() {
			keys = append(keys, kind.Field(i).Tag.Get("yaml"))
		}
	}
	return keys
}

// where names a rule in an error: file, section and ordinal from 1.
func where(name, section string, i int) string {
	return path.Base(name) + ": " + section + " rule " + strconv.Itoa(i+1)
}
