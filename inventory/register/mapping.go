package register

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Mapping says how to read a file whose headers the program does not know. The
// zero value, like nil, leaves everything to the program.
type Mapping struct {
	// Columns gives the file's header for a canonical column.
	Columns map[string]string `yaml:"columns"`
	// Dates decides dates that can be read either way: "day-first" or
	// "month-first". What can be read only one way is read that way.
	Dates string `yaml:"dates"`
	// Delimiter is one of , ; | or "tab".
	Delimiter string `yaml:"delimiter"`
	// Encoding is utf-8, utf-16 or cp1252.
	Encoding string `yaml:"encoding"`
}

// maxMappingBytes bounds a mapping file: it has one line a column.
const maxMappingBytes = 64 << 10

// ReadMapping reads a mapping from YAML. An unknown key is an error.
func ReadMapping(name string, body io.Reader) (*Mapping, error) {
	raw, err := io.ReadAll(io.LimitReader(body, maxMappingBytes))
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", name, err)
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	var m Mapping
	if err := d.Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("mapping %s: %w; the keys are columns, dates, delimiter and encoding", name, err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("mapping %s: %w", name, err)
	}
	return &m, nil
}

func (m *Mapping) check() error {
	if m == nil {
		return nil
	}
	if !slices.Contains([]string{"", dayFirst, monthFirst}, m.Dates) {
		return fmt.Errorf("dates: %q; write %s or %s", m.Dates, dayFirst, monthFirst)
	}
	if _, ok := delimiterNamed(m.Delimiter); !ok && m.Delimiter != "" {
		return fmt.Errorf("delimiter: %q; write one of , ; | or tab", m.Delimiter)
	}
	if !slices.Contains([]string{"", utf8Name, utf16Name, cp1252Name}, m.Encoding) {
		return fmt.Errorf("encoding: %q; write %s, %s or %s", m.Encoding, utf8Name, utf16Name, cp1252Name)
	}
	return nil
}

// apply puts the mapping's columns in place of the recognised ones.
func (m *Mapping) apply(cols []column, header []string, found map[string]int) error {
	if m == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(m.Columns)) {
		if !slices.ContainsFunc(cols, func(c column) bool { return c.name == name }) {
			return fmt.Errorf("mapping: there is no column %q; the columns are %s", name, strings.Join(columnNames(cols), ", "))
		}
		i := slices.IndexFunc(header, func(h string) bool {
			return h == m.Columns[name] || headerKey(h) != "" && headerKey(h) == headerKey(m.Columns[name])
		})
		if i < 0 {
			return fmt.Errorf("mapping: no header %q for %s; the file has %s", m.Columns[name], name, shownHeaders(header))
		}
		for other, at := range found {
			if at == i {
				delete(found, other)
			}
		}
		found[name] = i
	}
	return nil
}

func columnNames(cols []column) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.name
	}
	return names
}

func delimiterNamed(s string) (rune, bool) {
	switch s {
	case ",", ";", "|", "\t":
		return rune(s[0]), true
	case "tab":
		return '\t', true
	}
	return 0, false
}

func delimiterName(r rune) string {
	switch r {
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	case '|':
		return "bar"
	}
	return "comma"
}
