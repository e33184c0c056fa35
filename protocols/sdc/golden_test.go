package sdc_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/sdc"
)

var update = flag.Bool("update", false, "write the golden files anew; read them afterwards")

// TestGolden compares what each message of testdata states with the file beside it.
// wsdd.hex is a computer's, and nothing is stated of it.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no messages in testdata: %v", err)
	}
	made := map[string][]step{
		"testdata/hello":       {says(opener, []byte(hello(device{sdcTypes, sdcScopes + " sdc.ctxt.pat:/x/" + canary, "https://192.0.2.1:6464/"})))},
		"testdata/mdib":        {says(acceptor, []byte(mdib(mds("S1"), mdsState("StndBy")+patient("Dis")+place)))},
		"testdata/association": {says(opener, aarq(agentID, 0x4000)), says(acceptor, aare(3, managerID)), says(opener, attributeList())},
	}
	for _, p := range paths {
		made[strings.TrimSuffix(p, ".hex")] = protocoltest.Recorded(t, p)
	}
	for name, steps := range made {
		t.Run(filepath.Base(name), func(t *testing.T) { checkGolden(t, name+".golden", steps) })
	}
}

func checkGolden(t *testing.T, path string, steps []step) {
	s := datagrams()
	switch filepath.Base(path) {
	case "mdib.golden":
		s = body()
	case "association.golden":
		s = associated(false)
	default:
		for _, st := range steps {
			if v := sdc.NewDiscovery().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: st.Data}); v != protocols.Yes {
				t.Errorf("a datagram is not recognised: %d", v)
			}
		}
	}
	r := run(t, s, protocoltest.Whole, steps...)
	checkNoCanary(t, r)
	if *update {
		if err := os.WriteFile(path, []byte(r.print()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if r.print() != string(want) {
		t.Errorf("states\n%s\nwant\n%s", r.print(), want)
	}
}
