package demo

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
	"github.com/auscult/auscult/sensor/daemon"
)

//go:embed sample/*.pcap sample/register/*.csv sample/advisories/*.json
var sample embed.FS

// The acts of the sample day, in their order.
const (
	Morning   = "morning.pcap"   // everybody is heard for the first time
	Round     = "round.pcap"     // what goes on while nobody does anything; it may be repeated
	Afternoon = "afternoon.pcap" // the therapy is over, a pump is mended, a missing one is back
)

// Acts lists the captures of the sample day in their order.
func Acts() []string { return []string{Morning, Round, Afternoon} }

// Capture returns one act as a capture file.
func Capture(act string) ([]byte, error) {
	body, err := sample.ReadFile(path.Join("sample", act))
	if err != nil {
		return nil, fmt.Errorf("sample capture: %w; choose one of %v", err, Acts())
	}
	return body, nil
}

// Canaries are the marks of the made-up patients in the captures: names, record
// numbers, births, accession, specimen and study numbers. None may be found in
// anything that the program writes (DESIGN.md, invariant 2).
func Canaries() []string {
	return []string{"ZZCANARY", "8847701", "19470703", "19610912", "19880104", "1947-07-03", "1961-09-12", "1988-01-04", "ZZACC-", "ZZSAMPLE-", "2.25.77000"}
}

// Therapy is what the sample devices deliver, and where: it stays on the page of
// those who may see it, and in the state file.
func Therapy() []string {
	return []string{"PACLitaxel", "Sodium chloride", "83 mL/h", "42 mL/h", "0407 B", "0409 A", "0411 A"}
}

// shot is one frame and when it comes, counted from the beginning of its act.
type shot struct {
	at       time.Duration
	recorded time.Time
	data     []byte
}

// reel reads an act. The first shot is at 0.
func reel(act string) ([]shot, error) {
	body, err := Capture(act)
	if err != nil {
		return nil, err
	}
	file, err := capture.NewFile(bytes.NewReader(body), act, &sensor.Tap{})
	if err != nil {
		return nil, fmt.Errorf("sample capture: %w", err)
	}
	var shots []shot
	var begin time.Time
	var f sensor.Frame
	for err = file.Next(&f); err == nil; err = file.Next(&f) {
		if begin.IsZero() {
			begin = f.When
		}
		shots = append(shots, shot{f.When.Sub(begin), f.When, bytes.Clone(f.Data)})
	}
	if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("sample capture: %w", err)
	}
	return shots, nil
}

// imports are the records of the hospital and the advisories, as the commands
// register import and feeds import would hand them over.
func imports(asOf time.Time) ([]daemon.Request, error) {
	var all []daemon.Request
	for _, kind := range []string{"assets", "history", "engineers"} {
		name := kind + ".csv"
		body, err := sample.ReadFile("sample/register/" + name)
		if err != nil {
			return nil, fmt.Errorf("sample register: %w", err)
		}
		all = append(all, daemon.Request{Op: "register.import", Args: map[string]string{"kind": kind, "as_of": asOf.UTC().Format(time.DateOnly)},
			Files: []daemon.File{{Name: name, Body: body}}})
	}
	feeds := daemon.Request{Op: "feeds.import"}
	err := fs.WalkDir(sample, "sample/advisories", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := sample.ReadFile(p)
		feeds.Files = append(feeds.Files, daemon.File{Name: path.Base(p), Body: body})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sample advisories: %w", err)
	}
	return append(all, feeds), nil
}
