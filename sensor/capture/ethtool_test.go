package capture_test

import (
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor/capture"
)

// numbered are so many names, with a gap where the kernel has none.
func numbered(count int) []string {
	names := make([]string, count)
	for i := range names {
		if i != 1 {
			names[i] = fmt.Sprintf("rx-%d", i)
		}
	}
	return names
}

func TestEthtoolReadsFeatures(t *testing.T) {
	long := strings.Repeat("n", 32) // no terminating zero
	tests := []struct {
		name string
		card madeUp
		want map[string]capture.Feature
	}{
		{"one", madeUp{names: []string{"rx-gro"}, available: []int{0}, active: []int{0}},
			map[string]capture.Feature{"rx-gro": {Active: true, Changeable: true}}},
		{"fixed", madeUp{names: []string{"rx-gro", "rx-lro"}, available: []int{1}, active: []int{0, 1}, never: []int{1}},
			map[string]capture.Feature{"rx-gro": {Active: true}, "rx-lro": {Active: true}}},
		{"a gap", madeUp{names: []string{"rx-gro", "", "rx-lro"}, available: []int{1, 2}, active: []int{1}},
			map[string]capture.Feature{"rx-gro": {}, "rx-lro": {Changeable: true}}},
		{"a name as long as can be", madeUp{names: []string{long, "rx-lro"}},
			map[string]capture.Feature{long: {}, "rx-lro": {}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := capture.NewCard("span0", test.card.ask).Features()
			if err != nil || !maps.Equal(got, test.want) {
				t.Errorf("%v, %v, want %v", got, err, test.want)
			}
		})
	}
}

// A number of offloads at each edge of a block, and each bit of them by itself.
func TestEthtoolSwitchesOneFeature(t *testing.T) {
	for _, count := range []int{1, 31, 32, 33, 64, 65, capture.MaxFeatures} {
		for _, i := range []int{0, count / 2, count - 1} {
			if i == 1 {
				continue // the one without a name
			}
			c := madeUp{names: numbered(count), available: []int{i}}
			card := capture.NewCard("span0", c.ask)
			name := fmt.Sprintf("rx-%d", i)
			check(t, card.Change(name, true))
			if !slices.Equal(c.active, []int{i}) {
				t.Errorf("%d of %d on: %v are on", i, count, c.active)
			}
			features, err := card.Features()
			check(t, err)
			if features[name] != (capture.Feature{Active: true, Changeable: true}) {
				t.Errorf("%d of %d: %+v", i, count, features[name])
			}
			check(t, card.Change(name, false))
			if len(c.active) != 0 {
				t.Errorf("%d of %d off: %v are on", i, count, c.active)
			}
		}
	}
	c := madeUp{names: numbered(3)}
	for _, unknown := range []string{"", "rx-gro"} {
		if err := capture.NewCard("span0", c.ask).Change(unknown, true); err == nil || slices.Contains(c.asked, unix.ETHTOOL_SFEATURES) {
			t.Errorf("%q: %v, asked %#x", unknown, err, c.asked)
		}
	}
}

func TestEthtoolReadsSpeed(t *testing.T) {
	for _, test := range []struct{ said, want uint32 }{
		{0, 0}, {10, 10}, {10_000, 10_000}, {100_000, 100_000}, {1<<16 - 1, 0}, {1<<32 - 1, 0},
	} {
		for _, words := range []int8{1, 4, 127} {
			c := madeUp{speed: test.said, modeWords: words}
			if got, err := capture.NewCard("span0", c.ask).Speed(); err != nil || got != test.want {
				t.Errorf("%d, %d words: %d, %v", test.said, words, got, err)
			}
		}
	}
}

// setWord is a lie about one number of one answer.
func setWord(command uint32, at int, v uint32) func(uint32, []byte) error {
	return func(c uint32, answer []byte) error {
		if c == command {
			native.PutUint32(answer[at:], v)
		}
		return nil
	}
}

// A count that cannot be is an error, before anything is read or written by it.
func TestEthtoolRefusesLies(t *testing.T) {
	tests := []struct {
		name string
		lie  func(uint32, []byte) error
		last uint32 // the command behind which nothing is asked
	}{
		{"no offloads", setWord(unix.ETHTOOL_GSSET_INFO, 16, 0), unix.ETHTOOL_GSSET_INFO},
		{"too many", setWord(unix.ETHTOOL_GSSET_INFO, 16, capture.MaxFeatures+1), unix.ETHTOOL_GSSET_INFO},
		{"as many as can be", setWord(unix.ETHTOOL_GSSET_INFO, 16, 1<<32-1), unix.ETHTOOL_GSSET_INFO},
		{"no string set", func(_ uint32, b []byte) error { clear(b[8:16]); return nil }, unix.ETHTOOL_GSSET_INFO},
		{"fewer names", setWord(unix.ETHTOOL_GSTRINGS, 8, 39), unix.ETHTOOL_GSTRINGS},
		{"more names", setWord(unix.ETHTOOL_GSTRINGS, 8, 41), unix.ETHTOOL_GSTRINGS},
		{"fewer blocks", setWord(unix.ETHTOOL_GFEATURES, 4, 1), unix.ETHTOOL_GFEATURES},
		{"more blocks", setWord(unix.ETHTOOL_GFEATURES, 4, 3), unix.ETHTOOL_GFEATURES},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := madeUp{names: numbered(40), lie: test.lie}
			got, err := capture.NewCard("span0", c.ask).Features()
			if err == nil || len(got) != 0 || c.asked[len(c.asked)-1] != test.last {
				t.Errorf("%v, %v, asked %#x", got, err, c.asked)
			}
		})
	}
	for handshake, again := range map[int8]int8{0: 0, 3: 3, -128: 0, -3: 4, -4: -4} {
		answers := []int8{handshake, again}
		lie := func(_ uint32, b []byte) error { b[15], answers = byte(answers[0]), answers[1:]; return nil }
		c := madeUp{speed: 1000, modeWords: 3, lie: lie}
		got, err := capture.NewCard("span0", c.ask).Speed()
		if mayBe := handshake < 0 && handshake > -128; err == nil || got != 0 || len(c.asked) == 2 != mayBe {
			t.Errorf("%d, then %d words: speed %d, %v, asked %d times", handshake, again, got, err, len(c.asked))
		}
	}
}

// What the kernel refuses comes as its own error.
func TestEthtoolHandsErrorsOn(t *testing.T) {
	for _, refused := range []uint32{
		unix.ETHTOOL_GSSET_INFO, unix.ETHTOOL_GSTRINGS, unix.ETHTOOL_GFEATURES, unix.ETHTOOL_SFEATURES, unix.ETHTOOL_GLINKSETTINGS,
	} {
		c := madeUp{names: numbered(3), modeWords: 1, lie: func(command uint32, _ []byte) error {
			if command == refused {
				return unix.ENODEV
			}
			return nil
		}}
		card := capture.NewCard("span0", c.ask)
		_, features := card.Features()
		_, speed := card.Speed()
		if err := errors.Join(features, card.Change("rx-0", true), speed); !errors.Is(err, unix.ENODEV) {
			t.Errorf("command %#x: %v", refused, err)
		}
	}
}

// The kernel and the ethtool tool agree with what is read and switched here.
func TestEthtoolAgreesWithTheTool(t *testing.T) {
	newCable(t)
	tool, err := exec.LookPath("ethtool")
	if err != nil {
		t.Skip("needs ethtool")
	}
	c := card(t, near)
	for _, on := range []bool{true, false} {
		for _, feature := range []string{"rx-gro", "rx-udp-gro-forwarding", "rx-vlan-stag-hw-parse"} {
			check(t, c.Change(feature, on))
		}
		features, err := c.Features()
		check(t, err)
		out, err := exec.Command(tool, "-k", near).Output()
		check(t, err)
		said := string(out)
		for old, name := range map[string]string{"generic-receive-offload": "rx-gro", "large-receive-offload": "rx-lro", "rx-vlan-offload": "rx-vlan-hw-parse"} {
			said = strings.Replace(said, old, name, 1)
		}
		for _, name := range []string{"rx-gro", "rx-gro-list", "rx-udp-gro-forwarding", "rx-gro-hw", "rx-lro", "rx-vlan-hw-parse", "rx-vlan-stag-hw-parse"} {
			want := name + ": off"
			if features[name].Active {
				want = name + ": on"
			}
			if !features[name].Changeable {
				want += " [fixed]"
			}
			if !strings.Contains(said, "\n"+want+"\n") && !strings.Contains(said, "\n\t"+want+"\n") {
				t.Errorf("not %q: %s", want, said)
			}
		}
	}
	for _, gone := range []string{"nobody0", strings.Repeat("x", 16), ""} {
		if _, err := card(t, gone).Features(); !errors.Is(err, unix.ENODEV) {
			t.Errorf("%q: %v", gone, err)
		}
	}
}

// FuzzEthtool holds that a kernel may answer anything: what is read is within
// bounds, and its states are those of the bits.
func FuzzEthtool(f *testing.F) {
	for _, count := range []int{1, 33, 64} {
		c := madeUp{names: numbered(count), available: []int{0}, active: []int{0}, speed: 10_000, modeWords: 4}
		var answers [][]byte
		card := capture.NewCard("span0", func(name string, b []byte) error {
			err := c.ask(name, b)
			answers = append(answers, slices.Clone(b))
			return err
		})
		_, err := card.Features()
		check(f, err)
		_, err = card.Speed()
		check(f, err)
		f.Add(answers[0], answers[1], answers[2], answers[3], answers[4])
	}
	f.Fuzz(func(t *testing.T, info, names, features, handshake, settings []byte) {
		script := [][]byte{info, names, features}
		card := capture.NewCard("span0", func(_ string, b []byte) error {
			copy(b, script[0])
			script = script[1:]
			return nil
		})
		got, err := card.Features()
		if err != nil && len(got) != 0 || len(got) > capture.MaxFeatures {
			t.Fatalf("%d features, %v", len(got), err)
		}
		for name, feature := range got {
			if name == "" || len(name) > 32 || strings.Contains(name, "\x00") {
				t.Fatalf("name %q", name)
			}
			if !hasBit(names, features, name, feature.Active) {
				t.Fatalf("%s: %+v is at no bit", name, feature)
			}
		}
		script = [][]byte{handshake, settings}
		if speed, err := card.Speed(); err != nil && speed != 0 {
			t.Fatalf("speed %d, %v", speed, err)
		}
	})
}

// hasBit reports whether some offload of that name is in that state.
func hasBit(names, features []byte, name string, active bool) bool {
	names, features = append(slices.Clone(names), make([]byte, 12+32*256)...), append(slices.Clone(features), make([]byte, 8+16*8)...)
	for i := range capture.MaxFeatures {
		said, _, _ := strings.Cut(string(names[12+32*i:][:32]), "\x00")
		if said == name && native.Uint32(features[8+16*(i/32)+8:])>>(i%32)&1 == 1 == active {
			return true
		}
	}
	return false
}
