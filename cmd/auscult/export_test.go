package main

import (
	"encoding/json"
	"io"
)

// PrintDevices writes an inventory as a command does.
func PrintDevices(w io.Writer, name string, objects []json.RawMessage) error {
	return printDevices(format{name: &name}, w, objects)
}
