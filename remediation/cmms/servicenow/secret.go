package servicenow

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSecret bounds a secret file, in bytes: passwords and client secrets are far
// shorter, and a wrong path may lead to something huge.
const maxSecret = 4096

// Secret is a password that cannot print itself, whatever the verb or encoder.
// The zero value is empty.
type Secret struct {
	// A pointer, so that even printing a struct that holds a Secret in an
	// unexported field, where fmt calls no methods, shows an address only.
	value *string
}

const hidden = "hidden"

// NewSecret hides s.
func NewSecret(s string) Secret { return Secret{value: &s} }

// ReadSecret reads a secret from a file, without the line end that editors add.
func ReadSecret(path string) (Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return Secret{}, fmt.Errorf("secret file: %w; create it, readable for this program only", err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return Secret{}, fmt.Errorf("secret file: %w", err)
	}
	s := strings.TrimRight(string(b), "\r\n")
	if s == "" || len(b) > maxSecret {
		return Secret{}, fmt.Errorf("secret file %s: it is empty or longer than %d bytes; put the secret alone into it", path, maxSecret)
	}
	return NewSecret(s), nil
}

func (s Secret) reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether there is no secret.
func (s Secret) Empty() bool { return s.reveal() == "" }

// String implements fmt.Stringer.
func (s Secret) String() string { return hidden }

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return hidden }

// Format implements fmt.Formatter, for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalJSON implements json.Marshaler.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalText implements encoding.TextMarshaler, which YAML and slog use too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
