package main_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/auscult/auscult/"

// room is what `go list` says of one package.
type room struct {
	ImportPath   string
	Doc          string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func rooms(t *testing.T) []room {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Doc,Imports,TestImports,XTestImports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []room
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var r room
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages listed", len(all))
	}
	return all
}

// allowed says which rooms a room may import besides the root of its own
// folder, and why no others. The first entry whose prefix fits decides.
var allowed = []struct {
	from   string
	may    []string
	reason string
}{
	{"cmd/auscult", []string{"*"}, "main only wires"},
	{"sensor/daemon", []string{"*"}, "the only package that knows everybody"},
	{"sensor/demo", []string{"*"}, "a whole sample hospital: it wires the daemon, sample traffic and a CMMS stand-in"},
	{"sensor/capture", []string{"bpf", "protocols"}, "capture hands on frames; it knows no device"},
	{"sensor/decode", []string{"protocols"}, "decode hands on addresses; it knows no device"},
	{"sensor/flow", []string{"protocols"}, "flow hands on observations; it knows no device and no order, and is given its decoder"},
	{"sensor/web", []string{"inventory", "remediation", "protocols"}, "the page shows nouns; it asks the daemon through an interface of its own"},
	{"sensor/syslog", []string{"inventory", "remediation", "protocols"}, "the export shows nouns"},
	{"sensor/testbed", nil, "hosts for tests know nothing of what is tested"},
	{"sensor", []string{"protocols"}, "a root package holds nouns and imports none of its children"},
	{"protocols/all", []string{"protocols/*"}, "the one explicit list of protocols"},
	{"protocols/", []string{"protocols/wire"}, "from bytes to meaning, knowing nothing of ours"},
	{"protocols", nil, "a root package holds nouns and imports none of its children"},
	{"inventory/", []string{"protocols"}, "who is this, who owns it; not how it was heard, not what is wrong with it"},
	{"inventory", []string{"protocols"}, "a root package holds nouns and imports none of its children"},
	{"remediation/cmms/servicenow", []string{"inventory", "remediation/cmms/servicenow/standin"}, "a connector knows its system; its stand-in lies beside it"},
	{"remediation/", []string{"inventory", "protocols"}, "what is wrong, who mends it; not how it was heard"},
	{"remediation", []string{"inventory", "protocols"}, "a root package holds nouns and imports none of its children"},
	{"bpf", nil, "the kernel seam knows nothing above it"},
	{"configs", nil, "what the operator wrote, strictly decoded; it knows nothing above it"},
	{"image", []string{"*"}, "tests of the package that is installed"},
}

func may(from, to string) (ok bool, reason string) {
	for _, a := range allowed {
		if from != strings.TrimSuffix(a.from, "/") && !strings.HasPrefix(from, strings.TrimSuffix(a.from, "/")+"/") {
			continue
		}
		root, _, _ := strings.Cut(from, "/")
		if to == root && from != root {
			return true, ""
		}
		for _, m := range a.may {
			if m == "*" || m == to || (strings.HasSuffix(m, "/*") && strings.HasPrefix(to, strings.TrimSuffix(m, "*"))) {
				return true, ""
			}
		}
		return false, a.reason
	}
	return false, "this folder has no place in the list of rooms: give it one, with its reason"
}

func TestImportDirection(t *testing.T) {
	for _, r := range rooms(t) {
		from := strings.TrimPrefix(r.ImportPath, module)
		tests := slices.Concat(r.TestImports, r.XTestImports)
		for i, path := range slices.Concat(r.Imports, tests) {
			to, ours := strings.CutPrefix(path, module)
			if !ours || to == from {
				continue
			}
			if i >= len(r.Imports) && testMay(from, to) {
				continue
			}
			if ok, reason := may(from, to); !ok {
				t.Errorf("%s imports %s, and may not: %s", from, to, reason)
			} else if i < len(r.Imports) && (to == "protocols/protocoltest" || to == "sensor/testbed" || to == "sensor/testbed/sender") {
				t.Errorf("%s imports %s, and may not: it is for tests only", from, to)
			}
		}
	}
}

// testMay lists what tests may import besides: hosts to talk to, the shipped
// knowledge, for the hosts' own test a source to hear them with, and for flow's
// the decoder that the sensor gives it, so that they begin with real frames, for
// decode's the kernel program, which must see the same conversations, and for
// identity's the book of uses, so that a stranger's word meets the real one. What the
// tests of several dissectors share, nothing that ships may import.
func testMay(from, to string) bool {
	return to == "sensor/testbed" || to == "configs" ||
		to == "protocols/protocoltest" && strings.HasPrefix(from, "protocols/") ||
		from == "sensor/testbed" && to == "sensor/capture" ||
		from == "sensor/flow" && to == "sensor/decode" ||
		from == "sensor/decode" && to == "bpf" ||
		from == "inventory/identity" && to == "inventory/usage"
}

func TestBboltHasOneDoor(t *testing.T) {
	for _, r := range rooms(t) {
		from := strings.TrimPrefix(r.ImportPath, module)
		if from != "inventory/boltstore" && slices.Contains(r.Imports, "go.etcd.io/bbolt") {
			t.Errorf("%s imports bbolt: only inventory/boltstore may, so that the other rooms never depend on how bytes are kept", from)
		}
	}
}

func TestProtocolsTouchNothing(t *testing.T) {
	banned := []string{"os", "net", "log", "log/slog", "net/http", "io/fs"}
	for _, r := range rooms(t) {
		from := strings.TrimPrefix(r.ImportPath, module)
		if from == "protocols/protocoltest" || from != "protocols" && !strings.HasPrefix(from, "protocols/") {
			continue
		}
		for _, b := range banned {
			if slices.Contains(r.Imports, b) {
				t.Errorf("%s imports %s: a dissector has no sockets, clocks, files or logs", from, b)
			}
		}
	}
}

func TestEveryPackageIsDocumented(t *testing.T) {
	for _, r := range rooms(t) {
		if len(strings.Fields(r.Doc)) < 8 {
			t.Errorf("%s has no package comment that says what it is for", r.ImportPath)
		}
	}
}
