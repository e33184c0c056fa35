package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxQuote bounds a quotation from a feed in a sentence.
const maxQuote = 120

// cut shortens s to n bytes at a rune's edge.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimSpace(s[:n]) + "…"
}

// advisory is one CSAF document as findings use it.
type advisory struct {
	ID        string
	Revision  string // document.tracking.version
	Title     string
	Publisher string
	Released  time.Time
	byMaker   bool // the publisher is the maker of the products

	products map[string]*product
	order    []string // product ids as they stand in the file
	groups   map[string][]string
	vulns    []vulnerability
}

// product is one leaf of the product tree, with the names above it.
type product struct {
	id       string
	vendors  []string
	names    []string // family and product, as the tree nests them
	full     string   // full_product_name.name
	versions []string // version, range, service pack and patch level
	helper   csafHelper
	part     string // what the relationship says, when this is a product on another
}

// vulnerability is one entry of the advisory's list.
type vulnerability struct {
	cve      string
	status   map[string][]string // product ids by product status (CSAF 2.0, 3.2.3.9)
	flags    map[string]string   // justification by product id
	remedies []remedy
	scores   map[string]float64 // base score by product id
}

// remedy is one remediation with the products that it is for; none named means all.
type remedy struct {
	category string
	text     string
	products []string
}

// title drops the advisory's own number from the front of its title.
func title(id, s string) string {
	rest, ok := strings.CutPrefix(s, id)
	if !ok {
		return s
	}
	return strings.TrimLeft(rest, " _-:")
}

// newer reports how this revision stands to another of the same advisory: by
// tracking.version (integer or semantic versioning: CSAF 2.0, 3.1.11), then by
// release date.
func (a *advisory) newer(b *advisory) int {
	return cmp.Or(compareRevisions(a.Revision, b.Revision), a.Released.Compare(b.Released))
}

func compareRevisions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		var x, y int
		if i < len(as) {
			x, _ = strconv.Atoi(strings.TrimRight(as[i], "+-abcdefghijklmnopqrstuvwxyz"))
		}
		if i < len(bs) {
			y, _ = strconv.Atoi(strings.TrimRight(bs[i], "+-abcdefghijklmnopqrstuvwxyz"))
		}
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// addProducts walks the product tree (CSAF 2.0, 3.2.2).
func (a *advisory) addProducts(f *csafFile) error {
	for i := range f.ProductTree.Branches {
		path := fmt.Sprintf("product_tree.branches[%d]", i)
		if err := a.walk(&f.ProductTree.Branches[i], product{}, path, 0); err != nil {
			return err
		}
	}
	for i := range f.ProductTree.FullProductNames {
		p := &f.ProductTree.FullProductNames[i]
		if err := a.add(product{}, p, fmt.Sprintf("product_tree.full_product_names[%d]", i)); err != nil {
			return err
		}
	}
	for i := range f.ProductTree.Relationships {
		if err := a.relate(&f.ProductTree.Relationships[i], fmt.Sprintf("product_tree.relationships[%d]", i)); err != nil {
			return err
		}
	}
	a.groups = map[string][]string{}
	for i, g := range f.ProductTree.ProductGroups {
		if err := a.known(g.ProductIDs, fmt.Sprintf("product_tree.product_groups[%d]", i)); err != nil {
			return err
		}
		a.groups[g.GroupID] = g.ProductIDs
	}
	return nil
}

// walk descends one branch. Categories may nest in any order (3.1.2.2).
func (a *advisory) walk(b *csafBranch, above product, path string, depth int) error {
	if depth >= maxBranchDepth {
		return fmt.Errorf("%s: branches nest deeper than %d", path, maxBranchDepth)
	}
	here := above
	switch b.Category {
	case "vendor":
		here.vendors = append(slices.Clone(above.vendors), b.Name)
	case "product_family", "product_name":
		here.names = append(slices.Clone(above.names), b.Name)
	case "product_version", "product_version_range", "service_pack", "patch_level":
		here.versions = append(slices.Clone(above.versions), b.Name)
	case "architecture", "host_name", "language", "legacy", "specification":
	default:
		return fmt.Errorf("%s.category %q is not a CSAF 2.0 branch category", path, cut(b.Category, maxQuote))
	}
	if b.Product != nil {
		if err := a.add(here, b.Product, path+".product"); err != nil {
			return err
		}
	}
	for i := range b.Branches {
		if err := a.walk(&b.Branches[i], here, fmt.Sprintf("%s.branches[%d]", path, i), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (a *advisory) add(p product, full *csafProduct, path string) error {
	switch {
	case full.ProductID == "" || full.Name == "":
		return fmt.Errorf("%s needs a name and a product_id", path)
	case a.products[full.ProductID] != nil:
		return fmt.Errorf("%s: product_id %q is used twice", path, cut(full.ProductID, maxQuote))
	case len(a.order) >= maxProducts:
		return fmt.Errorf("%s: more than %d products", path, maxProducts)
	}
	p.id, p.full, p.helper = full.ProductID, full.Name, full.Helper
	if len(p.names) == 0 {
		p.names = []string{full.Name}
	}
	a.products[p.id] = &p
	a.order = append(a.order, p.id)
	return nil
}

// relate adds a product that is another product on, in or with a third
// (3.2.2.4): the device is the one it relates to, the version the component's.
func (a *advisory) relate(r *csafRelationship, path string) error {
	component, host := a.products[r.Reference], a.products[r.RelatesTo]
	if component == nil || host == nil {
		return fmt.Errorf("%s names a product_id that the tree does not have", path)
	}
	p := product{vendors: host.vendors, names: host.names, versions: component.versions}
	p.part = fmt.Sprintf("%s %s %s", component.full, strings.ReplaceAll(r.Category, "_", " "), host.full)
	if len(p.versions) == 0 {
		p.versions = host.versions
	}
	helper := r.Product.Helper
	if len(helper.ModelNumbers)+len(helper.SerialNumbers) == 0 {
		helper = host.helper
	}
	full := r.Product
	full.Helper = helper
	return a.add(p, &full, path+".full_product_name")
}

// known checks that every product id exists in the tree.
func (a *advisory) known(ids []string, path string) error {
	for _, id := range ids {
		if a.products[id] == nil {
			return fmt.Errorf("%s names product_id %q, which the product tree does not have", path, cut(id, maxQuote))
		}
	}
	return nil
}

// optional reports whether a relationship speaks of something that not every
// such device has.
func (p *product) optional() bool {
	return strings.Contains(p.part, "optional component of") || strings.Contains(p.part, "external component of")
}

// rangeText is the version text as the advisory writes it.
func (p *product) rangeText() string { return strings.Join(p.versions, " ") }

// name is the product text without its version.
func (p *product) name() string { return strings.Join(p.names, " ") }
