package snmp_test

import (
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden plays what was recorded, and compares what was stated with what a person
// has read in the messages.
func TestGolden(t *testing.T) {
	for _, name := range []string{"net-snmp", "switch"} {
		var steps []step
		for _, s := range protocoltest.Recorded(t, "testdata/"+name+".hex") {
			steps = append(steps, step{s.From, s.Data})
		}
		got := listen(t, steps...).Print()
		golden := "testdata/" + name + ".golden"
		protocoltest.Golden(t, golden, got)
	}
}
