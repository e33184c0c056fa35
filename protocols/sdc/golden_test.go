package sdc_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/sdc"
)

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
	protocoltest.Golden(t, path, r.print())
}
