package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// MaxFile bounds a configuration file: the reference has 4 KB, and a site with
// MaxTaps taps and a hundred rules stays far below 1 MiB.
const MaxFile = 1 << 20

// Fault is one thing wrong with a configuration file.
type Fault struct {
	File string
	Line int
	Says string // what is wrong and what would be right
}

func (f *Fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Says) }

// Load reads and validates the file at path. Every fault in it is reported; on
// any, the returned Config is the zero value.
func Load(path string) (Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w; name a readable file with --config", err)
	}
	defer func() { _ = f.Close() }() // read only
	return Decode(path, f)
}

// Decode reads and validates a configuration. name stands in the errors.
func Decode(name string, r io.Reader) (Config, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return Config{}, fmt.Errorf("configuration %s: %w", name, err)
	}
	if len(text) > MaxFile {
		return Config{}, fmt.Errorf("configuration %s: longer than %d bytes; is it the right file?", name, MaxFile)
	}
	c := Default()
	lines, err := strict(name, text, &c)
	if err != nil {
		return Config{}, err
	}
	for i := range c.Taps {
		c.Taps[i].fill()
	}
	if err := c.validate(name, lines); err != nil {
		return Config{}, err
	}
	return c, nil
}

// fill sets what a tap leaves out: a list has no defaults of its own.
func (t *Tap) fill() {
	if t.Directions == "" {
		t.Directions = "both"
	}
	if t.Shunt == "" {
		t.Shunt = "auto"
	}
}

// strict decodes YAML into the struct that into points to. An unknown key, a
// key given twice, a wrong type, or a value out of range is a Fault. It says in which
// line the value of each key stands.
func strict(name string, text []byte, into any) (lines map[string]int, err error) {
	var doc yaml.Node
	err = yaml.NewDecoder(bytes.NewReader(text)).Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil, nil // an empty file: all defaults
	}
	if err != nil {
		return nil, yamlFault(name, err)
	}
	d := decoder{file: name, lines: map[string]int{}}
	d.value(doc.Content[0], reflect.ValueOf(into).Elem(), "", "")
	return d.lines, errors.Join(d.faults...)
}

// yamlFault gives a syntax error the shape of all others.
func yamlFault(name string, err error) error {
	says := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if rest, ok := strings.CutPrefix(says, "line "); ok {
		if _, scanErr := fmt.Sscanf(rest, "%d:", &line); scanErr == nil {
			_, says, _ = strings.Cut(rest, ": ")
		}
	}
	return &Fault{File: name, Line: line, Says: "not YAML: " + says + "; check indentation and colons"}
}
