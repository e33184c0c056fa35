package configs

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// decoder walks a YAML tree and a Go value together and collects faults.
type decoder struct {
	file   string
	lines  map[string]int // where each key that was read stands, as faults name it: taps[1].interface
	faults []error
}

func (d *decoder) fault(n *yaml.Node, format string, args ...any) {
	d.faults = append(d.faults, &Fault{File: d.file, Line: n.Line, Says: fmt.Sprintf(format, args...)})
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	addrPortType = reflect.TypeFor[netip.AddrPort]()
)

// value sets v from n. key names it in faults; tag holds its bounds.
func (d *decoder) value(n *yaml.Node, v reflect.Value, key string, tag reflect.StructTag) {
	if n.Kind == yaml.AliasNode {
		d.fault(n, "%s: an alias; write the value out", key)
		return
	}
	switch {
	case v.Type() == durationType:
		d.duration(n, v, key, tag)
	case v.Type() == addrPortType:
		d.address(n, v, key)
	case v.Kind() == reflect.Struct:
		d.mapping(n, v, key)
	case v.Kind() == reflect.Slice:
		d.sequence(n, v, key, tag)
	default:
		d.scalar(n, v, key, tag)
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, key string) {
	if n.Kind != yaml.MappingNode {
		if n.Tag == "!!null" {
			return // "web:" with everything commented out keeps the defaults
		}
		d.fault(n, "%s: want keys with values, got %s", orTop(key), kind(n))
		return
	}
	fields := map[string]reflect.StructField{}
	var names []string
	for _, f := range reflect.VisibleFields(v.Type()) {
		name := f.Tag.Get("yaml")
		fields[name] = f
		names = append(names, name)
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		f, ok := fields[k.Value]
		if !ok {
			d.fault(k, "unknown key %q%s; the nearest is %q", k.Value, in(key), Nearest(k.Value, names))
			continue
		}
		if first := seen[k.Value]; first > 0 {
			d.fault(k, "%q is given twice, first in line %d; keep one", k.Value, first)
			continue
		}
		seen[k.Value] = k.Line
		d.lines[join(key, k.Value)] = k.Line
		d.value(n.Content[i+1], v.FieldByIndex(f.Index), join(key, k.Value), f.Tag)
	}
}

func (d *decoder) sequence(n *yaml.Node, v reflect.Value, key string, tag reflect.StructTag) {
	if n.Kind != yaml.SequenceNode {
		if n.Tag == "!!null" {
			return
		}
		d.fault(n, "%s: want a list (lines that begin with \"- \", or [a, b]), got %s", key, kind(n))
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		each := key + "[" + strconv.Itoa(i) + "]"
		d.lines[each] = item.Line
		d.value(item, list.Index(i), each, tag)
	}
	v.Set(list)
}

func (d *decoder) duration(n *yaml.Node, v reflect.Value, key string, tag reflect.StructTag) {
	parsed, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		d.fault(n, "%s: want a duration such as 30s or 5m, got %s", key, quote(n))
		return
	}
	low, lowErr := time.ParseDuration(tag.Get("min"))
	high, highErr := time.ParseDuration(tag.Get("max"))
	if lowErr == nil && parsed < low || highErr == nil && parsed > high {
		d.fault(n, "%s: %s is out of range; want %s to %s", key, n.Value, tag.Get("min"), tag.Get("max"))
		return
	}
	v.SetInt(int64(parsed))
}

func (d *decoder) address(n *yaml.Node, v reflect.Value, key string) {
	a, err := netip.ParseAddrPort(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		d.fault(n, "%s: want an address with a port such as 0.0.0.0:8443 or [::]:8443, got %s", key, quote(n))
		return
	}
	v.Set(reflect.ValueOf(a))
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, key string, tag reflect.StructTag) {
	if n.Kind != yaml.ScalarNode {
		d.fault(n, "%s: want one value, got %s", key, kind(n))
		return
	}
	switch v.Kind() {
	case reflect.String:
		d.text(n, v, key, tag)
	case reflect.Bool:
		if n.Tag != "!!bool" {
			d.fault(n, "%s: want true or false, got %s", key, quote(n))
			return
		}
		v.SetBool(n.Value == "true" || n.Value == "True" || n.Value == "TRUE")
	default:
		d.number(n, v, key, tag)
	}
}

func (d *decoder) text(n *yaml.Node, v reflect.Value, key string, tag reflect.StructTag) {
	if n.Tag == "!!null" {
		d.fault(n, "%s: no value; write \"\" for none", key)
		return
	}
	if set, ok := tag.Lookup("oneof"); ok {
		choices := strings.Split(set, "|")
		if !contains(choices, n.Value) {
			d.fault(n, "%s: %s is not one of %s; the nearest is %q", key, quote(n), list(choices), Nearest(n.Value, choices))
			return
		}
	}
	v.SetString(n.Value)
}

func (d *decoder) number(n *yaml.Node, v reflect.Value, key string, tag reflect.StructTag) {
	parsed, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil || n.Tag != "!!int" {
		d.fault(n, "%s: want a whole number, got %s", key, quote(n))
		return
	}
	low, lowErr := strconv.ParseInt(tag.Get("min"), 10, 64)
	high, highErr := strconv.ParseInt(tag.Get("max"), 10, 64)
	if lowErr == nil && parsed < low || highErr == nil && parsed > high {
		d.fault(n, "%s: %d is out of range; want %s to %s", key, parsed, tag.Get("min"), tag.Get("max"))
		return
	}
	if v.CanInt() {
		v.SetInt(parsed)
	} else {
		v.SetUint(uint64(parsed))
	}
}
