package configs_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/auscult/auscult/configs"
)

// TestInvariant14ValidateThenSwap has one file a mistake, named after it; each
// must be refused with its line and what would be right.
func TestInvariant14ValidateThenSwapRefusesEachMistake(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d mistakes found, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			want, err := os.ReadFile(strings.TrimSuffix(path, ".yaml") + ".want")
			if err != nil {
				t.Fatal(err)
			}
			c, err := configs.Load(path)
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), strings.TrimSpace(string(want))) || !strings.HasPrefix(err.Error(), path+":") {
				t.Errorf("got  %v\nwant %s:…%s", err, path, want)
			}
			if !reflect.DeepEqual(c, configs.Config{}) {
				t.Error("a refused file gave a configuration")
			}
		})
	}
}

func TestReferenceIsTheDefaults(t *testing.T) {
	c, err := configs.Decode("auscult.yaml", bytes.NewReader(configs.Reference))
	if err != nil {
		t.Fatal(err)
	}
	want := configs.Default()
	want.Taps, want.Mode.Rules = []configs.Tap{}, []configs.ModeRule{}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("the reference says\n%+v\nthe defaults are\n%+v", c, want)
	}
}

func TestReferenceNamesEveryKey(t *testing.T) {
	var check func(reflect.Type)
	check = func(typ reflect.Type) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			if !strings.Contains(string(configs.Reference), f.Tag.Get("yaml")+":") {
				t.Errorf("%s.%s: key %q is not in auscult.yaml", typ.Name(), f.Name, f.Tag.Get("yaml"))
			}
			inner := f.Type
			if inner.Kind() == reflect.Slice {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct && inner.PkgPath() == typ.PkgPath() {
				check(inner)
			}
		}
	}
	check(reflect.TypeFor[configs.Config]())
}

func TestPrintIsReadBack(t *testing.T) {
	c := configs.Default()
	c.Taps = []configs.Tap{{Name: "span0", Interface: "eth1", VLANs: []uint16{60, 61}, Directions: "both", Sessions: []uint32{10, 11},
		NativeVLAN: 60, Links: 2, Expect: []string{"dicom", "arp"}, Shunt: "generic"}}
	c.Mode.Rules = []configs.ModeRule{{Class: "recall", Department: "ICU", Mode: "draft"}}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	back, err := configs.Decode("printed", &out)
	if err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("read back %+v, %v\nwant %+v", back, err, c)
	}
}

// What a tap leaves out is filled in; an empty shunt is auto, as none is.
func TestTapIsFilledIn(t *testing.T) {
	for _, text := range []string{"taps: [{name: a, interface: e}]", "taps: [{name: a, interface: e, shunt: \"\"}]"} {
		c, err := configs.Decode("f", strings.NewReader(text))
		want := []configs.Tap{{Name: "a", Interface: "e", Directions: "both", Shunt: "auto"}}
		if err != nil || !reflect.DeepEqual(c.Taps, want) {
			t.Errorf("%s gives %+v, %v", text, c.Taps, err)
		}
	}
}

// A rule that Prometheus refuses would be found on the day that it is needed.
func TestAlertRulesAreValid(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed (Debian package prometheus)")
	}
	for _, args := range [][]string{{"check", "rules", "--lint-fatal", "alerts.yml"}, {"test", "rules", "testdata/alerts/histories.yml"}} {
		if out, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

func TestEveryFaultIsToldAtOnce(t *testing.T) {
	_, err := configs.Decode("f", strings.NewReader("workers: x\nsight: y\n"))
	if err == nil || !strings.Contains(err.Error(), "f:1:") || !strings.Contains(err.Error(), "f:2:") {
		t.Errorf("want both lines named, got %v", err)
	}
}

// FuzzDecode asserts that what is accepted survives printing and reading back,
// and that a refusal gives nothing.
func FuzzDecode(f *testing.F) {
	f.Add(configs.Reference)
	f.Add([]byte("taps:\n  - {name: a, interface: b, vlans: [1]}\n"))
	f.Add([]byte("taps:\n  - {name: a, interface: b, sessions: [1], expect: [dicom], shunt: off}\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := configs.Decode("f", bytes.NewReader(text))
		if err != nil {
			if !reflect.DeepEqual(c, configs.Config{}) {
				t.Fatal("a refusal gave a configuration")
			}
			return
		}
		var out bytes.Buffer
		if err := c.Print(&out); err != nil {
			t.Fatal(err)
		}
		printed := out.String()
		if _, err := configs.Decode("printed", &out); err != nil {
			t.Fatalf("printed form is refused: %v\n%s", err, printed)
		}
	})
}
