package fingerprint

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// RegistryFiles are the names under which the IEEE publishes its registries, and
// under which Debian's package ieee-data installs them: MA-L (24 bits), MA-M
// (28), MA-S (36), and the closed IAB (36).
func RegistryFiles() []string { return []string{"oui.csv", "mam.csv", "oui36.csv", "iab.csv"} }

// maxRegistry bounds one registry file; the largest published has 4 MiB.
const maxRegistry = 64 << 20

// blockDigits are the lengths of a block in hexadecimal digits, the longest first
// (IEEE Registration Authority: MA-S, MA-M, MA-L).
var blockDigits = [...]int{9, 7, 6}

// prefixTable maps blocks, in upper-case hexadecimal digits, to their owner.
type prefixTable map[string]string

// find returns the owner of the longest block that holds the address.
func (t prefixTable) find(m protocols.MAC) string {
	digits := strings.ToUpper(strings.ReplaceAll(m.String(), ":", ""))
	for _, n := range blockDigits {
		if owner, ok := t[digits[:n]]; ok {
			return owner
		}
	}
	return ""
}

// block checks and folds a block as people write it.
func block(s string) (string, error) {
	digits := strings.ToUpper(strings.NewReplacer(":", "", "-", "", ".", "").Replace(strings.TrimSpace(s)))
	if n := len(digits); n != 6 && n != 7 && n != 9 {
		return "", fmt.Errorf("MAC block %q: want 6, 7 or 9 hexadecimal digits", s)
	}
	if strings.Trim(digits, "0123456789ABCDEF") != "" {
		return "", fmt.Errorf("MAC block %q: want hexadecimal digits only", s)
	}
	return digits, nil
}

func (b *Base) buildPrefixes() error {
	var errs []error
	for _, rule := range b.rules.Prefixes {
		b.parts[rule.Vendor] = b.parts[rule.Vendor] || rule.Part
		for _, s := range rule.Blocks {
			digits, err := block(s)
			if err != nil {
				errs = append(errs, fmt.Errorf("prefixes: %s: %w", rule.Vendor, err))
				continue
			}
			if other, ok := b.prefixes[digits]; ok && other != rule.Vendor {
				errs = append(errs, fmt.Errorf("prefixes: %s belongs to both %q and %q; keep one", s, other, rule.Vendor))
			}
			b.prefixes[digits] = rule.Vendor
		}
	}
	return errors.Join(errs...)
}

// Vendor implements inventory.Lexicon. A locally administered or group address
// has no maker.
func (b *Base) Vendor(mac string) string {
	m, err := protocols.ParseMAC(mac)
	if err != nil || m.IsLocal() || m.IsGroup() {
		return ""
	}
	owner := b.prefixes.find(m)
	if canonical, ok := b.makers[maker(owner)]; ok {
		return canonical
	}
	return owner
}

// byPrefix is how sure the maker of an interface is the maker of the device: the
// least of all, because makers buy their interfaces and computers.
const byPrefix = 0.3

// impliedByMAC names the maker of the interface as the likely maker of the device,
// where it is a maker of devices.
func (b *Base) impliedByMAC(mac string) []inventory.Implied {
	vendor := b.Vendor(mac)
	if _, known := b.makers[maker(vendor)]; vendor == "" || !known || b.parts[vendor] {
		return nil
	}
	return []inventory.Implied{{Attribute: protocols.Manufacturer, Value: vendor, Confidence: byPrefix}}
}

// impliedByEUI tells the maker by a device's EUI-64, which begins with a block of the
// same registers as a MAC address does (IEEE Registration Authority, "Guidelines for use
// of EUI").
func (b *Base) impliedByEUI(eui string) []inventory.Implied {
	if len(eui) != 16 {
		return nil
	}
	octets := make([]string, 6)
	for i := range octets {
		octets[i] = eui[2*i : 2*i+2]
	}
	return b.impliedByMAC(strings.Join(octets, ":"))
}

// WithRegistry returns a knowledge base that also knows the IEEE registry files
// in fsys (see RegistryFiles), and how many blocks were read. The rules' own
// blocks win. Files that are not there are passed over; b is not changed.
func (b *Base) WithRegistry(fsys fs.FS) (*Base, int, error) {
	read := prefixTable{}
	for _, name := range RegistryFiles() {
		f, err := fsys.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, 0, fmt.Errorf("open MAC registry: %w", err)
		}
		err = readRegistry(name, io.LimitReader(f, maxRegistry), read)
		if closing := f.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return nil, 0, err
		}
	}
	n := len(read)
	maps.Copy(read, b.prefixes)
	widened := *b
	widened.prefixes = read
	return &widened, n, nil
}

// readRegistry reads one IEEE file: Registry, Assignment, Organization Name.
func readRegistry(name string, r io.Reader, into prefixTable) error {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = -1
	rows.LazyQuotes = true
	rows.ReuseRecord = true
	for first := true; ; first = false {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("MAC registry %s: %w; download the file again", name, err)
		}
		line, _ := rows.FieldPos(0)
		if first && (len(row) < 3 || row[1] != "Assignment") {
			return fmt.Errorf("MAC registry %s:%d: not an IEEE registry (want Registry,Assignment,Organization Name); download the file again", name, line)
		}
		if first {
			continue
		}
		digits, err := block(at(row, 1))
		if err != nil {
			return fmt.Errorf("MAC registry %s:%d: %w", name, line, err)
		}
		if owner := strings.TrimSpace(at(row, 2)); owner != "" && owner != "Private" {
			into[digits] = owner
		}
	}
}

func at(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}
