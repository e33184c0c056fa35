package astm

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// Bounds that tests speak of.
const (
	ExportedMaxField  = maxField
	ExportedMaxPassed = maxPassed
)

// Row is one row of the table as tests see it.
type Row struct {
	Example, Source, Maker, Model, Serial, Software string
}

// Rows reads the example of each row by the row itself, and tells how many rows
// claim it.
func Rows() (rows []Row, claims []int) {
	all := layouts()
	for _, l := range all {
		parts := strings.Split(strings.TrimSpace(l.example), "^")
		row := Row{Example: l.example, Source: l.source, Maker: l.maker + part(parts, l.brand), Model: part(parts, l.model),
			Serial: protocols.SerialText(part(parts, l.serial)), Software: versionOf(part(parts, l.software))}
		n := 0
		for i := range all {
			if all[i].fits(parts) {
				n++
			}
		}
		rows, claims = append(rows, row), append(claims, n)
	}
	return rows, claims
}
