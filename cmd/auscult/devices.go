package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// Bounds of cells in a table for people, in characters: a table of a usual
// inventory keeps to about 150 columns. csv and json cut nothing.
const (
	shownMaker    = 14
	shownModel    = 16
	shownSerial   = 14
	shownSoftware = 12
)

// printDevices writes the inventory: short cells for people, whole ones as csv.
func printDevices(f format, w io.Writer, objects []json.RawMessage) error {
	if *f.name == "csv" {
		return f.print(w, objects, deviceHead(), decoded(deviceRow))
	}
	if *f.name != "table" {
		return printLines(w, objects)
	}
	rows := [][]string{deviceTableHead()}
	for _, o := range objects {
		cells, err := decoded(deviceTableRow)(o)
		if err != nil {
			return fmt.Errorf("answer: %w; are the program and the daemon the same release?", err)
		}
		rows = append(rows, cells)
	}
	return printTable(w, withoutEmpty(rows))
}

// withoutEmpty leaves out columns in which no row says anything, such as the
// register's where none was imported.
func withoutEmpty(rows [][]string) [][]string {
	said := func(column int) bool {
		return len(rows) == 1 || slices.ContainsFunc(rows[1:], func(r []string) bool { return r[column] != "" })
	}
	all := make([][]string, len(rows))
	for column := range rows[0] {
		if !said(column) {
			continue
		}
		for i, r := range rows {
			all[i] = append(all[i], r[column])
		}
	}
	return all
}

func deviceHead() []string {
	return []string{"ID", "TYPE", "MANUFACTURER", "MODEL", "SERIAL", "SOFTWARE", "ADDRESS", "CONTROL", "MATCH", "USE", "FINDINGS",
		"ACTIVITY", "CAUTION", "VIA", "PARENT"}
}

// deviceRow is a row of csv. Columns are added behind, so that scripts which count
// them go on.
func deviceRow(d inventory.Device) []string {
	control, match := record(d)
	address := strings.Join(d.IPs, " ")
	if address == "" {
		address = string(d.Presence)
	}
	return []string{d.ID, string(d.Type), d.Manufacturer, d.Model, d.SerialNumber, strings.Join(d.SoftwareVersions, " "), address,
		control, match, string(d.Use.State), strconv.Itoa(len(d.Findings)), string(d.Use.Activity), string(d.Use.Caution), d.Via, d.Parent}
}

func deviceTableHead() []string {
	return []string{"ID", "TYPE", "USE", "CAUTION", "MANUFACTURER", "MODEL", "SERIAL", "SOFTWARE", "ADDRESS", "CONTROL", "MATCH", "FINDINGS"}
}

func deviceTableRow(d inventory.Device) []string {
	control, match := record(d)
	use := string(d.Use.State)
	if d.Use.Activity != "" {
		use += " " + string(d.Use.Activity)
	}
	return []string{d.ID, string(d.Type), use, string(d.Use.Caution), cut(d.Manufacturer, shownMaker), cut(d.Model, shownModel), cut(d.SerialNumber, shownSerial),
		cut(strings.Join(d.SoftwareVersions, " "), shownSoftware), reached(d), control, match, strconv.Itoa(len(d.Findings))}
}

func record(d inventory.Device) (control, match string) {
	if d.Asset == nil {
		return "", ""
	}
	return d.Asset.ControlNumber, string(d.Asset.Match.State)
}

// reached says in one cell where a device is found: the whole that it is a part of,
// the gateway that it is behind, else its first address and how many more it has.
func reached(d inventory.Device) string {
	switch {
	case d.Parent != "":
		return "part of " + d.Parent
	case d.Via != "":
		return string(d.Presence) + " " + d.Via
	case len(d.IPs) == 0:
		return string(d.Presence)
	case len(d.IPs) == 1:
		return d.IPs[0]
	}
	first := 0
	if i := slices.IndexFunc(d.IPs, func(ip string) bool { return !strings.Contains(ip, ":") }); i > 0 {
		first = i // the short form of an address is the one that people know
	}
	return d.IPs[first] + " +" + strconv.Itoa(len(d.IPs)-1)
}

// cut shortens text to n characters, the last of which says that more stood there.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimRight(string(r[:n-1]), " ") + "…"
	}
	return s
}
