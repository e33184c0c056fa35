// Package configs holds the files that ship inside the program (the reference
// configuration, the fingerprint rules, alert rules and a dashboard) and the
// strict decoder of the configuration file. Use it to read what the operator
// wrote; do not use it to act on it: nothing here touches the machine.
package configs

import "embed"

// Fingerprints holds the shipped knowledge base under "fingerprints/".
//
//go:embed fingerprints
var Fingerprints embed.FS

// Reference is the reference configuration: every key, its meaning, its default.
//
//go:embed auscult.yaml
var Reference []byte
