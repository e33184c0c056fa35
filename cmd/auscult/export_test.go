package main

import (
	"encoding/json"
	"io"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// PrintDevices writes an inventory as a command does.
func PrintDevices(w io.Writer, name string, objects []json.RawMessage) error {
	return printDevices(format{name: &name}, w, objects)
}

// Describe writes one device for people.
func Describe(w io.Writer, d inventory.Device, findings []remediation.Finding, orders []remediation.WorkOrder) error {
	return describe(w, d, findings, orders)
}
