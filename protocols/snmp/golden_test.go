package snmp_test

import (
	"flag"
	"os"
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
)

var update = flag.Bool("update", false, "write the golden files anew; read them afterwards")

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
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s states\n%s\nwant\n%s", name, got, want)
		}
	}
}
