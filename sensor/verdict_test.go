package sensor_test

import (
	"reflect"
	"testing"

	"github.com/auscult/auscult/sensor"
)

func TestVerdictNames(t *testing.T) {
	seen := make(map[string]bool)
	for v := range sensor.VerdictCount + 1 {
		if s := v.String(); s == "" || seen[s] {
			t.Errorf("verdict %d is called %q", v, s)
		}
		seen[v.String()] = true
	}
	if sensor.Verdict(200).String() != "?" {
		t.Error("an unknown verdict has a name")
	}
}

// numbers calls do for every count, with its place among them.
func numbers(v reflect.Value, do func(i int, n reflect.Value)) int {
	i := 0
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for _, f := range v.Fields() {
				walk(f)
			}
		case reflect.Array:
			for j := range v.Len() {
				walk(v.Index(j))
			}
		default:
			do(i, v)
			i++
		}
	}
	walk(v)
	return i
}

// No count is forgotten when decoders are added up.
func TestDecodeCountersAddAll(t *testing.T) {
	var a, b sensor.DecodeCounters
	numbers(reflect.ValueOf(&a).Elem(), func(i int, n reflect.Value) { n.SetUint(uint64(1 + i)) })
	numbers(reflect.ValueOf(&b).Elem(), func(i int, n reflect.Value) { n.SetUint(uint64(100 * (1 + i))) })
	a.Add(b)
	counts := numbers(reflect.ValueOf(&a).Elem(), func(i int, n reflect.Value) {
		if want := uint64(101 * (1 + i)); n.Uint() != want {
			t.Errorf("count %d is %d, want %d", i, n.Uint(), want)
		}
	})
	if want := int(sensor.VerdictCount) + 6; counts != want {
		t.Errorf("%d counts, want %d", counts, want)
	}
}
