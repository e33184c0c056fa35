package capture_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor/capture"
)

// What came on by itself goes off again; what the driver keeps, or nobody can say,
// is told, once.
func TestSettle(t *testing.T) {
	const gro, lro, vlan, other = 0, 1, 2, 3
	names := []string{"rx-gro", "rx-lro", "rx-vlan-hw-parse", "tx-checksum-ip-generic"}
	all := []int{gro, lro, vlan, other}
	tests := []struct {
		name     string
		card     madeUp
		refused  []string
		active   []int    // afterwards
		notes    []string // a word of each
		switched bool     // it was tried
	}{
		{"nothing came on", madeUp{available: all, active: []int{vlan, other}}, nil, []int{vlan, other}, nil, false},
		{"it obeys", madeUp{available: all, active: []int{gro, vlan, lro, other}}, nil, []int{vlan, other}, nil, true},
		{"it does otherwise", madeUp{available: all, active: []int{gro}, stubborn: true}, nil, []int{gro}, []string{"switch off rx-gro: the driver keeps it"}, true},
		{"it has refused already", madeUp{available: all, active: []int{gro}, stubborn: true}, []string{"rx-gro"}, []int{gro}, nil, false},
		{"it cannot be switched", madeUp{active: []int{gro, lro}}, nil, []int{gro, lro}, nil, false},
		{"it cannot be asked", madeUp{available: all, active: []int{gro}, lie: setWord(unix.ETHTOOL_GFEATURES, 4, 9)}, nil, []int{gro},
			[]string{"read its offloads: the kernel names 4 offloads and has 9 blocks"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.card.names = names
			notes := capture.Settle(capture.NewCard("span0", test.card.ask), test.refused...)
			if !slices.Equal(test.card.active, test.active) || slices.Contains(test.card.asked, unix.ETHTOOL_SFEATURES) != test.switched {
				t.Errorf("%v are on, want %v; asked %#x", test.card.active, test.active, test.card.asked)
			}
			if len(notes) != len(test.notes) {
				t.Fatalf("notes %q", notes)
			}
			for i, note := range notes {
				if !strings.Contains(note, "interface span0: "+test.notes[i]) || !strings.Contains(note, "ethtool -k span0") {
					t.Errorf("note %q", note)
				}
			}
		})
	}
}
